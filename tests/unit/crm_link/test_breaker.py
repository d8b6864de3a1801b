"""The breaker: when it opens, when it tries again, and whose outcome counts."""

from __future__ import annotations

import pytest

from crm_link.breaker import Breaker, Permit


def asked(breaker: Breaker, now: int) -> Permit:
    permit = breaker.ask(now)
    assert permit is not None
    return permit


def opened_at(now: int) -> Breaker:
    breaker = Breaker(failures=2, open_ms=1000)
    for _ in range(2):
        breaker.failed(asked(breaker, now), now)
    assert breaker.state == "open"
    return breaker


def test_failures_in_a_row_open_it() -> None:
    breaker = Breaker(failures=3, open_ms=1000)
    for now in (0, 1):
        breaker.failed(asked(breaker, now), now)
    breaker.succeeded(asked(breaker, 2))  # the row is broken
    for now in (3, 4):
        breaker.failed(asked(breaker, now), now)
    assert breaker.state == "closed"
    breaker.failed(asked(breaker, 5), 5)
    assert breaker.state == "open"


def test_open_it_lets_nothing_pass_until_its_time() -> None:
    breaker = opened_at(100)
    assert breaker.ask(1099) is None
    assert breaker.retry_in(1099) == 1
    assert breaker.ask(1100) is not None


def test_half_open_it_lets_one_probe_pass() -> None:
    breaker = opened_at(0)
    probe = asked(breaker, 1000)
    assert breaker.state == "half open"
    assert breaker.ask(1000) is None
    breaker.succeeded(probe)
    assert breaker.state == "closed"
    assert breaker.ask(1001) is not None


def test_failed_probe_opens_it_for_the_whole_time_again() -> None:
    breaker = opened_at(0)
    breaker.failed(asked(breaker, 1000), 1500)
    assert breaker.state == "open"
    assert breaker.ask(2499) is None
    assert breaker.ask(2500) is not None


def test_abandoned_probe_is_given_to_the_next() -> None:
    breaker = opened_at(0)
    breaker.abandoned(asked(breaker, 1000))
    assert breaker.ask(1000) is not None


def test_outcome_from_before_the_opening_is_dropped() -> None:
    breaker = Breaker(failures=1, open_ms=1000)
    early, first = asked(breaker, 0), asked(breaker, 0)
    breaker.failed(first, 0)
    breaker.succeeded(early)
    assert breaker.state == "open"
    probe = asked(breaker, 1000)
    breaker.failed(early, 1000)
    assert breaker.state == "half open"
    breaker.succeeded(probe)
    assert breaker.state == "closed"


@pytest.mark.parametrize(("failures", "open_ms"), [(0, 1), (1, -1)])
def test_senseless_limits_are_refused(failures: int, open_ms: int) -> None:
    with pytest.raises(ValueError, match="failures >= 1"):
        Breaker(failures=failures, open_ms=open_ms)
