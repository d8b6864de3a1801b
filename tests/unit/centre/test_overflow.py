"""Overflow at its edges: lost orders, late facts, inventories, changed settings, many hops."""

from __future__ import annotations

import msgspec

from ctid.acd.overflow import Overflow, Rule, ToExternal, ToHangUp, ToQueue, ToVoicemail
from ctid.centre.centre import Centre
from ctid.centre.state import CentreState
from ctid.core import events as ev
from ctid.core.commands import (
    CallClosed,
    Command,
    Divert,
    HangUpCall,
    Noticed,
    Overflowed,
    RingAgent,
    StopRinging,
)
from ctid.core.views import QueueView
from tests.golden.overflow import overflowing, ready
from tests.golden.site import phones, to_sales, wait_in
from tests.golden.transcript import WALL, Scenario
from tests.unit.centre.test_resync import caller, inventory

VOICEMAIL = Rule(ToVoicemail(), "wait", waited=10_000)


def moved(commands: list[Command]) -> list[str]:
    return [c.move.to for c in commands if isinstance(c, Overflowed)]


def noticed(commands: list[Command]) -> list[str]:
    return [c.code for c in commands if isinstance(c, Noticed)]


def waiting(s: Scenario) -> list[tuple[str, str]]:
    return [(w.call, w.queue) for w in s.centre.snapshot(s.now).waiting]


def sales(s: Scenario) -> QueueView:
    return s.centre.snapshot(s.now).queues[0]


def in_voicemail(*, confirmed: bool = True) -> Scenario:
    """c1 was sent to voicemail a moment ago."""
    s = overflowing(VOICEMAIL)
    to_sales(s)
    s.wait(10_000)
    assert waiting(s) == []
    if confirmed:
        s.say(ev.CallDiverted("c1", "voicemail", 1), after=20)
    return s


def test_the_counts_keep_the_reasons_apart() -> None:
    s = overflowing(
        Rule(ToHangUp(), no_agent="signed_in"),
        Rule(ToQueue("service"), length=1),
        Rule(ToVoicemail(), "wait", waited=10_000),
    )
    s.say(ev.CallArrived("c0", "PJSIP/trunk-c0", "", "", "4001"), ev.CallEnded("c0", "16"))
    s.say(ev.SignInAsked("anna"))
    to_sales(s)
    s.say(ev.CallArrived("c2", "PJSIP/trunk-c2", "", "", "4001"))
    wait_in(s, "c2", "service")
    s.wait(10_000)
    view = sales(s)
    assert (view.offered, view.abandoned, view.waiting) == (3, 0, 0)
    assert (view.closed, view.no_agent, view.full, view.timed_out) == (0, 1, 1, 1)
    assert view.overflowed == 1
    assert s.centre.snapshot(s.now).queues[1].offered == 1


def test_a_confirmed_caller_stays_where_they_were_sent() -> None:
    s = in_voicemail()
    s.lines.clear()
    s.wait(120_000)
    assert s.lines == []


def test_a_late_word_that_the_caller_is_there_ends_the_ringing_for_them() -> None:
    """Given up after 5 s, offered again, and then it turns out that voicemail has the caller."""
    s = in_voicemail(confirmed=False)
    s.wait(5_000)
    ready(s, "anna")
    late = s.say(ev.CallDiverted("c1", "voicemail", 1), after=10)
    assert [c.offer for c in late if isinstance(c, StopRinging)] == ["b1-3"]
    s.say(ev.LegEnded("b1-3", "caller_gone"), after=10)
    s.say(ev.RecordingStored("c1", "/r/c1.wav", 4_000))
    [closed] = [c for c in s.say(ev.CallEnded("c1", "16")) if isinstance(c, CallClosed)]
    assert (closed.record.outcome, closed.record.offers) == ("voicemail", 1)
    assert s.centre.router.staff.agents["anna"].state == "ready", "no fault of hers"


def test_a_caller_who_is_found_elsewhere_after_all_is_not_counted_again() -> None:
    """The fuzzer's: two facts that changed places, and one caller too many on the board."""
    s = in_voicemail(confirmed=False)
    s.say(ev.CallWaiting("c1", "PJSIP/trunk-c1", "sales", WALL, moves=1))
    assert (sales(s).offered, sales(s).waiting) == (2, 1)
    s.say(ev.CallDiverted("c1", "voicemail", 1), after=10)
    assert (sales(s).offered, sales(s).waiting) == (1, 0)
    s.say(ev.CallEnded("c1", "16"))
    assert (sales(s).answered, sales(s).abandoned) == (0, 0)


def test_an_inventory_confirms_too() -> None:
    s = in_voicemail(confirmed=False)
    inventory(s, caller("c1", "other"))
    s.lines.clear()
    s.wait(120_000)
    assert "divert_lost" not in s.text
    assert waiting(s) == []


def test_an_inventory_shows_that_somebody_outside_talks() -> None:
    s = overflowing(Rule(ToExternal("+49301234"), "wait", waited=10_000))
    to_sales(s)
    s.wait(10_000)
    inventory(s, caller("c1", "talking"))
    [closed] = [c for c in s.say(ev.CallEnded("c1", "16")) if isinstance(c, CallClosed)]
    assert (closed.record.outcome, closed.record.talked) == ("overflowed", 1_000)


def test_an_order_that_was_lost_with_the_link_has_another_turn() -> None:
    s = in_voicemail(confirmed=False)
    inventory(s, caller("c1", "queue", queue="sales", since=WALL + 1_050))
    assert waiting(s) == [("c1", "sales")]
    s.lines.clear()
    s.wait(2_000)
    assert "place=voicemail" in s.text
    assert "moves=2" in s.text


def test_a_number_that_did_not_answer_is_not_tried_again() -> None:
    s = overflowing(Rule(ToExternal("+49301234"), "wait", waited=10_000), VOICEMAIL)
    to_sales(s)
    s.wait(10_000)
    s.say(ev.CallDiverted("c1", "external", 1), after=20)
    s.say(ev.CallWaiting("c1", "PJSIP/trunk-c1", "sales", WALL + 1_050, moves=1), after=20_000)
    s.lines.clear()
    s.wait(2_000)
    assert "place=voicemail" in s.text


def test_a_queue_that_was_removed_is_no_way_back() -> None:
    s = in_voicemail(confirmed=False)
    acd = msgspec.structs.replace(s.settings.acd, queues=s.settings.acd.queues[1:])
    agents = tuple(msgspec.structs.replace(a, queues=("service",)) for a in acd.agents)
    acd = msgspec.structs.replace(acd, agents=agents)
    saved = msgspec.json.decode(msgspec.json.encode(s.centre.dump()), type=CentreState)
    s.centre = Centre.load(msgspec.structs.replace(s.settings, acd=acd), saved)
    s.wait(5_000)
    assert waiting(s) == [("c1", "service")]


def test_who_was_turned_away_is_told_so_again() -> None:
    """The order to hang up was lost; the PBX holds the caller still."""
    s = overflowing(Rule(ToHangUp(), "wait", waited=10_000))
    to_sales(s)
    s.wait(10_000)
    commands = inventory(s, caller("c1", "queue", queue="sales"))
    assert [c for c in commands if isinstance(c, HangUpCall)] == [HangUpCall("c1", "overflow")]
    assert waiting(s) == []
    [closed] = [c for c in s.say(ev.CallEnded("c1", "16")) if isinstance(c, CallClosed)]
    assert (closed.record.outcome, closed.record.waited) == ("turned_away", 10_000)


def test_an_adopted_caller_is_held_against_the_rules_for_joining() -> None:
    """Whom the dialplan fell back with, nobody asked whether the queue is open."""
    s = overflowing(service=(Rule(ToVoicemail(), no_agent="signed_in"),))
    wait_in(s, "c9", "service")
    assert waiting(s) == [("c9", "service")]
    s.lines.clear()
    s.wait(1_000)
    assert "place=voicemail" in s.text
    assert "service" in s.text


def test_hops_are_bounded_and_the_ends_stay_open() -> None:
    s = overflowing(
        Rule(ToExternal("110"), "wait", waited=2_000),
        Rule(ToQueue("service"), "wait", waited=2_000),
        Rule(ToVoicemail(), "wait", waited=9_000),
    )
    queues = list(s.settings.acd.queues)
    queues[0] = msgspec.structs.replace(
        queues[0], overflow=Overflow(queues[0].overflow.rules, hops=1)
    )
    acd = msgspec.structs.replace(s.settings.acd, queues=tuple(queues))
    s = Scenario(msgspec.structs.replace(s.settings, acd=acd))
    s.say(ev.Started("b1", WALL), ev.Inventory(False, (), phones()), after=0)
    to_sales(s)
    s.wait(2_000)
    s.say(ev.CallDiverted("c1", "external", 1), after=20)
    s.say(ev.CallWaiting("c1", "PJSIP/trunk-c1", "sales", WALL + 1_050, moves=1))
    s.wait(3_000)
    assert waiting(s) == [("c1", "sales")], "one hop was all there is"
    s.lines.clear()
    s.wait(9_000)
    assert "place=voicemail" in s.text


def test_a_message_of_a_call_that_is_over_is_not_lost_in_silence() -> None:
    s = overflowing()
    assert noticed(s.say(ev.RecordingStored("c7", "/r/c7.wav", 900))) == ["recording_unclaimed"]


def test_a_call_that_ended_unseen_in_voicemail_may_have_left_a_message() -> None:
    s = in_voicemail()
    assert noticed(inventory(s)) == ["recording_unseen"]


def test_a_free_agent_comes_before_any_rule() -> None:
    s = overflowing(VOICEMAIL)
    ready(s, "anna")
    s.say(ev.CallArrived("c1", "PJSIP/trunk-c1", "", "", "4001"))
    commands = s.say(ev.CallWaiting("c1", "PJSIP/trunk-c1", "sales", WALL), after=50)
    assert [c.agent for c in commands if isinstance(c, RingAgent)] == ["anna"]
    assert not [c for c in commands if isinstance(c, Divert)]
