"""The stories of the step that asks the CRM who calls."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from ctid.core import events as ev
from ctid.ivr import flow
from tests.golden.ivr import keys, opened
from tests.golden.site import LI, ZHANG, wait_in
from tests.golden.transcript import Scenario

SPEAKS_CHINESE = msgspec.structs.replace(ZHANG, language="zh", grade="A")
BY_NUMBER: dict[str, flow.AnyStep] = {
    "who": flow.LookUp("greet", "stranger", "sales", many="which", language=True),
    "greet": flow.Branch("grade", {"A": "hello-again"}, otherwise="sales"),
    "hello-again": flow.Play("hello-again", next="sales"),
    "which": flow.Play("which-of-you", next="sales"),
    "stranger": flow.Play("hello", next="service"),
}
BY_CODE: dict[str, flow.AnyStep] = {
    "card": flow.Collect("card", next="who", on_fail="service", min=6, max=6, into="card"),
    "who": flow.LookUp(
        "sales", "card-again", "service", by="code", value="{card}", many="service"
    ),
    "card-again": flow.Collect("card", next="once-more", on_fail="service", min=6, max=6),
    "once-more": flow.LookUp("sales", "service", "service", by="code"),
}  # fmt: skip


def arrived(steps: dict[str, flow.AnyStep], number: str = "+8613800138000") -> Scenario:
    s = opened(steps, next(iter(steps)))
    s.say(ev.CallArrived("c1", "PJSIP/trunk-c1", number, "", "4000"))
    return s


def looked_up_by_number() -> str:
    """The look-up that began with the call is waited for: there is one. A good customer is greeted
    in their language, which the file did not begin in."""
    s = arrived(BY_NUMBER)
    s.say(ev.CustomerLookedUp("c1", 1, "found", (SPEAKS_CHINESE,)), after=300)
    s.say(ev.PromptsPlayed("c1"), after=2_000)
    wait_in(s)
    return s.text


def looked_up_and_known_already() -> str:
    """The answer is there before the step is: nobody is asked again."""
    s = arrived({"welcome": flow.Play("welcome", next="who"), **BY_NUMBER})
    s.say(ev.CustomerLookedUp("c1", 1, "none", ()), after=300)
    s.say(ev.PromptsPlayed("c1"), after=2_000)
    return s.text


def looked_up_and_several() -> str:
    two = (ZHANG, msgspec.structs.replace(LI, numbers=ZHANG.numbers, language="zh"))
    s = arrived(BY_NUMBER)
    s.say(ev.CustomerLookedUp("c1", 1, "many", two), after=300)
    return s.text


def looked_up_without_a_number() -> str:
    """There is nothing to ask for."""
    return arrived(BY_NUMBER, "").text


def looked_up_in_silence() -> str:
    """The CRM does not answer within the budget: on at on_fail; its late answer still goes to the
    screen."""
    s = arrived(BY_NUMBER)
    s.wait(1_500)
    s.say(ev.CustomerLookedUp("c1", 1, "found", (SPEAKS_CHINESE,)), after=300)
    wait_in(s)
    return s.text


def looked_up_once_more_after_silence() -> str:
    """An answer that did not come before is asked for again."""
    s = arrived({"welcome": flow.Play("welcome", next="who"), **BY_NUMBER})
    s.say(ev.CustomerLookedUp("c1", 1, "unavailable", ()), after=300)
    s.say(ev.PromptsPlayed("c1"), after=2_000)
    s.say(ev.CustomerLookedUp("c1", 2, "unavailable", ()), after=300)
    wait_in(s)
    return s.text


def looked_up_by_code() -> str:
    """The number of a card that was keyed into a variable, found to be nobody's; then the code
    itself, which is."""
    s = arrived(BY_CODE, "")
    keys(s, "999999")
    s.say(ev.CustomerLookedUp("c1", 1, "none", ()), after=300)
    keys(s, "100001")
    s.say(ev.CustomerLookedUp("c1", 2, "found", (ZHANG,)), after=300)
    wait_in(s)
    return s.text


def looked_up_by_a_code_of_nobody_although_the_number_is_known() -> str:
    s = arrived(BY_CODE)
    s.say(ev.CustomerLookedUp("c1", 1, "found", (ZHANG,)), after=300)
    keys(s, "999999")
    s.say(ev.CustomerLookedUp("c1", 2, "found", (ZHANG,)), after=300)
    s.note("asked for the code of the customer on the screen")
    keys(s, "100001")
    s.say(ev.CustomerLookedUp("c1", 3, "found", (ZHANG,)), after=300)
    wait_in(s)
    return s.text


def looked_up_by_no_code() -> str:
    """Nobody has given one."""
    steps = {"who": flow.LookUp("sales", "service", "sales", by="code")}
    return arrived(steps).text


def looked_up_over_a_restart() -> str:
    """The process that asked is gone: the dialplan falls back."""
    s = arrived(BY_NUMBER)
    s.restart()
    s.say(ev.Started("b2", 1_767_614_400_000))
    s.say(ev.CustomerLookedUp("c1", 1, "found", (SPEAKS_CHINESE,)), after=300)
    wait_in(s)
    return s.text


def looked_up_and_hung_up() -> str:
    s = arrived(BY_NUMBER)
    s.say(ev.CallEnded("c1", "16"), after=300)
    s.say(ev.CustomerLookedUp("c1", 1, "found", (SPEAKS_CHINESE,)), after=300)
    s.wait(5_000)
    return s.text


LOOK_UP: tuple[Callable[[], str], ...] = (
    looked_up_by_number, looked_up_and_known_already, looked_up_and_several,
    looked_up_without_a_number, looked_up_in_silence, looked_up_once_more_after_silence,
    looked_up_by_code, looked_up_by_a_code_of_nobody_although_the_number_is_known,
    looked_up_by_no_code, looked_up_over_a_restart, looked_up_and_hung_up,
)  # fmt: skip
