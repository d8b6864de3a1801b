"""A PIN as it is asked for, held against the CRM, and what of the caller is proved then."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from ctid.core.errors import IllegalTransition
from ctid.core.identity import PinStatus
from ctid.core.records import Identity
from ctid.ivr import flow
from ctid.ivr.actions import Action, Ask, Lost, Prove, ToQueue
from ctid.ivr.identity import Claim, at_most_claimed
from ctid.ivr.session import Session
from ctid.ivr.walker import Walker

CODE = flow.Collect("code", next="pin", on_fail="bad", min=4, max=4)
PIN = flow.Collect(
    "pin", next="good", on_fail="bad", min=4, max=6, invalid="wrong", silence="nothing", tries=3,
    class_="pin", check="pin",
)  # fmt: skip


class Caller:
    """One caller who has keyed a code, at a step that asks for its PIN."""

    def __init__(self, **changes: Any) -> None:
        steps: dict[str, flow.AnyStep] = {
            "code": CODE, "pin": msgspec.structs.replace(PIN, **changes),
            "good": flow.Branch("identity", {"verified": "verified"}, otherwise="bad"),
            "verified": flow.Menu("more", {"1": "code"}, on_fail="bad"),
            "bad": flow.Queue("bad"), "elsewhere": flow.Queue("elsewhere"),
        }  # fmt: skip
        self.walker = Walker({"f": flow.Flow("f", "code", "en", steps, {})}, {})
        self.session: Session
        self.session, _ = self.walker.begin("f", 0)
        self.first = self.keys("1234")

    def keys(self, digits: str) -> Action:
        return self.walker.collected(self.session, digits, "full" if digits else "timeout", 0)

    def crm(self, status: PinStatus) -> Action:
        return self.walker.proved(self.session, status, 0)

    @property
    def path(self) -> list[str]:
        return self.session.path[1:]


def test_the_question_keeps_what_is_keyed_for_one_check() -> None:
    caller = Caller()
    assert isinstance(caller.first, Ask)
    assert (caller.first.secret, caller.first.proves) == (True, True)
    assert caller.keys("xxxx") == Prove("1234")
    assert caller.walker.awaits(caller.session) == "proved"


def test_a_pin_that_nobody_checks_is_kept_by_nobody() -> None:
    caller = Caller(check="")
    assert isinstance(caller.first, Ask)
    assert (caller.first.secret, caller.first.proves) == (True, False)
    assert caller.keys("xxxx") == ToQueue("bad"), "it proves nothing"


def test_right_verifies() -> None:
    caller = Caller()
    assert caller.session.identity == "claimed"
    caller.keys("xxxx")
    assert isinstance(caller.crm("right"), Ask)
    assert (caller.session.identity, caller.path) == ("verified", ["pin", "good", "verified"])
    assert caller.session.code_status == "found", "the CRM knows a code whose PIN it has"


def test_wrong_costs_a_try_like_silence_and_a_wrong_length() -> None:
    caller = Caller(again=("once-more", "last-time"))
    caller.keys("xxxx")
    asked = caller.crm("wrong")
    assert isinstance(asked, Ask)
    assert asked.prompts == ("wrong", "once-more")
    asked = caller.keys("xx")
    assert isinstance(asked, Ask)
    assert asked.prompts == ("wrong", "last-time")
    assert caller.keys("") == ToQueue("bad")
    assert (caller.session.identity, caller.path) == ("claimed", ["pin!", "bad"])


def test_right_at_the_last_try() -> None:
    caller = Caller()
    for status in ("wrong", "wrong", "right"):
        caller.keys("xxxxx")
        caller.crm(status)
    assert (caller.session.identity, caller.path[0]) == ("verified", "pin~3")


@pytest.mark.parametrize(
    ("status", "mark"),
    [("unset", "unset"), ("unavailable", "unanswered"), ("timeout", "unanswered")],
)
def test_without_an_answer_nothing_is_proved_and_nobody_is_asked_again(
    status: PinStatus, mark: str
) -> None:
    caller = Caller()
    caller.keys("xxxx")
    assert caller.crm(status) == ToQueue("bad")
    assert (caller.session.identity, caller.path) == ("claimed", [f"pin!{mark}", "bad"])


def test_without_a_code_there_is_no_question() -> None:
    steps: dict[str, flow.AnyStep] = {"pin": PIN, "good": flow.HangUp(), "bad": flow.Queue("bad")}
    walker = Walker({"f": flow.Flow("f", "pin", "en", steps, {})}, {})
    session, action = walker.begin("f", 0)
    assert action == ToQueue("bad")
    assert (session.path, session.identity) == (["pin!no_code", "bad"], "unknown")


def test_a_later_menu_of_the_call_knows_what_was_shown() -> None:
    steps: dict[str, flow.AnyStep] = {"pin": PIN, "good": flow.HangUp(), "bad": flow.Queue("bad")}
    walker = Walker({"f": flow.Flow("f", "pin", "en", steps, {})}, {})
    session, action = walker.begin("f", 0, shown=Claim("1234", "found", "verified"))
    assert isinstance(action, Ask)
    assert (session.code, session.code_status, session.identity) == ("1234", "found", "verified")


@pytest.mark.parametrize(("locked", "queue"), [("", "bad"), ("elsewhere", "elsewhere")])
def test_who_is_locked_is_led_on(locked: str, queue: str) -> None:
    caller = Caller(locked=locked)
    assert caller.walker.locked(caller.session, 0) == ToQueue(queue)
    assert caller.path == ["pin!locked", queue]
    caller = Caller(locked=locked)
    caller.keys("xxxx")
    assert caller.walker.locked(caller.session, 0) == ToQueue(queue), "in place of the check"
    assert not caller.session.proving


@pytest.mark.parametrize(("code", "identity"), [("1234", "verified"), ("4321", "claimed")])
def test_another_code_takes_verification_away(code: str, identity: Identity) -> None:
    caller = Caller()
    caller.keys("xxxx")
    caller.crm("right")
    caller.keys("1")
    caller.keys(code)
    assert caller.session.identity == identity


def test_a_wrong_pin_takes_verification_away() -> None:
    caller = Caller()
    caller.keys("xxxx")
    caller.crm("right")
    caller.keys("1")
    caller.keys("1234")
    caller.keys("xxxx")
    caller.crm("wrong")
    assert caller.session.identity == "claimed"


def test_an_answer_that_nobody_waits_for_is_a_defect() -> None:
    caller = Caller()
    with pytest.raises(IllegalTransition):
        caller.crm("right")


def test_a_step_that_a_reload_has_taken_away() -> None:
    caller = Caller()
    caller.keys("xxxx")
    other = flow.Flow("f", "pin", "en", {"pin": flow.HangUp()}, {})
    walker = Walker({"f": other}, {})
    assert walker.awaits(caller.session) == "anything"
    assert walker.proved(caller.session, "right", 0) == Lost("f/pin")
    assert caller.session.identity == "claimed"


def test_what_another_person_on_the_line_has_left() -> None:
    left = [at_most_claimed(one) for one in ("verified", "claimed", "unknown")]
    assert left == ["claimed", "claimed", "unknown"]
