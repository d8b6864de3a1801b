"""Fits of durations: known parameters come back, and censoring is not forgotten."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

from sim.calibrate.fit import FEWEST, TooFew, fit, kaplan_meier
from sim.calibrate.laws import (
    Array,
    Fitted,
    Law,
    Sample,
    exponential,
    gamma,
    lognormal,
    mixture,
    sample,
    weibull,
)

REPLICATIONS = 40
DRAWS = 400
LIMIT = 4.0
"""Of |z|: with some twenty figures held here, chance alone goes beyond it once in 800 runs."""

LAWS: dict[str, tuple[Callable[[Sample], Fitted], Law, dict[str, float]]] = {
    "exponential": (exponential, stats.expon(scale=60_000), {"mean": 60_000}),
    "weibull": (
        weibull, stats.weibull_min(1.6, scale=60_000), {"shape": 1.6, "scale": 60_000},
    ),
    "gamma": (gamma, stats.gamma(2.5, scale=30_000), {"shape": 2.5, "scale": 30_000}),
    "lognormal": (
        lognormal, stats.lognorm(0.8, scale=60_000), {"median": 60_000, "sigma": 0.8},
    ),
}  # fmt: skip


def drawn(law: Law, seed: int, *, cut: bool) -> Sample:
    """Durations, of which about half end before they are over."""
    stream = np.random.default_rng(seed)
    whole: Array = law.rvs(DRAWS, random_state=stream)
    if not cut:
        return sample(whole)
    until = stream.exponential(80_000, DRAWS)
    return sample(whole[whole <= until], until[whole > until])


@pytest.mark.parametrize("cut", [False, True], ids=["whole", "censored"])
@pytest.mark.parametrize("name", LAWS)
def test_parameters_come_back(name: str, cut: bool) -> None:
    """Of the logarithms, which are the nearer to normal. A maximum likelihood estimate has a bias
    of the order 1/n: a fifth of a standard error of one replication is allowed for it."""
    maker, law, known = LAWS[name]
    fits = [maker(drawn(law, seed, cut=cut)).parameters for seed in range(REPLICATIONS)]
    for parameter, value in known.items():
        errors = [math.log(found[parameter] / value) for found in fits]
        spread = float(np.std(errors, ddof=1))
        z = abs(float(np.mean(errors))) - 0.2 * spread
        assert z / (spread / math.sqrt(REPLICATIONS)) < LIMIT, parameter


def test_who_forgets_censoring_finds_callers_less_patient() -> None:
    """Half of the callers are answered; only those who hung up, and the true mean is far away."""
    law = stats.expon(scale=60_000)
    both = [drawn(law, seed, cut=True) for seed in range(20)]
    honest = np.mean([exponential(data).parameters["mean"] for data in both])
    naive = np.mean([exponential(sample(data.seen)).parameters["mean"] for data in both])
    assert abs(honest / 60_000 - 1) < 0.05
    assert naive < 0.65 * 60_000


def test_two_kinds_of_talk_come_back() -> None:
    stream = np.random.default_rng(5)
    short, long = (
        stream.lognormal(math.log(m), 0.5, n) for m, n in ((30_000, 900), (400_000, 600))
    )
    found = mixture(sample(np.concatenate((short, long))))
    assert found is not None
    assert found.parameters["shares"][0] == pytest.approx(0.6, abs=0.04)
    medians = [part["median"] for part in found.parameters["parts"]]
    assert medians == pytest.approx([30_000, 400_000], rel=0.1)


def test_a_mixture_must_pay() -> None:
    """The law that made the durations wins in most of many samples; a mixture in none."""
    best = [fit(drawn(LAWS["lognormal"][1], seed, cut=False)).best for seed in range(20)]
    names = [one.fitted.name for one in best]
    assert "mixture" not in names
    assert names.count("lognormal") >= 16
    assert all(one.ks < 1.63 / math.sqrt(DRAWS) for one in best)


def test_where_no_law_will_do_the_quantiles_stand() -> None:
    stream = np.random.default_rng(1)
    data = sample(np.concatenate([stream.uniform(a, a + 900, 300) for a in (1_000, 9_000, 60_000)]))
    found = fit(data)
    assert found.empirical is not None
    assert found.empirical[0] >= 1_000
    assert len(found.empirical) == 101


def test_kaplan_and_meiers_own_example() -> None:
    """Their section 2: ends at 0.8, 3.1, 5.4 and 9.2 months, losses at 1.0, 2.7, 7.0 and 12.1."""
    curve = kaplan_meier(
        sample([800.1, 3_100.0, 5_400.0, 9_200.0], [1_000.0, 2_700.0, 7_000.0, 12_100.0])
    )
    assert 1 - curve.value == pytest.approx([7 / 8, 7 / 10, 21 / 40, 21 / 80])


def test_too_few_ends() -> None:
    with pytest.raises(TooFew, match=rf"19 durations .* takes {FEWEST} \(100 more were cut off\)"):
        fit(sample([1.0] * 19, [5.0] * 100))


def test_a_clock_of_whole_seconds_writes_zeros() -> None:
    assert list(sample([0.0, 2_000.0]).seen) == [500.0, 2_000.0]
    assert list(sample([0.0, 2_001.0]).seen) == [0.5, 2_001.0]
