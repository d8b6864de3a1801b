"""The real run: the plan in the lab, a whole ctid beside it, and what it is held against."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import msgspec

from ctid.core.journal import Line
from ctid.settings import Settings, parse
from sim.scenario.model import Scenario
from sim.world.plan import PlannedCaller
from tests.fakes.process import free_port
from tests.real_pbx.lab.ami_link import AmiLink
from tests.real_pbx.lab.configs import Secrets
from tests.real_pbx.lab.lab import Lab
from tests.real_pbx.reality import compare
from tests.real_pbx.reality.measures import Delay, Measures, delays, queue_over_time
from tests.real_pbx.reality.stage import WANTED, Stage
from tests.real_pbx.site import journal, site

HERE = Path(__file__).parent
SCENARIO = HERE / "reality.toml"
DIALLED = "4000"

Say = Callable[[str], None]


class Real(msgspec.Struct, frozen=True):
    """What the lab gave."""

    lines: list[Line]
    begin: int
    """Machine time at which the plan began, ms."""
    late: float
    """Seconds by which the latest caller was late."""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """All of it."""

    scenario: str
    seed: int
    callers: int
    agents: int
    minutes: float
    replications: int
    late_ms: float
    rows: tuple[compare.Row, ...]
    alike: compare.Alike
    """The real run and the simulator with the same people."""
    real_delays: tuple[Delay, ...]
    simulated_delays: tuple[Delay, ...]

    @property
    def inside(self) -> bool:
        return all(row.inside for row in self.rows)


def settings_for(lab: Lab, scenario: Scenario, folder: Path) -> Settings:
    """The scenario's production config, pointed at the lab, with the scenario's agents."""
    main = tomllib.loads((HERE / "ctid.toml").read_text())
    flow = tomllib.loads((HERE / "flows/straight.toml").read_text())
    main["pbx"] = {"host": lab.pbx.host, "port": lab.pbx.ami_port, "user": lab.pbx.ami_user,
                   "secret": lab.pbx.ami_secret}  # fmt: skip
    main["agi"] = {"port": lab.pbx.agi_port, "token": lab.pbx.agi_token}
    main["web"] = {"port": free_port(), "screen_lost_after_s": 3600}
    main["store"] = {"url": f"sqlite+aiosqlite:///{folder}/ctid.db"}
    main["journal"] = {"folder": str(folder / "journal")}
    main["crm"] = {"url": f"sqlite+aiosqlite:///{folder}/crm.db"}
    here = {agent.id for agent in scenario.centre.acd.agents}
    main["agents"] = [agent for agent in main["agents"] if agent["id"] in here]
    return parse(main, {"straight.toml": flow})


async def real(
    lab: Lab, scenario: Scenario, plan: Sequence[PlannedCaller], seed: int, folder: Path
) -> Real:
    """Play the plan in the lab. Raises AssertionError where something is left behind."""
    agents = [agent.id for agent in scenario.centre.acd.agents]
    link = await AmiLink.connect(lab.pbx.ami_port, "lab", Secrets().lab, events="call,user")
    try:
        await link.ask("Filter", Operation="Add", Filter=f"Event: ({'|'.join(WANTED)})")
        settings = settings_for(lab, scenario, folder)
        async with site(lab, folder, ready=agents, settings=settings) as s:
            stage = Stage(lab, plan, compare.picks_of(scenario, seed))
            begin = s.app.driver.now()
            await stage.play(link)
            await s.at_rest(30)
    finally:
        link.close()
    return Real(journal(folder), begin, stage.late)


def measured(scenario: Scenario, seed: int, number: int) -> Measures:
    """One replication's measures; for a process of its own."""
    return compare.of(compare.simulated(scenario, seed, number), 0, scenario)


def held(
    scenario: Scenario, plan: Sequence[PlannedCaller], found: Real, seed: int, replications: int,
    *, jobs: int = 1,
) -> tuple[Finding, list[Line]]:  # fmt: skip
    """The real run against replications with other callers, and against the same ones: number 0
    draws the people of the plan, so that the others are numbered from 1."""
    twin = compare.simulated(compare.with_plan(scenario, plan), seed, 0)
    one = partial(measured, scenario, seed)
    if jobs > 1:
        with ProcessPoolExecutor(jobs) as pool:
            many = list(pool.map(one, range(1, replications + 1), chunksize=8))
    else:
        many = [one(number) for number in range(1, replications + 1)]
    real_measures = compare.of(found.lines, found.begin, scenario)
    finding = Finding(
        scenario=scenario.name, seed=seed, callers=len(plan),
        agents=len(scenario.centre.acd.agents), minutes=scenario.lasts / 60_000,
        replications=replications, late_ms=round(found.late * 1e3, 1),
        rows=tuple(compare.rows(real_measures, compare.of(twin, 0, scenario), many)),
        alike=compare.alike(found.lines, twin), real_delays=tuple(delays(found.lines)),
        simulated_delays=tuple(delays(twin)),
    )  # fmt: skip
    return finding, twin


def plot(found: Real, twin: Sequence[Line], finding: Finding, path: Path) -> None:
    """Who waits when, here and there; and where the real run lies in the intervals."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context({"svg.hashsalt": "ctid", "svg.fonttype": "path"}):
        figure = Figure(figsize=(9, 7), layout="constrained")
        over, *boxes = figure.subplot_mosaic(
            [["over"] * len(finding.rows), [str(n) for n in range(len(finding.rows))]],
            height_ratios=(3, 2),
        ).values()
        # The real one broad and pale: where the two are alike, both are seen.
        runs = (
            (found.lines, found.begin, "real Asterisk", 4.0, "tab:red", 0.4),
            (twin, 0, "simulator, same people", 0.8, "black", 1.0),
        )
        for lines, begin, name, width, colour, alpha in runs:
            times, waiting = zip(*queue_over_time(lines, begin), strict=True)
            over.step(
                times, waiting, where="post", label=name, linewidth=width, color=colour, alpha=alpha
            )
        over.set_xlabel("seconds")
        over.set_ylabel("callers who wait")
        over.legend()
        over.grid(alpha=0.3)
        for axes, row in zip(boxes, finding.rows, strict=True):
            axes.vlines(0, row.low, row.high, linewidth=6, alpha=0.4, label="95 % of runs")
            axes.plot(0, row.mean, "_", color="black", markersize=14, label="mean")
            axes.plot(0, row.twin, "o", fillstyle="none", label="same people")
            axes.plot(0, row.real, "x", color="red", label="real")
            axes.set_title(row.what, fontsize=9)
            axes.set_xticks([])
        figure.legend(*boxes[-1].get_legend_handles_labels(), loc="outside lower center", ncols=4)
        figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)


async def in_a_lab(
    scenario: Scenario, seed: int, folder: Path, say: Say
) -> tuple[Real, list[PlannedCaller]]:
    """A lab of its own for the real run."""
    plan = compare.plan_of(scenario, seed, DIALLED)
    agents = len(scenario.centre.acd.agents)
    say(f"starting Asterisk with {agents} phones")
    async with Lab(agents=agents, qualify_every=10, send_silence=False) as lab:
        say(f"{len(plan)} callers in {scenario.lasts / 60_000:g} minutes")
        return await real(lab, scenario, plan, seed, folder), plan
