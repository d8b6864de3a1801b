"""The written order of contacts, and that nothing starves in it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctid.acd.contacts import Contact
from ctid.acd.order import TOP, level, rank, settled_after, shift
from ctid.acd.settings import AcdSettings
from ctid.core.instants import MINUTE, SECOND

ACD = AcdSettings((), (), age_every=MINUTE, urgency_cap=10 * MINUTE)


def contact(joined_at: int, priority: int = 0, serial: int = 1) -> Contact:
    return Contact("c", "q", "", "", "", joined_at, serial, priority=priority)


def task(deadline: int, priority: int = 0, serial: int = 1, weight: int = 1) -> Contact:
    made = contact(0, priority, serial)
    made.weight, made.shift = weight, shift(0, deadline, ACD)
    return made


@pytest.mark.parametrize(
    ("age", "expected"), [(0, 3), (59_999, 3), (60_000, 4), (6 * MINUTE, TOP), (MINUTE * 99, TOP)]
)
def test_a_contact_rises_one_level_a_minute(age: int, expected: int) -> None:
    assert level(contact(0, 3), ACD, age) == expected


def test_a_wait_that_begins_in_our_future_is_no_wait() -> None:
    assert rank(contact(5_000, 2), 3, ACD, 1_000)[:2] == (-2, 0)


def test_level_then_urgency_then_wait() -> None:
    now = 30 * SECOND
    vip, heavy, old = contact(20 * SECOND, 1), contact(20 * SECOND), contact(12 * SECOND)
    ranks = [rank(vip, 1, ACD, now), rank(heavy, 3, ACD, now), rank(old, 1, ACD, now)]
    assert ranks == sorted(ranks)


waits = st.integers(0, 60 * MINUTE)
levels = st.integers(0, TOP)
weights = st.integers(1, 1_000)


@given(waits, levels, weights, waits, levels, weights)
def test_after_the_bound_only_longer_waits_go_first(
    wait: int, first: int, weight: int, other_wait: int, other_first: int, other_weight: int
) -> None:
    now = 60 * MINUTE + settled_after(ACD)
    mine = contact(now - settled_after(ACD) - wait, first)
    other = contact(now - other_wait, other_first, serial=2)
    if rank(other, other_weight, ACD, now) < rank(mine, weight, ACD, now):
        assert other.joined_at < mine.joined_at


@given(waits, waits, levels, weights, st.lists(waits, min_size=1))
def test_two_of_one_queue_and_level_never_overtake(
    a: int, b: int, first: int, weight: int, later: list[int]
) -> None:
    """That is why each such group may stand in a plain line."""
    begin = 60 * MINUTE
    one, two = contact(begin - a, first, 1), contact(begin - b, first, 2)
    orders = {rank(one, weight, ACD, begin + t) < rank(two, weight, ACD, begin + t) for t in later}
    assert len(orders) == 1


@given(waits, waits, levels, weights, weights, st.lists(waits, min_size=1))
def test_two_tasks_of_one_level_and_weight_never_overtake(
    a: int, b: int, first: int, own: int, weight: int, later: list[int]
) -> None:
    one, two = task(a, first, 1, own), task(b, first, 2, own)
    orders = {rank(one, weight, ACD, t) < rank(two, weight, ACD, t) for t in later}
    assert len(orders) == 1


@given(waits, waits, weights)
def test_a_caller_goes_before_a_task_whose_deadline_is_far(
    deadline: int, joined_at: int, weight: int
) -> None:
    """As long as a call that came at this moment would not yet be behind the task."""
    mail = task(deadline)
    now = deadline - settled_after(ACD)
    if now >= joined_at:
        assert rank(contact(joined_at, 0, 2), 1, ACD, now) <= rank(mail, weight, ACD, now)


@given(waits, levels, weights, waits, levels, weights)
def test_from_its_deadline_on_only_longer_waits_go_before_a_task(
    deadline: int, first: int, weight: int, other_wait: int, other_first: int, other_weight: int
) -> None:
    mine = task(deadline, first)
    now = deadline + settled_after(ACD)
    other = contact(now - other_wait, other_first, serial=2)
    for at in (deadline, now):
        if rank(other, other_weight, ACD, at) < rank(mine, weight, ACD, at):
            assert other.joined_at < mine.place
