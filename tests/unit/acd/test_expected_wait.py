"""The formulas of the expected wait against their definition and against scipy's gamma law."""

import math

import pytest
from scipy import stats

from ctid.acd.expected_wait import BEYOND, Estimate, Rates, Recent, expected, kept

MINUTE = 60_000.0


def by_definition(place: int, rates: Rates) -> float:
    leaving = rates.agents / rates.handling
    return sum(1 / (leaving + j * rates.hang_up) for j in range(place)) + rates.ring


@pytest.mark.parametrize("place", [0, 1, 2, 15, 16, 17, 40, 1_000])
@pytest.mark.parametrize("hang_up", [0.0, 1e-9, 1 / (5 * MINUTE), 1 / 2_000])
def test_the_mean_is_the_sum_over_the_places(place: int, hang_up: float) -> None:
    rates = Rates(agents=7, handling=3 * MINUTE, hang_up=hang_up, ring=4_000)
    assert expected(place, rates).mean == pytest.approx(by_definition(place, rates), abs=1)


def test_ten_thousand_ahead_cost_no_more_than_twenty() -> None:
    rates = Rates(100, 3 * MINUTE, 1 / (10 * MINUTE))
    sum_of_all = by_definition(10_000, rates)
    assert expected(10_000, rates).mean == pytest.approx(sum_of_all, rel=1e-6)


@pytest.mark.parametrize("place", [1, 2, 5, 30])
def test_the_range_without_hang_ups_is_that_of_the_gamma_law(place: int) -> None:
    rates = Rates(agents=3, handling=MINUTE)
    told = expected(place, rates)
    for point, share in ((told.low, BEYOND), (told.high, 1 - BEYOND)):
        exact = stats.gamma.ppf(share, place, scale=MINUTE / 3)
        assert point == pytest.approx(exact, rel=0.07)


@pytest.mark.parametrize("place", [1, 3, 12])
@pytest.mark.parametrize("hang_up", [1 / MINUTE, 1 / (10 * MINUTE)])
def test_about_one_wait_in_ten_is_longer_than_the_range(place: int, hang_up: float) -> None:
    rates = Rates(agents=2, handling=MINUTE, hang_up=hang_up)
    steps = [2 / MINUTE + j * hang_up for j in range(place)]
    assert 0.085 < beyond(steps, expected(place, rates).high) < 0.115


def beyond(steps: list[float], wait: float) -> float:
    """Tail of the sum of exponential times with different rates, in partial fractions."""
    return sum(math.exp(-a * wait) * math.prod(b / (b - a) for b in steps if b != a) for a in steps)


def test_a_place_may_lie_between_two() -> None:
    rates = Rates(4, MINUTE, 1 / MINUTE)
    one, half, two = (expected(place, rates).mean for place in (1, 1.5, 2))
    assert half == pytest.approx((one + two) / 2, abs=1)


def test_the_front_with_a_free_agent_waits_for_the_answer_only() -> None:
    assert expected(0, Rates(1, MINUTE, ring=3_000)) == Estimate(3_000, 3_000, 3_000)


@pytest.mark.parametrize(
    ("place", "rates"),
    [
        (-1, Rates(1, 1.0)),
        (1, Rates(0, 1.0)),
        (1, Rates(1, 0.0)),
        (1, Rates(1, 1.0, -0.1)),
        (1, Rates(1, 1.0, ring=-1)),
    ],
)
def test_what_cannot_be(place: int, rates: Rates) -> None:
    with pytest.raises(ValueError, match="no wait for place"):
        expected(place, rates)


def test_after_a_half_life_old_entries_count_half() -> None:
    keep, recent = kept(10), Recent()
    assert recent.mean(7.0) == 7.0
    for _ in range(1_000):
        recent.add(100.0, 1.0, keep)
    assert recent.mean(7.0) == pytest.approx(100)
    for _ in range(10):
        recent.add(200.0, 1.0, keep)
    assert recent.mean(7.0) == pytest.approx(150)
