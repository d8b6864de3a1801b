"""Doubts about switched hours: settings that change, states from before, rules that look on."""

from __future__ import annotations

import msgspec

from ctid.acd.overflow import Overflow, Rule, ToQueue
from ctid.acd.rules import Rule as RoutingRule
from ctid.centre.centre import Centre
from ctid.centre.settings import CentreSettings
from ctid.centre.state import CentreState
from ctid.core import events as ev
from ctid.core.commands import Denied, Overflowed, RingAgent
from ctid.core.opening import HoursSwitched, HoursTurned, HoursView
from ctid.core.records import ChannelFact
from ctid.ivr.hours import Hours
from tests.golden.hours import ADAM, EVE, HOUR, begun, site
from tests.golden.site import settings, to_sales
from tests.golden.transcript import WALL, Scenario


def view(s: Scenario) -> HoursView:
    [one] = s.centre.snapshot(s.now).hours
    return one


def saved(s: Scenario) -> dict:
    return msgspec.json.decode(msgspec.json.encode(s.centre.dump()))


def loaded(s: Scenario, state: dict, made: CentreSettings | None = None) -> None:
    s.centre = Centre.load(made or s.settings, msgspec.convert(state, CentreState))


def test_the_view_says_who_and_since_when() -> None:
    s = begun(site())
    assert view(s) == HoursView("office", "UTC", True, "week", turns_at=WALL + 6 * HOUR)
    s.say(HoursSwitched(EVE, "office", "closed", "14:00"))
    assert view(s) == HoursView(
        "office", "UTC", False, "week", "closed", "eve", "Eve", WALL + 1_000, WALL + 2 * HOUR
    )
    s.say(HoursSwitched(ADAM, "office", "open"))
    assert (view(s).to, view(s).login, view(s).until) == ("open", "adam", 0)
    s.wait(3 * HOUR)
    assert view(s).to == "open", "the first one's end is no longer due"


def test_a_state_from_before_the_switch_loads() -> None:
    s = begun(site())
    state = saved(s)
    del state["switches"]
    loaded(s, state)
    assert view(s).to == ""


def test_a_switch_of_hours_that_the_settings_no_longer_have_goes_with_them() -> None:
    s = begun(site())
    s.say(HoursSwitched(EVE, "office", "closed", "14:00"))
    plain = settings()
    flows = {"direct": plain.flows["direct"]}
    made = msgspec.structs.replace(plain, hours={}, flows=flows, entries={"4001": "direct"})
    loaded(s, saved(s), made)
    s.say(ev.Reloaded())
    s.wait(3 * HOUR)
    assert s.centre.snapshot(s.now).hours == ()
    assert s.centre.dump().switches == {}


def test_new_settings_keep_the_switch_and_its_end() -> None:
    s = begun(site())
    s.say(HoursSwitched(EVE, "office", "closed", "14:00"))
    always = Hours("office", "UTC", (((0, 1440),),) * 7)
    loaded(s, saved(s), msgspec.structs.replace(site(), hours={"office": always}))
    s.say(ev.Reloaded())
    assert not view(s).open
    s.wait(2 * HOUR)
    assert (view(s).open, view(s).to) == (True, "")


def test_an_end_that_passed_while_nobody_ran_is_told_at_the_start() -> None:
    s = begun(site())
    s.say(HoursSwitched(EVE, "office", "closed", "12:30"))
    loaded(s, saved(s))
    s.now += HOUR
    s.centre.handle(ev.Started("b2", WALL), s.now)
    assert view(s).open, "at once, also before the deadline fires"
    [turned] = [c for c in s.centre.advance(s.now) if isinstance(c, HoursTurned)]
    assert (turned.record.to, turned.record.login) == ("schedule", "")


def test_routing_rules_see_it() -> None:
    made = settings()
    rule = RoutingRule("day", during=("office",), priority=2)
    acd = msgspec.structs.replace(made.acd, rules=(rule,))
    s = begun(msgspec.structs.replace(made, acd=acd))
    to_sales(s, "c1")
    s.say(HoursSwitched(EVE, "office", "closed"))
    to_sales(s, "c2")
    contacts = s.centre.router.contacts
    assert [contacts[call].rule for call in ("c1", "c2")] == ["day", ""]


def test_opening_looks_at_nobody_who_waits_without_such_a_rule_and_moves_who_has_one() -> None:
    """A rule over other hours does not count, nor one for joining alone."""
    made = settings()
    rules = (
        Rule(ToQueue("service"), "join", closed="office"),
        Rule(ToQueue("service"), "wait", closed="night"),
    )
    queues = (msgspec.structs.replace(made.acd.queues[0], overflow=Overflow(rules)),)
    queues += made.acd.queues[1:]
    acd = msgspec.structs.replace(made.acd, queues=queues)
    hours = {**made.hours, "night": Hours("night", "UTC", (((0, 1440),),) * 7)}
    s = begun(msgspec.structs.replace(made, acd=acd, hours=hours))
    to_sales(s, "c1")
    assert [type(c) for c in s.say(HoursSwitched(EVE, "office", "closed"))] == [HoursTurned]
    moved = s.say(HoursSwitched(EVE, "night", "closed"))
    assert [c.move.queue for c in moved if isinstance(c, Overflowed)] == ["sales"]


def test_nobody_is_moved_while_the_link_is_down_and_afterwards_they_are() -> None:
    s = begun(site())
    to_sales(s, "c1")
    s.say(ev.LinkLost("cut"))
    turned = s.say(HoursSwitched(EVE, "office", "closed"))
    assert [type(c) for c in turned] == [HoursTurned]
    s.lines.clear()
    caller = ChannelFact("PJSIP/trunk-c1", "c1", "caller", "queue", queue="sales", since=WALL)
    s.say(ev.Inventory(False, (caller,), ()))
    s.wait(2_000)
    assert any("Overflowed" in line for line in s.lines)


def test_a_caller_whose_phone_rings_is_not_taken_out_of_it() -> None:
    s = begun(site())
    s.say(ev.SignInAsked("anna"), ev.ReadyAsked("anna"))
    to_sales(s, "c1")
    assert [type(c) for c in s.say(HoursSwitched(EVE, "office", "closed"))] == [HoursTurned]
    assert s.centre.router.contacts["c1"].state == "offered"


def test_what_is_refused_leaves_an_older_switch_as_it_is() -> None:
    s = begun(site())
    s.say(HoursSwitched(EVE, "office", "closed", "14:00"))
    [denied] = s.say(HoursSwitched(ADAM, "office", "open", "11:61"))
    assert isinstance(denied, Denied)
    assert (denied.login, view(s).login) == ("adam", "eve")
    assert not any(isinstance(c, RingAgent) for c in s.say(ev.Reloaded()))
