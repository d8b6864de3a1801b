"""Tries of PINs: counted when they are made, locked, forgotten."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ctid.ivr import identity_tries
from ctid.ivr.identity_rules import Limit
from ctid.ivr.identity_tries import Tries

LIMIT = Limit(3, 1000, 5000)


def wrong(tries: Tries, key: str, now: int) -> bool:
    assert not tries.barred(key, now)
    tries.made(key, now)
    return tries.failed(key, now)


def test_the_last_wrong_one_locks() -> None:
    tries = Tries(LIMIT)
    assert [wrong(tries, "a", now) for now in (0, 10, 20)] == [False, False, True]
    assert tries.barred("a", 21)
    assert tries.barred("a", 5019)
    assert not tries.barred("a", 5020)
    assert not tries.barred("b", 21)


def test_old_ones_do_not_count() -> None:
    tries = Tries(LIMIT)
    told = [wrong(tries, "a", now) for now in (0, 500, 1000, 1499)]
    assert told == [False, False, False, True], "the first was over when the third was made"


def test_tries_under_way_count() -> None:
    """As many calls as you like at once have no more tries than one."""
    tries = Tries(LIMIT)
    for _ in range(3):
        assert not tries.barred("a", 0)
        tries.made("a", 0)
    assert tries.barred("a", 0)
    tries.undone("a")
    assert not tries.barred("a", 0), "the CRM was silent about one of them"


def test_a_right_one_gives_back_itself_and_no_other() -> None:
    tries = Tries(LIMIT)
    wrong(tries, "a", 0)
    wrong(tries, "a", 1)
    tries.made("a", 2)
    tries.undone("a")
    assert wrong(tries, "a", 3)


def test_answers_about_nobody_change_nothing() -> None:
    tries = Tries(LIMIT)
    tries.undone("a")
    assert not tries.failed("a", 0)
    assert tries.known == {}


def test_a_lock_outlives_the_window_and_so_does_a_window_the_lock() -> None:
    tries = Tries(Limit(1, 5000, 100))
    assert wrong(tries, "a", 0)
    assert tries.barred("a", 200), "no second try within the window, lock or not"
    assert not tries.barred("a", 5000)


def test_memory_is_bounded_and_locks_are_forgotten_last() -> None:
    tries = Tries(Limit(2, 10**9, 10**9))
    wrong(tries, "locked", 0)
    wrong(tries, "locked", 0)
    for n in range(identity_tries.MOST + 10):
        wrong(tries, f"n{n}", n)
    assert len(tries.known) == identity_tries.MOST
    assert tries.barred("locked", 20_000)
    assert "n0" not in tries.known
    assert f"n{identity_tries.MOST + 9}" in tries.known


def test_a_table_full_of_locks_lets_the_oldest_go() -> None:
    tries = Tries(Limit(1, 10**9, 10**9))
    for n in range(identity_tries.MOST + 1):
        wrong(tries, f"n{n}", n)
    assert len(tries.known) == identity_tries.MOST
    assert "n0" not in tries.known


def test_whom_nothing_is_held_against_is_forgotten() -> None:
    tries = Tries(LIMIT)
    wrong(tries, "a", 0)
    wrong(tries, "b", 10_000)
    assert list(tries.known) == ["b"]


@given(
    st.lists(
        st.tuples(st.integers(0, 400), st.sampled_from(("right", "wrong", "silent"))), max_size=60
    )
)
def test_never_more_wrong_ones_than_the_limit_in_any_window(calls: list[tuple[int, str]]) -> None:
    tries, now, wrongs = Tries(LIMIT), 0, list[int]()
    for after, status in calls:
        now += after
        if tries.barred("a", now):
            continue
        tries.made("a", now)
        if status == "wrong":
            wrongs.append(now)
            tries.failed("a", now)
        else:
            tries.undone("a")
    for began in wrongs:
        within = [at for at in wrongs if began <= at < began + LIMIT.window]
        assert len(within) <= LIMIT.tries
