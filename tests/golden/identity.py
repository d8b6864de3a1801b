"""The stories of a PIN: right, wrong, locked, and every way in which nothing comes of it."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from ctid.core import events as ev
from ctid.core.identity import PinChecked, PinStatus
from ctid.core.instants import MINUTE
from ctid.core.records import ChannelFact
from ctid.ivr import flow
from ctid.ivr.identity_rules import IdentityRules, Limit
from tests.golden import ivr
from tests.golden.site import LI, ZHANG, phones, talk, wait_in
from tests.golden.transcript import WALL, Scenario

CODE, NUMBER = ZHANG.code, ZHANG.numbers[0]
PIN = flow.Collect(
    "pin", next="by-identity", on_fail="service", min=4, max=6, invalid="pin-wrong",
    class_="pin", check="pin", locked="sorry",
)  # fmt: skip
STEPS: dict[str, flow.AnyStep] = {
    "code": flow.Collect(
        "code", next="pin", on_fail="pin", min=6, max=6, check="customer", tries=1
    ),
    "pin": PIN,
    "by-identity": flow.Branch("identity", {"verified": "sales"}, otherwise="service"),
    "sorry": flow.Play("no-pin-now", next="service"),
}  # fmt: skip
RULES = IdentityRules(Limit(4, 15 * MINUTE, 30 * MINUTE), Limit(5, 60 * MINUTE, 60 * MINUTE))


def opened() -> Scenario:
    """Code and PIN, then sales for whoever is verified; Anna and Bob are ready."""
    settings = msgspec.structs.replace(ivr.centre(STEPS, "code"), identity=RULES)
    scenario = Scenario(settings)
    scenario.say(ev.Started("b1", WALL), ev.Inventory(False, (), phones()), after=0)
    for agent in ("anna", "bob"):
        scenario.say(ev.SignInAsked(agent), ev.ReadyAsked(agent), after=100)
    return scenario


def arrive(s: Scenario, call: str = "c1", number: str = NUMBER) -> None:
    s.say(ev.CallArrived(call, f"PJSIP/trunk-{call}", number, "", "4000"))


def code(s: Scenario, call: str = "c1", code: str = CODE) -> None:
    """The caller keys the code, and the CRM knows it."""
    s.say(ev.DigitsCollected(call, code, "full"), after=3000)
    request = s.centre.calls[call].request
    card = msgspec.structs.replace(ZHANG, code=code)
    s.say(ev.CustomerLookedUp(call, request, "found", (card,)), after=30)


def pin(s: Scenario, status: PinStatus, call: str = "c1") -> None:
    """The caller keys a PIN, and the CRM says this of it."""
    s.say(ev.DigitsCollected(call, "xxxx", "terminator"), after=3000)
    s.say(PinChecked(call, s.centre.calls[call].pins, status), after=80)


def hung_up(s: Scenario, call: str) -> None:
    s.say(ev.CallEnded(call, "16"))


def pin_right_at_once() -> str:
    """Verified, to sales; the agent sees it, and so does the record."""
    s = opened()
    arrive(s)
    code(s)
    pin(s, "right")
    wait_in(s)
    talk(s, "b1-2")
    hung_up(s, "c1")
    return s.text


def pin_wrong_then_right() -> str:
    s = opened()
    arrive(s)
    code(s)
    pin(s, "wrong")
    s.note("too short: that is no PIN, and the CRM is not asked")
    s.say(ev.DigitsCollected("c1", "xx", "timeout"))
    pin(s, "right")
    wait_in(s)
    return s.text


def pin_wrong_three_times() -> str:
    """On to an agent, who sees that nothing is proved."""
    s = opened()
    arrive(s)
    code(s)
    for _ in range(3):
        pin(s, "wrong")
    wait_in(s, queue="service")
    talk(s, "b1-2")
    return s.text


def pin_of_a_locked_caller() -> str:
    """Four wrong ones from one number, over two calls: the next call is asked for no PIN, until the
    lock is over. The agent is reached all the same."""
    s = opened()
    for call in ("c1", "c2"):
        arrive(s, call)
        code(s, call)
        pin(s, "wrong", call)
        pin(s, "wrong", call)
        hung_up(s, call)
    s.note("another code does not help")
    arrive(s, "c3")
    code(s, "c3", LI.code)
    s.say(ev.PromptsPlayed("c3"), after=2000)
    wait_in(s, "c3", queue="service")
    hung_up(s, "c3")
    s.note("half an hour later")
    s.wait(30 * MINUTE)
    arrive(s, "c4")
    code(s, "c4")
    pin(s, "right", "c4")
    return s.text


def pin_of_a_locked_code() -> str:
    """Five wrong ones for one code from hidden numbers, which are not locked themselves."""
    s = opened()
    for n, wrong in ((1, 3), (2, 2)):
        arrive(s, f"c{n}", "")
        code(s, f"c{n}")
        for _ in range(wrong):
            pin(s, "wrong", f"c{n}")
        if n == 1:
            hung_up(s, "c1")
    s.note("the fifth was the caller's second try: there is no third")
    s.say(ev.PromptsPlayed("c2"), after=2000)
    wait_in(s, "c2", queue="service")
    s.note("the customer cannot be verified now, and is served")
    arrive(s, "c3")
    code(s, "c3")
    s.say(ev.PromptsPlayed("c3"), after=2000)
    s.note("another hidden caller with another code can")
    arrive(s, "c4", "")
    code(s, "c4", LI.code)
    pin(s, "right", "c4")
    return s.text


def pin_locked_while_it_is_keyed() -> str:
    """Another call locks the code between the question and the keys: nobody looks at them."""
    s = opened()
    for n in (1, 2):
        arrive(s, f"c{n}", "")
        code(s, f"c{n}")
    pin(s, "wrong", "c1")
    pin(s, "wrong", "c1")
    pin(s, "wrong", "c2")
    pin(s, "wrong", "c2")
    pin(s, "wrong", "c1")
    s.say(ev.DigitsCollected("c2", "xxxx", "terminator"), after=1000)
    return s.text


def pin_and_the_crm_is_silent() -> str:
    """Nothing is proved, and the try is given back; an answer that comes late is old."""
    s = opened()
    arrive(s)
    code(s)
    s.say(ev.DigitsCollected("c1", "xxxx", "terminator"), after=3000)
    s.wait(4000)
    s.say(PinChecked("c1", 1, "right"))
    wait_in(s, queue="service")
    return s.text


def pin_that_is_not_set() -> str:
    s = opened()
    arrive(s)
    code(s)
    pin(s, "unset")
    wait_in(s, queue="service")
    return s.text


def pin_without_a_code() -> str:
    """The caller has given no code, so there is nothing that a PIN could prove."""
    s = opened()
    arrive(s)
    s.say(ev.DigitsCollected("c1", "", "timeout"), after=6000)
    wait_in(s, queue="service")
    return s.text


def pin_answered_out_of_turn() -> str:
    """Old, doubled and foreign answers change nothing."""
    s = opened()
    arrive(s)
    s.say(PinChecked("c1", 1, "right"), PinChecked("c9", 1, "right"))
    code(s)
    s.say(PinChecked("c1", 0, "right"))
    pin(s, "wrong")
    s.say(PinChecked("c1", 1, "right"))
    s.say(ev.DigitsCollected("c1", "xxxx", "terminator"))
    s.say(PinChecked("c1", 1, "right"))
    s.say(PinChecked("c1", 2, "wrong"), PinChecked("c1", 2, "right"))
    return s.text


def pin_and_the_caller_hangs_up() -> str:
    """While it is being checked: the record says claimed, and the try counts."""
    s = opened()
    arrive(s)
    code(s)
    s.say(ev.DigitsCollected("c1", "xxxx", "terminator"))
    hung_up(s, "c1")
    s.say(PinChecked("c1", 1, "right"))
    return s.text


def pin_over_a_restart() -> str:
    """The PIN dies with the process that had it; the dialplan falls back, the tries are kept."""
    s = opened()
    arrive(s)
    code(s)
    pin(s, "wrong")
    pin(s, "wrong")
    s.say(ev.DigitsCollected("c1", "xxxx", "terminator"))
    s.restart()
    s.say(ev.Started("b2", WALL))
    s.say(PinChecked("c1", 3, "right"))
    wait_in(s, queue="service")
    hung_up(s, "c1")
    arrive(s, "c2")
    code(s, "c2")
    pin(s, "wrong", "c2")
    return s.text


def verified_over_a_restart() -> str:
    """What our own journal says holds; a caller whom only the PBX knows is claimed at most."""
    s = opened()
    arrive(s)
    code(s)
    pin(s, "right")
    s.restart()
    s.say(ev.Started("b2", WALL))
    here = [
        ChannelFact(
            f"PJSIP/trunk-{call}", call, "caller", "queue", queue="sales", since=WALL, code=CODE,
            number=NUMBER,
        )
        for call in ("c1", "c2")
    ]  # fmt: skip
    s.say(ev.Inventory(False, tuple(here), phones()))
    return s.text


def verified_until_another_code() -> str:
    """Further rounds through the flow: the same code stays proved, until its PIN is keyed wrong;
    another code is only claimed."""
    again: dict[str, flow.AnyStep] = {
        **STEPS,
        "by-identity": flow.Menu("more", {"1": "code"}, on_fail="sales"),
    }
    settings = msgspec.structs.replace(ivr.centre(again, "code"), identity=RULES)
    s = Scenario(settings)
    s.say(ev.Started("b1", WALL), ev.Inventory(False, (), phones()), after=0)
    arrive(s)
    code(s)
    pin(s, "right")
    s.say(ev.DigitsCollected("c1", "1", "full"))
    code(s)
    s.note(f"still {s.centre.calls['c1'].identity}")
    pin(s, "wrong")
    s.note(f"{s.centre.calls['c1'].identity} after a wrong PIN")
    pin(s, "right")
    s.say(ev.DigitsCollected("c1", "1", "full"))
    code(s, code=LI.code)
    s.note(f"{s.centre.calls['c1'].identity} with another code")
    s.say(ev.DigitsCollected("c1", "", "timeout"))
    return s.text


def verified_by_a_code_that_the_crm_found_late() -> str:
    """The look-up by code was silent, so the card is the number's; once the PIN has proved the
    code, the CRM is asked for its customer again."""
    s = opened()
    arrive(s)
    s.say(ev.CustomerLookedUp("c1", 1, "found", (LI,)), after=30)
    s.say(ev.DigitsCollected("c1", CODE, "full"), after=3000)
    s.wait(1500)
    pin(s, "right")
    s.say(ev.CustomerLookedUp("c1", 3, "found", (ZHANG,)), after=30)
    wait_in(s)
    return s.text


IDENTITY: tuple[Callable[[], str], ...] = (
    pin_right_at_once, pin_wrong_then_right, pin_wrong_three_times, pin_of_a_locked_caller,
    pin_of_a_locked_code, pin_locked_while_it_is_keyed, pin_and_the_crm_is_silent,
    pin_that_is_not_set, pin_without_a_code, pin_answered_out_of_turn, pin_and_the_caller_hangs_up,
    pin_over_a_restart, verified_over_a_restart, verified_until_another_code,
    verified_by_a_code_that_the_crm_found_late,
)  # fmt: skip
