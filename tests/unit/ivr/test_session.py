"""One caller in a flow: every way through the steps."""

import pytest

from ctid.core.errors import IllegalTransition
from ctid.core.records import LookUpStatus
from ctid.ivr import flow
from ctid.ivr.actions import Action, Ask, Check, End, Say, ToQueue
from ctid.ivr.hours import Hours
from ctid.ivr.session import Session
from ctid.ivr.walker import MAX_STEPS, Walker

STEPS: dict[str, flow.AnyStep] = {
    "hours": flow.Hours("office", open="hello", closed="bye"),
    "hello": flow.Play("hello", next="menu"),
    "menu": flow.Menu(
        "which", {"1": "code", "2": "chinese", "#": "bye"}, on_fail="queue", invalid="wrong",
        silence="nothing", tries=3,
    ),
    "chinese": flow.Language("zh-CN", next="queue"),
    "code": flow.Collect(
        "code", next="queue", on_fail="bye", min=4, max=6, tries=2, invalid="wrong",
        check="customer",
    ),
    "queue": flow.Queue("sales"),
    "bye": flow.HangUp(),
    "loop": flow.Language("en", next="menu2"),
    "menu2": flow.Menu("which", {"1": "loop"}, on_fail="bye"),
}  # fmt: skip
OPEN = (((0, 1440),),) * 7
NOBODY = ((),) * 7


def walker(*, is_open: bool = True, start: str = "hours") -> Walker:
    hours = Hours("office", "UTC", OPEN if is_open else NOBODY)
    return Walker({"f": flow.Flow("f", start, "en", STEPS, {})}, {"office": hours})


def at(step: str) -> tuple[Walker, Session, Action]:
    made = walker(start=step)
    session, action = made.begin("f", 0)
    return made, session, action


def test_open_and_closed() -> None:
    session, action = walker().begin("f", 0)
    assert action == Say(("hello",))
    assert session.path == ["hours", "hello"]
    assert walker(is_open=False).begin("f", 0)[1] == End()


def test_played() -> None:
    made, session, _ = at("hello")
    assert made.played(session, 0) == Ask(("which",), 1, "", 5000, 5000)
    assert session.step == "menu"


def test_a_key_and_the_path() -> None:
    made, session, _ = at("menu")
    assert made.collected(session, "2", "full", 0) == ToQueue("sales")
    assert session.path == ["menu=2", "chinese", "queue"]
    assert session.language == "zh-CN"


def test_the_hash_key_of_a_menu() -> None:
    made, session, _ = at("menu")
    assert made.collected(session, "", "terminator", 0) == End()


def test_wrong_and_missing_keys_until_the_tries_are_over() -> None:
    made, session, _ = at("menu")
    assert made.collected(session, "9", "full", 0) == Ask(("wrong", "which"), 1, "", 5000, 5000)
    again = made.collected(session, "", "timeout", 0)
    assert again == Ask(("nothing", "which"), 1, "", 5000, 5000)
    assert made.collected(session, "9", "full", 0) == ToQueue("sales")
    assert session.path == ["menu!", "queue"]


def test_a_code_is_checked_before_it_is_taken() -> None:
    made, session, action = at("code")
    assert action == Ask(("code",), 6, "#", 6000, 3000)
    assert made.collected(session, "1234", "terminator", 0) == Check("1234")
    assert (session.code, session.pending, made.awaits(session)) == ("", "1234", "checked")
    assert made.checked(session, "found", 0) == ToQueue("sales")
    assert (session.code, session.pending) == ("1234", "")


@pytest.mark.parametrize("status", ["timeout", "unavailable", "many", "found"])
def test_only_a_clear_no_refuses_a_code(status: LookUpStatus) -> None:
    made, session, _ = at("code")
    made.collected(session, "1234", "full", 0)
    assert made.checked(session, status, 0) == ToQueue("sales")


def test_unknown_codes_until_the_tries_are_over() -> None:
    made, session, _ = at("code")
    made.collected(session, "1234", "full", 0)
    assert made.checked(session, "none", 0) == Ask(("wrong", "code"), 6, "#", 6000, 3000)
    assert session.pending == ""
    made.collected(session, "1235", "full", 0)
    assert made.checked(session, "none", 0) == End()
    assert (session.code, session.path) == ("", ["code!", "bye"])


@pytest.mark.parametrize("digits", ["123", "1234567", "12a4", "12*4", "１２３４", "١٢٣٤"])
def test_what_is_no_code_is_not_even_checked(digits: str) -> None:
    made, session, _ = at("code")
    assert isinstance(made.collected(session, digits, "full", 0), Ask)


def test_silence_says_no_wrong_code() -> None:
    made, session, _ = at("code")
    assert made.collected(session, "", "timeout", 0) == Ask(("code",), 6, "#", 6000, 3000)


def test_what_a_session_awaits() -> None:
    awaited = [made.awaits(session) for made, session, _ in map(at, ("hello", "menu", "code"))]
    assert awaited == ["played", "collected", "collected"]


def test_facts_that_no_step_awaits_are_a_defect_of_the_caller() -> None:
    made, session, _ = at("menu")
    with pytest.raises(IllegalTransition):
        made.played(session, 0)
    with pytest.raises(IllegalTransition):
        made.checked(session, "found", 0)
    made, session, _ = at("hello")
    with pytest.raises(IllegalTransition):
        made.collected(session, "1", "full", 0)


def test_nobody_stays_in_a_menu_for_ever() -> None:
    made, session, action = at("loop")
    for _ in range(MAX_STEPS):
        if action == End():
            break
        action = made.collected(session, "1", "full", 0)
    assert action == End()
    assert len(session.path) == MAX_STEPS + 1
