"""Many settings of one scenario: every combination of what is varied (a full factorial), each
played with the same chance, so that neighbours can be told apart with few replications.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Sequence

import msgspec

from ctid.core.errors import ConfigError
from sim.run.figures import Estimate
from sim.run.options import Overrides, value_of
from sim.run.outcome import Outcome
from sim.run.pool import Run, Task

MOST_POINTS = 10_000
_RANGE = re.compile(r"(-?\d+(?:\.\d+)?)\.\.(-?\d+(?:\.\d+)?)(?:\.\.(\d+(?:\.\d+)?))?")
"""`18..24`, or `0.5..1.5..0.25` with a step."""


class Axis(msgspec.Struct, frozen=True):
    """One path and its values, in order."""

    path: str
    values: tuple[object, ...]


class Point(msgspec.Struct, frozen=True):
    """One combination, and what came of it."""

    overrides: Overrides
    figures: dict[str, Estimate]


def axis(text: str) -> Axis:
    """`staff.2.count=8..16`, `config.queue.sales.strategy=longest_idle,fewest_contacts`.

    Raises:
        ConfigError: without path or values, a range that is empty, twice the same value.
    """
    path, equals, listed = text.partition("=")
    path = path.strip()
    if not path or not equals or not listed.strip():
        raise ConfigError((f"--vary {text}: want PATH=VALUES, as staff.2.count=8..16",))
    values: list[object] = []
    for part in listed.split(","):
        found = _RANGE.fullmatch(part.strip())
        values += _range(text, *found.groups()) if found else [value_of(part.strip())]
    if len(set(map(repr, values))) < len(values):
        raise ConfigError((f"--vary {text}: one of the values stands there twice",))
    return Axis(path, tuple(values))


def _range(text: str, low: str, high: str, step: str | None) -> list[object]:
    """All of it, both ends included; whole numbers where all three are."""
    whole = not any("." in part for part in (low, high, step or "1"))
    first, last, by = float(low), float(high), float(step or 1)
    if by <= 0 or last < first:
        raise ConfigError(
            (f"--vary {text}: want LOW..HIGH or LOW..HIGH..STEP, with a step above 0",)
        )
    # Counted, not added up: 0.1 added ten times is not 1.
    count = int((last - first) / by + 1e-9) + 1
    if count > MOST_POINTS:
        raise ConfigError((f"--vary {text}: that is more than {MOST_POINTS} values",))
    found = [round(first + n * by, 9) for n in range(count)]
    return [int(value) for value in found] if whole else list(found)


def combinations(axes: Sequence[Axis], fixed: Overrides) -> list[Overrides]:
    """Every combination, the last axis fastest.

    Raises:
        ConfigError: none, twice the same path, or more than anybody can play.
    """
    paths = [one.path for one in axes]
    twice = [path for path in paths if paths.count(path) > 1 or path in fixed]
    if twice:
        raise ConfigError((f"{twice[0]} is set twice, by --vary or --set",))
    count = 1
    for one in axes:
        count *= len(one.values)
    if count > MOST_POINTS:
        raise ConfigError((f"{count} combinations are too many; {MOST_POINTS} are the most",))
    return [
        fixed | dict(zip(paths, values, strict=True))
        for values in itertools.product(*(one.values for one in axes))
    ]


def play(
    run: Run, points: int, replications: int, advance: Callable[[], None]
) -> list[list[Outcome]]:
    """The outcomes of each point."""
    tasks = [Task(point, number) for point in range(points) for number in range(replications)]
    found = run(tasks, advance)
    return [found[point * replications : (point + 1) * replications] for point in range(points)]
