"""How long a contact will wait: the mean and a range, from place, staffing, service and hang-ups.

All n agents of a queue are at work, each free again after a mean time 1/mu, and whoever waits hangs
up at the rate theta. The contact on place k moves up when an agent gets free or one of the k - 1
ahead hangs up, and is served when an agent gets free on place 1. Where these times have no memory,
its wait is a sum of k independent exponential times, one for each place (hypoexponential):

    E[W] = sum over j = 0 … k-1 of 1 / (n mu + j theta),   Var[W] = the same sum of squares

This is the estimator QL_m of Ibrahim and Whitt, "Real-time delay estimation in overloaded
multiserver queues with abandonments", Management Science 55(10), 2009; without hang-ups it is that
of Whitt, "Improving service by informing customers about anticipated delays", Management Science
45(2), 1999. It is the wait of one who stays: the contact's own patience is no part of it.

What is said is a range: the tenth to the ninetieth percent point of a gamma law of that mean and
variance (exact for theta = 0), by the cube of Wilson and Hilferty (PNAS 17(12), 1931).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from ctid.core.instants import Duration

BEYOND: Final = 0.1
"""Share of waits above the range, and below it, where the model holds."""
_POINT: Final = 1.2815515655446004
"""The normal law's point with `BEYOND` above it."""
_EXACT: Final = 16
"""Places that are summed one by one; the others by Euler and Maclaurin, to a millionth."""


@dataclass(slots=True, frozen=True)
class Rates:
    """What the wait depends on besides the place."""

    agents: int
    """Agents at work for the queue, 1 or more."""
    handling: float
    """Mean time for which a contact keeps an agent (ringing, talk, wrap-up), in milliseconds."""
    hang_up: float = 0.0
    """Hang-ups of one waiting contact per millisecond."""
    ring: float = 0.0
    """Mean time from the offer to the answer, in milliseconds; a wait ends with the answer."""


@dataclass(slots=True, frozen=True)
class Estimate:
    """What to expect, in milliseconds from now."""

    mean: Duration
    low: Duration
    """One wait in ten is shorter."""
    high: Duration
    """One wait in ten is longer."""


def expected(place: float, rates: Rates) -> Estimate:
    """The wait of a contact that stands at `place`; 1 is the front, 0 has an agent already.

    A place may lie between two: those ahead in other queues count in part.

    Raises:
        ValueError: a negative place, no agent, or a time or rate that is none.
    """
    if place < 0 or rates.agents < 1 or rates.handling <= 0 or rates.hang_up < 0 or rates.ring < 0:
        raise ValueError(f"no wait for place {place} with {rates}")
    leaving = rates.agents / rates.handling
    mean = _sum(place, leaving, rates.hang_up)
    variance = _sum_of_squares(place, leaving, rates.hang_up)
    low, high = _gamma_point(mean, variance, -_POINT), _gamma_point(mean, variance, _POINT)
    ring = rates.ring
    return Estimate(round(mean + ring), round(low + ring), round(high + ring))


def _sum(place: float, leaving: float, hang_up: float) -> float:
    """Of 1 / (leaving + j hang_up) for j = 0 … place-1."""
    if hang_up == 0:
        return place / leaving
    exact, rest = _parts(place)
    total = math.fsum([1 / (leaving + j * hang_up) for j in range(exact)])
    total += rest / (leaving + exact * hang_up)
    if place <= _EXACT:
        return total
    first, end = leaving + _EXACT * hang_up, leaving + place * hang_up
    total += math.log(end / first) / hang_up + (1 / first - 1 / end) / 2
    return total + hang_up * (first**-2 - end**-2) / 12


def _sum_of_squares(place: float, leaving: float, hang_up: float) -> float:
    if hang_up == 0:
        return place / leaving**2
    exact, rest = _parts(place)
    total = math.fsum([(leaving + j * hang_up) ** -2 for j in range(exact)])
    total += rest * (leaving + exact * hang_up) ** -2
    if place <= _EXACT:
        return total
    first, end = leaving + _EXACT * hang_up, leaving + place * hang_up
    total += (1 / first - 1 / end) / hang_up + (first**-2 - end**-2) / 2
    return total + hang_up * (first**-3 - end**-3) / 6


def _parts(place: float) -> tuple[int, float]:
    """The whole places to sum one by one, and the part of the one behind them."""
    if place > _EXACT:
        return _EXACT, 0.0
    whole = math.floor(place)
    return whole, place - whole


def _gamma_point(mean: float, variance: float, z: float) -> float:
    """The point of the gamma law that lies where `z` lies on the normal law."""
    if mean == 0:
        return 0.0
    shrink = variance / mean**2 / 9
    root = 1 - shrink + z * math.sqrt(shrink)
    return float(mean * root**3) if root > 0 else 0.0


@dataclass(slots=True)
class Recent:
    """A mean in which the newest counts most: the weight halves every half-life of entries."""

    total: float = 0.0
    weight: float = 0.0

    def add(self, value: float, weight: float, keep: float) -> None:
        """One entry. `keep` is what is left of all older ones, see `kept`."""
        self.total = self.total * keep + value
        self.weight = self.weight * keep + weight

    def mean(self, otherwise: float) -> float:
        """The mean, or `otherwise` before the first entry that weighs anything."""
        return self.total / self.weight if self.weight > 0 else otherwise


def kept(half_life: int) -> float:
    """What is left of the weight of older entries with each new one; a half after `half_life`."""
    return float(0.5 ** (1 / half_life))
