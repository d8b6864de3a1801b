"""What may be said to a question, and what of it counts."""

import msgspec
import pytest

from ctid.ivr import flow
from ctid.ivr.actions import Ask, Lost, ToQueue
from ctid.ivr.speech_problems import collect_problems, menu_problems, speech_doubts
from ctid.ivr.speech_rules import SpeechRules
from ctid.ivr.walker import Walker

MENU = flow.Menu(
    "which", {"1": "sales", "2": "service"}, on_fail="bye", invalid="wrong",
    words={"en": {"Sales": "1", "customer service": "2"}, "zh-CN": {"销售": "1"}},
)  # fmt: skip
CODE = flow.Collect("code", next="sales", on_fail="bye", min=4, max=6, speech=True, unsure="keys")
PIN = flow.Collect("pin", next="sales", on_fail="bye", class_="pin")
STEPS: dict[str, flow.AnyStep] = {
    "menu": MENU, "code": CODE, "pin": PIN,
    "survey": flow.Survey("how", next="bye", on_fail="bye"),
    "sales": flow.Queue("sales"), "service": flow.Queue("service"), "bye": flow.HangUp(),
}  # fmt: skip


def walker(start: str) -> Walker:
    return Walker({"f": flow.Flow("f", start, "en", STEPS, {})}, {})


def test_the_words_of_the_caller_s_language() -> None:
    made = walker("menu")
    session, _ = made.begin("f", 0)
    assert made.listens(session) == "en words sales|customer service"
    session, _ = made.begin("f", 0, "zh-CN")
    assert made.listens(session) == "zh-CN words 销售"
    assert made.spoken(session, "销售", True, 0) == ToQueue("sales")


def test_nobody_listens_for_a_pin_or_a_score() -> None:
    for start in ("pin", "survey"):
        made = walker(start)
        session, _ = made.begin("f", 0)
        assert made.listens(session) == ""
        assert isinstance(made.spoken(session, "1", True, 0), Ask)
        assert not session.answers
        assert session.tries == 1, "silence, as far as this question goes"


def test_whoever_was_not_understood_is_asked_for_keys() -> None:
    made = walker("code")
    session, _ = made.begin("f", 0)
    assert made.listens(session) == "en digits 4 6"
    again = made.spoken(session, "1234", False, 0)
    assert isinstance(again, Ask)
    assert again.prompts == ("keys", "code")
    assert made.listens(session) == ""
    assert session.tries == 1
    assert made.collected(session, "1234", "terminator", 0) == ToQueue("sales")
    assert session.code == "1234"


def test_the_next_question_may_be_answered_by_word_again() -> None:
    steps = {**STEPS, "menu": msgspec.structs.replace(MENU, keys={"1": "code"}, on_fail="code")}
    made = Walker({"f": flow.Flow("f", "menu", "en", steps, {})}, {})
    session, _ = made.begin("f", 0)
    made.spoken(session, "", False, 0)
    assert made.listens(session) == ""
    made.collected(session, "1", "full", 0)
    assert made.listens(session) == "en digits 4 6"


def test_a_step_that_a_reload_took_away() -> None:
    session, _ = walker("menu").begin("f", 0)
    bare = Walker({"f": flow.Flow("f", "bye", "en", {"bye": flow.HangUp()}, {})}, {})
    assert bare.listens(session) == ""
    assert bare.spoken(session, "sales", True, 0) == Lost("f/menu")


@pytest.mark.parametrize(
    ("changes", "field", "what"),
    [
        ({"words": {"en": {}}}, "words.en", "has no words"),
        ({"words": {"fr": {"ventes": "1"}}}, "words.fr", "no language of ours"),
        ({"words": {"en": {"sales": "7"}}}, "words.en.sales", "the key '7'"),
        ({"words": {"en": {"a,b": "1"}}}, "words.en", "small letters"),
        ({"words": {"en": {"Sales": "1", "sales": "2"}}}, "words.en", "there twice"),
        ({"words": {"en": {f"{'x' * 55} {chr(97 + n)}": "1" for n in range(20)}}}, "words.en",
         "over 1000 characters"),
        ({"words": {}, "unsure": "keys"}, "unsure", "menus with words"),
    ],
)  # fmt: skip
def test_wrong_words_of_a_menu(changes: dict[str, object], field: str, what: str) -> None:
    [(at, told)] = menu_problems(msgspec.structs.replace(MENU, **changes))
    assert at == field
    assert what in told
    assert not menu_problems(MENU)


@pytest.mark.parametrize(
    ("changes", "field", "what"),
    [
        ({"class_": "pin"}, "speech", "PIN"),
        ({"max": 33}, "speech", "33 figures"),
        ({"speech": False}, "unsure", "speech = true"),
    ],
)
def test_wrong_figures(changes: dict[str, object], field: str, what: str) -> None:
    [(at, told)] = collect_problems(msgspec.structs.replace(CODE, **changes))
    assert at == field
    assert what in told
    assert not collect_problems(CODE)


def test_words_that_nobody_listens_to() -> None:
    made = flow.Flow("f", "menu", "en", STEPS, {})
    assert [line.partition(":")[0] for line in speech_doubts(made, SpeechRules())] == [
        "steps.menu.words", "steps.code.speech"
    ]  # fmt: skip
    [line] = speech_doubts(made, SpeechRules(("en",)))
    assert line.startswith("steps.menu.words.zh-CN: ")
    assert not speech_doubts(made, SpeechRules(("en", "zh-CN")))
