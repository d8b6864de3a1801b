"""Answers by word: understood, not understood, out of place, and overtaken by a key."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from ctid.core import events as ev
from ctid.ivr import flow
from ctid.ivr.speech_rules import SpeechRules
from tests.golden.ivr import BY_CODE, CODE, centre
from tests.golden.site import phones, wait_in
from tests.golden.transcript import WALL, Scenario

WHICH = flow.Menu(
    "which", {"1": "sales", "2": "service"}, on_fail="service", invalid="wrong",
    silence="nothing", words={"en": {"Sales": "1", "customer service": "2"}}, unsure="by-keys",
)  # fmt: skip
ORDER = msgspec.structs.replace(
    CODE, check="", check_digit="", pattern="", speech=True, into="order", next="sales"
)


def spoken(start: str) -> Scenario:
    """A caller stands before a question that may be answered by word."""
    steps: dict[str, flow.AnyStep] = {
        "which": WHICH, "order": ORDER, "by-code": BY_CODE,
        "chinese": flow.Language("zh-CN", next="which"),
    }  # fmt: skip
    settings = centre(steps, start)
    rules = SpeechRules(("en",), 60)
    scenario = Scenario(msgspec.structs.replace(settings, speech=rules))
    scenario.say(ev.Started("b1", WALL), ev.Inventory(False, (), phones()), after=0)
    scenario.say(ev.CallArrived("c1", "PJSIP/trunk-c1", "", "", "4000"))
    return scenario


def says(s: Scenario, heard: str, sure: int) -> None:
    s.say(ev.DigitsCollected("c1", "", "full", True, heard, sure), after=2500)


def presses(s: Scenario, key: str) -> None:
    s.say(ev.DigitsCollected("c1", key, "full" if key else "timeout"), after=2500)


def speech_understood() -> str:
    """A phrase of the menu stands for its key."""
    s = spoken("which")
    says(s, "customer service", 91)
    wait_in(s, queue="service")
    return s.text


def speech_unsure() -> str:
    """Below `sure` nothing counts: other words, and keys alone, also at the third try."""
    s = spoken("which")
    says(s, "sales", 59)
    presses(s, "7")
    presses(s, "1")
    wait_in(s)
    return s.text


def speech_of_nothing_that_may_be_said() -> str:
    """The caller has spoken, and it was none of the phrases."""
    s = spoken("which")
    says(s, "", 0)
    presses(s, "2")
    wait_in(s, queue="service")
    return s.text


def speech_that_the_menu_does_not_have() -> str:
    """The recogniser is another program: what it tells is held against the flow."""
    s = spoken("which")
    says(s, "operator", 99)
    presses(s, "")
    presses(s, "")
    wait_in(s, queue="service")
    return s.text


def speech_and_a_key() -> str:
    """Who presses a key has not spoken, whatever they said before."""
    s = spoken("which")
    presses(s, "1")
    wait_in(s)
    return s.text


def speech_of_figures() -> str:
    """Read back as figures that were keyed are; who says no to them keys them."""
    s = spoken("order")
    says(s, "10000009", 80)
    presses(s, "2")
    presses(s, "10000008")
    presses(s, "1")
    wait_in(s)
    return s.text


def speech_of_too_few_figures() -> str:
    """They cost a try, as they do when they are keyed."""
    s = spoken("order")
    says(s, "100", 80)
    presses(s, "10000008")
    presses(s, "1")
    wait_in(s)
    return s.text


def speech_in_another_language() -> str:
    """The recogniser knows no Chinese: keys."""
    s = spoken("chinese")
    presses(s, "1")
    wait_in(s)
    return s.text


SPEECH: tuple[Callable[[], str], ...] = (
    speech_understood, speech_unsure, speech_of_nothing_that_may_be_said,
    speech_that_the_menu_does_not_have, speech_and_a_key, speech_of_figures,
    speech_of_too_few_figures, speech_in_another_language,
)  # fmt: skip
