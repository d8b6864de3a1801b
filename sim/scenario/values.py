"""What stands in a scenario besides texts and numbers: shares, rates, spreads, times of day."""

from __future__ import annotations

import math
import re
from collections.abc import Collection
from datetime import date, datetime, time
from typing import Any

from ctid.core.instants import HOUR, MINUTE, SECOND, Duration
from ctid.settings.table import Table, nearest

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})")
LONGEST_H = 366 * 24
"""Hours; whoever simulates more than a year wants several replications."""


def is_number(value: object) -> bool:
    """Whether TOML gave a number, and a finite one."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def number(
    table: Table, key: str, default: float, *, above: float | None = None, most: float = 1e9
) -> float:
    """A number, at least 0, or more than `above`."""
    value = table.any(key, default)
    low = 0.0 if above is None else above
    if not is_number(value):
        table.wrong(key, f"{value!r} is no number; write one such as {default or 1:g}")
    elif value < low or (above is not None and value == above) or value > most:
        least = f"{low:g}" if above is None else f"more than {low:g}"
        table.wrong(key, f"{value:g} is out of range; use {least} to {most:g}")
    else:
        return float(value)
    return default


def share(table: Table, key: str, default: float) -> float:
    """A share, 0 to 1."""
    value = table.any(key, default)
    if is_number(value) and 0 <= value <= 1:
        return float(value)
    table.wrong(key, f"{value!r} is no share; use 0 to 1, 0.01 for one in a hundred")
    return default


def hours(table: Table, key: str, default: float) -> Duration:
    """Hours in the file, milliseconds as the result."""
    return round(number(table, key, default, above=0.0, most=LONGEST_H) * HOUR)


def shares(
    table: Table, key: str, known: Collection[str] | None = None, what: str = "key"
) -> tuple[tuple[str, float], ...]:
    """`{ A = 0.2, B = 0.8 }` in the file's order; the parts are weighed against their sum. Empty
    where the key is not there."""
    return weighed(table, key, table.any(key, {}), known, what)


def weighed(
    table: Table, key: str, raw: object, known: Collection[str] | None, what: str
) -> tuple[tuple[str, float], ...]:
    """What `raw`, which stands at `key`, comes to as shares."""
    if not isinstance(raw, dict):
        table.wrong(key, f"{raw!r} does not fit; write shares, {{ a = 0.2, b = 0.8 }}")
        return ()
    good: list[tuple[str, float]] = []
    for name, part in raw.items():
        if known is not None and name not in known:
            table.wrong(key, f"there is no {what} {name!r}; {nearest(name, known)}")
        elif not is_number(part) or part < 0:
            table.wrong(key, f"{name} = {part!r} is no share; use 0 or more")
        else:
            good.append((name, float(part)))
    whole = math.fsum(part for _, part in good)
    if good and not whole:
        table.wrong(key, "all shares are 0; give at least one of them more")
        return ()
    return tuple((name, part / whole) for name, part in good)


def clock(text: object) -> Duration | None:
    """`9:30` as milliseconds after midnight, up to 24:00; None where it is no time of day."""
    if isinstance(text, time):
        return (text.hour * 60 + text.minute) * MINUTE + text.second * SECOND
    match = _CLOCK.fullmatch(text) if isinstance(text, str) else None
    if match is None or int(match[2]) > 59 or int(match[1]) * 60 + int(match[2]) > 24 * 60:
        return None
    return (int(match[1]) * 60 + int(match[2])) * MINUTE


def local(value: object) -> datetime | None:
    """A date, or a date and time without a zone, from TOML's own kind or from text."""
    try:
        if isinstance(value, str):
            value = datetime.fromisoformat(value)
    except ValueError:
        return None
    if isinstance(value, datetime):
        return value if value.tzinfo is None else None
    return datetime.combine(value, time()) if isinstance(value, date) else None


def days(table: Table, key: str) -> frozenset[int]:
    """Days of the week, 0 for Monday; all where the key is not there."""
    found: list[int] = []
    for name in table.texts(key, DAYS):
        if name in DAYS:
            found.append(DAYS.index(name))
        else:
            table.wrong(key, f"there is no day {name!r}; {nearest(name, DAYS)}")
    return frozenset(found)


def shown(value: Any) -> str:
    """A value in a problem, not too long."""
    return repr(value)[:60]
