"""Doubts: facts that are lost, late or reordered around one caller and one offer."""

from __future__ import annotations

import msgspec

from ctid.core import events as ev
from ctid.core.commands import Command, HangUpAgent, RingAgent
from tests.golden.site import opened, phones, talk, to_sales
from tests.golden.transcript import NOON, WALL
from tests.unit.centre.test_resync import caller, inventory, leg, loaded


def rings(commands: list[Command]) -> list[tuple[str, str]]:
    return [(c.agent, c.call) for c in commands if isinstance(c, RingAgent)]


def test_a_talk_that_was_to_be_stopped_as_overdue_is_believed() -> None:
    """The StopRinging of an overdue leg was lost with the link, and the agent answered."""
    s = opened("anna")
    to_sales(s)
    s.wait(26_000)  # ring time and grace are over: StopRinging
    s.say(ev.SignInAsked("bob"), ev.ReadyAsked("bob"), after=0)
    inventory(s, caller("c1", "talking"), leg("b1-2", "c1"))
    assert s.centre.router.staff.agents["anna"].state == "on_call"
    s.lines.clear()
    s.wait(60_000)
    assert "RingAgent" not in s.text, "the caller of a live talk was offered to somebody else"


def test_an_agent_who_hangs_up_is_not_kept_in_a_call_whose_end_nobody_reports() -> None:
    s = opened("anna")
    to_sales(s)
    talk(s, "b1-2")
    assert any(isinstance(c, HangUpAgent) for c in s.say(ev.HangUpAsked("anna")))
    s.wait(60_000)
    assert s.centre.router.staff.agents["anna"].state != "on_call"


def test_a_caller_whom_the_dialplan_did_not_find_is_not_offered_at_once() -> None:
    """The leg's end, "caller gone", overtakes the caller's: no other phone rings for nobody."""
    s = opened("anna", "bob")
    to_sales(s)
    s.say(ev.AgentAnswered("b1-2"), after=2000)
    assert rings(s.say(ev.LegEnded("b1-2", "caller_gone"), after=3)) == []
    assert rings(s.say(ev.CallEnded("c1", "16"), after=500)) == []
    assert not s.centre.calls
    assert s.centre.snapshot(s.now).queues[0].waiting == 0


def test_a_caller_who_is_still_there_after_all_is_offered_again_in_the_old_place() -> None:
    s = opened("anna")
    to_sales(s)
    to_sales(s, "c2")
    s.say(ev.AgentAnswered("b1-2"), after=0)
    assert rings(s.say(ev.LegEnded("b1-2", "caller_gone"))) == [("anna", "c2")]
    s.lines.clear()
    s.wait(6000)
    assert [w.call for w in s.centre.snapshot(s.now).waiting] == ["c1", "c2"]
    assert rings(s.say(ev.LegEnded("b1-4", "no_answer"), ev.ReadyAsked("anna"))) == [("anna", "c1")]


def test_the_boards_day_ends_although_the_clock_jumps_over_midnight() -> None:
    """A suspended machine: its monotonic clock stood still, the wall clock did not."""
    s = opened("anna")
    to_sales(s)
    s.say(ev.CallEnded("c1", "16"))
    night = 86_400_000 - NOON
    s.say(ev.WallClockAdjusted(WALL + night))
    assert s.centre.snapshot(s.now).queues[0].abandoned == 0


def test_a_small_correction_of_the_clock_does_not_end_the_boards_day() -> None:
    s = opened("anna")
    to_sales(s)
    s.say(ev.CallEnded("c1", "16"))
    s.say(ev.WallClockAdjusted(WALL + 2000), ev.WallClockAdjusted(WALL - 2000))
    assert s.centre.snapshot(s.now).queues[0].abandoned == 1


def test_wrap_up_of_nothing_leads_straight_to_the_next_caller() -> None:
    s = opened("anna")
    queues = tuple(msgspec.structs.replace(q, wrap_up=0) for q in s.settings.acd.queues)
    for queue in queues:
        s.centre.router.queues[queue.id] = queue
    to_sales(s)
    talk(s, "b1-2")
    to_sales(s, "c2")
    s.say(ev.CallEnded("c1", "16"))
    assert rings(s.say(ev.LegEnded("b1-2", "hangup"))) == [("anna", "c2")]
    assert s.centre.snapshot(s.now).agents[0].pop is not None


def test_the_talk_of_an_agent_who_was_removed_is_not_cut_off() -> None:
    s = opened("anna", "bob")
    to_sales(s)
    talk(s, "b1-2")
    centre = loaded(s, without="anna")
    centre.handle(ev.Started("b2", WALL), s.now)
    channels = (caller("c1", "talking"), leg("b1-2", "c1"))
    commands = centre.handle(ev.Inventory(False, channels, phones()), s.now)
    assert not any(isinstance(c, HangUpAgent) for c in commands)


def test_a_caller_who_talks_to_somebody_that_is_not_ours_is_not_offered() -> None:
    """Picked up by hand, transferred by the PBX, or answered by an agent who was removed."""
    s = opened()
    to_sales(s)
    s.say(ev.SignInAsked("anna"), ev.LinkLost("cut"), ev.ReadyAsked("anna"))
    commands = s.say(ev.Inventory(False, (caller("c1", "talking"),), phones()))
    assert rings(commands) == []


def test_a_caller_whom_the_dialplan_moved_to_the_fallback_queue_is_routed_there() -> None:
    """CTID_WAIT_LIMIT: after two hours in a queue without agents the dialplan says so."""
    s = opened("bob")
    s.say(ev.BreakAsked("bob", "lunch"))
    to_sales(s)
    s.wait(7_200_000)
    s.say(ev.CallWaiting("c1", "PJSIP/trunk-c1", "service", WALL + s.now))
    (waiting,) = s.centre.snapshot(s.now).waiting
    assert waiting.queue == "service"
    left, joined = s.centre.router.counts["sales"], s.centre.router.counts["service"]
    assert (left.offered, left.timed_out, left.overflowed) == (1, 1, 1)
    assert joined.offered == 1


def test_a_caller_who_comes_back_into_a_menu_after_the_talk_gets_one() -> None:
    """CTID_AFTER, or a transfer by the agent to a number of ours: the same channel comes again."""
    s = opened("anna")
    to_sales(s)
    talk(s, "b1-2")
    s.say(ev.LegEnded("b1-2", "hangup"), after=60_000)
    assert s.say(ev.CallArrived("c1", "PJSIP/trunk-c1", "", "", "4000")) != []
