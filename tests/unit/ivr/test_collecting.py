"""A code as it is asked for, checked by itself, read back and confirmed."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from ctid.core.records import LookUpStatus
from ctid.ivr import collecting, flow
from ctid.ivr.actions import Action, Ask, Check, ToQueue
from ctid.ivr.session import Session
from ctid.ivr.walker import Walker

PLAIN = flow.Collect(
    "code", next="good", on_fail="bad", min=4, max=6, tries=3, invalid="wrong", silence="nothing"
)


class Caller:
    """One caller at one collect step."""

    def __init__(self, **changes: Any) -> None:
        step = msgspec.structs.replace(PLAIN, **changes)
        steps: dict[str, flow.AnyStep] = {
            "code": step, "good": flow.Queue("good"), "bad": flow.Queue("bad"),
        }  # fmt: skip
        self.walker = Walker({"f": flow.Flow("f", "code", "en", steps, {})}, {})
        self.session: Session
        self.session, self.first = self.walker.begin("f", 0)

    def keys(self, digits: str, ended: str = "full") -> Action:
        return self.walker.collected(self.session, digits, ended if digits else "timeout", 0)

    def crm(self, status: LookUpStatus) -> Action:
        return self.walker.checked(self.session, status, 0)


def prompts(action: Action) -> tuple[str, ...]:
    assert isinstance(action, Ask)
    return action.prompts


def test_all_times_reach_the_switch() -> None:
    caller = Caller(total=20_000, first_digit=5000, inter_digit=2000)
    assert caller.first == Ask(("code",), 6, "#", 5000, 2000, 20_000)


def test_other_words_for_each_retry_and_the_last_ones_stay() -> None:
    caller = Caller(tries=5, again=("code-2", "code-3"))
    said = [prompts(caller.first), *(prompts(caller.keys("1")) for _ in range(4))]
    assert said == [
        ("code",), ("wrong", "code-2"), ("wrong", "code-3"), ("wrong", "code-3"),
        ("wrong", "code-3"),
    ]  # fmt: skip
    assert caller.keys("") == ToQueue("bad")
    assert caller.session.path == ["code!", "bad"]


def test_tries_before_success_are_on_the_path() -> None:
    caller = Caller()
    caller.keys("1")
    caller.keys("")
    assert caller.keys("1234") == ToQueue("good")
    assert caller.session.path == ["code~3", "good"]
    assert (caller.session.code, caller.session.code_status) == ("1234", "claimed")


@pytest.mark.parametrize(
    ("changes", "good", "bad"),
    [
        ({"check_digit": "luhn"}, "18", "19"),
        ({"check_digit": "mod97", "max": 30}, "370400440532013000131489", "3704004405320130001314"),
        ({"pattern": "[1-3]x{3}"}, "3000", "4000"),
        ({"pattern": "[1-3]xxx|9x{5}"}, "912345", "91234"),
    ],
)
def test_a_rule_is_kept_before_anybody_is_asked(
    changes: dict[str, Any], good: str, bad: str
) -> None:
    changes = {"check": "customer", "min": 2, **changes}
    assert isinstance(Caller(**changes).keys(bad), Ask)
    assert Caller(**changes).keys(good) == Check(good)


@pytest.mark.parametrize("pattern", ["", "x{18}"])
def test_the_star_of_mod_11_is_kept_as_x(pattern: str) -> None:
    caller = Caller(check_digit="mod11", min=18, max=18, pattern=pattern)
    assert caller.keys("11010519491231002*") == ToQueue("good")
    assert caller.session.code == "11010519491231002X"
    assert isinstance(Caller(check_digit="mod11", min=18, max=18).keys("1101051949123100*2"), Ask)


def test_read_back_comes_before_the_crm_is_asked() -> None:
    """A code of somebody else must not put that customer on the screen."""
    caller = Caller(confirm="right", read_back="you-keyed", check="customer")
    asked = caller.keys("1234")
    assert prompts(asked)[0] == "you-keyed"
    assert prompts(asked)[-1] == "right"
    assert (caller.session.heard, caller.session.pending) == ("1234", "")
    assert caller.walker.awaits(caller.session) == "collected"
    assert caller.keys("1") == Check("1234")
    assert caller.crm("found") == ToQueue("good")
    assert (caller.session.code, caller.session.code_status) == ("1234", "found")


def test_the_star_of_mod_11_is_read_back_as_x() -> None:
    caller = Caller(check_digit="mod11", min=18, max=18, confirm="right")
    assert prompts(caller.keys("11010519491231002*"))[-3:] == ("number-2", "digit-x", "right")


def test_again_costs_a_try_and_asks_anew() -> None:
    caller = Caller(confirm="right", again=("code-2",))
    caller.keys("1234")
    assert prompts(caller.keys("2")) == ("code-2",)
    assert caller.session.heard == ""
    caller.keys("4321")
    assert caller.keys("1") == ToQueue("good")
    assert (caller.session.code, caller.session.path) == ("4321", ["code~2", "good"])


@pytest.mark.parametrize("key", ["", "9", "#"])
def test_no_answer_repeats_the_code_and_not_for_ever(key: str) -> None:
    caller = Caller(confirm="right")
    read = prompts(caller.keys("1234"))
    assert prompts(caller.keys(key)) == read
    assert prompts(caller.keys(key)) == read
    assert caller.keys(key) == ToQueue("bad")
    assert (caller.session.heard, caller.session.code) == ("", "")


def test_a_step_that_fails_to_itself_begins_anew() -> None:
    """Nothing of the code that was read back is left over."""
    caller = Caller(confirm="right", on_fail="code", tries=1)
    caller.keys("1234")
    assert prompts(caller.keys("")) == ("code",)
    assert caller.session.heard == ""


@pytest.mark.parametrize(
    ("answers", "status"),
    [(("none", "found"), "found"), (("none", "timeout"), "claimed"), (("none",) * 3, "unknown")],
)
def test_what_came_of_the_code(answers: tuple[LookUpStatus, ...], status: str) -> None:
    caller = Caller(check="customer")
    for answer in answers:
        caller.keys("1234")
        caller.crm(answer)
    assert caller.session.code_status == status


def test_another_number_goes_into_its_variable() -> None:
    caller = Caller(into="order")
    assert caller.keys("1234") == ToQueue("good")
    assert (caller.session.variables, caller.session.code) == ({"order": "1234"}, "")


def test_of_a_pin_nothing_is_kept() -> None:
    caller = Caller(class_="pin")
    assert caller.first == Ask(("code",), 6, "#", 6000, 3000, 0, secret=True)
    assert isinstance(caller.keys("1234"), Ask), "a figure must not come here, and counts as wrong"
    assert isinstance(caller.keys("xxx"), Ask)
    assert caller.keys("xxxx") == ToQueue("good")
    assert b"xx" not in msgspec.json.encode(caller.session)


def test_codes_are_masked_as_soon_as_one_step_says_so() -> None:
    plain = flow.Flow("a", "code", "en", {"code": PLAIN}, {})
    shy = msgspec.structs.replace(PLAIN, class_="code")
    assert not collecting.masks_codes({"a": plain})
    assert collecting.masks_codes({"a": plain, "b": flow.Flow("b", "c", "en", {"c": shy}, {})})
