"""Known before the queue: who is kept for the look-up, for how long, and what then counts."""

from __future__ import annotations

import msgspec
import pytest

from ctid.acd.rules import Rule
from ctid.centre.calls import Call
from ctid.centre.ranking import facts, last_agent
from ctid.core import events as ev
from ctid.core.commands import HoldInQueue
from ctid.core.instants import HOUR
from ctid.core.records import Complaint, CustomerCard, PastContact
from tests.golden.routing import VIP, begun, calls, ranked
from tests.golden.site import LI, ZHANG, settings
from tests.golden.transcript import WALL, Scenario

replace = msgspec.structs.replace


def held(s: Scenario) -> bool:
    """Whether the caller was sent on to the queue."""
    return any(line.strip().startswith("HoldInQueue") for line in s.lines)


def call(*customers: CustomerCard) -> Call:
    return Call("c1", "ch", "", "", 0, region="CN", language="zh-CN", customers=customers)


def test_without_rules_nobody_is_kept() -> None:
    s = begun(settings())
    calls(s)
    assert held(s)


def test_a_hidden_number_has_nothing_to_look_up() -> None:
    s = begun(ranked())
    calls(s, "")
    assert held(s)


def test_rules_for_another_queue_keep_nobody() -> None:
    made = ranked()
    rules = (Rule("r", queues=("service",), vip=True, priority=5),)
    s = begun(replace(made, acd=replace(made.acd, rules=rules)))
    calls(s)
    assert held(s)


def test_the_pbx_has_placed_the_caller_itself() -> None:
    """A FastAGI that broke in this very moment: the answer must not place the caller twice."""
    s = begun(ranked(), "anna")
    calls(s)
    s.say(ev.CallWaiting("c1", "PJSIP/trunk-c1", "service", 0), after=50)
    commands = s.say(ev.CustomerLookedUp("c1", 1, "found", (VIP,)), after=40)
    s.wait(1000)
    assert not [c for c in commands if isinstance(c, HoldInQueue)]
    assert not held(s)


def test_a_process_that_dies_while_a_caller_is_kept() -> None:
    s = begun(ranked(), "anna")
    calls(s)
    s.restart()
    s.say(ev.Started("b2", s.centre.epoch.wall_at_zero), after=50)
    s.wait(1000)
    assert not held(s), "the dialplan's fallback has the caller"


@pytest.mark.parametrize("customers", [(), (ZHANG, LI)])
def test_nobody_or_several_are_nobody(customers: tuple[CustomerCard, ...]) -> None:
    assert not facts(call(*customers), "sales").known
    assert last_agent(call(*customers)) == ""


def test_what_rules_see_of_one_customer() -> None:
    card = replace(VIP, grade="B", open_complaints=(Complaint("7", 0, "late"),))
    seen = facts(call(card), "sales")
    assert (seen.known, seen.grade, seen.vip, seen.complaint) == (True, "B", True, True)
    assert (seen.queue, seen.region, seen.language) == ("sales", "CN", "zh-CN")


def test_the_last_agent_is_of_the_newest_contact_that_had_one() -> None:
    past = (PastContact(3, "mail", ""), PastContact(2, "phone", "", "bob"),
            PastContact(1, "phone", "", "anna"))  # fmt: skip
    assert last_agent(call(replace(ZHANG, last_contacts=past))) == "bob"


@pytest.mark.parametrize(("written", "agent"), [("bob", "bob"), ("Bob", "bob"), ("Bo", "")])
def test_an_agent_by_id_or_by_name(written: str, agent: str) -> None:
    s = begun(ranked())
    card = replace(ZHANG, last_contacts=(PastContact(1, "phone", "", written),))
    assert s.centre.ranking.demand(call(card), "sales", 0).preferred == agent


def test_rules_see_the_hours_and_the_wait_that_a_newcomer_has_to_expect() -> None:
    """Asked for at the moment of joining, and only where a rule looks at it."""
    rules = (
        Rule("late", during=("late",), priority=2),
        Rule("day", during=("office",), priority=7),
        Rule("long", expected=1, priority=9),
    )
    made = ranked()
    made = replace(made, acd=replace(made.acd, rules=rules))
    s = begun(made, "anna")
    assert "late" not in made.hours
    for wall, rule in ((WALL, "day"), (WALL + 12 * HOUR, "")):
        now = s.centre.epoch.instant(wall)
        assert s.centre.ranking.demand(call(), "sales", now).rule == rule
