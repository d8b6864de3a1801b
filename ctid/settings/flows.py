"""The flow files of the settings: shape, ids, and what the flow parser finds."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from ctid.ivr.flow import Flow
from ctid.ivr.parser import parse_flow
from ctid.ivr.service_problems import settings_problems
from ctid.ivr.subflows import problems_between
from ctid.settings.table import ID, Problems

PROMPT = re.compile(r"[a-z0-9_-]{1,60}")
"""Prompts are file names at the PBX."""


def ids_of(flows: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Also of flows that are broken: an entry to one of those is no second problem."""
    return [raw["id"] for raw in flows.values() if isinstance(raw.get("id"), str)]


def read_flows(
    files: Mapping[str, Mapping[str, Any]],
    queues: list[str],
    hours: Mapping[str, object],
    services: Mapping[str, Collection[str]] | None = None,
    given: Mapping[str, Collection[str]] = {},
) -> tuple[dict[str, Flow], list[str]]:
    """The flows by id, and what is wrong with the files.

    Args:
        queues, hours: ids that flows may refer to.
        services: those that flows may ask, with what may be asked of each; None: taken as told.
        given: variables by flow that come from elsewhere.
    """
    found: dict[str, Flow] = {}
    lines: list[str] = []
    origin: dict[str, str] = {}
    for file, raw in sorted(files.items()):
        problems = Problems(file)
        _check_prompts(raw, problems)
        name = raw.get("id")
        if isinstance(name, str):
            if not ID.fullmatch(name):
                problems.add("id", f"{name[:60]!r} does not fit; use 1 to 40 of A-Z a-z 0-9 _ . -")
            elif (other := origin.setdefault(name, file)) != file:
                problems.add("id", f"{other} has the id {name!r} already; change one of them")
        lines += problems.lines
        flow, more = parse_flow(raw, file, queues, hours.keys())
        lines += more
        if flow is not None and not problems.lines:
            found[flow.id] = flow
    for name, problem in problems_between(found, {*origin, *found}, given):
        lines.append(f"{origin[name]}: {problem}")
    for name, flow in found.items() if services is not None else ():
        for at, problem in settings_problems(flow, services or {}):
            lines.append(f"{origin[name]}: {at}: {problem}")
    return found, lines


def _check_prompts(raw: Mapping[str, Any], problems: Problems) -> None:
    prompts = raw.get("prompts")
    for name in prompts if isinstance(prompts, Mapping) else ():
        if not PROMPT.fullmatch(name):
            at = f"prompts.{name[:60]}"
            problems.add(at, "is no file name; use 1 to 60 of a-z 0-9 _ -")
