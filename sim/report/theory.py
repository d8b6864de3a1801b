"""Queueing theory beside the simulation: Erlang A, interval by interval, where a queue is near it.

Each interval is taken for a steady state of its own (the stationary, independent, period by period
approximation: L. Green, P. Kolesar, J. Soares (2001), "Improving the SIPP approach for staffing
service systems that have cyclic demands"). Rates are those that the simulation showed: calls that
joined, mean handling time, agents who were there, and patience as calls given up per time waited,
which is the maximum likelihood estimate for exponential patience.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import msgspec

from ctid.acd.settings import AcdSettings, AgentSettings, QueueSettings
from ctid.core.instants import Duration
from sim.erlang.queue import Queue
from sim.report.days import added, elsewhere, places, stretches
from sim.run.figures import tidy
from sim.run.outcome import Outcome

MOST_ELSEWHERE = 0.01
"""Share of the calls that leave a queue otherwise than by an agent or by giving up, above which
the formulas say nothing of it."""


class Theory(msgspec.Struct, frozen=True):
    """What Erlang A says of one queue. Durations are milliseconds."""

    reason: str = ""
    """Why it says nothing: `shared` agents, `skills`, too many calls go `elsewhere`, `no_calls`, or
    `overload` that nobody leaves; else empty."""
    handling: float | None = None
    """Mean time that a contact takes from an agent."""
    patience: float | None = None
    """Mean patience; None where nobody gave up."""
    service_level: float | None = None
    """This and the next three over the whole time, each interval with the weight of its calls."""
    asa: float | None = None
    abandonment: float | None = None
    occupancy: float | None = None
    service_level_day: list[float | None] = []
    """In each interval; None where there were no calls or no agents."""
    asa_day: list[float | None] = []


def theory(acd: AcdSettings, queue: QueueSettings, outcomes: Sequence[Outcome]) -> Theory:
    """Erlang A of one queue, or the reason why it says nothing."""
    agents = [agent for agent in acd.agents if queue.id in agent.queues]
    where = places(outcomes[0])
    calls = added(o.queues[queue.id][place] for o in outcomes for place in where)
    rows = [o.agents[agent.id][place] for o in outcomes for agent in agents for place in where]
    contacts, busy = sum(row.contacts for row in rows), sum(row.busy for row in rows)
    if reason := _unlike(queue, agents):
        return Theory(reason)
    if not calls.offered or not contacts:
        return Theory("no_calls")
    if elsewhere(calls) > MOST_ELSEWHERE * calls.offered:
        return Theory("elsewhere")
    theta = calls.abandoned / calls.waited if calls.waited else 0.0
    try:
        day = [
            _steady(outcomes, queue, agents, place, length, contacts / busy, theta)
            for place, length in zip(where, stretches(outcomes[0]), strict=True)
        ]
    except ValueError:
        return Theory("overload")
    return _over_all(day, busy / contacts, 1 / theta if theta else None)


def _unlike(queue: QueueSettings, agents: Sequence[AgentSettings]) -> str:
    if any(len(agent.queues) > 1 for agent in agents):
        return "shared"
    if queue.needs or queue.prefers or any(agent.penalties for agent in agents):
        return "skills"
    return ""


@dataclass(frozen=True)
class _Steady:
    """One interval taken for a steady state."""

    offered: float
    """Calls in one replication."""
    length: Duration
    queue: Queue
    target: Duration

    @cached_property
    def lost(self) -> float:
        return self.queue.p_abandon()

    @cached_property
    def in_time(self) -> float:
        return self.queue.served_within(self.target)

    @cached_property
    def wait(self) -> float:
        return self.queue.mean_wait_served()

    @property
    def served(self) -> float:
        return self.offered * (1 - self.lost)


def _steady(
    outcomes: Sequence[Outcome],
    queue: QueueSettings,
    agents: Sequence[AgentSettings],
    place: int,
    length: Duration,
    mu: float,
    theta: float,
) -> _Steady | None:
    """One interval; None without calls or without agents.

    Raises:
        ValueError: more calls than the agents can carry, and nobody gives up.
    """
    rows = [o.agents[agent.id][place] for o in outcomes for agent in agents]
    servers = round(sum(row.staffed for row in rows) / (length * len(outcomes)))
    offered = sum(o.queues[queue.id][place].offered for o in outcomes) / len(outcomes)
    if not offered or not servers:
        return None
    return _Steady(offered, length, Queue(offered / length, mu, servers, theta), queue.target)


def _over_all(day: Sequence[_Steady | None], handling: float, patience: float | None) -> Theory:
    known = [one for one in day if one is not None]
    if not known:
        return Theory("no_calls")
    calls = math.fsum(one.offered for one in known)
    busy = math.fsum(one.served * handling for one in known)
    return Theory(
        handling=tidy(handling),
        patience=tidy(patience) if patience else None,
        service_level=_close(math.fsum(one.offered * one.in_time for one in known) / calls),
        asa=_close(
            math.fsum(one.served * one.wait for one in known)
            / math.fsum(one.served for one in known)
        ),
        abandonment=_close(math.fsum(one.offered * one.lost for one in known) / calls),
        occupancy=_close(busy / sum(one.length * one.queue.servers for one in known)),
        service_level_day=[None if one is None else _close(one.in_time) for one in day],
        asa_day=[None if one is None else _close(one.wait) for one in day],
    )


def _close(value: float) -> float:
    """To seven digits: sums over arrays differ beyond these with the processor."""
    return float(f"{value:.7g}")
