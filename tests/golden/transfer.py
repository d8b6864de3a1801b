"""The stories of transfers: an agent sends the caller on, and what may come between."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from ctid.centre.transfer import TransferRules
from ctid.core import events as ev
from ctid.core.records import ChannelFact
from tests.golden.site import ZHANG, phones, settings, talk, to_sales
from tests.golden.transcript import WALL, Scenario

BRANCH = "+49301234"


def opened(*ready: str) -> Scenario:
    """As `tests.golden.site.opened`, with a number outside and a hold of 20 s."""
    transfer = TransferRules(numbers={"branch": BRANCH})
    scenario = Scenario(msgspec.structs.replace(settings(), transfer=transfer))
    scenario.say(ev.Started("b1", WALL), ev.Inventory(False, (), phones()), after=0)
    for agent in ready:
        scenario.say(ev.SignInAsked(agent), ev.ReadyAsked(agent), after=100)
    return scenario


def talking(s: Scenario) -> None:
    """Anna talks to the caller c1."""
    to_sales(s)
    talk(s, "b1-2")
    s.wait(20_000)


def waits(s: Scenario, queue: str, moves: int = 1, after: int = 20) -> None:
    """The PBX holds c1, whom an agent has sent there."""
    since = WALL + s.now + after
    channel = "PJSIP/trunk-c1"
    s.say(ev.CallWaiting("c1", channel, queue, since, moves=moves), after=after)


def transfer_to_an_agent() -> str:
    """Bob's phone rings with Anna's note on his screen; Anna is in wrap-up; each has one leg."""
    s = opened("anna", "bob")
    s.say(ev.CallArrived("c1", "PJSIP/trunk-c1", "+8613800138000", "", "4001"))
    s.say(ev.CustomerLookedUp("c1", 1, "found", (ZHANG,)), after=40)
    s.say(ev.CallWaiting("c1", "PJSIP/trunk-c1", "sales", WALL + s.now + 10), after=10)
    talk(s, "b1-2")
    s.say(ev.TransferAsked("anna", "c1", "agent", "bob", "wants a refund"), after=60_000)
    waits(s, "sales")
    s.say(ev.LegEnded("b1-2", "hangup"), after=5)
    talk(s, "b1-4")
    s.say(ev.CallEnded("c1", "16"), ev.LegEnded("b1-4", "hangup"), after=30_000)
    s.wait(10_000)
    return s.text


def transfer_to_a_busy_agent() -> str:
    """The caller waits for Bob alone, then for anybody; the leg's end comes first this time."""
    s = opened("anna", "bob")
    talking(s)
    to_sales(s, "c2")
    talk(s, "b1-4")
    s.say(ev.TransferAsked("anna", "c1", "agent", "bob"))
    s.say(ev.LegEnded("b1-2", "hangup"), after=5)
    waits(s, "sales")
    s.note("Anna is free and is not asked: Bob is wanted, for 20 s")
    s.wait(20_000)
    return s.text


def transfer_to_a_queue() -> str:
    """Service is Bob's; the time waited begins anew, and the place among others is by it."""
    s = opened("anna", "bob")
    talking(s)
    s.say(ev.TransferAsked("anna", "c1", "queue", "service", "invoice 4711"))
    s.note("pressed twice: one transfer")
    s.say(ev.TransferAsked("anna", "c1", "queue", "service", "invoice 4711"), after=5)
    waits(s, "service")
    s.note("and a third time, when the caller has gone on and the leg has not ended yet")
    s.say(ev.TransferAsked("anna", "c1", "queue", "sales", "invoice 4711"), after=2)
    s.say(ev.LegEnded("b1-2", "hangup"), after=3)
    s.note("the dialplan's old word changes nothing")
    s.say(ev.CallWaiting("c1", "PJSIP/trunk-c1", "sales", WALL + 1050))
    s.say(ev.CallEnded("c1", "16"), after=3000)
    s.say(ev.LegEnded("b1-4", "caller_gone"), after=5)
    return s.text


def transfer_to_a_number() -> str:
    """Nobody answers there: the caller waits in sales again, and Anna gets them back."""
    s = opened("anna")
    talking(s)
    s.say(ev.TransferAsked("anna", "c1", "number", BRANCH))
    s.say(ev.CallDiverted("c1", "external", 1), ev.LegEnded("b1-2", "hangup"), after=20)
    s.wait(9_000)
    s.say(ev.WrapUpDone("anna"), after=0)
    waits(s, "sales", after=20_000)
    talk(s, "b1-4")
    s.note("once more, and somebody answers")
    s.say(ev.TransferAsked("anna", "c1", "number", BRANCH), after=5_000)
    s.say(ev.CallDiverted("c1", "external", 2), ev.LegEnded("b1-4", "hangup"), after=20)
    s.say(ev.ExternalAnswered("c1"), after=10_000)
    s.say(ev.CallEnded("c1", "16"), after=40_000)
    return s.text


def transfer_refused() -> str:
    """To nobody, to oneself, to a colleague who is away, to a number that is not on the list, and
    while the link is down: they talk on, and the log says why."""
    s = opened("anna")
    talking(s)
    for kind, target in (
        ("queue", "nowhere"), ("agent", "anna"), ("agent", "bob"), ("number", "0900123456"),
    ):  # fmt: skip
        s.say(ev.TransferAsked("anna", "c1", kind, target))
    s.note("another call, and an agent who talks to nobody: nothing")
    s.say(ev.TransferAsked("anna", "c2", "queue", "service"))
    s.say(ev.TransferAsked("bob", "c1", "queue", "service"))
    s.say(ev.LinkLost("connection reset"))
    s.say(ev.TransferAsked("anna", "c1", "queue", "service"))
    return s.text


def transfer_as_the_caller_hangs_up() -> str:
    """Same instant: one record, and nobody's phone rings."""
    s = opened("anna", "bob")
    talking(s)
    s.say(
        ev.TransferAsked("anna", "c1", "queue", "service"), ev.CallEnded("c1", "16"),
        ev.LegEnded("b1-2", "hangup"),
    )  # fmt: skip
    waits(s, "service")
    s.wait(15_000)
    return s.text


def transfer_lost() -> str:
    """The PBX does not move the caller; much later it does, for the leg's end leads there too."""
    s = opened("anna", "bob")
    talking(s)
    s.say(ev.TransferAsked("anna", "c1", "queue", "service"))
    s.wait(5_000)
    s.note("they talk on, and Anna hangs up")
    s.say(ev.LegEnded("b1-2", "hangup"), after=30_000)
    waits(s, "service")
    return s.text


def transfer_and_the_link_is_cut() -> str:
    """First the order is lost, then its success is not seen."""
    s = opened("anna", "bob")
    talking(s)
    s.say(ev.TransferAsked("anna", "c1", "queue", "service"))
    s.say(ev.LinkLost("connection reset"), after=5)
    caller = ChannelFact("PJSIP/trunk-c1", "c1", "caller", "talking", queue="service")
    leg = ChannelFact("PJSIP/1001-1", "b1-2", "agent", "talking", call="c1", phone="PJSIP/1001")
    s.say(ev.Inventory(False, (caller, leg), phones(anna="in_use")), after=8_000)
    s.note("killed in the very moment of the second order")
    s.restart()
    s.say(ev.Started("b2", WALL), after=1500)
    moved = msgspec.structs.replace(caller, place="queue", since=WALL + s.now)
    s.say(ev.Inventory(False, (moved,), phones()), after=200)
    s.wait(15_000)
    return s.text


def transfer_outside_unseen() -> str:
    """The link is back, and the caller talks to the one outside."""
    s = opened("anna")
    talking(s)
    s.say(ev.TransferAsked("anna", "c1", "number", BRANCH))
    s.say(ev.LinkLost("connection reset"), after=5)
    outside = ChannelFact("PJSIP/trunk-c1", "c1", "caller", "talking", queue="sales")
    s.say(ev.Inventory(False, (outside,), phones()), after=8_000)
    s.say(ev.CallEnded("c1", "16"), after=10_000)
    return s.text


TRANSFERS: tuple[Callable[[], str], ...] = (
    transfer_to_an_agent, transfer_to_a_busy_agent, transfer_to_a_queue, transfer_to_a_number,
    transfer_refused, transfer_as_the_caller_hangs_up, transfer_lost,
    transfer_and_the_link_is_cut, transfer_outside_unseen,
)  # fmt: skip
