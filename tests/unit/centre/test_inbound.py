"""Facts of the menu that come twice, late, or from nowhere change nothing (F13)."""

from ctid.core import events as ev
from ctid.core.commands import Collect, LookUpCustomer
from tests.golden.site import ZHANG, arrive, opened
from tests.golden.transcript import Scenario


def in_menu() -> Scenario:
    s = opened()
    arrive(s)
    return s


def test_a_prompt_that_nobody_played() -> None:
    assert in_menu().say(ev.PromptsPlayed("c1")) == []


def test_keys_twice_while_the_code_is_checked() -> None:
    s = in_menu()
    s.say(ev.DigitsCollected("c1", "1", "full"))
    digits = ev.DigitsCollected("c1", "100001", "full")
    first, second = s.say(digits), s.say(digits, after=1)
    assert [type(c) for c in first] == [LookUpCustomer]
    assert second == []


def test_the_same_call_arrives_twice() -> None:
    s = in_menu()
    assert s.say(ev.CallArrived("c1", "PJSIP/t", "", "", "4000")) == []
    assert len(s.centre.calls) == 1


def test_a_call_that_has_ended_does_not_arrive_again() -> None:
    s = in_menu()
    s.say(ev.CallEnded("c1", "16"))
    assert s.say(ev.CallArrived("c1", "PJSIP/t", "", "", "4000")) == []


def test_an_answer_of_the_crm_to_a_question_never_asked() -> None:
    s = in_menu()
    assert s.say(ev.CustomerLookedUp("c1", 7, "found", (ZHANG,))) == []
    assert s.say(ev.CustomerLookedUp("c0", 1, "found", (ZHANG,))) == []
    assert s.centre.calls["c1"].status == "pending"


def test_the_answer_by_number_does_not_decide_about_the_code() -> None:
    s = in_menu()
    s.say(ev.DigitsCollected("c1", "1", "full"))
    s.say(ev.DigitsCollected("c1", "100001", "full"))
    assert s.say(ev.CustomerLookedUp("c1", 1, "found", (ZHANG,))) == []
    assert s.centre.calls["c1"].phase == "ivr"


def test_a_code_of_somebody_else_is_asked_for_again() -> None:
    s = in_menu()
    s.say(ev.DigitsCollected("c1", "1", "full"))
    s.say(ev.DigitsCollected("c1", "555555", "full"))
    commands = s.say(ev.CustomerLookedUp("c1", 2, "found", (ZHANG,)))
    assert [type(c) for c in commands] == [Collect]
    assert s.centre.calls["c1"].customers == (ZHANG,)
    assert s.centre.calls["c1"].matched_by == "number"
