"""Spreads are what they say: moments by z-score, the whole law by Kolmogorov and Smirnov's test."""

from __future__ import annotations

import hashlib
import math
from random import Random
from typing import Any

import msgspec
import pytest
from scipy import stats

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
    moments,
    scv,
)

DRAWS = 20_000
SURE = 1e-5
"""Of so few good samples a test would say that they are bad; the seed is fixed besides."""
BIG = 10_000_000.0
"""Milliseconds: beside it, rounding to one is nothing."""
LAWS: list[tuple[Spread, Any]] = [
    (Uniform(0, int(BIG)), stats.uniform(0, BIG)),
    (Exponential(BIG), stats.expon(scale=BIG)),
    (LogNormal(BIG, 0.8), stats.lognorm(0.8, scale=BIG)),
    (Gamma(0.6, BIG), stats.gamma(0.6, scale=BIG)),
    (Gamma(4.0, BIG), stats.gamma(4.0, scale=BIG)),
    (Weibull(0.7, BIG), stats.weibull_min(0.7, scale=BIG)),
    (Weibull(2.5, BIG), stats.weibull_min(2.5, scale=BIG)),
]
OTHERS: list[Spread] = [
    Empirical((1_000, 2_000, 60_000)),
    Quantiles((0, 1_000_000, 9_000_000)),
    Mixture(((0.25, Uniform(0, 1_000_000)), (0.75, Exponential(BIG)))),
]


def draws(spread: Spread) -> list[int]:
    stream = Random("spreads")
    return [spread.draw(stream) for _ in range(DRAWS)]


@pytest.mark.parametrize(("spread", "law"), LAWS)
def test_the_law_is_the_one_of_its_name(spread: Spread, law: Any) -> None:
    assert stats.kstest(draws(spread), law.cdf).pvalue > SURE
    mean, variance = moments(spread)
    assert mean == pytest.approx(law.mean(), rel=1e-6)
    assert variance == pytest.approx(law.var(), rel=1e-6)


@pytest.mark.parametrize("spread", [*(spread for spread, _ in LAWS), *OTHERS])
def test_mean_and_variance_are_those_that_are_told(spread: Spread) -> None:
    mean, variance = moments(spread)
    sample = draws(spread)
    apart = [(one - mean) ** 2 for one in sample]
    assert abs(_z(sample, mean)) < 4
    assert abs(_z(apart, variance)) < 4
    assert scv(spread) == pytest.approx(variance / mean**2)


def _z(sample: list[Any], mean: float) -> float:
    found = math.fsum(sample) / len(sample)
    error = math.sqrt(math.fsum((one - found) ** 2 for one in sample) / len(sample) ** 2)
    return (found - mean) / error


def test_a_mixture_of_quantiles_and_a_point_has_the_law_of_both() -> None:
    spread = Mixture(((0.3, Fixed(5_000_000)), (0.7, Quantiles((0, 1_000_000, 3_000_000)))))
    sample = draws(spread)
    below = [sum(one <= at for one in sample) for at in (1_000_000, 3_000_000, 5_000_000)]
    for count, share in zip(below, (0.35, 0.7, 1.0), strict=True):
        assert abs(count - share * DRAWS) < 4 * math.sqrt(DRAWS * 0.25)


def test_a_fixed_one_does_not_spread() -> None:
    assert set(draws(Fixed(7))) == {7}
    assert moments(Fixed(7)) == (7, 0)
    assert scv(Fixed(0)) == 0


def test_the_bytes_are_those_of_every_other_python() -> None:
    """The digest was made under 3.11; other versions must come to the same."""
    every = [spread for spread, _ in LAWS] + OTHERS
    drawn = repr([draws(spread)[:1_000] for spread in every]).encode()
    assert hashlib.sha256(drawn).hexdigest() == DIGEST


def test_a_spread_survives_json() -> None:
    for spread in (*(spread for spread, _ in LAWS), *OTHERS):
        assert msgspec.json.decode(msgspec.json.encode(spread), type=Spread) == spread


DIGEST = "3dfa37b0ee3002eae3a0b6ecfec1c524d99adbe94a3b050fa39a6a6fd96af536"
