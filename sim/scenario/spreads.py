"""Spreads as a scenario writes them: `talk = { kind = "lognormal", mean_s = 240, cv = 1.1 }`.

A bare number is a fixed duration. Times are in seconds there, in ms here.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

from ctid.core.instants import SECOND, Duration
from ctid.settings.table import LONGEST_TIME_S, Table, nearest
from sim.scenario.values import is_number, number, shown
from sim.spreads import (
    Empirical,
    Exponential,
    Fixed,
    Gamma,
    LogNormal,
    Mixture,
    Quantiles,
    Spread,
    Uniform,
    Weibull,
)

_MOST_VALUES = 1_000_000


def spread(table: Table, key: str, default: Spread, folder: Path) -> Spread:
    """The spread at `key`; relative file names begin in `folder`."""
    raw = table.any(key, None)
    if raw is None:
        return default
    if is_number(raw):
        if 0 <= raw <= LONGEST_TIME_S:
            return Fixed(round(raw * SECOND))
        table.wrong(key, f"{raw:g} is out of range; use 0 to {LONGEST_TIME_S} seconds")
        return default
    if not isinstance(raw, dict):
        table.wrong(
            key,
            f'{shown(raw)} is no spread; write seconds, or {{ kind = "exponential", mean_s = 60 }}',
        )
        return default
    found = _read(table.table(key), folder)
    return default if found is None else found


def _read(table: Table, folder: Path) -> Spread | None:
    kind = table.text("kind", None)
    make = KINDS.get(kind)
    if make is None:
        if kind:
            table.wrong("kind", f"there is no spread {kind!r}; {nearest(kind, KINDS)}")
        return None
    before = len(table.problems.lines)
    made = make(table, folder)
    table.close()
    return made if len(table.problems.lines) == before else None


def _time(table: Table, key: str, *, zero: bool = False) -> float:
    """Milliseconds, not rounded; a problem where the key is missing."""
    if key not in table.raw:
        table.any(key, None)
        table.wrong(key, "is missing; add it, in seconds")
        return 1.0
    most = float(LONGEST_TIME_S)
    return number(table, key, 1.0, above=None if zero else 0.0, most=most) * SECOND


def _pure(table: Table, key: str, most: float, least: float = 0.0) -> float:
    """A number above `least` without a unit."""
    if key not in table.raw:
        table.any(key, None)
        table.wrong(key, "is missing; add it")
        return 1.0
    return number(table, key, 1.0, above=least, most=most)


def _fixed(table: Table, _: Path) -> Spread:
    return Fixed(round(_time(table, "value_s", zero=True)))


def _uniform(table: Table, _: Path) -> Spread:
    low, high = _time(table, "low_s", zero=True), _time(table, "high_s", zero=True)
    if high < low:
        table.wrong("high_s", "is less than low_s; swap them")
    return Uniform(round(low), round(high))


def _exponential(table: Table, _: Path) -> Spread:
    return Exponential(_time(table, "mean_s"))


def _lognormal(table: Table, _: Path) -> Spread:
    if "median_s" in table.raw:
        return LogNormal(_time(table, "median_s"), _pure(table, "sigma", 5.0))
    mean, cv = _time(table, "mean_s"), _pure(table, "cv", 20.0)
    table.any("median_s", None)
    table.any("sigma", None)
    # The law's mean is median × exp(sigma²/2), its squared cv exp(sigma²) − 1.
    squared = math.log1p(cv * cv)
    return LogNormal(mean / math.exp(squared / 2), math.sqrt(squared))


def _shape_and_scale(table: Table, mean_of_scale: Callable[[float], float]) -> tuple[float, float]:
    """The mean of the law with that shape and scale 1 is what `mean_of_scale` tells."""
    shape = _pure(table, "shape", 1_000.0, 0.02)
    if "scale_s" in table.raw:
        return shape, _time(table, "scale_s")
    table.any("scale_s", None)
    return shape, _time(table, "mean_s") / mean_of_scale(shape)


def _gamma(table: Table, _: Path) -> Spread:
    if "cv" in table.raw:
        shape = 1 / _pure(table, "cv", 20.0) ** 2
        return Gamma(shape, _time(table, "mean_s") / shape)
    return Gamma(*_shape_and_scale(table, lambda shape: shape))


def _weibull(table: Table, _: Path) -> Spread:
    return Weibull(*_shape_and_scale(table, lambda shape: math.gamma(1 + 1 / shape)))


def _values(table: Table, folder: Path) -> tuple[Duration, ...]:
    """From `values_s`, or from a file with a number on each line."""
    raw = table.any("values_s", None)
    name = table.text("file", "")
    if (raw is None) == (not name):
        table.wrong("values_s", "stands beside file, or neither does; give one of them")
        return ()
    if raw is None:
        return _from_file(table, folder / name)
    if not isinstance(raw, list) or not all(is_number(one) for one in raw):
        table.wrong("values_s", f"{shown(raw)} does not fit; write seconds, [12, 30.5]")
        return ()
    return _checked(table, "values_s", [float(one) for one in raw])


def _from_file(table: Table, path: Path) -> tuple[Duration, ...]:
    found: list[float] = []
    try:
        with path.open(encoding="utf-8") as file:
            for line, text in enumerate(file, start=1):
                if not text.strip() or text.startswith("#"):
                    continue
                try:
                    found.append(float(text))
                except ValueError:
                    what = f"{path.name}: line {line}: {text.strip()[:40]!r} is no number"
                    table.wrong("file", f"{what}; write seconds, one number on each line")
                    return ()
    except OSError as error:
        table.wrong("file", f"{path} cannot be read ({error.strerror}); check the path")
        return ()
    except UnicodeDecodeError:
        table.wrong("file", f"{path} is not UTF-8; write one number on each line")
        return ()
    return _checked(table, "file", found)


def _checked(table: Table, key: str, found: list[float]) -> tuple[Duration, ...]:
    if not 1 <= len(found) <= _MOST_VALUES:
        table.wrong(key, f"has {len(found)} values; give 1 to {_MOST_VALUES}")
    if bad := [one for one in found if not 0 <= one <= LONGEST_TIME_S]:
        table.wrong(key, f"{bad[0]:g} is out of range; use 0 to {LONGEST_TIME_S} seconds")
        return ()
    return tuple(round(one * SECOND) for one in found)


def _empirical(table: Table, folder: Path) -> Spread:
    return Empirical(_values(table, folder))


def _quantiles(table: Table, folder: Path) -> Spread:
    values = _values(table, folder)
    if values and (len(values) < 2 or list(values) != sorted(values)):
        table.wrong("values_s", "are fewer than two, or do not rise; write them in order")
    return Quantiles(values)


def _mixture(table: Table, folder: Path) -> Spread:
    parts: list[tuple[float, Spread]] = []
    for one in table.tables("parts"):
        weight = _pure(one, "weight", 1e9)
        found = _read(one, folder)
        if found is not None:
            parts.append((weight, found))
    if not table.raw.get("parts"):
        table.wrong("parts", 'has none; write [{ weight = 1, kind = "fixed", value_s = 0 }, …]')
    if not parts:
        return Mixture(())
    whole = math.fsum(weight for weight, _ in parts)
    return Mixture(tuple((weight / whole, found) for weight, found in parts))


KINDS: dict[str, Callable[[Table, Path], Spread]] = {
    "fixed": _fixed,
    "uniform": _uniform,
    "exponential": _exponential,
    "lognormal": _lognormal,
    "gamma": _gamma,
    "weibull": _weibull,
    "empirical": _empirical,
    "quantiles": _quantiles,
    "mixture": _mixture,
}
