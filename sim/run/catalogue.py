"""The figures of a contact centre: what each is, its formula, and where the definition is from.

Each is a ratio x / y of sums over one replication. Where the definition is no ratio, as with Jain's
index, x is its value and y is 1, or 0 where the replication has none.

Definitions that several figures share, as [JKR] and [CM] below:

- [CM] B. Cleveland, J. Mayben: Call Center Management on Fast Forward, 1997.
- [JKR] O. Jouini, G. Koole, A. Roubos: Performance indicators for call centers with impatient
  customers, IIE Transactions 45(3), 2013: service levels of offered and of answered calls, and what
  calls that were given up early do to them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Literal

import msgspec

from ctid.acd.fairness import COUNTS_FROM
from ctid.core.instants import HOUR, Duration
from sim.run.outcome import AgentSums, Outcome, QueueSums

Pair = tuple[float, float]
"""x and y of one replication."""
Unit = Literal["share", "ms", "number", "money"]


class Slice(msgspec.Struct, frozen=True):
    """The part of one replication that a figure is of."""

    calls: QueueSums
    agents: Sequence[AgentSums]
    """Of each agent who may get these calls."""
    lasts: Duration
    whole: Outcome
    cost_per_hour: float
    """Of each hour in which an agent is signed in; 0 = not known."""

    @property
    def here(self) -> int:
        """Calls that should have been answered here: those that were not sent elsewhere."""
        return self.calls.offered - self.calls.moved


class Figure(msgspec.Struct, frozen=True):
    """One figure."""

    name: str
    unit: Unit
    better: Literal[1, -1, 0]
    """Whether more of it is better, or less, or neither."""
    matters: float
    """A difference below this is of no practical use to know, in the figure's unit."""
    en: str
    zh: str
    formula: str
    pair: Callable[[Slice], Pair]
    of_queues: bool = True
    """Whether there is one for each queue too."""


def _signed_in(agent: AgentSums) -> Duration:
    return agent.staffed + agent.away


def _occupancy(part: Slice) -> Pair:
    return sum(a.busy for a in part.agents), sum(a.staffed for a in part.agents)


def _utilisation(part: Slice) -> Pair:
    return sum(a.busy for a in part.agents), sum(map(_signed_in, part.agents))


def _handling(part: Slice) -> Pair:
    handled = sum(a.ringing + a.talking + a.wrap_up for a in part.agents)
    return handled, sum(a.contacts for a in part.agents)


def _jain(part: Slice, amount: Callable[[AgentSums], float]) -> Pair:
    """sum(x)^2 / (n * sum(x^2)) of x = amount per staffed time, as `ctid.acd.fairness` has it: R.
    Jain, D. Chiu, W. Hawe: A quantitative measure of fairness and discrimination for resource
    allocation in shared computer systems, DEC-TR-301, 1984."""
    loads = [amount(a) / a.staffed for a in part.agents if a.staffed >= COUNTS_FROM]
    squares = len(loads) * math.fsum(x * x for x in loads)
    if squares == 0:
        return (1, 1) if loads else (0, 0)
    return math.fsum(loads) ** 2 / squares, 1


def _idle_gap(part: Slice) -> Pair:
    """As `ctid.acd.fairness` has it, over the whole replication and not by the hour: A. R. Ward,
    M. Armony: Blind fair routing in large-scale service systems, Operations Research 61(1), 2013.
    """
    means = [a.waited / a.offers for a in part.agents if a.offers]
    return (max(means) - min(means), 1) if means else (0, 0)


def _cost(part: Slice) -> float:
    return sum(map(_signed_in, part.agents)) / HOUR * part.cost_per_hour


def _per_answered(part: Slice) -> Pair:
    return (_cost(part), part.calls.answered) if part.cost_per_hour else (0, 0)


SECONDS = 1_000.0
"""Milliseconds of the difference that matters, for times."""

FIGURES: tuple[Figure, ...] = (
    Figure(
        "service_level", "share", 1, 0.01, "Service level", "服务水平",
        "answered in target / (offered - moved elsewhere) [JKR, CM]",
        lambda p: (p.calls.in_target, p.here),
    ),
    Figure(
        "service_level_answered", "share", 1, 0.01, "Service level of the answered",
        "服务水平(已接来电)", "answered in target / answered [JKR]",
        lambda p: (p.calls.in_target, p.calls.answered),
    ),
    Figure(
        "service_level_net", "share", 1, 0.01, "Service level without short abandons",
        "服务水平(不计短时放弃)",
        "answered in target / (offered - moved elsewhere - abandoned in target) [JKR]",
        lambda p: (p.calls.in_target, p.here - p.calls.abandoned_in_target),
    ),
    Figure(
        "asa", "ms", -1, SECONDS, "Average speed of answer", "平均应答速度",
        "wait of the answered / answered [CM]",
        lambda p: (p.calls.waited_answered, p.calls.answered),
    ),
    Figure(
        "wait", "ms", -1, SECONDS, "Mean wait of all", "全部来电平均等待",
        "wait of all / (offered - moved to other queues)",
        lambda p: (p.calls.waited, p.calls.offered - p.calls.moved_on),
    ),
    Figure(
        "abandonment", "share", -1, 0.005, "Abandonment", "放弃率",
        "abandoned / (offered - moved elsewhere) [CM]",
        lambda p: (p.calls.abandoned, p.here),
    ),
    Figure(
        "occupancy", "share", 0, 0.01, "Occupancy", "占用率",
        "(ringing + talk + wrap-up + tasks) / (these + ready) [CM]", _occupancy,
    ),
    Figure(
        "utilisation", "share", 0, 0.01, "Utilisation", "利用率",
        "(ringing + talk + wrap-up + tasks) / time signed in", _utilisation,
    ),
    Figure(
        "handling", "ms", 0, SECONDS, "Mean handling time", "平均处理时长",
        "(ringing + talk + wrap-up) / contacts [CM]", _handling,
    ),
    Figure(
        "jain", "share", 1, 0.005, "Fairness: contacts", "公平性:接待量",
        "Jain's index of contacts / staffed time", lambda p: _jain(p, lambda a: a.contacts),
    ),
    Figure(
        "jain_occupancy", "share", 1, 0.005, "Fairness: occupancy", "公平性:占用率",
        "Jain's index of busy / staffed time", lambda p: _jain(p, lambda a: a.busy),
    ),
    Figure(
        "idle_gap", "ms", -1, 5 * SECONDS, "Idle gap", "空闲差距",
        "longest - shortest mean idle time before an offer", _idle_gap,
    ),
    Figure(
        "queue_length", "number", -1, 0.1, "Mean queue length", "平均排队人数",
        "time integral of callers who wait / time", lambda p: (p.calls.waiting, p.lasts),
    ),
    Figure(
        "blocked", "share", -1, 0.005, "Turned away", "拒接率", "turned away / offered",
        lambda p: (p.calls.turned_away, p.calls.offered),
    ),
    Figure(
        "moved", "share", 0, 0.005, "Moved elsewhere", "溢出率", "moved elsewhere / offered",
        lambda p: (p.calls.moved, p.calls.offered),
    ),
    Figure(
        "offered", "number", 0, 1.0, "Calls offered to queues", "进线量",
        "offered - moved to other queues, a replication",
        lambda p: (p.calls.offered - p.calls.moved_on, 1),
    ),
    Figure(
        "containment", "share", 1, 0.005, "IVR containment", "IVR 自助率",
        "visits of flows that ended served, without an agent / visits that began",
        lambda p: (p.whole.visits.ended("contained"), p.whole.visits.all()), of_queues=False,
    ),
    Figure(
        "drop_off", "share", -1, 0.005, "Hung up in the IVR", "IVR 流失率",
        "visits of flows that the caller ended unserved / visits that began",
        lambda p: (p.whole.visits.ended("hung_up"), p.whole.visits.all()), of_queues=False,
    ),
    Figure(
        "to_agents", "share", 0, 0.005, "From the IVR to agents", "IVR 转人工率",
        "visits of flows that led to a queue / visits that began",
        lambda p: (p.whole.visits.ended("queue"), p.whole.visits.all()), of_queues=False,
    ),
    Figure(
        "busy", "share", -1, 0.005, "Lines busy", "线路全忙率",
        "found all lines busy / all calls, the warm-up's among them",
        lambda p: (p.whole.busy, p.whole.arrived + p.whole.busy), of_queues=False,
    ),
    Figure(
        "callbacks", "number", 0, 1.0, "Callbacks dialled", "回拨量",
        "customers dialled back, a replication", lambda p: (p.whole.callbacks, 1),
        of_queues=False,
    ),
    Figure(
        "cost", "money", -1, 1.0, "Cost of agents", "坐席成本",
        "time signed in * cost of an hour, a replication",
        lambda p: (_cost(p), 1) if p.cost_per_hour else (0, 0), of_queues=False,
    ),
    Figure(
        "cost_per_answered", "money", -1, 0.01, "Cost of an answered call", "每通接听成本",
        "cost of agents / answered", _per_answered, of_queues=False,
    ),
)  # fmt: skip
"""In the order in which tables show them."""
BY_NAME = {figure.name: figure for figure in FIGURES}
