"""The config of a throwaway ctid: production's own files, with everything of this machine replaced.

Queues, flows, rules and agents stay. What people do and feel is scaled with the speed; what bounds
machines (budgets of look-ups, the PBX's grace) is not: those do not run faster.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from ctid.acd.channels import CALL
from ctid.acd.settings import AgentSettings
from ctid.centre.settings import CentreSettings
from ctid.core.records import QueueId
from sim.scenario.toml import toml
from sim.scenario.values import DAYS

Table = dict[str, Any]

UNSCALED = (
    "look_up_budget_s", "check_budget_s", "rank_budget_s", "leg_grace_s", "tombstone_for_s",
    "ivr_limit_s",
)  # fmt: skip
"""Keys of [routing] that bound machines and not people."""
BEST = 5
"""The highest level of a skill."""
SHORTEST = 0.01
"""Seconds: nothing is scaled below."""
_DOORS = "000990"
"""Begins numbers that nobody outside can dial."""


class Place(msgspec.Struct, frozen=True):
    """Where the throwaway ctid and the pretend Asterisk find each other. All on loopback."""

    folder: Path
    ami_port: int
    ami_secret: str
    agi_port: int
    agi_token: str


def throwaway(
    main: Table, flows: Mapping[str, Table], settings: CentreSettings, place: Place, speed: float
) -> tuple[Table, dict[str, Table]]:
    """The main file and the flows of a ctid like that of the files `main` and `flows`, with the
    agents of `settings`, which is what these files say and perhaps more agents."""
    main, flows = copy.deepcopy(main), dict(copy.deepcopy(flows))
    folder, reasons = place.folder, main.get("web", {}).get("break_reasons")
    sounds = main.get("pbx", {}).get("sounds", "ctid")
    main["pbx"] = {"port": place.ami_port, "secret": place.ami_secret, "sounds": sounds}
    main["agi"] = {"port": place.agi_port, "token": place.agi_token}
    main["web"] = {"port": 0, "screen_lost_after_s": 600}
    if reasons is not None:
        main["web"]["break_reasons"] = reasons
    main["store"] = {"url": f"sqlite+aiosqlite:///{folder}/ctid.db"}
    main["bus"] = {"url": "memory:"}
    main["journal"] = {"folder": str(folder / "journal")}
    main["crm"] = {"url": f"sqlite+aiosqlite:///{folder}/crm.db", "demo": True}
    for hours in main.get("hours", {}).values():
        _open_always(hours)
    main["agents"] = [_agent(agent) for agent in settings.acd.agents]
    for queue, number in doors(settings).items():
        main.setdefault("entries", {})[number] = f"load-{queue}"
        flows[f"flows/load-{queue}.toml"] = _door(queue, settings)
    if speed != 1.0:
        _scale(main, settings, speed)
        flows = {name: _faster(flow, speed) for name, flow in flows.items()}
    return main, flows


def staffed(settings: CentreSettings, count: int) -> CentreSettings:
    """The same with `count` agents, or its own where it has more. Each of them can take every call:
    a caller who waits for a skill would look like one for whom ctid has no time."""
    own, queues = settings.acd.agents, settings.acd.queues
    named = {n.skill for queue in queues for n in (*queue.needs, *queue.prefers)}
    named |= {skill for agent in own for skill in agent.skills}
    skills = dict.fromkeys(sorted(named), BEST)
    groups = tuple(sorted({group for agent in own for group in agent.groups}))
    calls = tuple(queue.id for queue in queues if queue.channel == CALL)
    agents = [
        AgentSettings(agent.id, agent.name, agent.phone, calls, skills, groups) for agent in own
    ]
    for n in range(len(own), count):
        name = f"load{n + 1:04}"
        agents.append(AgentSettings(name, name, f"PJSIP/{name}", calls, skills, groups))
    replace = msgspec.structs.replace
    return replace(settings, acd=replace(settings.acd, agents=tuple(agents)))


def write(folder: Path, main: Table, flows: Mapping[str, Table]) -> Path:
    """The config as files; returns the main one. A scenario's own flows may come from anywhere, and
    two from different folders may have one name."""
    (folder / "flows").mkdir()
    for n, (name, flow) in enumerate(flows.items()):
        file = folder / "flows" / f"{n:03}-{Path(name).name}"
        file.write_text(toml(flow), encoding="utf-8")
    path = folder / "ctid.toml"
    path.write_text(toml(main), encoding="utf-8")
    return path


def doors(settings: CentreSettings) -> dict[QueueId, str]:
    """Queue -> a number that leads straight to it, for callers whose way there nobody knows."""
    queues = (queue.id for queue in settings.acd.queues if queue.channel == CALL)
    return {queue: f"{_DOORS}{n:03}" for n, queue in enumerate(queues)}


def _door(queue: QueueId, settings: CentreSettings) -> Table:
    return {
        "id": f"load-{queue}", "start": "queue", "language": settings.language,
        "steps": {"queue": {"kind": "queue", "queue": queue}}, "prompts": {},
    }  # fmt: skip


def _open_always(hours: Table) -> None:
    """Load comes at any hour of the tester's day."""
    hours.update(dict.fromkeys(DAYS, "0:00-24:00"))
    for key in ("closed_on", "holidays", "years", "makeup", "days"):
        hours.pop(key, None)


def _agent(agent: AgentSettings) -> Table:
    found: Table = {
        "id": agent.id, "name": agent.name, "phone": agent.phone, "queues": list(agent.queues),
        "skills": agent.skills, "groups": list(agent.groups), "penalties": agent.penalties,
        "weight": agent.weight, "capacity": agent.capacity,
    }  # fmt: skip
    return {key: value for key, value in found.items() if value}


def _scale(main: Table, settings: CentreSettings, speed: float) -> None:
    """Times that callers and agents feel; those that are not written are production's defaults."""
    parsed = {queue.id: queue for queue in settings.acd.queues}
    for queue in main["queues"]:
        known = parsed[queue["id"]]
        if known.channel != CALL:
            continue
        queue.setdefault("target_s", known.target / 1000)
        queue.setdefault("ring_for_s", known.ring_for / 1000)
        if queue.get("ring", "one") != "one":
            queue.setdefault("ring_more_after_s", known.ringing.more_after / 1000)
        if known.wrap_up_rule.mode in ("timed", "timed_full"):
            queue.setdefault("wrap_up_s", known.wrap_up / 1000)
    # Asterisk records in whole seconds.
    kept = {q["id"]: q.pop("voicemail") for q in main["queues"] if "voicemail" in q}
    for name, value in main.items():
        if name not in ("web", "channels"):
            main[name] = _faster(value, speed)
    for queue in main["queues"]:
        if queue["id"] in kept:
            queue["voicemail"] = kept[queue["id"]]
    for callback in (queue["callback"] for queue in main["queues"] if "callback" in queue):
        if "ring_for_s" in callback:  # ctid takes no less: a phone needs time to ring
            callback["ring_for_s"] = max(callback["ring_for_s"], 1)


def _faster(value: Any, speed: float) -> Any:
    """The same with every time divided by `speed`; a time of 0 is none, and stays."""
    match value:
        case dict():
            return {
                key: _time(one, speed) if _is_time(key, one) else _faster(one, speed)
                for key, one in value.items()
            }
        case list():
            return [_faster(one, speed) for one in value]
        case _:
            return value


def _is_time(key: str, value: object) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and key.endswith("_s") and key not in UNSCALED


def _time(value: float, speed: float) -> float:
    return max(round(value / speed, 3), SHORTEST) if value else 0
