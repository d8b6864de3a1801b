"""Stories of routing: who is known in time, who is kept for whom, who is reached later."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from ctid.acd.need import Need
from ctid.acd.ringing import Ringing
from ctid.acd.rules import Rule
from ctid.acd.settings import RelaxStep
from ctid.centre.settings import CentreSettings
from ctid.core import events as ev
from ctid.core.instants import SECOND
from ctid.core.records import PastContact
from tests.golden.site import ZHANG, phones, settings, talk, to_sales, wait_in
from tests.golden.transcript import WALL, Scenario

replace = msgspec.structs.replace
VIP = replace(ZHANG, vip=True, last_contacts=(PastContact(WALL, "phone", "an order", "bob"),))
RULES = (Rule("vip", vip=True, priority=5), Rule("foreign", regions=("DE",), needs=(Need("en"),)))


def ranked(sticky: int = 0) -> CentreSettings:
    """Rules for everybody; sales keeps callers for the agent whom they had last."""
    made = settings()
    sales, service = made.acd.queues
    queues = (replace(sales, sticky=sticky), service)
    return replace(made, acd=replace(made.acd, queues=queues, rules=RULES))


def skilled() -> CentreSettings:
    """Sales wants French first, some French after 20 s, and anybody after 40 s."""
    made = settings()
    sales, service = made.acd.queues
    steps = (RelaxStep(20 * SECOND, (Need("french", 2),)), RelaxStep(40 * SECOND, ()))
    anna, bob = made.acd.agents
    bob = replace(bob, skills={"french": 3})
    queues = (replace(sales, needs=(Need("french", 4),), relax=steps), service)
    return replace(made, acd=replace(made.acd, queues=queues, agents=(anna, bob)))


def begun(made: CentreSettings, *ready: str) -> Scenario:
    """The link is up and these agents wait for calls."""
    s = Scenario(made)
    s.say(ev.Started("b1", WALL), ev.Inventory(False, (), phones()), after=0)
    for agent in ready:
        s.say(ev.SignInAsked(agent), ev.ReadyAsked(agent), after=100)
    return s


def calls(s: Scenario, number: str = "+8613800138000") -> None:
    """Straight to sales."""
    s.say(ev.CallArrived("c1", "PJSIP/trunk-c1", number, "Zhang Wei", "4001"))


def known_in_time() -> str:
    """The look-up is on the way: the caller is kept for it, and the rule counts."""
    s = begun(ranked(), "anna")
    calls(s)
    s.say(ev.CustomerLookedUp("c1", 1, "found", (VIP,)), after=40)
    wait_in(s)
    return s.text


def known_too_late() -> str:
    """300 ms without an answer: on without a rank; the pop gets the customer all the same."""
    s = begun(ranked(), "anna")
    calls(s)
    s.wait(299)
    s.note("one more, and the caller goes on")
    s.wait(1)
    wait_in(s)
    s.say(ev.CustomerLookedUp("c1", 1, "found", (VIP,)), after=40)
    return s.text


def gone_before_known() -> str:
    """The caller leaves while kept; the answer finds nobody."""
    s = begun(ranked(), "anna")
    calls(s)
    s.say(ev.CallEnded("c1", "16"), after=100)
    s.say(ev.CustomerLookedUp("c1", 1, "found", (VIP,)), after=40)
    s.wait(SECOND)
    return s.text


def kept_for_the_last_agent() -> str:
    """Bob talks, Anna is free: the caller waits for Bob, whom they had last, and gets him."""
    s = begun(ranked(sticky=60 * SECOND), "bob", "anna")
    to_sales(s, "c0")
    talk(s, "b1-2")
    calls(s)
    s.say(ev.CustomerLookedUp("c1", 1, "found", (VIP,)), after=40)
    wait_in(s)
    s.note("Bob is free again")
    s.say(ev.CallEnded("c0", "16"), ev.LegEnded("b1-2", "hangup"), after=10_000)
    s.say(ev.WrapUpDone("bob"))
    return s.text


def kept_in_vain() -> str:
    """Bob goes on a break after his call: his caller goes to Anna at once."""
    s = begun(ranked(sticky=60 * SECOND), "bob", "anna")
    to_sales(s, "c0")
    talk(s, "b1-2")
    calls(s)
    s.say(ev.CustomerLookedUp("c1", 1, "found", (VIP,)), after=40)
    wait_in(s)
    s.say(ev.BreakAsked("bob", "lunch"))
    s.say(ev.CallEnded("c0", "16"), ev.LegEnded("b1-2", "hangup"), after=10_000)
    s.say(ev.WrapUpDone("bob"))
    return s.text


def skills_relaxed() -> str:
    """Nobody speaks French well: Bob's will do after 20 s; and the next caller gets Anna."""
    s = begun(skilled(), "anna", "bob")
    to_sales(s)
    s.wait(20 * SECOND)
    talk(s, "b1-2")
    to_sales(s, "c2")
    s.wait(40 * SECOND)
    return s.text


def ringing_together(mode: str) -> CentreSettings:
    """Several phones of sales ring for one caller."""
    made = settings()
    sales, service = made.acd.queues
    queues = (replace(sales, ringing=Ringing(mode, 5 * SECOND)), service)
    return replace(made, acd=replace(made.acd, queues=queues))


def all_phones_ring() -> str:
    """Both answer at the same instant: the PBX lets Bob through, and Anna's turn goes on."""
    s = begun(ringing_together("all"), "anna", "bob")
    to_sales(s)
    s.say(ev.AgentRinging("b1-2"), ev.AgentRinging("b1-3"), after=200)
    s.say(ev.AgentAnswered("b1-3"), ev.AgentAnswered("b1-2"), after=3_000)
    s.note("the dialplan found the caller taken and ended Anna's leg")
    s.say(ev.LegEnded("b1-2", "caller_gone"), ev.CallBridged("b1-3"), after=2)
    s.note("the next caller rings where somebody is left")
    to_sales(s, "c2")
    return s.text


def one_phone_after_the_other() -> str:
    """Bob's phone joins in after 5 s; Anna answers, and Bob's pop goes."""
    s = begun(ringing_together("progressively"), "anna", "bob")
    to_sales(s)
    s.say(ev.AgentRinging("b1-2"), after=200)
    s.wait(5 * SECOND)
    s.say(ev.AgentRinging("b1-3"), after=200)
    talk(s, "b1-2")
    s.say(ev.LegEnded("b1-3", "hangup"), after=5)
    return s.text


ROUTING: tuple[Callable[[], str], ...] = (
    known_in_time, known_too_late, gone_before_known, kept_for_the_last_agent, kept_in_vain,
    skills_relaxed, all_phones_ring, one_phone_after_the_other,
)  # fmt: skip
