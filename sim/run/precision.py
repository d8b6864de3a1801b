"""Go on until figures are known well enough: `--until service_level:0.005`.

The rule: replications come in batches of a fixed size; after each batch, and not before the second,
look whether every interval's half-width is within its target, and stop when all are. The size does
not depend on the number of processes, so neither does the result. It is the sequential procedure of
Y. S. Chow, H. Robbins (On the asymptotic theory of fixed-width sequential confidence intervals for
the mean, Ann. Math. Statist. 36, 1965), looked at once in a batch; A. M. Law (Simulation Modeling
and Analysis, 5th ed. 2015, 9.4.1) advises it with at least ten replications.

Its bias: it stops sooner where the spread happens to look small, so intervals of few replications
cover a little less than their level says. That dies out as the number grows.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import msgspec

from ctid.core.errors import ConfigError
from sim.run import figures
from sim.run.figures import Estimate, Named
from sim.run.outcome import Outcome
from sim.scenario.model import Scenario

BATCH = 10
FIRST = 2 * BATCH
"""Replications before the first look."""


class Target(msgspec.Struct, frozen=True):
    """How well one figure is to be known."""

    named: Named
    half: float
    """The largest half-width: in the figure's unit, or as a share of its value."""
    relative: bool

    def met_by(self, found: Estimate) -> bool:
        """Whether the interval is narrow enough."""
        if found.half is None or found.value is None:
            return False
        return found.half <= (self.half * abs(found.value) if self.relative else self.half)

    def would_take(self, found: Estimate) -> int:
        """About how many replications that is; 0 where nobody can tell."""
        if found.half is None or not found.value:
            return 0
        wanted = self.half * abs(found.value) if self.relative else self.half
        return math.ceil(found.replications * (found.half / wanted) ** 2)


def parse(text: str, scenario: Scenario, option: str = "--until") -> Target:
    """`service_level:0.005`, `asa[sales]:500ms`, `abandonment:5%` of its own value; a time without
    a unit is in seconds.

    Raises:
        ConfigError: no such figure, or no such width.
    """
    name, colon, width = text.rpartition(":")
    if not colon:
        raise ConfigError((f"{option} {text}: want FIGURE:WIDTH, as service_level:0.005",))
    named = figures.find(name.strip(), scenario)
    width = width.strip()
    relative = width.endswith("%")
    in_unit = figures.without_unit(width, named.figure.unit)
    width, scale = (width[:-1], 0.01) if relative else in_unit
    try:
        half = float(width) * scale
    except ValueError:
        half = math.nan
    if not 0 < half < math.inf:
        raise ConfigError(
            (f"{option} {text}: {width!r} is no width above 0; write 0.005, 500ms, 2s or 5%",)
        )
    return Target(named, half, relative)


def run(
    scenario: Scenario,
    targets: Sequence[Target],
    most: int,
    batch: Callable[[range], list[Outcome]],
    level: float,
) -> tuple[list[Outcome], bool]:
    """Replications until all targets are met, or `most` of them; and whether they are met.

    `batch` runs the replications of the numbers that it is given.
    """
    outcomes: list[Outcome] = []
    names = [target.named for target in targets]
    upto = min(FIRST, most)
    while True:
        outcomes += batch(range(len(outcomes), upto))
        found = figures.measure(scenario, outcomes, names, level)
        if all(target.met_by(found[target.named.name]) for target in targets):
            return outcomes, True
        if upto == most:
            return outcomes, False
        upto = min(upto + BATCH, most)
