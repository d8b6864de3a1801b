"""Where the search begins: Erlang A, interval by interval, with the load that is carried over.

The load of an interval is not only what comes in it: calls of the interval before are still on.
So Erlang A is not asked with the arrivals but with the modified offered load, the mean number of
agents who would be busy if everyone were served at once, m' = lam(t) - mu m (O. Jennings, A.
Mandelbaum, W. Massey, W. Whitt, "Server staffing to meet time-varying demand", 1996; L. Green, P.
Kolesar, W. Whitt, "Coping with time-varying demand when setting staffing requirements for a service
system", 2007). It begins at 0: nobody is there at instant 0.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import msgspec

from ctid.acd.settings import AgentSettings
from ctid.core.errors import CtidError
from ctid.core.instants import Duration
from ctid.core.records import QueueId
from sim.erlang.sizing import Demand, figures, least
from sim.run.outcome import Outcome
from sim.scenario.model import Scenario
from sim.spreads import moments
from sim.staffing.goal import Goal


class NothingToGoBy(CtidError):
    """The trial runs answered nobody; let some agents of that kind work in the scenario."""


class Start(msgspec.Struct, frozen=True):
    """What the formula is asked with, and its answer. Times are ms."""

    calls: list[float]
    """Calls in each interval of one replication, of the queues that these agents serve."""
    handling: float
    patience: float
    """Mean patience; infinite is none."""
    load: list[float]
    """The modified offered load: erlang, mean over the interval."""
    agents: list[int]


def start(
    scenario: Scenario, one: AgentSettings, goal: Goal, outcomes: Sequence[Outcome], fewest: int
) -> Start:
    """Out of trial runs with any staff.

    Raises:
        NothingToGoBy: nobody was answered in them.
    """
    queues = [queue for queue in outcomes[0].queues if queue in one.queues]
    calls = _calls(outcomes, queues)
    handling = _handling(outcomes)
    patience = _patience(scenario, queues)
    lengths = _lengths(scenario)
    load = modified_offered_load(calls, lengths, handling)
    target = max(
        queue.target
        for queue in scenario.centre.acd.queues
        if queue.id == (goal.named.queue or queues[0])
    )
    agents = [_least(demand, handling, patience, target, goal, fewest) for demand in load]
    return Start(calls, handling, patience, load, agents)


def modified_offered_load(
    calls: Sequence[float], lengths: Sequence[Duration], handling: float
) -> list[float]:
    """The mean of m over each interval, with m' = lam - m / handling and m = 0 at the beginning."""
    m, found = 0.0, []
    for count, length in zip(calls, lengths, strict=True):
        settled, passed = count / length * handling, length / handling
        found.append(settled + (m - settled) * -math.expm1(-passed) / passed)
        m = settled + (m - settled) * math.exp(-passed)
    return found


def _least(
    load: float, handling: float, patience: float, target: Duration, goal: Goal, fewest: int
) -> int:
    if load < 1e-9:
        return fewest
    demand = Demand(load, handling, handling, patience)

    def enough(agents: int) -> bool:
        carried = math.isfinite(patience) or load < agents
        return carried and goal.by_erlang(figures(demand, agents, target))

    return max(fewest, least(enough, max(1, math.ceil(load)), "agents"))


def _lengths(scenario: Scenario) -> list[Duration]:
    edges = [*range(0, scenario.lasts, scenario.interval), scenario.lasts]
    return [end - begin for begin, end in pairwise(edges)]


def _calls(outcomes: Sequence[Outcome], queues: Sequence[QueueId]) -> list[float]:
    count = len(outcomes[0].queues[queues[0]])
    return [
        sum(
            o.queues[queue][place].offered - o.queues[queue][place].moved_on
            for o in outcomes
            for queue in queues
        )
        / len(outcomes)
        for place in range(count)
    ]


def _handling(outcomes: Sequence[Outcome]) -> float:
    rows = [row for o in outcomes for agent in o.agents.values() for row in agent]
    contacts = sum(row.contacts for row in rows)
    if not contacts:
        raise NothingToGoBy(
            "the trial runs answered nobody, so they say nothing of handling times; let some agents"
            " of that kind work in the scenario"
        )
    return sum(row.ringing + row.talking + row.wrap_up for row in rows) / contacts


def _patience(scenario: Scenario, queues: Sequence[QueueId]) -> float:
    """What the scenario says of callers there; where streams differ, their plain mean."""
    world = scenario.world
    habits = [inflow.habits for inflow in world.inflows] or [world.callers]
    means = [
        moments(one.patience_in.get(queue, one.patience))[0] for one in habits for queue in queues
    ]
    return math.fsum(means) / len(means)
