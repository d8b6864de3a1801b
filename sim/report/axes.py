"""What an axis counts, and how its numbers are written."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol
from zoneinfo import ZoneInfo

from ctid.core.instants import HOUR, MINUTE, SECOND, WallMs
from sim.report.numbers import clock, count

Side = Literal["x", "y"]


class Scale(Protocol):
    """One axis."""

    def apply(self, plot: Any, side: Side) -> None:
        """Set the limits, ticks and labels of that side of a matplotlib plot."""


@dataclass(frozen=True)
class Number:
    """Any quantity; from 0 unless `free`."""

    free: bool = False
    unit: str = ""

    def apply(self, plot: Any, side: Side) -> None:
        if not self.free:
            _from_zero(plot, side)
        _locate(plot, side, (1, 2, 2.5, 5, 10), lambda value: f"{_short(value)}{self.unit}")


@dataclass(frozen=True)
class Rows:
    """So many rows below each other, numbered from 1."""

    count: int

    def apply(self, plot: Any, side: Side) -> None:
        _limits(plot, side)(self.count - 0.5, -0.5)
        _ticks(plot, side, [float(n) for n in range(self.count)], lambda row: f"{row + 1:.0f}")


@dataclass(frozen=True)
class Named:
    """A few things with names, at 0, 1, 2, …"""

    labels: tuple[str, ...]

    def apply(self, plot: Any, side: Side) -> None:
        _limits(plot, side)(-0.4, len(self.labels) - 0.6)
        places = [float(n) for n in range(len(self.labels))]
        _ticks(plot, side, places, lambda place: self.labels[int(place)])


@dataclass(frozen=True)
class Share:
    """0 to 1 as per cent; the whole of it unless `free`."""

    free: bool = False

    def apply(self, plot: Any, side: Side) -> None:
        if not self.free:
            _limits(plot, side)(-0.02, 1.02)
        _locate(plot, side, (1, 2, 2.5, 5, 10), lambda value: f"{_short(100 * value)} %")


@dataclass(frozen=True)
class Lasting:
    """Durations in milliseconds."""

    free: bool = False

    def apply(self, plot: Any, side: Side) -> None:
        if not self.free:
            _from_zero(plot, side)
        low, high = _shown(plot, side)
        step = next((s for s in _LASTING_STEPS if (high - low) / s <= 6), _LASTING_STEPS[-1])
        _ticks(plot, side, _multiples(low, high, step), _lasting)


_LASTING_STEPS = (
    *(SECOND // 10, SECOND // 5, SECOND // 2, SECOND, 2 * SECOND, 5 * SECOND, 10 * SECOND),
    *(20 * SECOND, 30 * SECOND, MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 20 * MINUTE),
    *(30 * MINUTE, HOUR, 2 * HOUR, 6 * HOUR, 24 * HOUR),
)


def _lasting(ms: float) -> str:
    if ms == 0:
        return "0"
    return clock(ms) if abs(ms) >= MINUTE else f"{_short(ms / SECOND)} s"


@dataclass(frozen=True)
class LogLasting:
    """Durations in milliseconds over which small ones matter as much as long ones; 0 is shown at
    the left, as half a second."""

    def apply(self, plot: Any, side: Side) -> None:
        getattr(plot, f"set_{side}scale")("log")
        _ticks(plot, side, [t for t in _LOG_TICKS if t <= _shown(plot, side)[1]], _lasting)
        getattr(plot, f"{side}axis").set_minor_locator(_null_locator())


_LOG_TICKS = [
    *(SECOND, 2 * SECOND, 5 * SECOND, 10 * SECOND, 20 * SECOND, MINUTE),
    *(2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 30 * MINUTE, HOUR),
]


@dataclass(frozen=True)
class TimeOfDay:
    """Wall milliseconds as the site's clock shows them; as dates where they span days."""

    timezone: str

    def apply(self, plot: Any, side: Side) -> None:
        low, high = _shown(plot, side)
        step = next((s for s in _DAY_STEPS if (high - low) / s <= 8), _DAY_STEPS[-1])
        begin = self._local(low)
        midnight = low - ((begin.hour * 60 + begin.minute) * 60 + begin.second) * SECOND
        places = [at for at in _multiples(0, high - midnight, step) if midnight + at >= low]
        dates = step >= 24 * HOUR
        _ticks(plot, side, [midnight + at for at in places], lambda at: self.label(at, dates))

    def label(self, at: WallMs | float, date: bool = False) -> str:
        """`09:30`, or `05-01` for a date: month and day."""
        local = self._local(at)
        return f"{local:%m-%d}" if date else f"{local:%H:%M}"

    def second(self, at: WallMs) -> str:
        """`09:30:05`."""
        return f"{self._local(at):%H:%M:%S}"

    def moment(self, at: WallMs) -> str:
        """`2026-01-05 09:30`."""
        return f"{self._local(at):%Y-%m-%d %H:%M}"

    def _local(self, at: float) -> datetime:
        return datetime.fromtimestamp(at / 1000, ZoneInfo(self.timezone))


_DAY_STEPS = (
    *(MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE),
    *(HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 24 * HOUR, 48 * HOUR, 7 * 24 * HOUR),
)


def _short(value: float) -> str:
    text = count(value) if abs(value) >= 100 else f"{value:.6g}"
    return text.replace("-", "−")


def _shown(plot: Any, side: Side) -> tuple[float, float]:
    low, high = getattr(plot, f"get_{side}lim")()
    return float(min(low, high)), float(max(low, high))


def _limits(plot: Any, side: Side) -> Callable[[float, float], None]:
    limits: Callable[[float, float], None] = getattr(plot, f"set_{side}lim")
    return limits


def _from_zero(plot: Any, side: Side) -> None:
    high = _shown(plot, side)[1]
    _limits(plot, side)(0, high if high > 0 else 1)


def _multiples(low: float, high: float, step: float) -> list[float]:
    first, last = math.ceil(low / step), math.floor(high / step)
    return [n * step for n in range(first, last + 1)]


def _ticks(plot: Any, side: Side, places: list[float], label: Callable[[float], str]) -> None:
    getattr(plot, f"set_{side}ticks")(places, [label(place) for place in places])


def _locate(plot: Any, side: Side, steps: tuple[float, ...], label: Callable[[float], str]) -> None:
    from matplotlib.ticker import MaxNLocator

    low, high = _shown(plot, side)
    found = MaxNLocator(nbins=5, steps=list(steps)).tick_values(low, high)
    _ticks(plot, side, [float(at) for at in found if low <= at <= high], label)


def _null_locator() -> Any:
    from matplotlib.ticker import NullLocator

    return NullLocator()
