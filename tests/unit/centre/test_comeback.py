"""Callers who gave up and call again: the old place, once, within the time, by number and queue."""

from __future__ import annotations

import msgspec

from ctid.centre.calls import Call
from ctid.centre.comeback import REMEMBERED, Comebacks, Place
from ctid.core import events as ev
from ctid.core.instants import MINUTE, SECOND
from tests.golden.site import opened, settings, wait_in
from tests.golden.transcript import Scenario

FIRST, OTHER = "+8613800138000", "+8613900139000"


def calls(s: Scenario, call: str, number: str = FIRST, queue: str = "sales") -> None:
    s.say(ev.CallArrived(call, f"PJSIP/trunk-{call}", number, "", "4001"))
    wait_in(s, call, queue)


def order(s: Scenario) -> list[str]:
    return [w.call for w in s.centre.snapshot(s.now).waiting]


def gone(s: Scenario, call: str) -> None:
    s.say(ev.CallEnded(call, "16"))


def crowd() -> Scenario:
    """c1 waited, others came, and c1 gave up."""
    s = opened()
    calls(s, "c1")
    calls(s, "c2", OTHER)
    gone(s, "c1")
    return s


def test_the_old_place() -> None:
    s = crowd()
    s.wait(2 * MINUTE)
    calls(s, "c3")
    assert order(s) == ["c3", "c2"]


def test_once() -> None:
    s = crowd()
    calls(s, "c3")
    calls(s, "c4")
    assert order(s) == ["c3", "c2", "c4"]


def test_giving_up_again_keeps_it_again() -> None:
    s = crowd()
    calls(s, "c3")
    gone(s, "c3")
    calls(s, "c4")
    assert order(s) == ["c4", "c2"]


def test_too_late_another_queue_another_number_a_hidden_number() -> None:
    s = crowd()
    calls(s, "c3", queue="service")
    calls(s, "c4", "+8613700137000")
    calls(s, "c5", "")
    s.wait(3 * MINUTE)
    calls(s, "c6")
    assert order(s) == ["c2", "c3", "c4", "c5", "c6"]


def test_who_was_served_has_no_place() -> None:
    s = opened("anna")
    calls(s, "c1")
    s.say(ev.AgentAnswered("b1-2"), ev.CallBridged("b1-2"))
    s.say(ev.BreakAsked("anna", "lunch"))
    gone(s, "c1")
    s.say(ev.LegEnded("b1-2", "hangup"))
    calls(s, "c2", OTHER)
    calls(s, "c3")
    assert order(s) == ["c2", "c3"]


def test_after_a_restart_of_the_pbx() -> None:
    s = opened()
    calls(s, "c1")
    s.say(ev.Inventory(True, (), ()))
    calls(s, "c2", OTHER)
    calls(s, "c3")
    assert order(s) == ["c3", "c2"]


def test_a_restart_of_ctid_keeps_the_places() -> None:
    s = crowd()
    s.restart()
    calls(s, "c3")
    assert order(s) == ["c3", "c2"]


def test_never_where_the_site_says_so() -> None:
    s = Scenario(msgspec.structs.replace(settings(), regain=0))
    s.say(ev.Started("b1", 0), ev.Inventory(False, (), ()))
    calls(s, "c1")
    calls(s, "c2", OTHER)
    gone(s, "c1")
    calls(s, "c3")
    assert order(s) == ["c2", "c3"]
    assert s.centre.comebacks.dump() == []


def test_memory_is_bounded() -> None:
    kept = Comebacks(MINUTE)
    for n in range(REMEMBERED + 5):
        kept.restore([Place(f"+{n}", "q", 0, SECOND)])
    assert len(kept.dump()) == REMEMBERED
    call = Call("c", "ch", "", "", 0, number="+1", number_kind="e164", queue="q", was_queued=True)
    kept.closed(call, "abandoned", 2 * MINUTE)
    assert [place.number for place in kept.dump()] == ["+1"], "the others have expired"
