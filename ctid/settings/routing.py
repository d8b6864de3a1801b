"""The part of the settings that the machine runs on: queues, agents, hours, flows, entries."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ctid.acd.settings import AcdSettings, AgentSettings, QueueSettings
from ctid.acd.strategies import STRATEGIES
from ctid.centre.settings import CentreSettings
from ctid.core.instants import MINUTE, SECOND
from ctid.ivr.flow import Flow
from ctid.ivr.parser import parse_flow
from ctid.settings.hours import read_hours
from ctid.settings.sections import Site
from ctid.settings.table import ID, LONGEST_TIME_S, Problems, Table, nearest

PHONE = r"[A-Za-z][A-Za-z0-9]{1,15}/[A-Za-z0-9_.+-]{1,80}"
"""One device and no more: `&` would ring several, `@` and `,` would reach the dialplan."""
MUSIC = r"[A-Za-z0-9_.-]{1,60}"
PROMPT = re.compile(r"[a-z0-9_-]{1,60}")
"""Prompts are file names at the PBX."""
ENTRY = re.compile(r"\*|[+0-9]{1,32}")


def read_centre(
    main: Table, site: Site, flows: Mapping[str, Mapping[str, Any]]
) -> tuple[CentreSettings, list[str]]:
    """The machine's settings, and the problems of the flow files; others go to `main`'s."""
    queues = _queues(main)
    names = [queue.id for queue in queues]
    hours = read_hours(main.table("hours"), site.timezone)
    read_flows, lines = _flows(flows, names, hours)
    routing = main.table("routing")
    centre = CentreSettings(
        acd=AcdSettings(
            queues=queues,
            agents=_agents(main, names),
            back_off=routing.seconds("back_off_s", 5 * SECOND),
            leg_grace=routing.seconds("leg_grace_s", 5 * SECOND),
        ),
        flows=read_flows,
        hours=hours,
        entries=_entries(main, _ids_of(flows)),
        fallback_queue=_fallback(routing, names),
        country=site.country,
        timezone=site.timezone,
        look_up_budget=routing.seconds("look_up_budget_s", 2 * SECOND),
        check_budget=routing.seconds("check_budget_s", 1_500),
        ivr_limit=routing.seconds("ivr_limit_s", 10 * MINUTE),
        tombstone_for=routing.seconds("tombstone_for_s", 2 * MINUTE),
    )
    routing.close()
    return centre, lines


def _queues(main: Table) -> tuple[QueueSettings, ...]:
    found = []
    tables = main.tables("queues")
    for table in tables:
        name = table.id("id")
        found.append(
            QueueSettings(
                id=name,
                name=table.text("name", name, empty=False),
                music=table.text("music", "default", pattern=MUSIC, form="A-Z a-z 0-9 _ . -"),
                strategy=table.text("strategy", "longest_idle"),
                target=table.seconds("target_s", 20 * SECOND),
                ring_for=table.seconds("ring_for_s", 20 * SECOND),
                wrap_up=table.seconds("wrap_up_s", 10 * SECOND, zero=True),
            )
        )
        if found[-1].strategy not in STRATEGIES:
            what = f"there is no strategy {found[-1].strategy!r}"
            table.wrong("strategy", f"{what}; {nearest(found[-1].strategy, STRATEGIES)}")
        table.close()
    if not tables:
        main.wrong("queues", "there is no queue; add one under [[queues]]")
    _unique(tables, "id", (queue.id for queue in found), "a queue")
    return tuple(found)


def _agents(main: Table, queues: list[str]) -> tuple[AgentSettings, ...]:
    found = []
    tables = main.tables("agents")
    for table in tables:
        name = table.id("id")
        found.append(
            AgentSettings(
                id=name,
                name=table.text("name", name, empty=False),
                phone=table.text(
                    "phone", None, pattern=PHONE, form="TECHNOLOGY/NAME, such as PJSIP/1001",
                    empty=False,
                ),
                queues=table.texts("queues", None),
            )
        )  # fmt: skip
        for queue in found[-1].queues:
            if queue not in queues:
                table.wrong("queues", f"there is no queue {queue!r}; {nearest(queue, queues)}")
        if len(set(found[-1].queues)) < len(found[-1].queues):
            table.wrong("queues", "names a queue twice; name it once")
        table.close()
    _unique(tables, "id", (agent.id for agent in found), "an agent")
    _unique(tables, "phone", (agent.phone for agent in found), "an agent")
    return tuple(found)


def _unique(tables: list[Table], key: str, values: Iterable[str], what: str) -> None:
    first: dict[str, str] = {}
    for table, value in zip(tables, values, strict=True):
        if value and (other := first.setdefault(value, table.path)) != table.path:
            table.wrong(key, f"{what} with {key} {value!r} stands at {other} already; change one")


def _fallback(routing: Table, queues: list[str]) -> str:
    queue = routing.id("fallback_queue", "fallback")
    if queue not in queues:
        routing.wrong("fallback_queue", f"there is no queue {queue!r}; {nearest(queue, queues)}")
    return queue


def _entries(main: Table, flows: list[str]) -> dict[str, str]:
    table = main.table("entries")
    entries: dict[str, str] = {}
    for number, flow in table.rest("<number>").items():
        if not ENTRY.fullmatch(number):
            table.wrong(number, 'is not a number; use digits, or "*" for all others')
        elif not isinstance(flow, str):
            table.wrong(number, "is not a text; write the id of a flow in quotes")
        elif flow not in flows:
            table.wrong(number, f"there is no flow {flow!r}; {nearest(flow, flows)}")
        else:
            entries[number] = flow
    if not table.raw:
        main.wrong("entries", 'there is no entry, so no call gets in; add "*" = "…"')
    return entries


def _ids_of(flows: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Also of flows that are broken: an entry to one of those is no second problem."""
    return [raw["id"] for raw in flows.values() if isinstance(raw.get("id"), str)]


def _flows(
    files: Mapping[str, Mapping[str, Any]], queues: list[str], hours: Mapping[str, object]
) -> tuple[dict[str, Flow], list[str]]:
    found: dict[str, Flow] = {}
    lines: list[str] = []
    origin: dict[str, str] = {}
    for file, raw in sorted(files.items()):
        problems = Problems(file)
        _check_shape(raw, problems)
        name = raw.get("id")
        if isinstance(name, str):
            if not ID.fullmatch(name):
                problems.add("id", f"{name[:60]!r} does not fit; use 1 to 40 of A-Z a-z 0-9 _ . -")
            elif (other := origin.setdefault(name, file)) != file:
                problems.add("id", f"{other} has the id {name!r} already; change one of them")
        lines += problems.lines
        # The parser looks into the steps, and so needs them to be tables.
        if not problems.lines:
            flow, more = parse_flow(raw, file, queues, hours.keys())
            lines += more
            if flow is not None:
                found[flow.id] = flow
    return found, lines


def _check_shape(raw: Mapping[str, Any], problems: Problems) -> None:
    for key in ("steps", "prompts"):
        whole = raw.get(key, {})
        if not isinstance(whole, Mapping):
            problems.add(key, f"is not a table; write each one under its own [{key}.NAME]")
            continue
        for name, body in whole.items():
            if not isinstance(body, Mapping):
                problems.add(f"{key}.{name}", f"is not a table; write it under [{key}.{name}]")
            elif key == "prompts" and not PROMPT.fullmatch(name):
                problems.add(f"{key}.{name}", "is no file name; use 1 to 60 of a-z 0-9 _ -")
            elif key == "steps":
                _check_times(body, f"steps.{name}", problems)


def _check_times(body: Mapping[str, Any], at: str, problems: Problems) -> None:
    for key, value in body.items():
        # The parser sees to the type and the sign; TOML also has inf and nan.
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if key.endswith("_s") and is_number and not value <= LONGEST_TIME_S:
            what = f"{value} is out of range; use more than 0 to {LONGEST_TIME_S} seconds"
            problems.add(f"{at}.{key}", what)
