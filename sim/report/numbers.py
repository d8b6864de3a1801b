"""Numbers as people read them: shares, durations, counts, and the interval that each lies in."""

from __future__ import annotations

import math

from ctid.core.instants import HOUR, MINUTE, SECOND
from sim.report.words import Words

NONE = "–"
"""Where there is nothing to tell."""


def percent(share: float | None, digits: int = 1) -> str:
    """0.834 as `83.4 %`."""
    return NONE if share is None or math.isnan(share) else f"{100 * share:.{digits}f} %"


def count(value: float | None) -> str:
    """Whole from 100 on, else with one decimal, below ten with two, where there are any."""
    if value is None or math.isnan(value):
        return NONE
    if value == round(value) or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def clock(ms: float | None) -> str:
    """A duration for tables: `7.3 s`, and from a minute on `12:34` or `1:02:03`."""
    if ms is None or math.isnan(ms):
        return NONE
    if abs(ms) < MINUTE:
        return f"{ms / SECOND:.1f} s".replace("-", "−")
    seconds = round(ms / SECOND)
    sign, seconds = ("−" if seconds < 0 else ""), abs(seconds)
    hours, rest = divmod(seconds, HOUR // SECOND)
    minutes, seconds = divmod(rest, MINUTE // SECOND)
    tail = f"{seconds:02d}"
    return f"{sign}{hours}:{minutes:02d}:{tail}" if hours else f"{sign}{minutes}:{tail}"


def spoken(ms: float | None) -> Words:
    """A duration for sentences: `1 min 12 s`, `1 分 12 秒`."""
    if ms is None or math.isnan(ms):
        return Words(NONE, NONE)
    if abs(ms) < 10 * SECOND:
        text = f"{ms / SECOND:.1f}".removesuffix(".0")
        return Words(f"{text} s", f"{text} 秒")
    seconds = round(abs(ms) / SECOND)
    sign = "−" if ms < 0 else ""
    hours, rest = divmod(seconds, HOUR // SECOND)
    minutes, seconds = divmod(rest, MINUTE // SECOND)
    parts = [
        (hours, "h", "小时"), (minutes, "min", "分"), (0 if hours else seconds, "s", "秒")
    ]  # fmt: skip
    told = [part for part in parts if part[0]] or [(0, "s", "秒")]
    return Words(
        sign + " ".join(f"{value} {unit}" for value, unit, _ in told),
        sign + " ".join(f"{value} {unit}" for value, _, unit in told),
    )


def told(unit: str, value: float | None) -> str:
    """A figure of `sim.run.catalogue` in its unit."""
    match unit:
        case "share":
            return percent(value)
        case "ms":
            return clock(value)
        case "money":
            return NONE if value is None else f"{value:,.2f}"
        case _:
            return count(value)


def signed(unit: str, value: float | None) -> str:
    """A difference: `+2.1 pp` (percentage points), `−3.4 s`."""
    if value is None:
        return NONE
    sign = "+" if value > 0 else "−" if value < 0 else ""
    if unit == "share":
        return f"{sign}{100 * abs(value):.1f} pp"
    return sign + told(unit, abs(value))
