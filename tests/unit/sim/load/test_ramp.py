"""Which rates a ramp tries, and what it finds."""

from __future__ import annotations

import pytest

from sim.load.ramp import MOST_STEPS, Ramp, Search, Verdict


def tried(ramp: str, limit: float, how: Verdict = "bad") -> tuple[list[float], Search]:
    """All rates that are tried against a ctid that breaks above `limit`."""
    search = Search(Ramp.parse(ramp))
    rates = []
    while (rate := search.next) is not None:
        rates.append(rate)
        search.told("good" if rate <= limit else how)
    return rates, search


def test_up_to_the_first_that_fails_twice_and_then_between() -> None:
    rates, search = tried("5:100:5", 17)
    assert rates == [5, 10, 15, 20, 20, 17.5, 17.5, 16.25, 16.875]
    assert (search.good, search.bad, search.ended_by) == (16.875, 17.5, "bad")


def test_all_rates_hold() -> None:
    rates, search = tried("5:20:5", 1000)
    assert rates == [5, 10, 15, 20]
    assert (search.good, search.bad, search.ended_by) == (20, None, "good")


def test_not_even_the_first_holds() -> None:
    rates, search = tried("8:20:4", 0)
    assert rates == [8, 8, 4, 4, 2, 2, 1, 1]
    assert (search.good, search.bad) == (0, 1)


def test_one_failure_may_be_the_machine_s_mood() -> None:
    search = Search(Ramp.parse("5:10:5"))
    for verdict in ("bad", "good", "bad", "good"):
        search.told(verdict)
    assert search.next is None
    assert (search.good, search.bad) == (10, None)


def test_a_late_generator_ends_the_climb_and_is_named() -> None:
    _, search = tried("10:40:10", 25, "generator")
    assert search.ended_by == "generator"
    assert search.bad is not None
    assert search.good <= 25 < search.bad


def test_the_last_step_is_reached_despite_fractions() -> None:
    rates, _ = tried("0.1:0.3:0.1", 1)
    assert rates == pytest.approx([0.1, 0.2, 0.3])


@pytest.mark.parametrize(
    "text", ["", "5", "5:1:1", "0:5:1", "5:10:0", "5:10:-1", "a:b:c", "1:2:3:4", "nan:5:1",
             "1:inf:1"],
)  # fmt: skip
def test_no_ramp(text: str) -> None:
    with pytest.raises(ValueError, match="write FIRST:LAST:STEP"):
        Ramp.parse(text)


def test_a_ramp_without_an_end() -> None:
    with pytest.raises(ValueError, match=f"more than {MOST_STEPS} steps"):
        Ramp.parse("1:1000:1")
