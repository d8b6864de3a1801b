"""Scenario files: TOML over the very files of production. docs/simulator.md and
config/scenarios/reference.toml say what each key does."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import msgspec

from ctid.acd.channels import CALL
from ctid.centre.settings import CentreSettings
from ctid.core.errors import ConfigError
from ctid.core.instants import MINUTE
from ctid.ivr import customer_codes
from ctid.settings import Settings
from ctid.settings.files import checked, read, read_toml, without_secrets
from ctid.settings.table import Problems, Table
from sim.faults.parse import parse as read_faults
from sim.scenario import callers, staff
from sim.scenario.calendar import Calendar, calendar
from sim.scenario.customers import customers
from sim.scenario.model import ProductionFiles, Scenario
from sim.scenario.more_flows import with_flows
from sim.scenario.overrides import CONFIG, put
from sim.scenario.spreads import spread
from sim.scenario.streams import Streams
from sim.scenario.tasks import tasks
from sim.scenario.values import hours, number, share
from sim.spreads import Uniform
from sim.world.habits import PbxHabits, ServiceHabits, WorldSettings
from sim.world.plan import with_doors

NONE: Mapping[str, object] = MappingProxyType({})
USUAL_CONFIG = "../ctid.toml"
MOST_INTERVALS = 20_000
"""More than the half hours of a year."""


def load(path: Path, overrides: Mapping[str, object] = NONE) -> Scenario:
    """The scenario in the file `path`.

    Args:
        overrides: values in place of those in the file, by dotted path (`streams.sales.per_hour`),
            and, from `config.` on, of those in production's file (`config.queues.sales.target_s`).

    Raises:
        ConfigError: with every problem in all files, each as ``file: path: what; what to do``.
    """
    found: list[str] = []
    raw = read_toml(path, path.name, found)
    if raw is None:
        raise ConfigError(tuple(found))
    for_config = {
        key[len(CONFIG) :]: one for key, one in overrides.items() if key.startswith(CONFIG)
    }
    own = {key: one for key, one in overrides.items() if not key.startswith(CONFIG)}
    problems = Problems(path.name)
    table = Table(put(raw, own, path.name, found), "", problems)
    settings = production(path.parent, table, for_config, found)
    if settings is None:
        raise ConfigError((*found, *problems.lines))
    scenario = _scenario(table, settings, path)
    if every := (*found, *problems.lines):
        raise ConfigError(every)
    return scenario


def known_keys(path: Path) -> frozenset[str]:
    """Paths of all keys that mean something in a scenario, `streams[].id`; of the tables that the
    file at `path` has."""
    problems = Problems(path.name)
    table = Table(read_toml(path, path.name, []), "", problems)
    settings = production(path.parent, table, {}, [])
    assert settings is not None, "the file was loaded before"
    _scenario(table, settings, path)
    return frozenset(problems.asked)


def production(
    folder: Path, table: Table, overrides: Mapping[str, object], found: list[str]
) -> tuple[Settings, ProductionFiles] | None:
    """Production's settings, with secrets left out; None where they cannot be read, and then their
    problems are in `found`."""
    name = table.text("config", USUAL_CONFIG, empty=False)
    path = folder / name
    problems: list[str] = []
    main, flows = read(path, problems)
    if main is None:
        found += [line.replace("name one with --config", "correct config") for line in problems]
        return None
    main, flows = with_flows(table, folder, main, flows, problems)
    unreadable = bool(problems)
    changed = put(without_secrets(main), overrides, path.name, problems)
    try:
        settings = checked(changed, flows, path.name, problems, unreadable=unreadable)
    except ConfigError as error:
        found += error.problems
        return None
    return settings, ProductionFiles(changed, flows)


def _scenario(table: Table, made: tuple[Settings, ProductionFiles], path: Path) -> Scenario:
    settings, files = made
    folder, centre = path.parent, settings.centre
    lasts = hours(table, "lasts_h", 8.0)
    days = calendar(table, centre.timezone, lasts)
    seed = table.whole("seed", 1, 0, 2**53)
    warm_up = table.seconds("warm_up_s", 0, zero=True)
    if warm_up >= lasts:
        table.wrong("warm_up_s", "is not shorter than lasts_h; nothing would be counted")
    interval = table.seconds("interval_s", 30 * MINUTE)
    if lasts // interval > MOST_INTERVALS:
        what = f"cuts the run into {lasts // interval} stretches; use at most {MOST_INTERVALS}"
        table.wrong("interval_s", what)
    world, staffed = _world(table, centre, days, folder, seed)
    scenario = Scenario(
        name=table.text("name", path.stem, empty=False),
        centre=with_doors(staffed),
        world=world,
        lasts=lasts,
        warm_up=warm_up,
        interval=interval,
        cost_per_hour=number(table, "cost_per_hour", 0.0),
        faults=read_faults(table.table("faults")),
        files=_with_agents(files, staffed, settings.centre),
        seed=seed,
        doubts=_doubts(staffed, world),
    )
    table.close()
    return scenario


def _doubts(centre: CentreSettings, world: WorldSettings) -> tuple[str, ...]:
    codes = [card.code for card in world.customers if card.code]
    return customer_codes.doubts_of(centre.flows, codes, "[customers]")


def _world(
    table: Table, centre: CentreSettings, days: Calendar, folder: Path, seed: int
) -> tuple[WorldSettings, CentreSettings]:
    queues = {queue.id for queue in centre.acd.queues if queue.channel == CALL}
    general, of_agents = table.table("callers"), table.table("agents")
    by_queue = table.table("queues")
    usual = callers.habits(general, callers.ORDINARY, centre, folder)
    general.close()
    usual = callers.in_queues(by_queue, usual, queues, folder)
    manners = staff.habits(of_agents, staff.ORDINARY, folder)
    of_agents.close()
    manners = staff.in_queues(by_queue, manners, folder)

    crew = staff.Staff(centre.acd, days, manners, folder)
    blocks, before = table.tables("staff"), len(table.problems.lines)
    crew.read(blocks)
    if len(table.problems.lines) == before:
        _somebody_works(table, crew, blocks)
    centre = msgspec.structs.replace(centre, acd=crew.acd(centre.acd))

    cards = customers(table.table("customers"), centre.flows, folder, seed)
    streams = Streams(centre, days, usual, cards, folder)
    inflows = table.tables("streams")
    if not inflows:
        table.wrong("streams", "there are none; add [[streams]] with id and per_hour")
    streams.read(inflows, number(table, "load", 1.0, most=1_000.0))
    world = WorldSettings(
        callers=usual,
        agents=manners,
        pbx=_pbx(table.table("pbx"), table.table("crm"), folder),
        services=_services(table.table("services"), folder),
        tasks=tasks(table.table("tasks"), centre.acd, days.lasts, folder),
        customers=cards,
        wall_at_zero=days.wall_at_zero,
        inflows=tuple(streams.inflows),
        plan=tuple(streams.plan),
        staff=crew.plans,
        lasts=days.lasts,
        trunks=table.whole("lines", 0, 0, 100_000),
    )
    return world, centre


def _with_agents(
    files: ProductionFiles, staffed: CentreSettings, before: CentreSettings
) -> ProductionFiles:
    """The files, with the agents whom the scenario adds."""
    known = {agent.id for agent in before.acd.agents}
    made = [agent for agent in staffed.acd.agents if agent.id not in known]
    if not made:
        return files
    as_written = {one["id"]: one for one in files.main["agents"]}
    more = [
        {**as_written[agent.id.rpartition("-")[0]], "id": agent.id, "phone": agent.phone,
         "name": agent.name}
        for agent in made
    ]  # fmt: skip
    main = {**files.main, "agents": [*files.main["agents"], *more]}
    return ProductionFiles(main, files.flows)


def _somebody_works(table: Table, crew: staff.Staff, blocks: list[Table]) -> None:
    if not crew.agents:
        table.wrong("staff", "there are no agents, in the config or here; add some to the config")
    elif blocks and not any(plan.shifts for plan in crew.plans.values()):
        table.wrong("staff", "nobody works within the run; see begins, lasts_h and the shifts")


def _services(table: Table, folder: Path) -> ServiceHabits:
    made = ServiceHabits(
        answer=spread(table, "answer", ServiceHabits().answer, folder),
        silent=share(table, "silent", 0.0),
        broken=share(table, "broken", 0.0),
        none=share(table, "none", 0.0),
    )
    if made.silent + made.broken + made.none > 1:
        table.wrong("none", "adds up with silent and broken to more than 1; make it less")
    table.close()
    return made


def _pbx(pbx: Table, crm: Table, folder: Path) -> PbxHabits:
    usual = PbxHabits()
    made = PbxHabits(
        setup=spread(pbx, "setup", usual.setup, folder),
        bridge=spread(pbx, "bridge", Uniform(0, 300), folder),
        look_up=spread(crm, "answer", usual.look_up, folder),
        crm_silent=share(crm, "silent", 0.0),
    )
    pbx.close()
    crm.close()
    return made
