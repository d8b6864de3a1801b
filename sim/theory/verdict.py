"""One row held against its replications.

Each replication begins in the stationary law, or measures after a warm-up that leads there, and
lasts a fixed time, so its sums have the expectations that theory gives: E[X - value * Y] = 0 for
each measure X / Y. That is what is tested, by Student's t over the replications. Sums of waits lean
to the right: a few replications have a very long queue. Plain t then says "too small" too often (in
M/M/1 at a load of 0.9 twenty times as often as it should beyond -3.5), so it is corrected for the
lean, as P. Hall does in "On the removal of skewness by transformation" (1992), and told as the
normal z of equal probability.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence

import msgspec
from scipy import stats

from sim.theory.formulas import expected
from sim.theory.measures import Sums
from sim.theory.row import Row
from sim.theory.system import System

LIMIT = 3.5
"""A |z| above this is no longer chance."""


class Verdict(msgspec.Struct, frozen=True):
    """One row held against the simulation."""

    model: str
    lam: str
    """One rate per class of callers, `0.2+0.3`."""
    mu: str
    """Services of each class, or by each server, per unit of time, `1.5/1`; one for all alike."""
    theta: float
    n: int
    metric: str
    theory: float
    """The row's value."""
    gap: float
    """What the simulated system differs by from that, known exactly; `measured` is held against
    `theory + gap`."""
    measured: float
    se: float
    t: float
    """Student's."""
    z: float
    """The normal's of equal probability, after the correction for skewness."""
    replications: int
    calls: int
    """Measured arrivals over all replications."""
    note: str
    """Why there is a gap; for people."""
    formula: float | None = None
    """What our own formulas say in place of `theory`; None where there is none."""

    @property
    def beyond(self) -> bool:
        """Whether chance no longer explains it."""
        return abs(self.z) > LIMIT


def judge(row: Row, sums: Sequence[Sums]) -> Verdict:
    """The row's value against its replications."""
    pairs = [s[row.held.measure] for s in sums]
    mean_y = statistics.fmean(y for _, y in pairs)
    value = row.value + row.held.gap
    errors = [x - value * y for x, y in pairs]
    spread = statistics.stdev(errors) / math.sqrt(len(errors))
    t, z = t_and_z(errors)
    system = row.held.system
    lam, mu = _rates(system)
    return Verdict(
        row.model, lam, mu, system.theta, len(system.servers), row.metric, row.value,
        row.held.gap, statistics.fmean(x for x, _ in pairs) / mean_y if mean_y else math.nan,
        spread / mean_y if mean_y else math.nan, t, z, len(sums),
        round(math.fsum(s["arrivals"][0] for s in sums)), row.held.note,
        _formula(row),
    )  # fmt: skip


def _formula(row: Row) -> float | None:
    try:
        return expected(row.held.system, row.held.measure) - row.held.gap
    except ValueError:
        return None


def t_and_z(errors: Sequence[float]) -> tuple[float, float]:
    """Student's t of a mean that should be zero, and the z that is judged by."""
    n, mean, spread = len(errors), statistics.fmean(errors), statistics.stdev(errors)
    if not spread:
        t = math.copysign(math.inf, mean) if mean else 0.0
        return t, t
    ratio = mean / spread
    cubes = math.fsum((x - mean) ** 3 for x in errors) / spread**3
    skew = cubes * n / ((n - 1) * (n - 2))
    straight = ratio + skew * ratio**2 / 3 + skew**2 * ratio**3 / 27 + skew / (6 * n)
    return math.sqrt(n) * ratio, _normal(math.sqrt(n) * straight, n - 1)


def _normal(t: float, freedom: int) -> float:
    return math.copysign(float(stats.norm.isf(stats.t.sf(abs(t), freedom))), t)


def _rates(system: System) -> tuple[str, str]:
    """What tells a system's rates, for people; equal ones once."""
    lam = "+".join(f"{c.rate:.5g}" for c in system.callers)
    classes = [c.mu for c in system.callers]
    alike = len(set(classes)) == 1
    mus = [classes[0] * server.speed for server in system.servers] if alike else classes
    return lam, "/".join(f"{mu:.5g}" for mu in (mus if len(set(mus)) > 1 else mus[:1]))
