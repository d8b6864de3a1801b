"""Start and reconnect: inventories that contradict what we were told, and settings that changed."""

from __future__ import annotations

import msgspec

from ctid.acd.settings import AcdSettings
from ctid.centre.centre import Centre
from ctid.centre.state import CentreState
from ctid.core import events as ev
from ctid.core.commands import CallClosed, Command, HangUpAgent, Repaired, RingAgent, StopRinging
from ctid.core.records import ChannelFact
from tests.golden.site import opened, phones, talk, to_sales
from tests.golden.transcript import WALL, Scenario


def caller(call: str, place: str = "queue", **more: object) -> ChannelFact:
    fact = {"channel": f"PJSIP/{call}", "id": call, "role": "caller", "place": place, **more}
    return msgspec.convert(fact, ChannelFact)


def leg(offer: str, call: str, place: str = "talking", phone: str = "PJSIP/1001") -> ChannelFact:
    return ChannelFact(f"{phone}-1", offer, "agent", place, call=call, phone=phone)


def inventory(scenario: Scenario, *channels: ChannelFact) -> list[Command]:
    scenario.say(ev.LinkLost("cut"))
    return scenario.say(ev.Inventory(False, channels, phones()))


def repairs(commands: list[Command]) -> list[tuple[str, str]]:
    return [(c.subject, c.kind) for c in commands if isinstance(c, Repaired)]


def test_nothing_to_mend() -> None:
    s = opened("anna")
    to_sales(s)
    assert inventory(s, caller("c1"), leg("b1-2", "c1", "ringing")) == []


def test_a_talk_whose_caller_was_reported_gone_is_not_brought_back() -> None:
    """The caller's end came while the PBX was still listing its channels."""
    s = opened("anna")
    s.say(ev.CallEnded("c9", "16"))
    commands = inventory(s, caller("c9", "talking"), leg("x-1", "c9"))
    assert repairs(commands) == [("x-1", "leg_unknown")]
    assert not any(isinstance(c, HangUpAgent) and c.offer != "x-1" for c in commands)
    assert s.centre.calls == {}


def test_a_talk_whose_caller_was_listed_a_moment_before_is_adopted() -> None:
    s = opened("anna")
    commands = inventory(s, caller("c9", "other", queue="sales"), leg("x-1", "c9"))
    assert ("x-1", "talk_adopted") in repairs(commands)
    assert s.centre.calls["c9"].was_bridged
    assert s.centre.router.staff.agents["anna"].state == "on_call"


def test_a_talk_of_a_phone_that_is_not_ours_is_left_alone() -> None:
    s = opened("anna")
    commands = inventory(s, caller("c9", "talking"), leg("x-1", "c9", phone="PJSIP/77"))
    assert repairs(commands) == [("x-1", "talk_left")]
    assert not any(isinstance(c, HangUpAgent | StopRinging) for c in commands)


def test_tombstones_of_old_calls_go() -> None:
    s = opened()
    for n in range(5):
        s.say(ev.CallEnded(f"c{n}", "16"), after=60_000)
    assert list(s.centre.ended) == ["c2", "c3", "c4"]


def loaded(scenario: Scenario, without: str) -> Centre:
    """The scenario's state under settings that no longer know one agent."""
    acd = scenario.settings.acd
    agents = tuple(a for a in acd.agents if a.id != without)
    settings = msgspec.structs.replace(scenario.settings, acd=AcdSettings(acd.queues, agents))
    saved = msgspec.json.encode(scenario.centre.dump())
    return Centre.load(settings, msgspec.json.decode(saved, type=CentreState))


def test_the_caller_of_a_removed_agent_who_rang_goes_to_the_next() -> None:
    s = opened("anna", "bob")
    to_sales(s)
    centre = loaded(s, without="anna")
    now = s.now + 100
    centre.handle(ev.Started("b2", WALL), now)
    commands = centre.handle(ev.Inventory(False, (caller("c1"),), phones()), now)
    assert [c.agent for c in commands if isinstance(c, RingAgent)] == ["bob"]


def test_the_call_of_a_removed_agent_who_talked_ends_like_any_other() -> None:
    s = opened("anna", "bob")
    to_sales(s)
    talk(s, "b1-2")
    centre = loaded(s, without="anna")
    centre.handle(ev.LegEnded("b1-2", "hangup"), s.now + 50)
    commands = centre.handle(ev.CallEnded("c1", "16"), s.now + 100)
    (closed,) = (c for c in commands if isinstance(c, CallClosed))
    assert (closed.record.outcome, closed.record.agent) == ("answered", "anna")


def test_a_removed_queue_hands_its_callers_to_the_fallback() -> None:
    s = opened()
    to_sales(s)
    acd = s.settings.acd
    queues = tuple(q for q in acd.queues if q.id == "service")
    agents = tuple(msgspec.structs.replace(a, queues=("service",)) for a in acd.agents)
    settings = msgspec.structs.replace(s.settings, acd=AcdSettings(queues, agents))
    saved = msgspec.json.encode(s.centre.dump())
    centre = Centre.load(settings, msgspec.json.decode(saved, type=CentreState))
    (waiting,) = centre.snapshot(s.now).waiting
    assert (waiting.call, waiting.queue, waiting.since) == ("c1", "service", s.now)


def test_who_was_free_before_a_restart_has_no_turn_of_their_own_after_it() -> None:
    """Nobody waited for them. A turn now would come before that of the agent whom the next fact
    frees, and a replay that begins at this state would tell another day."""
    s = opened("anna", "bob")
    saved = msgspec.json.encode(s.centre.dump())
    centre = Centre.load(s.settings, msgspec.json.decode(saved, type=CentreState))
    assert [a.id for a in centre.router.staff.agents.values() if a.open] == ["anna", "bob"]
    assert centre.router.freed == []
