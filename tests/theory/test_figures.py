"""Figures and their intervals against M/M/n+M, routed by the real centre: what theory gives is the
mean of what is measured, and lies in so many of the 95 % intervals as it should."""

from __future__ import annotations

import math
from functools import cache

import pytest
import simpy
from scipy import stats

from ctid.centre.centre import Centre
from sim.driver import SimDriver
from sim.erlang.queue import Queue
from sim.run import figures
from sim.run.catalogue import Pair
from sim.run.collector import Collector
from sim.run.outcome import Outcome
from sim.scenario.model import Scenario
from sim.theory.straight import StraightWorld
from sim.theory.system import SERVICE, erlang
from sim.world.habits import WorldSettings

QUEUE = Queue(lam=7.0, mu=1.0, servers=8, theta=0.5)
SYSTEM = erlang(QUEUE)
LASTS = 12 * SERVICE
TOGETHER = 10
"""Replications behind one interval."""
TRIES = 40
"""Independent intervals."""
VALUES = {
    "abandonment": QUEUE.p_abandon(),
    "wait": QUEUE.mean_wait() * SERVICE,
    "queue_length": QUEUE.queue_length(),
    "occupancy": QUEUE.utilisation(),
}
MADE = Scenario("mmna", SYSTEM.settings(), WorldSettings(), LASTS, interval=LASTS)


def replicate(number: int) -> Outcome:
    """From the stationary law on, so that there is nothing to cut off."""
    centre = Centre(MADE.centre)
    law = tuple(SYSTEM.law())
    world = StraightWorld(SYSTEM, LASTS, law, f"figures/{number}", lambda _: None)
    # Who is there at instant 0 has not arrived.
    collector = Collector(MADE.centre, lambda: centre.epoch, 1, LASTS, LASTS)
    driver = SimDriver(simpy.Environment(), centre, world, follow=collector.follow)
    now = driver.run()
    return collector.outcome(number, driver.events, now)


@cache
def outcomes() -> list[Outcome]:
    return [replicate(number) for number in range(TRIES * TOGETHER)]


@cache
def pairs(name: str) -> list[Pair]:
    named = figures.find(name, MADE)
    return [figures.pair(named, MADE, outcome) for outcome in outcomes()]


@pytest.mark.parametrize("name", VALUES)
def test_the_mean_is_what_theory_says(name: str) -> None:
    errors = [x - VALUES[name] * y for x, y in pairs(name)]
    z = math.fsum(errors) / len(errors) / figures.standard_error(errors)
    assert abs(z) < 3.5


@pytest.mark.parametrize("name", VALUES)
def test_intervals_hold_the_value_as_often_as_they_say(name: str) -> None:
    named, all_pairs = figures.find(name, MADE), pairs(name)
    held = 0
    for first in range(0, len(all_pairs), TOGETHER):
        found = figures.estimate(named, all_pairs[first : first + TOGETHER])
        assert found.low is not None
        assert found.high is not None
        held += found.low <= VALUES[name] <= found.high
    # Ratios of ten short replications cover a little less than 95 % (92 % allowed for here).
    low, high = stats.binom.ppf(0.001, TRIES, 0.92), stats.binom.ppf(0.999, TRIES, 0.95)
    assert low <= held <= high
    assert high <= TRIES
