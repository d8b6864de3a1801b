"""The stories of callbacks: the place is kept, the customer is dialled once, and told the truth."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from ctid.acd.callback import CallbackRules
from ctid.acd.overflow import Overflow, Rule, ToCallback
from ctid.core import events as ev
from ctid.core.callbacks import CallbackAgreed, CallbackCancelAsked, CustomerDialled
from ctid.core.records import ChannelFact
from ctid.core.supervision import Supervisor
from tests.golden.site import phones, settings, talk, to_sales, wait_in
from tests.golden.transcript import WALL, Scenario

RETRY = 600_000
LI, WANG = "+8613900139000", "+8613700137000"
EVE = Supervisor("eve", "Eve")


def opened(rules: CallbackRules | None = None) -> Scenario:
    """The centre is up; 1 asks for a callback in sales, and nobody is signed in."""
    site = settings()
    queues = tuple(
        msgspec.structs.replace(
            queue,
            overflow=Overflow((Rule(ToCallback(), "key", key="1"),)),
            callback=rules or CallbackRules(attempts=2),
        )
        for queue in site.acd.queues
    )
    acd = msgspec.structs.replace(site.acd, queues=queues)
    scenario = Scenario(msgspec.structs.replace(site, acd=acd))
    scenario.say(ev.Started("b1", WALL), ev.Inventory(False, (), phones()), after=0)
    return scenario


def ready(s: Scenario, agent: str) -> None:
    s.say(ev.SignInAsked(agent), ev.ReadyAsked(agent), after=100)


def calls(s: Scenario, call: str, number: str) -> None:
    """A caller with this number waits in sales."""
    s.say(ev.CallArrived(call, f"PJSIP/trunk-{call}", number, "", "4001"))
    s.say(ev.CustomerLookedUp(call, 1, "none", ()), after=10)
    wait_in(s, call)


def asks(s: Scenario, call: str = "c1", number: str = LI) -> None:
    """And asks for a callback, gets the promise, and hangs up."""
    calls(s, call, number)
    s.say(ev.KeyPressed(call, "1"), after=5_000)
    s.say(ev.CallDiverted(call, "callback", 1), after=20)
    s.say(CallbackAgreed(call, 1), after=6_000)
    s.say(ev.CallDiverted(call, "message", 2), after=20)
    s.say(ev.CallEnded(call, "16"), after=3_000)


def newest(s: Scenario) -> tuple[str, str]:
    """The offer that was made last, and its call."""
    offer = list(s.centre.router.offers.values())[-1]
    return offer.id, offer.call


def dialled(s: Scenario) -> tuple[str, str]:
    """The agent picks up, and the customer's phone rings. The offer and its call."""
    offer, call = newest(s)
    s.say(ev.AgentRinging(offer), after=30)
    s.say(ev.AgentAnswered(offer), after=2_000)
    s.say(CustomerDialled(call, f"PJSIP/trunk-{call}"), after=50)
    return offer, call


def callback_keeps_its_place() -> str:
    """c1 was first and is first; c2, who stayed on the line, is second."""
    s = opened()
    asks(s)
    to_sales(s, "c2")
    s.note("Anna gets the one who was first, and the customer answers")
    ready(s, "anna")
    offer, call = dialled(s)
    s.say(ev.CallBridged(offer), after=9_000)
    s.say(ev.CallEnded(call, "16"), after=60_000)
    s.say(ev.LegEnded(offer, "hangup"), after=5)
    s.wait(10_000)
    return s.text


def callback_behind_those_who_were_ahead() -> str:
    """Whoever was ahead and stayed on the line is taken first."""
    s = opened()
    to_sales(s, "c0")
    asks(s)
    ready(s, "anna")
    offer, _ = newest(s)
    talk(s, offer)
    s.say(ev.CallEnded("c0", "16"), after=5_000)
    s.say(ev.LegEnded(offer, "hangup"), after=5)
    s.wait(10_000)
    return s.text


def callback_in_vain() -> str:
    """Busy, and tried again after ten minutes; then nobody answers, and it is given up."""
    s = opened()
    ready(s, "anna")
    s.say(ev.BreakAsked("anna", "lunch"))
    asks(s)
    s.say(ev.ReadyAsked("anna"))
    offer, call = dialled(s)
    s.note("the end of the customer's line comes first, or that of the agent's")
    s.say(ev.CallEnded(call, "17"), after=4_000)
    s.say(ev.LegEnded(offer, "caller_gone"), after=5)
    s.wait(RETRY)
    offer, call = dialled(s)
    s.say(ev.LegEnded(offer, "caller_gone"), after=30_000)
    s.say(ev.CallEnded(call, "19"), after=5)
    s.wait(RETRY)
    return s.text


def callback_not_dialled() -> str:
    """The agent does not answer, or declines: the customer's phone never rang, and Bob has it."""
    s = opened()
    asks(s)
    ready(s, "anna")
    ready(s, "bob")
    offer, _ = newest(s)
    s.say(ev.LegEnded(offer, "no_answer"), after=20_000)
    s.say(ev.HangUpAsked("bob"))
    offer, _ = newest(s)
    s.say(ev.LegEnded(offer, "hangup"), after=10)
    s.wait(6_000)
    return s.text


def callback_agent_hangs_up_while_it_rings() -> str:
    """That counts: the customer may have seen the call."""
    s = opened()
    asks(s)
    ready(s, "anna")
    offer, call = dialled(s)
    s.say(ev.HangUpAsked("anna"), after=3_000)
    s.say(ev.LegEnded(offer, "hangup"), after=5)
    s.say(ev.CallEnded(call, "0"), after=5)
    return s.text


def callback_refused() -> str:
    """No number, or one that has a callback already: told so, and the wait goes on."""
    s = opened()
    to_sales(s)
    s.say(ev.KeyPressed("c1", "1"))
    s.note("two people behind one number: one callback")
    calls(s, "c3", WANG)
    asks(s, "c2", WANG)
    s.say(ev.KeyPressed("c3", "1"))
    return s.text


def callback_not_confirmed() -> str:
    """Another key, or none: the caller is back at the old place, and may ask again."""
    s = opened()
    calls(s, "c1", LI)
    s.say(ev.KeyPressed("c1", "1"), after=5_000)
    s.say(ev.CallDiverted("c1", "callback", 1), after=20)
    since = WALL + 1_060
    s.say(ev.CallWaiting("c1", "PJSIP/trunk-c1", "sales", since, moves=1), after=12_000)
    s.say(ev.KeyPressed("c1", "1"))
    s.say(ev.CallDiverted("c1", "callback", 2), after=20)
    s.note("hangs up without a word: abandoned")
    s.say(ev.CallEnded("c1", "16"), after=3_000)
    return s.text


def callback_calls_in() -> str:
    """The customer calls before it was their turn: the place is theirs, the callback is over."""
    s = opened()
    asks(s)
    to_sales(s, "c2")
    calls(s, "c3", LI)
    ready(s, "anna")
    s.note("while the customer is dialled it is too late for that, but no other attempt follows")
    asks(s, "c4", WANG)
    s.say(ev.CallEnded("c2", "16"))
    ready(s, "bob")
    offer, call = dialled(s)
    calls(s, "c5", WANG)
    s.say(ev.CallEnded(call, "17"), ev.LegEnded(offer, "caller_gone"), after=1_000)
    return s.text


def callback_out_of_hours() -> str:
    """Asked for at noon, and nobody is ready until the evening: tried in the morning."""
    s = opened(CallbackRules(hours="office"))
    asks(s)
    s.wait(6 * 3_600_000)
    ready(s, "anna")
    s.note("nothing happens in the night but looks at the clock")
    s.wait(15 * 3_600_000)
    return (
        "\n".join(
            line for line in s.lines if not line.endswith("= deadlines") and "Fairness" not in line
        ).strip()
        + "\n"
    )


def callback_cancelled() -> str:
    """By a supervisor, in line and between two attempts, but not while the customer is dialled."""
    s = opened()
    asks(s)
    s.say(CallbackCancelAsked(EVE, "c1"))
    s.say(CallbackCancelAsked(EVE, "c1"))
    asks(s, "c2", WANG)
    ready(s, "anna")
    offer, call = dialled(s)
    s.say(CallbackCancelAsked(EVE, "c2"))
    s.say(ev.CallEnded(call, "17"), ev.LegEnded(offer, "caller_gone"), after=2_000)
    s.say(CallbackCancelAsked(EVE, "c2"))
    return s.text


def callback_killed_in_mid_dial() -> str:
    """What became of the attempt nobody saw: it counts, and is not made again at once."""
    s = opened()
    asks(s)
    asks(s, "c2", WANG)
    ready(s, "anna")
    ready(s, "bob")
    other, call = newest(s)
    first = next(iter(s.centre.router.offers.values()))
    s.say(ev.AgentAnswered(first.id), after=2_000)
    s.say(CustomerDialled(first.call, "PJSIP/trunk-8"), after=50)
    s.restart()
    s.say(ev.Started("b2", WALL), after=20_000)
    s.note("c1's attempt is over unseen; c2 talks to Bob by now")
    channels = (
        ChannelFact("PJSIP/trunk-9", call, "caller", "talking", queue="sales", bridge="b"),
        ChannelFact(
            "PJSIP/1002-1", other, "agent", "talking", call=call, phone="PJSIP/1002",
            bridge="b",
        ),
    )  # fmt: skip
    s.say(ev.Inventory(False, channels, phones(bob="in_use")), after=200)
    s.wait(RETRY)
    return s.text


def callback_customer_without_an_agent() -> str:
    """The customer answers in the moment in which the agent is lost: a caller like any other."""
    s = opened()
    asks(s)
    ready(s, "anna")
    offer, call = dialled(s)
    s.say(ev.CallWaiting(call, "PJSIP/trunk-9", "sales", WALL + 1_060), after=9_000)
    s.say(ev.LegEnded(offer, "caller_gone"), after=5)
    ready(s, "bob")
    s.wait(5_000)
    return s.text


def callback_in_a_talk_that_nobody_knows() -> str:
    """Nothing is heard of the attempt until the inventory shows the customer talking, to whom it
    cannot say: reached, and not dialled again."""
    s = opened()
    asks(s)
    ready(s, "anna")
    _, call = newest(s)
    s.wait(26_000)
    talking = ChannelFact("PJSIP/trunk-9", call, "caller", "talking", queue="sales", bridge="b")
    s.say(ev.Inventory(False, (talking,), phones()))
    s.say(ev.CallEnded(call, "16"), after=30_000)
    s.wait(RETRY)
    return s.text


CALLBACKS: tuple[Callable[[], str], ...] = (
    callback_keeps_its_place, callback_behind_those_who_were_ahead, callback_in_vain,
    callback_not_dialled, callback_agent_hangs_up_while_it_rings, callback_refused,
    callback_not_confirmed, callback_calls_in, callback_out_of_hours, callback_cancelled,
    callback_killed_in_mid_dial, callback_customer_without_an_agent,
    callback_in_a_talk_that_nobody_knows,
)  # fmt: skip
