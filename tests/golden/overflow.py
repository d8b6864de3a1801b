"""The stories of overflow: out of a queue, into another one, and to where no queue is."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from ctid.acd.overflow import (
    Overflow,
    Rule,
    ToExternal,
    ToHangUp,
    ToMenu,
    ToMessage,
    ToQueue,
    ToVoicemail,
)
from ctid.core import events as ev
from ctid.core.records import ChannelFact
from tests.golden.site import phones, settings, talk, to_sales, wait_in
from tests.golden.transcript import WALL, Scenario


def overflowing(*rules: Rule, service: tuple[Rule, ...] = ()) -> Scenario:
    """The centre is up with these rules in sales; nobody is signed in."""
    site = settings()
    sales, other = site.acd.queues
    queues = (
        msgspec.structs.replace(sales, overflow=Overflow(rules)),
        msgspec.structs.replace(other, overflow=Overflow(service)),
    )
    acd = msgspec.structs.replace(site.acd, queues=queues)
    scenario = Scenario(msgspec.structs.replace(site, acd=acd))
    scenario.say(ev.Started("b1", WALL), ev.Inventory(False, (), phones()), after=0)
    return scenario


def ready(scenario: Scenario, *agents: str) -> None:
    for agent in agents:
        scenario.say(ev.SignInAsked(agent), ev.ReadyAsked(agent), after=100)


def overflow_after_a_wait() -> str:
    """Sales has nobody; after 30 s the caller goes on in service, with the time waited there."""
    s = overflowing(Rule(ToQueue("service"), "wait", waited=30_000))
    to_sales(s)
    s.wait(30_000)
    s.note("an old word of the PBX changes nothing")
    s.say(ev.CallWaiting("c1", "PJSIP/trunk-c1", "sales", WALL + 1050), after=100)
    s.note("Bob gets the one who has waited longest, not the one who is new in service")
    s.say(ev.CallWaiting("c2", "PJSIP/trunk-c2", "service", WALL + s.now + 50), after=50)
    ready(s, "bob")
    talk(s, "b1-3")
    s.say(ev.CallEnded("c1", "16"), after=60_000)
    return s.text


def overflow_after_rounds() -> str:
    """Two agents let it ring; the third round is somebody else's, in service."""
    s = overflowing(Rule(ToQueue("service"), "wait", rounds=2))
    ready(s, "anna")
    to_sales(s)
    s.say(ev.LegEnded("b1-2", "rejected"), after=20_000)
    s.wait(5_000)
    s.note("refused once more: twice is enough")
    s.say(ev.LegEnded("b1-3", "rejected"), after=20_000)
    return s.text


def overflow_before_joining() -> str:
    """Two wait in sales, and more are not let in; service is closed to all but its agents."""
    s = overflowing(
        Rule(ToQueue("service"), length=1),
        service=(Rule(ToHangUp(), no_agent="signed_in"),),
    )
    to_sales(s)
    s.note("full, and nobody is signed in where the caller would go: an honest end")
    s.say(ev.CallArrived("c2", "PJSIP/trunk-c2", "", "", "4001"))
    s.say(ev.CallEnded("c2", "16"), after=10)
    s.note("Bob is on a break, but there")
    s.say(ev.SignInAsked("bob"))
    s.say(ev.CallArrived("c3", "PJSIP/trunk-c3", "", "", "4001"))
    wait_in(s, "c3", "service")
    return s.text


def overflow_when_the_last_agent_leaves() -> str:
    """Everybody who waits hears at once that nobody is left, longest wait first."""
    s = overflowing(Rule(ToMessage(("sorry",)), "wait", no_agent="ready"))
    ready(s, "anna", "bob")
    s.say(ev.PhoneChanged("PJSIP/1001", "in_use"), ev.PhoneChanged("PJSIP/1002", "in_use"))
    to_sales(s)
    to_sales(s, "c2")
    s.say(ev.BreakAsked("anna", "lunch"))
    s.say(ev.SignOutAsked("bob"))
    s.say(ev.CallDiverted("c1", "message", 1), ev.CallDiverted("c2", "message", 1), after=20)
    s.say(ev.CallEnded("c1", "16"), ev.CallEnded("c2", "16"), after=4_000)
    return s.text


def overflow_never_takes_a_ringing_call() -> str:
    """The time is over while Anna's phone rings: she keeps the chance, voicemail comes after."""
    s = overflowing(Rule(ToVoicemail(("voicemail",)), "wait", waited=10_000))
    ready(s, "anna")
    to_sales(s)
    s.say(ev.AgentRinging("b1-2"), after=30)
    s.wait(15_000)
    s.say(ev.LegEnded("b1-2", "no_answer"), after=5_000)
    s.say(ev.CallDiverted("c1", "voicemail", 1), after=20)
    s.say(ev.RecordingStored("c1", "/var/spool/c1.wav", 7_480), after=12_000)
    s.say(ev.CallEnded("c1", "16"), after=10)
    return s.text


def overflow_voicemail_without_a_word() -> str:
    """Who hangs up at the greeting has abandoned."""
    s = overflowing(Rule(ToVoicemail(), "wait", waited=10_000))
    to_sales(s)
    s.wait(10_000)
    s.say(ev.CallDiverted("c1", "voicemail", 1), after=20)
    s.say(ev.CallEnded("c1", "16"), after=3_000)
    return s.text


def overflow_from_the_menu() -> str:
    """Nobody is signed in: the conversation itself sends the caller on, before any queue."""
    s = overflowing(Rule(ToVoicemail(("voicemail",)), no_agent="signed_in"))
    s.say(ev.CallArrived("c1", "PJSIP/trunk-c1", "", "", "4001"))
    s.say(ev.CallDiverted("c1", "voicemail", 1), after=20)
    s.say(ev.RecordingStored("c1", "/var/spool/c1.wav", 3_000), after=9_000)
    s.say(ev.CallEnded("c1", "16"), after=10)
    return s.text


def overflow_to_a_number() -> str:
    """c1 is answered outside; nobody answers c2, who is back at the old place."""
    s = overflowing(Rule(ToExternal("+49301234"), "wait", waited=10_000))
    to_sales(s)
    to_sales(s, "c2")
    s.wait(12_000)
    s.say(ev.CallDiverted("c1", "external", 1), ev.CallDiverted("c2", "external", 1), after=20)
    s.say(ev.ExternalAnswered("c1"), after=8_000)
    s.say(ev.CallWaiting("c2", "PJSIP/trunk-c2", "sales", WALL + 1050, moves=1), after=22_000)
    ready(s, "anna")
    talk(s, "b1-4")
    s.say(ev.CallEnded("c1", "16"), after=5_000)
    return s.text


def overflow_order_lost() -> str:
    """The PBX never says that the caller is in voicemail: back in the queue, and said so."""
    s = overflowing(Rule(ToVoicemail(), "wait", waited=10_000))
    to_sales(s)
    s.wait(15_200)
    s.note("late, but true: out of the queue again")
    s.say(ev.CallDiverted("c1", "voicemail", 1), after=500)
    ready(s, "anna")
    return s.text


def overflow_while_the_link_is_down() -> str:
    """Nothing is ordered over a link that is cut; the rule gets its turn afterwards."""
    s = overflowing(
        Rule(ToQueue("service"), "wait", waited=10_000),
        service=(Rule(ToVoicemail(), "wait", waited=60_000),),
    )
    to_sales(s)
    s.say(ev.LinkLost("cut"), after=5_000)
    s.wait(20_000)
    there = ChannelFact("PJSIP/trunk-c1", "c1", "caller", "queue", queue="sales", since=WALL + 1050)
    s.say(ev.Inventory(False, (there,), phones()), after=100)
    s.wait(1_000)
    s.restart()
    s.wait(35_000)
    s.say(ev.LinkLost("cut"), after=100)
    s.note("the order to go to voicemail was lost with the link; asked for again after a while")
    moved = msgspec.structs.replace(there, queue="service")
    s.say(ev.Inventory(False, (moved,), phones()), after=6_000)
    s.wait(2_000)
    return s.text


def overflow_by_a_key() -> str:
    """2 leads to voicemail, 3 to service once the wait was long enough; 9 means nothing."""
    s = overflowing(
        Rule(ToVoicemail(("voicemail",)), "key", key="2"),
        Rule(ToQueue("service"), "key", key="3", waited=10_000),
    )
    to_sales(s)
    s.say(ev.KeyPressed("c1", "9"), ev.KeyPressed("c1", "3"))
    s.wait(10_000)
    s.say(ev.KeyPressed("c1", "3"))
    to_sales(s, "c2")
    s.note("pressed while Anna's phone rings: she may still answer")
    ready(s, "anna")
    s.say(ev.KeyPressed("c2", "2"))
    s.say(ev.LegEnded("b1-3", "no_answer"), after=5_000)
    s.say(ev.CallDiverted("c2", "voicemail", 1), after=20)
    s.say(ev.CallEnded("c2", "16"), after=3_000)
    s.note("pressed while Anna's phone rings, and she answers: they talk")
    to_sales(s, "c3")
    s.say(ev.ReadyAsked("anna"), after=20_000)
    s.say(ev.KeyPressed("c3", "2"))
    talk(s, "b1-5")
    s.say(ev.KeyPressed("c3", "2"))
    s.say(ev.LegEnded("b1-5", "hangup"), ev.CallEnded("c3", "16"), after=5_000)
    return s.text


def overflow_to_a_menu() -> str:
    """1 leads back to the menu, and the menu to sales again: the first wait counts on."""
    s = overflowing(Rule(ToMenu("main"), "key", key="1"))
    to_sales(s)
    s.say(ev.KeyPressed("c1", "1"), after=20_000)
    s.note("FastAGI is there before AMI says so; both words change nothing more")
    s.say(ev.CallArrived("c1", "PJSIP/trunk-c1", "", "", "4001"), after=20)
    s.say(ev.CallDiverted("c1", "menu", 1), after=5)
    s.say(ev.CallDiverted("c1", "menu", 1), after=5)
    for _ in range(3):
        s.say(ev.DigitsCollected("c1", "", "timeout"), after=6_000)
    s.say(ev.CallWaiting("c1", "PJSIP/trunk-c1", "sales", WALL + 1050, moves=1), after=20)
    s.note("an old word of the first wait is known as one")
    s.say(ev.CallWaiting("c1", "PJSIP/trunk-c1", "sales", WALL + 1050), after=20)
    s.note("once more; and ctid is killed: the dialplan falls back, and the caller keeps the place")
    s.say(ev.KeyPressed("c1", "1"))
    s.say(ev.CallDiverted("c1", "menu", 2), after=20)
    s.say(ev.CallArrived("c1", "PJSIP/trunk-c1", "", "", "4001"), after=20)
    s.restart()
    there = ChannelFact(
        "PJSIP/trunk-c1", "c1", "caller", "queue", queue="service", since=WALL + 1050
    )
    s.say(ev.Started("b2", WALL), ev.Inventory(False, (there,), phones()))
    ready(s, "bob")
    return s.text


def overflow_menu_lost() -> str:
    """The order to go to the menu was lost: the caller waits on, and may press again."""
    s = overflowing(Rule(ToMenu("main"), "key", key="1"))
    to_sales(s)
    s.say(ev.KeyPressed("c1", "1"), after=20_000)
    s.wait(5_000)
    s.say(ev.KeyPressed("c1", "1"), after=1_000)
    s.say(ev.CallDiverted("c1", "menu", 2), after=20)
    s.note("hangs up in the menu: out of the queue by their own choice")
    s.say(ev.CallArrived("c1", "PJSIP/trunk-c1", "", "", "4001"), after=20)
    s.say(ev.CallEnded("c1", "16"), after=4_000)
    return s.text


OVERFLOW: tuple[Callable[[], str], ...] = (
    overflow_after_a_wait, overflow_after_rounds, overflow_before_joining,
    overflow_when_the_last_agent_leaves,
    overflow_never_takes_a_ringing_call, overflow_voicemail_without_a_word,
    overflow_from_the_menu, overflow_to_a_number, overflow_order_lost,
    overflow_while_the_link_is_down, overflow_by_a_key,
    overflow_to_a_menu, overflow_menu_lost,
)  # fmt: skip
