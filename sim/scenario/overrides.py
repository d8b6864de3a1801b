"""Values put in place of those in the files, by their dotted path: for sweeps and comparisons.

`callers.talk.mean_s`, `streams.sales.per_hour`, `config.queues.sales.strategy`. A table in a list
is named by its id, or by its number from 1.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from ctid.settings.table import nearest

CONFIG = "config."
"""Begins the paths that lead into production's own file."""


def put(
    raw: dict[str, Any], overrides: Mapping[str, object], name: str, problems: list[str]
) -> dict[str, Any]:
    """A copy of `raw` with these values; a path that leads nowhere is a problem."""
    made = copy.deepcopy(raw)
    for path, value in overrides.items():
        _put(made, path, value, name, problems)
    return made


def _put(made: dict[str, Any], path: str, value: object, name: str, problems: list[str]) -> None:
    *way, last = path.split(".")
    place: Any = made
    for step in way:
        place = _into(place, step, path, name, problems)
        if place is None:
            return
    if isinstance(place, dict) and last:
        place[last] = value
    else:
        problems.append(f"{name}: {path}: names no key; write a path such as callers.talk")


def _into(place: Any, step: str, path: str, name: str, problems: list[str]) -> Any:
    """What lies at that step; a table that is not there is made, a list's entry is not."""
    if isinstance(place, dict):
        found = place.get(step)
        if found is None or not isinstance(found, dict | list):
            found = place[step] = {}
        return found
    ids = [str(one.get("id", n)) for n, one in enumerate(place, 1) if isinstance(one, dict)]
    if step in ids:
        return place[ids.index(step)]
    if step.isdecimal() and 1 <= int(step) <= len(place):
        return place[int(step) - 1]
    problems.append(f"{name}: {path}: there is no {step!r} there; {nearest(step, ids)}")
    return None
