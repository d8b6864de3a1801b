"""Which of two settings is better, and whether the difference is real.

Both are played with the same chance: replication i of each has the same callers with the same
patience and talks (common random numbers), so much of what is chance is the same on both sides and
drops out of the difference (A. M. Law, Simulation Modeling and Analysis, 5th ed. 2015, 10.2.1 for
the paired interval, 11.2 for common random numbers).

Several figures are asked about at once, so the p-values are corrected as S. Holm does (A simple
sequentially rejective multiple test procedure, Scand. J. Statist. 6, 1979). Only a figure whose
corrected p-value is below 1 - level is called better or worse. That there is no real difference is
said only where the whole interval lies within what matters: to see nothing in too few replications
is no proof of anything.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import msgspec
from scipy import special

from sim.run import figures
from sim.run.catalogue import Pair, Unit
from sim.run.figures import Estimate, Named, tidy
from sim.run.outcome import Outcome
from sim.scenario.model import Scenario

Verdict = Literal["better", "worse", "higher", "lower", "same", "unclear", "none"]
"""Of the second against the first. `higher` and `lower` where neither is better; `same`: whatever
difference there is matters to nobody; `unclear`: too few replications to tell; `none`: one of the
two has no such figure."""
REAL: tuple[Verdict, ...] = ("better", "worse", "higher", "lower")
"""Those of a difference that is more than chance."""
COMPARED = (
    "service_level", "asa", "abandonment", "occupancy", "jain", "jain_occupancy", "idle_gap",
    "queue_length", "blocked", "containment", "cost",
)  # fmt: skip
"""Figures of the whole centre that are compared where nobody asks for others. The more there are,
the harder it is for each to be real."""
MOST = 1_000_000
"""Replications above which it is no use to say how many it would take."""


class Difference(msgspec.Struct, frozen=True):
    """One figure of both, and the second minus the first."""

    name: str
    unit: Unit
    first: Estimate
    second: Estimate
    verdict: Verdict
    matters: float
    """A difference below this is of no use to know."""
    value: float | None = None
    se: float | None = None
    half: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    """Of no difference, by Student's t; of this figure alone."""
    p_holm: float | None = None
    """The same with all figures of this comparison in mind."""
    would_take: int = 0
    """About how many replications would tell, where so many do not; 0 where nobody can say."""
    variance_reduction: float | None = None
    """How many times as many replications it would have taken with other callers on each side."""


def shown(differences: Iterable[Difference]) -> list[Difference]:
    """Those of which there is something on one side."""
    return [one for one in differences if one.first.value or one.second.value]


def compare(
    scenarios: tuple[Scenario, Scenario],
    outcomes: tuple[Sequence[Outcome], Sequence[Outcome]],
    names: Iterable[Named],
    level: float,
    matters: Mapping[str, float] | None = None,
) -> list[Difference]:
    """The second against the first, replication by replication; at least two of each.

    Args:
        matters: by name, the difference that matters, where it is not the figure's own.
    """
    asked = list(names)
    rows = [
        [figures.pairs_of(scenario, outcome, asked) for outcome in some]
        for scenario, some in zip(scenarios, outcomes, strict=True)
    ]
    wanted = matters or {}
    found = [
        _difference(
            named,
            [row[place] for row in rows[0]],
            [row[place] for row in rows[1]],
            level,
            wanted.get(named.name, named.figure.matters),
        )
        for place, named in enumerate(asked)
    ]
    # What never differs, as calls turned away where nobody is, is no question.
    corrected = holm([one.p if one.value or one.se else None for one in found])
    family = sum(p is not None for p in corrected)
    return [
        _judged(named, one, p, level, family)
        for named, one, p in zip(asked, found, corrected, strict=True)
    ]


def _difference(
    named: Named, first: Sequence[Pair], second: Sequence[Pair], level: float, matters: float
) -> Difference:
    one, two = figures.estimate(named, first, level), figures.estimate(named, second, level)
    left, right, unit = figures.ratio(first), figures.ratio(second), named.figure.unit
    if left is None or right is None:
        return Difference(named.name, unit, one, two, "none", matters)
    (a, spread_a), (b, spread_b) = left, right
    spread = [y - x for x, y in zip(spread_a, spread_b, strict=True)]
    value, se, n = b - a, figures.standard_error(spread), len(spread)
    half = figures.student(level, n) * se
    apart = sum(figures.standard_error(each) ** 2 for each in (spread_a, spread_b))
    return Difference(
        named.name, unit, one, two, "unclear", matters, tidy(value), tidy(se), tidy(half),
        tidy(value - half), tidy(value + half), tidy(p_value(value, se, n)), None, 0,
        tidy(apart / se**2) if se else None,
    )  # fmt: skip


def p_value(value: float, se: float, n: int) -> float:
    """Of a mean that is 0, by Student's t on both sides, from n values."""
    if value == 0:
        return 1.0
    return 2 * float(special.stdtr(n - 1, -abs(value) / se)) if se else 0.0


def holm(values: Sequence[float | None]) -> list[float | None]:
    """p-values corrected for their number; None stays, and does not count."""
    order = sorted((p, place) for place, p in enumerate(values) if p is not None)
    found: list[float | None] = [None] * len(values)
    highest = 0.0
    for rank, (p, place) in enumerate(order):
        highest = max(highest, min((len(order) - rank) * p, 1.0))
        found[place] = tidy(highest)
    return found


def _judged(
    named: Named, one: Difference, p_holm: float | None, level: float, family: int
) -> Difference:
    if one.value is None or one.low is None or one.high is None:
        return one
    verdict: Verdict = "unclear"
    if p_holm is None:
        verdict = "same"
    elif p_holm < 1 - level:
        verdict = _direction(named, one.value)
    elif -one.matters <= one.low and one.high <= one.matters:
        verdict = "same"
    take = _would_take(one, level, family) if verdict == "unclear" else 0
    return msgspec.structs.replace(one, verdict=verdict, p_holm=p_holm, would_take=take)


def _direction(named: Named, value: float) -> Verdict:
    up = value > 0
    if named.figure.better == 0:
        return "higher" if up else "lower"
    return "better" if up == (named.figure.better > 0) else "worse"


def _would_take(one: Difference, level: float, family: int) -> int:
    """About how many replications would call it real, were it as large as it looks, with the
    correction for as many figures as there are; or would call it the same, if that takes fewer."""
    if not one.se or not one.half or one.value is None:
        return 0
    n, size = one.first.replications, abs(one.value)
    enough: list[float] = []
    if size:
        strict = figures.student(1 - (1 - level) / family, n) * one.se
        enough.append((strict / size) ** 2)
    if size < one.matters:
        enough.append((one.half / (one.matters - size)) ** 2)
    return min(max(math.ceil(n * min(enough)), n + 1), MOST) if enough else 0
