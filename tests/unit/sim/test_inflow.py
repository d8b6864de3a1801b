"""Poisson streams whose rates change are exact: counts, and where in a step callers come."""

from __future__ import annotations

import math
from random import Random

import pytest
from scipy import stats

from ctid.core.instants import HOUR, MINUTE
from sim.world.inflow import Poisson, pick

RATES = ((0, 0.0), (HOUR, 200.0), (2 * HOUR, 0.0), (3 * HOUR, 50.0))
UNTIL = 4 * HOUR


def instants(seed: int, until: int = UNTIL) -> list[int]:
    process = Poisson(RATES, until, Random(f"inflow/{seed}"))
    found = []
    while (at := process.next()) is not None:
        found.append(at)
    return found


def test_each_step_has_the_callers_of_its_rate() -> None:
    runs = 200
    counts = [0, 0, 0, 0]
    for seed in range(runs):
        for at in instants(seed):
            counts[at // HOUR] += 1
    for count, (_, rate) in zip(counts, RATES, strict=True):
        mean = rate * runs
        assert abs(count - mean) <= 4 * math.sqrt(mean)


def test_within_a_step_callers_come_anywhere_and_counts_spread_as_poisson_says() -> None:
    runs = [instants(seed) for seed in range(200)]
    within = [at - HOUR for run in runs for at in run if at < 2 * HOUR]
    assert stats.kstest(within, stats.uniform(0, HOUR).cdf).pvalue > 1e-5
    counts = [sum(HOUR <= at < 2 * HOUR for at in run) for run in runs]
    mean = math.fsum(counts) / len(counts)
    # Under Poisson's law this index of dispersion is chi-square (Cox and Lewis 1966, 6.3).
    index = math.fsum((count - mean) ** 2 for count in counts) / mean
    assert 1e-5 < stats.chi2(len(counts) - 1).cdf(index) < 1 - 1e-5


def test_the_beginning_is_the_same_however_long_it_lasts() -> None:
    assert instants(1, 5 * HOUR)[: len(instants(1))] == instants(1)
    assert instants(1) == sorted(instants(1))
    assert all(HOUR <= at < 2 * HOUR or 3 * HOUR <= at < UNTIL for at in instants(1))


def test_nobody_comes_where_the_rate_is_zero() -> None:
    process = Poisson(((0, 0.0),), 10 * MINUTE, Random(1))
    assert process.next() is None


@pytest.mark.parametrize(
    "shares", [(("a", 1.0),), (("a", 0.25), ("b", 0.75)), (("a", 0.0), ("b", 1.0))]
)
def test_each_is_picked_by_its_share(shares: tuple[tuple[str, float], ...]) -> None:
    stream = Random("pick")
    picked = [pick(shares, stream) for _ in range(4_000)]
    for name, share in shares:
        error = math.sqrt(4_000 * share * (1 - share))
        assert abs(picked.count(name) - 4_000 * share) <= 4 * error
