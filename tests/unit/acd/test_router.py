"""The router by itself: who is offered what, and what becomes of it."""

import pytest

from ctid.acd.router import Router
from ctid.acd.settings import AcdSettings, AgentSettings, QueueSettings
from ctid.core.commands import (
    AgentChanged,
    Command,
    Decided,
    HangUpAgent,
    LegClosed,
    Noticed,
    RingAgent,
    StopRinging,
)
from ctid.core.deadlines import Deadlines
from ctid.core.instants import Epoch
from ctid.core.records import LegCause

SETTINGS = AcdSettings(
    queues=(QueueSettings("q1", "Q1", wrap_up=0), QueueSettings("q2", "Q2", target=5_000)),
    agents=(
        AgentSettings("a1", "A1", "P/1", ("q1",)),
        AgentSettings("a2", "A2", "P/2", ("q1", "q2")),
        AgentSettings("a3", "A3", "P/3", ("q2",)),
    ),
)


def router(*ready: str) -> Router:
    """Thawed, with idle phones; these agents became ready at 1, 2, 3 …"""
    made = Router(SETTINGS, Deadlines(), Epoch)
    for agent in made.staff.agents.values():
        made.staff.phone_changed(agent.phone, "idle")
    for now, agent_id in enumerate(ready, 1):
        agent = made.staff.agents[agent_id]
        made.staff.sign_in(agent, now)
        made.staff.wish(agent, "ready", "", now)
    made.thaw(len(ready))
    return made


def join(made: Router, call: str, queue: str = "q1", at: int = 100) -> list[Command]:
    return made.join(call, queue, "ch", "", "", at, at)


def rung(commands: list[Command]) -> list[tuple[str, str]]:
    return [(c.call, c.agent) for c in commands if isinstance(c, RingAgent)]


def test_longest_idle_of_the_queue() -> None:
    made = router("a3", "a2", "a1")
    assert rung(join(made, "c1")) == [("c1", "a2")]
    assert rung(join(made, "c2")) == [("c2", "a1")]
    assert rung(join(made, "c3")) == []
    assert rung(join(made, "c4", "q2")) == [("c4", "a3")]


def test_the_reason_is_said() -> None:
    made = router("a1", "a2")
    (decided,) = (c for c in join(made, "c1", at=192_001) if isinstance(c, Decided))
    assert decided.decision.reason == "longest idle 3 min 12 s; q1: 2 available, waited 0 s"
    assert (decided.decision.available, decided.decision.waiting) == (2, 1)


def test_a_freed_agent_gets_the_longest_wait_over_all_queues() -> None:
    made = router()
    join(made, "c1", "q2", at=20)
    join(made, "c2", "q1", at=10)
    agent = made.staff.agents["a2"]
    made.staff.sign_in(agent, 30)
    made.staff.wish(agent, "ready", "", 30)
    assert rung(made.settle(30)) == [("c2", "a2")]


def test_several_freed_at_once_leave_nobody_waiting() -> None:
    """Whoever is looked at first, the strategy may choose the other: both must get a contact."""
    made = router("a1", "a2")
    for phone in ("P/1", "P/2"):
        made.staff.phone_changed(phone, "in_use")
    join(made, "c1")
    join(made, "c2")
    for phone in ("P/2", "P/1"):
        made.staff.phone_changed(phone, "idle")
    assert rung(made.settle(200)) == [("c1", "a1"), ("c2", "a2")]


def test_frozen_offers_nothing_and_thaw_offers_in_order_of_wait() -> None:
    made = router("a1", "a2")
    made.freeze()
    assert rung(join(made, "late", at=50)) == []
    assert rung(join(made, "early", at=40)) == []
    assert made.settle(60) == []
    assert rung(made.thaw(60)) == [("early", "a1"), ("late", "a2")]


@pytest.mark.parametrize(
    ("cause", "state", "reason", "backed_off"),
    [
        ("no_answer", "not_ready", "no_answer", False),
        ("busy", "ready", "", True),
        ("rejected", "ready", "", True),
        ("unreachable", "ready", "", True),
        ("failed", "ready", "", True),
        ("unknown", "ready", "", True),
        ("caller_gone", "ready", "", False),
    ],
)
def test_a_leg_without_a_bridge(cause: LegCause, state: str, reason: str, backed_off: bool) -> None:
    made = router("a1")
    join(made, "c1")
    offer = made.contacts["c1"].offer
    commands = made.leg_ended(offer, cause, 300)
    agent = made.staff.agents["a1"]
    changed = next(c for c in commands if isinstance(c, AgentChanged))
    assert (changed.state, changed.reason) == (state, reason)
    assert agent.idle_since == 1, "nobody loses their turn by an offer that came to nothing"
    assert rung(commands) == []
    assert agent.backed_off == backed_off


def test_back_off_ends_by_its_deadline() -> None:
    made = router("a1")
    join(made, "c1")
    made.leg_ended(made.contacts["c1"].offer, "busy", 300)
    made.fire("back_off", "a1", 5300)
    assert rung(made.settle(5300)) == [("c1", "a1")]


def test_the_bridge_counts_by_the_wait() -> None:
    made = router("a2", "a3")
    for call, wait in (("c1", 5_000), ("c2", 5_001)):
        join(made, call, "q2")
        made.bridged(made.contacts[call].offer, 100 + wait)
    counts = made.counts["q2"]
    assert (counts.offered, counts.answered, counts.within) == (2, 2, 1)
    assert counts.waited_sum == 10_001
    assert made.pools["q2"].waiting == 0


def test_facts_come_twice_and_late() -> None:
    made = router("a1")
    join(made, "c1")
    offer = made.contacts["c1"].offer
    assert made.bridged(offer, 200)
    assert made.bridged(offer, 300) == []
    assert made.answered(offer, 300) == []
    assert made.offers[offer].state == "bridged"
    assert made.offers[offer].bridged_at == 200
    made.leg_ended(offer, "hangup", 400)
    assert made.leg_ended(offer, "hangup", 500) == []
    assert made.answered(offer, 500) == []
    assert made.bridged(offer, 500) == []


def test_a_bridge_at_instant_zero_is_a_bridge() -> None:
    made = router("a1")
    made.join("c1", "q1", "ch", "", "", 0, 0)
    offer = made.contacts["c1"].offer
    made.bridged(offer, 0)
    made.leg_ended(offer, "hangup", 10)
    assert made.staff.agents["a1"].state == "ready"


def test_the_caller_leaves_while_it_rings() -> None:
    made = router("a1")
    join(made, "c1")
    offer = made.contacts["c1"].offer
    left, commands = made.leave("c1", 200)
    assert left is not None
    assert commands == [StopRinging(offer, "the caller hung up")]
    assert made.bridged(offer, 200) == [], "too late: the contact has its outcome"
    commands = made.leg_ended(offer, "hangup", 210)
    assert made.staff.agents["a1"].state == "ready"
    assert not made.staff.agents["a1"].backed_off, "it was not the agent's fault"
    assert made.counts["q1"].abandoned == 1


def test_nobody_leaves_twice() -> None:
    made = router()
    join(made, "c1")
    assert made.leave("c1", 200)[0] is not None
    assert made.leave("c1", 201) == (None, [])


def test_a_leg_that_nobody_ends_is_ended() -> None:
    made = router("a1")
    join(made, "c1")
    offer = made.contacts["c1"].offer
    assert made.fire("leg", offer, 25_100) == [StopRinging(offer, "overdue")]
    commands = made.fire("leg", offer, 30_100)
    assert [type(c) for c in commands[:2]] == [Noticed, LegClosed]
    assert made.offers == {}
    assert made.contacts["c1"].state == "waiting"


def test_a_bridged_leg_that_outlives_the_caller_is_hung_up() -> None:
    made = router("a1")
    join(made, "c1")
    offer = made.contacts["c1"].offer
    made.bridged(offer, 200)
    assert made.leave("c1", 300)[1] == []
    assert made.fire("leg", offer, 5_300) == [HangUpAgent(offer, "overdue")]


def test_while_frozen_the_inventory_will_tell_of_overdue_legs() -> None:
    made = router("a1")
    join(made, "c1")
    made.freeze()
    assert made.fire("leg", made.contacts["c1"].offer, 25_100) == []


def test_hang_up_on_the_page() -> None:
    made = router("a1")
    agent = made.staff.agents["a1"]
    assert made.hang_up(agent, 70) == []
    join(made, "c1")
    offer = made.contacts["c1"].offer
    assert made.hang_up(agent, 70) == [StopRinging(offer, "the agent declined")]
    made.bridged(offer, 200)
    assert made.hang_up(agent, 70) == [HangUpAgent(offer, "the agent hung up")]
