"""When a callback is tried again, and when it is given up."""

from ctid.acd.callback import CallbackRules, after_attempt

RULES = CallbackRules(attempts=3, retry_after=600, keep=2_000)


def test_tried_again_after_a_while_so_many_times() -> None:
    assert after_attempt(RULES, 1, 0, 100) == 700
    assert after_attempt(RULES, 2, 0, 800) == 1_400
    assert after_attempt(RULES, 3, 0, 1_000) is None


def test_given_up_when_it_would_be_too_late() -> None:
    assert after_attempt(RULES, 1, 0, 1_399) == 1_999
    assert after_attempt(RULES, 1, 0, 1_400) is None
