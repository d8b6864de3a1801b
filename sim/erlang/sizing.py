"""How many agents and lines a load needs, and what callers and agents then have of it.

All formulas are those of `sim.erlang.queue` (Erlang B, C and A); this file only puts the trade's
words to them. Times are seconds. The model takes calls as Poisson with one mean rate, handling and
patience as exponential, one queue, and agents who are all alike and never away: see docs/erlang.md
for what that leaves out.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from sim.erlang.queue import Queue

MOST = 20_000
"""Agents or lines beyond which nothing is looked for."""


@dataclass(frozen=True)
class Demand:
    """What comes in.

    Raises:
        ValueError: a number that is not above 0, or no number.
    """

    calls: float
    """In `per` seconds."""
    per: float
    aht: float
    """Mean handling time: talk and wrap-up together."""
    patience: float = math.inf
    """Mean time that a caller is ready to wait; infinite where nobody gives up."""

    def __post_init__(self) -> None:
        for name in ("calls", "per", "aht", "patience"):
            value = getattr(self, name)
            if not value > 0 or (name != "patience" and math.isinf(value)):
                raise ValueError(f"{name} is {value:g}; it must be above 0")

    @property
    def rate(self) -> float:
        """Calls per second."""
        return self.calls / self.per

    @property
    def load(self) -> float:
        """Erlang: how many agents would be busy if everyone were served at once."""
        return self.rate * self.aht

    def queue(self, agents: int) -> Queue:
        """The same with so many agents.

        Raises:
            ValueError: fewer than one, more than MOST, or too few where nobody gives up.
        """
        if not 1 <= agents <= MOST:
            raise ValueError(f"{agents} agents; from 1 to {MOST} can be told of")
        return Queue(self.rate, 1 / self.aht, agents, 1 / self.patience)


class Figures(msgspec.Struct, frozen=True):
    """What so many agents give. Shares are of 1."""

    agents: int
    service_level: float
    """Answered within the target, of all calls."""
    of_answered: float
    """Answered within the target, of the calls that were answered."""
    without_short: float
    """Answered within the target, of all calls but those who gave up within it."""
    waits: float
    """Calls that are not answered at once."""
    asa: float
    """Mean wait of those who were answered."""
    mean_wait: float
    """Mean wait of all, those who gave up included."""
    abandonment: float
    """Calls whose caller gave up."""
    occupancy: float
    """The share of its time in which an agent is busy."""
    queue: float
    """Mean number of callers who wait."""


def figures(demand: Demand, agents: int, target: float) -> Figures:
    """All that the model says.

    Raises:
        ValueError: a negative target, and what `Demand.queue` raises.
    """
    if not target >= 0:
        raise ValueError(f"target is {target:g}; it must not be below 0")
    q = demand.queue(agents)
    in_time, lost = q.served_within(target), q.p_abandon()
    # Who waits no longer than the target was answered in it or gave up in it.
    lost_in_time = max(1 - q.p_wait_longer(target) - in_time, 0.0) if lost else 0.0
    return Figures(
        agents, in_time, _share(in_time, 1 - lost), _share(in_time, 1 - lost_in_time),
        q.p_wait(), q.mean_wait_served(), q.mean_wait(), lost, q.utilisation(), q.queue_length(),
    )  # fmt: skip


def _share(part: float, whole: float) -> float:
    """Of next to nobody all are."""
    return min(part / whole, 1.0) if whole > 0 else 1.0


class Goals(msgspec.Struct, frozen=True):
    """What is asked for; None where it is not."""

    service_level: float | None = None
    """At least."""
    abandonment: float | None = None
    """At most; so are the others."""
    asa: float | None = None
    """Seconds."""
    occupancy: float | None = None

    def met(self, found: Figures) -> bool:
        """Whether all of them are."""
        if self.service_level is not None and found.service_level < self.service_level:
            return False
        most = (
            (self.abandonment, found.abandonment),
            (self.asa, found.asa),
            (self.occupancy, found.occupancy),
        )
        return all(value <= limit for limit, value in most if limit is not None)

    def check(self) -> None:
        """Raises ValueError, with the name of a goal that no number of agents could meet."""
        for name in ("service_level", "abandonment", "occupancy"):
            goal = getattr(self, name)
            if goal is not None and not 0 < goal < 1:
                raise ValueError(f"{name} is {goal:g}; a share between 0 and 1 can be asked for")
        if self.asa is not None and not self.asa > 0:
            raise ValueError(f"asa is {self.asa:g}; it must be above 0")


def least_agents(demand: Demand, target: float, goals: Goals) -> int:
    """The least number of agents that meets all goals: more never make any of them worse.

    Raises:
        ValueError: a goal that cannot be met, at all or with up to MOST agents.
    """
    goals.check()
    figures(demand, max(1, math.floor(demand.load) + 1), target)

    def enough(agents: int) -> bool:
        carried = math.isfinite(demand.patience) or demand.load < agents
        return carried and goals.met(figures(demand, agents, target))

    return least(enough, max(1, math.ceil(demand.load)), "agents")


def least_lines(load: float, blocking: float) -> int:
    """The least number of lines at which at most that share of calls finds all busy: Erlang B.

    Args:
        load: erlang on the lines: a call holds one while it waits and while it talks.

    Raises:
        ValueError: a load or share out of range.
    """
    if not 0 < blocking < 1:
        raise ValueError(f"blocking is {blocking:g}; a share between 0 and 1 can be asked for")
    share, lines = 1.0, 0
    if not (0 < load <= MOST):
        raise ValueError(f"a load of {load:g} erlang on the lines; up to {MOST} can be told")
    while share > blocking:
        lines += 1
        share = load * share / (lines + load * share)
    return lines


def patience(abandoned: int, waited: float) -> float:
    """Mean patience by what callers did, in the unit of `waited`: the time that all of them waited,
    answered or not, over the number who gave up. It is the maximum likelihood estimate where
    patience is exponential, those who were answered being cut off (B. Epstein and M. Sobel, 1953).

    Raises:
        ValueError: nobody gave up, or nobody waited.
    """
    if abandoned < 1 or not waited > 0:
        raise ValueError("patience needs somebody who gave up and a time that was waited")
    return waited / abandoned


def patience_of(demand: Demand, agents: int, abandonment: float) -> float:
    """The mean patience at which that share of callers gives up: Erlang A turned round.

    Raises:
        ValueError: a share that no patience gives: even if nobody waited at all, no more are lost
            than Erlang B says, and even the most patient leave what the agents cannot carry.
    """
    if not 0 < abandonment < 1:
        raise ValueError(f"abandonment is {abandonment:g}; it is a share between 0 and 1")

    def lost(mean: float) -> float:
        return Queue(demand.rate, 1 / demand.aht, agents, 1 / mean).p_abandon()

    short, long = demand.aht * 1e-6, demand.aht * 1e6
    if not lost(long) < abandonment < lost(short):
        raise ValueError(
            f"with {agents} agents between {lost(long):.2%} and {lost(short):.2%} of callers give"
            f" up, whatever their patience, not {abandonment:.2%}"
        )
    for _ in range(200):
        middle = math.sqrt(short * long)
        short, long = (middle, long) if lost(middle) > abandonment else (short, middle)
        if long / short < 1 + 1e-9:
            break
    return math.sqrt(short * long)


def least(enough: Callable[[int], bool], begin: int, what: str) -> int:
    """The least number for which `enough` holds, which goes on to hold for all above.

    Args:
        begin: where to look first.

    Raises:
        ValueError: there is none up to MOST.
    """
    low, high, step = 0, begin, 1
    while not enough(high):
        if high >= MOST:
            raise ValueError(f"not even {MOST} {what} are enough")
        low, high, step = high, min(high + step, MOST), 2 * step
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high
