"""The stories of the menu: every step of a flow that is not in the small menu of the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from ctid.centre.settings import CentreSettings
from ctid.core import events as ev
from ctid.ivr import flow
from tests.golden.site import ZHANG, phones, settings, talk, wait_in
from tests.golden.transcript import WALL, Scenario

GOOD = "10000008"
"""A customer code that keeps Luhn's rule and the pattern."""
KEEN = msgspec.structs.replace(ZHANG, code=GOOD, grade="A", segment="factory")

CODE = flow.Collect(
    "code", next="by-code", on_fail="service", min=8, max=8, invalid="wrong", silence="nothing",
    check="customer", check_digit="luhn", pattern="1x{7}", again=("code-2", "code-3"),
    confirm="right-1-again-2", read_back="you-keyed", total=20_000,
)  # fmt: skip
BY_CODE = flow.Branch("code_status", {"found": "by-grade", "claimed": "sales"}, otherwise="service")
QUEUES: Mapping[str, flow.AnyStep] = {
    "sales": flow.Queue("sales"),
    "service": flow.Queue("service"),
}


def opened(steps: Mapping[str, flow.AnyStep], start: str, *others: flow.Flow) -> Scenario:
    """The centre is up with this flow and those that it may call; Anna and Bob are ready."""
    scenario = Scenario(centre(steps, start, *others))
    scenario.say(ev.Started("b1", WALL), ev.Inventory(False, (), phones()), after=0)
    for agent in ("anna", "bob"):
        scenario.say(ev.SignInAsked(agent), ev.ReadyAsked(agent), after=100)
    return scenario


def centre(steps: Mapping[str, flow.AnyStep], start: str, *others: flow.Flow) -> CentreSettings:
    main = flow.Flow("main", start, "en", {**steps, **QUEUES}, {})
    flows = {one.id: one for one in (main, *others)}
    return msgspec.structs.replace(settings(), flows=flows, entries={"4000": "main"})


def arrive(scenario: Scenario, number: str = "") -> None:
    scenario.say(ev.CallArrived("c1", "PJSIP/trunk-c1", number, "", "4000"))


def keys(scenario: Scenario, *entries: str, ended: str = "full") -> None:
    """One entry for each question; an empty one is silence."""
    for digits in entries:
        told = ended if digits else "timeout"
        scenario.say(ev.DigitsCollected("c1", digits, told), after=3000)


def with_code() -> Scenario:
    by_grade = flow.Branch("grade", {"A": "sales", "B": "sales"}, otherwise="service")
    scenario = opened({"code": CODE, "by-code": BY_CODE, "by-grade": by_grade}, "code")
    arrive(scenario)
    return scenario


def code_read_back_and_confirmed() -> str:
    """Keyed wrong, other words for the second try, read back, right; a good customer goes to sales,
    and the pop has the way and the tries."""
    s = with_code()
    s.note("the check digit is wrong: no question to the caller or the CRM is worth it")
    keys(s, "10000009")
    keys(s, GOOD, "1")
    s.say(ev.CustomerLookedUp("c1", 1, "found", (KEEN,)), after=30)
    wait_in(s)
    talk(s, "b1-2")
    return s.text


def code_read_back_and_keyed_again() -> str:
    """2 asks for the code once more; a caller who then says nothing hears it again, and after the
    last try goes where callers without a code go."""
    s = with_code()
    keys(s, GOOD, "2", GOOD, "", "")
    wait_in(s, queue="service")
    return s.text


def code_read_back_over_a_restart() -> str:
    """What the caller was asked is in the state; the dialplan falls back, and nobody is lost."""
    s = with_code()
    keys(s, GOOD)
    s.restart()
    s.say(ev.Started("b2", WALL))
    keys(s, "1")
    wait_in(s, queue="")
    return s.text


def code_in_every_wrong_shape() -> str:
    """Too short, no figure, not like the pattern; each costs a try."""
    s = with_code()
    keys(s, "100", ended="timeout")
    keys(s, "1*000008")
    keys(s, "20000006")
    wait_in(s, queue="service")
    return s.text


def code_unknown_to_the_crm() -> str:
    """Three times a code that nobody has: the branch knows that."""
    s = with_code()
    for request in (1, 2, 3):
        keys(s, GOOD, "1")
        s.say(ev.CustomerLookedUp("c1", request, "none", ()), after=30)
    wait_in(s, queue="service")
    return s.text


def code_claimed() -> str:
    """The CRM is silent: the code is taken as claimed, and the branch knows that too."""
    s = with_code()
    keys(s, GOOD, "1")
    s.wait(1500)
    wait_in(s)
    return s.text


def code_masked_on_the_page() -> str:
    """Class code: the record has it whole, the pop its last figures."""
    step = msgspec.structs.replace(CODE, class_="code", confirm="", read_back="", next="sales")
    s = opened({"code": step}, "code")
    arrive(s)
    keys(s, GOOD)
    s.say(ev.CustomerLookedUp("c1", 1, "none", ()), after=30)
    keys(s, GOOD)
    s.say(ev.CustomerLookedUp("c1", 2, "found", (KEEN,)), after=30)
    wait_in(s)
    s.say(ev.CallEnded("c1", "16"), after=3000)
    return s.text


def pin_never_told() -> str:
    """The PBX's side keeps the figures: an x for each is all that comes."""
    pin = flow.Collect(
        "pin", next="sales", on_fail="service", min=4, max=6, invalid="wrong", class_="pin",
        tries=2,
    )  # fmt: skip
    s = opened({"pin": pin}, "pin")
    arrive(s)
    s.note("too short")
    keys(s, "xxx", ended="timeout")
    keys(s, "xxxx", ended="terminator")
    wait_in(s)
    s.say(ev.CallEnded("c1", "16"), after=3000)
    return s.text


def pin_with_a_star() -> str:
    pin = flow.Collect("pin", next="sales", on_fail="service", min=4, max=6, class_="pin", tries=2)
    s = opened({"pin": pin}, "pin")
    arrive(s)
    keys(s, "x*xxx", "")
    wait_in(s, queue="service")
    return s.text


ORDERS = {
    "order": flow.Collect("order", next="note", on_fail="service", max=8, into="order"),
    "note": flow.Set("told", "{order}", next="tell"),
    "tell": flow.Say("digits", "{told}", next="more", before="order-is", after="thanks"),
    "more": flow.Branch("told", {"42": "bye"}, otherwise="sales"),
    "bye": flow.HangUp(),
}


def set_say_and_branch() -> str:
    """A number of an order, remembered, spoken, and what follows depends on it."""
    s = opened(ORDERS, "order")
    arrive(s)
    keys(s, "42", ended="terminator")
    s.say(ev.PromptsPlayed("c1"), after=4000)
    s.say(ev.CallEnded("c1", "16"), after=20)
    return s.text


def say_what_cannot_be_said() -> str:
    """Nobody has set the amount: the step is passed over, or leads where it says."""
    steps: dict[str, flow.AnyStep] = {
        "start": flow.Set("balance", "{order}", next="tell"),
        "tell": flow.Say("number", "{balance}", next="also"),
        "also": flow.Say("amount", "{balance}", next="sales", currency="CNY", on_fail="sorry"),
        "sorry": flow.Play("sorry", next="service"),
    }
    s = opened(steps, "start")
    arrive(s)
    s.say(ev.PromptsPlayed("c1"), after=2000)
    wait_in(s, queue="service")
    return s.text


def branch_on_the_caller() -> str:
    """The language, then the country of the number; a caller from elsewhere goes to service."""
    steps: dict[str, flow.AnyStep] = {
        "start": flow.Branch("language", {"en": "where"}, otherwise="service"),
        "where": flow.Branch("region", {"CN": "sales"}, otherwise="service"),
    }
    s = opened(steps, "start")
    arrive(s, "+8613800138000")
    wait_in(s)
    s.say(ev.CallEnded("c1", "16"))
    s.say(ev.CallArrived("c2", "PJSIP/trunk-c2", "+4930123456", "", "4000"))
    wait_in(s, "c2", queue="service")
    return s.text


ASK = flow.Flow(
    "ask", "which", "en",
    {
        "which": flow.Menu(
            "yes-or-no", {"1": "yes", "2": "no"}, on_fail="no", again=("press-1-or-2",)
        ),
        "yes": flow.Set("mine", "{about}-yes", next="back"),
        "no": flow.Set("mine", "{about}-no", next="back"),
        "back": flow.Return({"answer": "{mine}"}),
    },
    {},
)  # fmt: skip
ASKS: Mapping[str, flow.AnyStep] = {
    "first": flow.Call("ask", next="choose", with_={"about": "news"}),
    "choose": flow.Branch("answer", {"news-yes": "sales"}, otherwise="second"),
    "second": flow.Call("ask", next="choose-again", with_={"about": "help"}),
    "choose-again": flow.Branch("answer", {"help-yes": "service"}, otherwise="bye"),
    "bye": flow.HangUp(),
}


def a_flow_called_twice() -> str:
    """Each time with other arguments; what it sets is its own, what it returns is the caller's."""
    s = opened(ASKS, "first", ASK)
    arrive(s)
    keys(s, "2", "9", "1")
    wait_in(s, queue="service")
    s.say(ev.CallEnded("c1", "16"), after=3000)
    return s.text


def a_flow_called_over_a_restart() -> str:
    """Where to return to is in the state."""
    s = opened(ASKS, "first", ASK)
    arrive(s)
    s.restart()
    keys(s, "2")
    keys(s, "2")
    return s.text


def a_flow_taken_away() -> str:
    """New settings without the flow that the caller is in: on to the fallback queue."""
    s = opened(ASKS, "first", ASK)
    arrive(s)
    s.settings = centre({"sales": flow.Queue("sales")}, "sales")
    s.restart()
    keys(s, "1")
    wait_in(s, queue="service")
    return s.text


IVR: tuple[Callable[[], str], ...] = (
    code_read_back_and_confirmed, code_read_back_and_keyed_again, code_read_back_over_a_restart,
    code_in_every_wrong_shape, code_unknown_to_the_crm, code_claimed, code_masked_on_the_page,
    pin_never_told, pin_with_a_star, set_say_and_branch, say_what_cannot_be_said,
    branch_on_the_caller, a_flow_called_twice, a_flow_called_over_a_restart, a_flow_taken_away,
)  # fmt: skip
