"""Strangers are slowed down; whoever has the right password gets in."""

from ctid.core.instants import MINUTE
from ctid.web.throttle import ACCOUNT, ADDRESS, DEVICE, MOST_KEYS, PAIR, Attempt, Throttle

OWNER = Attempt("ann", "10.0.0.1", "")


def fail(throttle: Throttle, attempt: Attempt, times: int, now: int = 0) -> list[int]:
    return [throttle.admit(attempt, now) for _ in range(times)]


def test_a_pair_of_account_and_address_has_few_tries():
    throttle = Throttle()
    assert fail(throttle, OWNER, PAIR.failures) == [0] * PAIR.failures
    assert throttle.admit(OWNER, 1000) == PAIR.within - 1000
    assert throttle.admit(OWNER, PAIR.within) == 0


def test_a_refused_try_does_not_lengthen_the_wait():
    throttle = Throttle()
    fail(throttle, OWNER, PAIR.failures)
    fail(throttle, OWNER, 50, now=PAIR.within - 1)
    assert throttle.admit(OWNER, PAIR.within) == 0


def test_success_clears_the_pair():
    throttle = Throttle()
    fail(throttle, OWNER, PAIR.failures)
    throttle.succeeded(OWNER)
    assert throttle.admit(OWNER, 0) == 0


def test_an_address_cannot_walk_through_the_accounts():
    throttle = Throttle()
    waits = [throttle.admit(Attempt(f"u{n}", "10.0.0.9", ""), 0) for n in range(200)]
    assert waits.count(0) == ADDRESS.failures


def test_a_stranger_cannot_lock_the_owner_out():
    throttle = Throttle()
    for n in range(20):
        fail(throttle, Attempt("ann", f"192.0.2.{n}", ""), 50)
    assert throttle.admit(OWNER, 0) == 0, "the first try from the owner's own address"
    assert throttle.admit(OWNER, 1) > 0, "but only one a minute while the account is attacked"
    assert throttle.admit(OWNER, MINUTE) == 0


def test_many_addresses_get_one_try_a_minute_each_once_the_account_is_attacked():
    throttle = Throttle()
    for n in range(ACCOUNT.failures):
        throttle.admit(Attempt("ann", f"192.0.2.{n}", ""), 0)
    late = Attempt("ann", "198.51.100.1", "")
    assert [throttle.admit(late, at) == 0 for at in (0, 1, MINUTE - 1, MINUTE)] == [
        True,
        False,
        False,
        True,
    ]


def test_a_known_browser_is_not_touched_by_a_stranger_at_the_same_address():
    throttle = Throttle()
    fail(throttle, OWNER, 100)
    known = Attempt("ann", OWNER.address, "mark-of-anns-browser")
    assert fail(throttle, known, DEVICE.failures + 1)[-2:] == [0, DEVICE.within]


def test_memory_is_bounded():
    throttle = Throttle()
    for n in range(MOST_KEYS):
        throttle.admit(Attempt(f"u{n}", f"a{n}", ""), n)
    assert len(throttle._tries) == MOST_KEYS
