"""Erlang A beside a simulation: right where it applies, silent where it does not."""

from __future__ import annotations

import msgspec
import pytest

from ctid.acd.settings import AcdSettings, AgentSettings, QueueSettings
from sim.erlang.queue import Queue
from sim.report.theory import Theory, theory
from sim.run.outcome import AgentSums, Outcome, QueueSums

HOUR = 3_600_000
QUEUE = QueueSettings("q", "Q", target=20_000)
ACD = AcdSettings(
    (QUEUE,), tuple(AgentSettings(f"a{n}", f"A{n}", f"PJSIP/{n}", ("q",)) for n in range(12))
)


def an_outcome(**changes: int) -> Outcome:
    """An hour as M/M/12 + M has it on average: 10 erlang of 180 s, patience 120 s."""
    exact = Queue(1 / 18_000, 1 / 180_000, 12, 1 / 120_000)
    offered, lost = 200, round(200 * exact.p_abandon())
    waited = lost * 120_000
    busy = (offered - lost) * 180_000 // 12
    calls = QueueSums(offered=offered, answered=offered - lost, abandoned=lost, waited=waited)
    calls = msgspec.structs.replace(calls, **changes)
    agent = AgentSums(talking=busy, ready=HOUR - busy)
    agents = {f"a{n}": [msgspec.structs.replace(agent, contacts=0)] for n in range(12)}
    agents["a0"][0].contacts = offered - lost
    return Outcome(0, {"q": [calls]}, agents, [], begins=0, ends=HOUR, interval=HOUR)


def test_where_the_simulation_is_erlang_a_it_is_erlang_a() -> None:
    exact = Queue(1 / 18_000, 1 / 180_000, 12, 1 / 120_000)
    found = theory(ACD, QUEUE, [an_outcome()])
    assert found.patience == 120_000
    assert found.handling == pytest.approx(180_000, rel=1e-6)
    assert found.service_level == pytest.approx(exact.served_within(20_000), rel=1e-4)
    assert found.asa == pytest.approx(exact.mean_wait_served(), rel=1e-3)
    assert found.abandonment == pytest.approx(exact.p_abandon(), rel=1e-3)
    assert found.occupancy == pytest.approx(exact.utilisation(), rel=1e-3)
    assert found.service_level_day == [found.service_level]


def test_silent_where_it_has_no_say() -> None:
    outcome = an_outcome()
    both = msgspec.structs.replace(ACD.agents[0], queues=("q", "other"))
    penal = msgspec.structs.replace(ACD.agents[0], penalties={"q": 1})
    for agent, reason in ((both, "shared"), (penal, "skills")):
        acd = msgspec.structs.replace(ACD, agents=(agent, *ACD.agents[1:]))
        assert theory(acd, QUEUE, [outcome]) == Theory(reason)
    assert theory(ACD, QUEUE, [an_outcome(offered=250)]) == Theory("elsewhere")
    assert theory(ACD, QUEUE, [an_outcome(offered=0, answered=0, abandoned=0)]).reason == "no_calls"


def test_patience_without_end() -> None:
    found = theory(ACD, QUEUE, [an_outcome(answered=200, abandoned=0, waited=0)])
    assert found.patience is None
    assert found.abandonment == 0
    full = an_outcome(offered=300, answered=300, abandoned=0, waited=0)
    assert theory(ACD, QUEUE, [full]) == Theory("overload")
