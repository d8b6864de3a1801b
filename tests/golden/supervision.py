"""The stories of supervisors in agents' talks, and of callers who go to an agent by hand."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import msgspec

from ctid.acd.settings import AgentSettings
from ctid.centre.settings import CentreSettings
from ctid.centre.supervision import SupervisionRules
from ctid.core import events as ev
from ctid.core.records import ChannelFact, PhoneFact, PhoneState
from ctid.core.supervision import Supervisor
from tests.golden import site
from tests.golden.site import ZHANG, talk, to_sales
from tests.golden.transcript import WALL, Scenario

SUE = Supervisor("sue", "Sue")
"""Has a phone and is no agent."""
TOM = Supervisor("tom", "Tom", "tom")
"""Is an agent too."""


def settings() -> CentreSettings:
    """Callers of sales may be pulled; Tom is in no queue."""
    made = site.settings()
    replace = msgspec.structs.replace
    sales, service = made.acd.queues
    tom = AgentSettings("tom", "Tom", "PJSIP/1003", ())
    acd = replace(
        made.acd, queues=(replace(sales, pull=True), service), agents=(*made.acd.agents, tom)
    )
    return replace(made, acd=acd, supervision=SupervisionRules(phones={"sue": "PJSIP/1090"}))


def phones(anna: PhoneState = "idle") -> tuple[PhoneFact, ...]:
    return (*site.phones(anna), PhoneFact("PJSIP/1003", "idle"))


def opened(*ready: str, **rules: bool) -> Scenario:
    """As `tests.golden.site.opened`, with supervisors."""
    made = settings()
    supervision = dataclasses.replace(made.supervision, **rules)
    s = Scenario(msgspec.structs.replace(made, supervision=supervision))
    s.say(ev.Started("b1", WALL), ev.Inventory(False, (), phones()), after=0)
    for agent in ready:
        s.say(ev.SignInAsked(agent), ev.ReadyAsked(agent), after=100)
    return s


def talking(*ready: str, **rules: bool) -> Scenario:
    """Anna talks to the caller c1, a customer, on b1-2."""
    s = opened("anna", *ready, **rules)
    s.say(ev.CallArrived("c1", "PJSIP/trunk-c1", "+8613800138000", "", "4001"))
    s.say(ev.CustomerLookedUp("c1", 1, "found", (ZHANG,)), after=40)
    s.say(ev.CallWaiting("c1", "PJSIP/trunk-c1", "sales", WALL + s.now + 10), after=10)
    talk(s, "b1-2")
    return s


def spy_listens_whispers_barges() -> str:
    """Anna's page shows who is there; her call is none the wiser, and no time of hers changes."""
    s = talking()
    s.say(ev.SpyAsked(SUE, "anna", "listen"))
    s.note("the phone rings still")
    s.say(ev.SpyAsked(SUE, "anna", "whisper"))
    s.say(ev.AgentRinging("b1-3"), ev.AgentAnswered("b1-3"), after=2000)
    s.say(ev.SpyAsked(SUE, "anna", "whisper"), after=10_000)
    s.say(ev.SpyAsked(SUE, "anna", "barge"), after=10_000)
    s.say(ev.SpyStopAsked(SUE), after=10_000)
    s.say(ev.LegEnded("b1-3", "hangup"), after=10)
    s.say(ev.CallEnded("c1", "16"), ev.LegEnded("b1-2", "hangup"), after=10_000)
    return s.text


def spy_untold() -> str:
    """Where the site says so, agents' pages say nothing; the journal does."""
    s = talking(told=False)
    s.say(ev.SpyAsked(SUE, "anna", "listen"))
    s.say(ev.AgentAnswered("b1-3"), after=2000)
    s.say(ev.LegEnded("b1-3", "hangup"), after=10_000)
    return s.text


def spy_ends_with_the_talk() -> str:
    """The PBX ends the one who listens, and the other one's phone stops to ring."""
    s = talking()
    s.say(ev.SpyAsked(SUE, "anna", "barge"), ev.AgentAnswered("b1-3"))
    s.say(ev.SpyAsked(TOM, "anna", "listen"), ev.AgentRinging("b1-4"))
    s.say(ev.CallEnded("c1", "16"), ev.LegEnded("b1-2", "hangup"), after=3000)
    s.say(ev.LegEnded("b1-4", "hangup"), after=20)
    s.note("the PBX is silent about the other one: asked once more, then on without it")
    s.wait(12_000)
    return s.text


def spy_refused() -> str:
    """Nobody to listen to, no phone, a phone that is busy, another talk already."""
    s = talking("bob")
    nobody = Supervisor("zoe", "Zoe")
    anna = Supervisor("anna", "Anna", "anna")
    bob = Supervisor("bob", "Bob", "bob")
    for by, agent, wish in (
        (SUE, "bob", "listen"), (SUE, "nobody", "listen"), (nobody, "anna", "listen"),
        (anna, "anna", "listen"), (bob, "anna", "whisper"), (SUE, "anna", "take"),
    ):  # fmt: skip
        s.say(ev.SpyAsked(by, agent, wish))
    s.say(ev.SpyAsked(SUE, "anna", "listen"), ev.AgentAnswered("b1-3"))
    s.note("who is no agent has no desk for the caller")
    s.say(ev.SpyAsked(SUE, "anna", "take"))
    to_sales(s, "c2")
    talk(s, "b1-5")
    s.note("one talk at a time")
    s.say(ev.SpyAsked(SUE, "bob", "listen"))
    s.say(ev.LinkLost("connection reset"))
    s.say(ev.SpyAsked(TOM, "bob", "listen"))
    return s.text


def spy_does_not_answer() -> str:
    """The page says why nothing happens."""
    s = talking()
    s.say(ev.SpyAsked(SUE, "anna", "listen"))
    s.say(ev.LegEnded("b1-3", "no_answer"), after=20_000)
    s.say(ev.SpyAsked(SUE, "anna", "listen"))
    s.say(ev.LegEnded("b1-4", "unreachable"), after=10)
    return s.text


def take_over() -> str:
    """Tom has the caller and the card; Anna is in wrap-up; each has the time that they talked."""
    s = talking()
    s.say(ev.SpyAsked(TOM, "anna", "listen"), after=10_000)
    s.say(ev.AgentAnswered("b1-3"), ev.PhoneChanged("PJSIP/1003", "in_use"), after=2000)
    s.say(ev.SpyAsked(TOM, "anna", "take"), after=8000)
    s.say(ev.CallBridged("b1-3"), ev.LegEnded("b1-2", "hangup"), after=20)
    s.note("the phones' facts may come twice")
    s.say(ev.CallBridged("b1-3"), ev.AgentAnswered("b1-3"), after=20)
    s.say(ev.CallEnded("c1", "16"), ev.LegEnded("b1-3", "hangup"), after=30_000)
    s.note("Tom was not there for calls before, so he gets no other one")
    s.wait(15_000)
    return s.text


def take_over_lost() -> str:
    """The caller does not come over, as one who was sent on in that very moment: Tom listens."""
    s = talking()
    s.say(ev.SpyAsked(TOM, "anna", "barge"), ev.AgentAnswered("b1-3"))
    s.say(ev.SpyAsked(TOM, "anna", "take"), after=8000)
    s.wait(5000)
    s.say(ev.SpyAsked(TOM, "anna", "whisper"))
    return s.text


def spies_after_a_cut_link() -> str:
    """One has hung up unseen, one was picked up unseen, one took the caller over unseen, and one is
    known to nobody."""
    s = talking()
    s.say(ev.SpyAsked(SUE, "anna", "listen"), ev.AgentAnswered("b1-3"))
    s.say(ev.LinkLost("connection reset"))
    caller = ChannelFact("PJSIP/trunk-c1", "c1", "caller", "talking", queue="sales")
    leg = ChannelFact("PJSIP/1001-1", "b1-2", "agent", "talking", call="c1", phone="PJSIP/1001")
    unknown = ChannelFact("PJSIP/1099-7", "x-1", "spy", "other", call="c1", phone="PJSIP/1099")
    s.say(ev.Inventory(False, (caller, leg, unknown), phones("in_use")), after=8000)
    s.say(ev.SpyAsked(TOM, "anna", "listen"))
    s.restart()
    s.say(ev.Started("b2", WALL), after=1500)
    spy = ChannelFact("PJSIP/1003-3", "b1-4", "spy", "other", call="c1", phone="PJSIP/1003")
    s.say(ev.Inventory(False, (caller, leg, spy), phones("in_use")), after=200)
    s.say(ev.SpyAsked(TOM, "anna", "take"))
    s.say(ev.LinkLost("connection reset"))
    taken = msgspec.structs.replace(spy, role="agent", place="talking")
    s.say(ev.Inventory(False, (caller, taken), phones()), after=8000)
    s.say(ev.CallEnded("c1", "16"), ev.LegEnded("b1-4", "hangup"), after=30_000)
    return s.text


def assigned_by_hand() -> str:
    """To Bob, who has been idle for less time than Anna would be; he does not answer, and the
    caller waits on at the old place."""
    s = opened("bob")
    s.say(ev.BreakAsked("bob", "lunch"))
    to_sales(s)
    to_sales(s, "c2")
    s.say(ev.AssignAsked(SUE, "c2", "bob"))
    s.say(ev.ReadyAsked("bob"))
    s.say(ev.AssignAsked(SUE, "c2", "bob"), ev.AssignAsked(SUE, "c1", "bob"))
    s.say(ev.LegEnded("b1-3", "rejected"), after=2000)
    s.say(ev.AssignAsked(SUE, "c2", "bob"))
    s.say(ev.AssignAsked(SUE, "c3", "bob"), ev.AssignAsked(SUE, "c1", "zoe"))
    talk(s, "b1-4")
    s.note("Tom works for no queue; the supervisor's word goes")
    s.say(ev.SignInAsked("tom"), ev.ReadyAsked("tom"))
    s.say(ev.AssignAsked(SUE, "c1", "tom"))
    talk(s, "b1-5")
    return s.text


def pulled() -> str:
    """Anna is on a break and takes one caller out of turn; then she is on her break again."""
    s = opened("anna")
    s.say(ev.BreakAsked("anna", "paperwork"))
    to_sales(s)
    to_sales(s, "c2")
    s.say(ev.PullAsked("anna", "c2"))
    s.say(ev.PullAsked("anna", "c1"))
    s.say(ev.LegEnded("b1-3", "no_answer"), after=20_000)
    s.say(ev.PullAsked("anna", "c2"))
    talk(s, "b1-4")
    s.say(ev.CallEnded("c2", "16"), ev.LegEnded("b1-4", "hangup"), after=30_000)
    s.wait(10_000)
    s.note("a queue that does not allow it, and a caller who is gone")
    s.say(ev.CallArrived("c3", "PJSIP/trunk-c3", "", "", "4000"), ev.IvrLost("c3", "reset"))
    s.say(ev.CallWaiting("c3", "PJSIP/trunk-c3", "service", WALL + s.now))
    s.say(ev.PullAsked("anna", "c3"), ev.PullAsked("anna", "c2"))
    return s.text


SUPERVISION: tuple[Callable[[], str], ...] = (
    spy_listens_whispers_barges, spy_untold, spy_ends_with_the_talk, spy_refused,
    spy_does_not_answer, take_over, take_over_lost, spies_after_a_cut_link, assigned_by_hand,
    pulled,
)  # fmt: skip
