"""Whether the agents of a queue share its work evenly, per wall hour of the site.

What is compared are the members of the queue, each with all that they do: somebody who serves two
queues is not treated unfairly where half of their calls come from the other one. An agent is
*staffed* while the router may count on them: ready, ringing, talking or in wrap-up. Breaks are left
out on both sides of every fraction, or lunch would look like bad routing.

Fed by `AgentChanged` alone, on the monotonic axis, so that a step of the wall clock bends nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import isqrt
from typing import Final

from ctid.acd.agents import BUSY_STATES, ON_CALL, READY, RESERVED, SIGNED_OUT, WORKING
from ctid.acd.settings import AgentSettings
from ctid.core.commands import AgentChanged, Command, FairnessMeasured
from ctid.core.fairness import WHOLE, Fairness
from ctid.core.instants import MINUTE, SECOND, Duration, Instant, WallMs
from ctid.core.records import AgentId, QueueId

COUNTS_FROM: Final[Duration] = 5 * MINUTE
"""Staffed time in the hour from which an agent is compared: of somebody who signed in a moment ago
every share is either nothing or all."""


SHOWN_FOR: Final[Duration] = 10 * SECOND
"""How old the figures on a board may be. They move slowly, and boards ask every second."""


@dataclass(slots=True)
class Load:
    """What one agent did in this hour, up to the last change of state."""

    state: str
    since: Instant
    """Up to when the sums below go."""
    ready_since: Instant = 0
    """When the present wait for a contact began; it may lie in an earlier hour."""
    idle: Duration = 0
    busy: Duration = 0
    handling: Duration = 0
    """The part of `busy` in which a phone rang, people talked, or a task was in hand."""
    contacts: int = 0
    offers: int = 0
    waited: Duration = 0
    """Sum of the idle times before those offers."""

    def credit(self, until: Instant) -> None:
        """Count the time in the present state up to `until`."""
        if until <= self.since:
            return
        passed, self.since = until - self.since, until
        if self.state == READY:
            self.idle += passed
        elif self.state in BUSY_STATES or self.state == WORKING:
            self.busy += passed
            if self.state in (RESERVED, ON_CALL, WORKING):
                self.handling += passed

    def upto(self, until: Instant) -> Load:
        """The same load with the present stretch up to `until`."""
        made = Load(
            self.state, self.since, self.ready_since, self.idle, self.busy, self.handling,
            self.contacts, self.offers, self.waited,
        )  # fmt: skip
        made.credit(until)
        return made


@dataclass(slots=True)
class Hour:
    """One wall hour's loads: a part of the machine's state."""

    began_at: WallMs
    until: Instant
    """Where the hour ends on the monotonic axis."""
    loads: dict[AgentId, Load]
    """Of everybody who was signed in at some time in this hour."""


class Ledger:
    """The loads of the present hour, and the figures of any queue out of them."""

    def __init__(self, agents: Iterable[AgentSettings], queues: Iterable[QueueId]) -> None:
        staff = tuple(agents)
        self._members = {q: [a.id for a in staff if q in a.queues] for q in queues}
        self._known = frozenset(agent.id for agent in staff)
        self.hour = Hour(0, 0, {})
        self._shown: tuple[Instant, dict[QueueId, Fairness]] | None = None

    def restore(self, hour: Hour) -> None:
        """Go on with the loads of a saved machine; agents whom the settings no longer know go."""
        known = self._known
        self.hour = Hour(
            hour.began_at, hour.until, {a: load for a, load in hour.loads.items() if a in known}
        )

    def changed(self, command: AgentChanged) -> None:
        """Take note of what the machine said of an agent."""
        hour, state, since = self.hour, command.state, command.since
        load = hour.loads.get(command.agent)
        if load is None:
            if state != SIGNED_OUT:
                fresh = hour.loads[command.agent] = Load(state, since, since)
                fresh.contacts += state == ON_CALL
            return
        if load.state == state:
            return  # a wish for later, or another reason for the same state
        load.credit(since if since < hour.until else hour.until)
        if state == RESERVED and load.state == READY:
            load.offers += 1
            load.waited += since - load.ready_since
        elif state == ON_CALL:
            load.contacts += 1
        elif state == READY:
            load.ready_since = since
        load.state, load.since = state, since

    def roll(self, began_at: WallMs, start: Instant, until: Instant, now: Instant) -> list[Command]:
        """The site's clock shows the hour that began at `began_at`, from `start` to `until` on the
        monotonic axis. Where it is another hour than before, returns that one's figures.

        Time between the two (no process ran, or the wall clock jumped) belongs to neither.
        """
        old = self.hour
        if old.began_at == began_at:
            old.until = until
            return []
        end = min(now, old.until)
        at = max(end, start)
        commands: list[Command] = [FairnessMeasured(f) for f in self.figures(end).values()]
        loads = {
            agent: Load(load.state, max(at, load.since), load.ready_since)
            for agent, load in old.loads.items()
            if load.state != SIGNED_OUT
        }
        self.hour = Hour(began_at, until, loads)
        self._shown = None
        return commands

    def shown(self, now: Instant) -> dict[QueueId, Fairness]:
        """`figures` for boards: some seconds old at most, and of the present hour always."""
        if self._shown is None or not 0 <= now - self._shown[0] < SHOWN_FOR:
            self._shown = (now, self.figures(now))
        return self._shown[1]

    def figures(self, now: Instant) -> dict[QueueId, Fairness]:
        """The present hour's figures up to `now`, of each queue where somebody counts."""
        until = min(now, self.hour.until)
        counting = {
            agent: upto
            for agent, load in self.hour.loads.items()
            if (upto := load.upto(until)).idle + upto.busy >= COUNTS_FROM
        }
        return {
            queue: measure(queue, self.hour.began_at, loads)
            for queue, members in self._members.items()
            if (loads := [counting[agent] for agent in members if agent in counting])
        }


# -- formulas --


def measure(queue: QueueId, began_at: WallMs, loads: Sequence[Load]) -> Fairness:
    """The figures of one queue out of its agents' loads; there must be one at least."""
    occupancies = [occupancy(load.busy, load.idle) for load in loads]
    staffed = [load.busy + load.idle for load in loads]
    return Fairness(
        queue=queue,
        began_at=began_at,
        agents=len(loads),
        staffed=sum(staffed),
        occupancy=occupancy(sum(load.busy for load in loads), sum(load.idle for load in loads)),
        occupancy_spread=max(occupancies) - min(occupancies),
        occupancy_deviation=deviation(occupancies),
        idle_gap=idle_gap(loads),
        jain_time=jain([load.handling for load in loads], staffed),
        jain_contacts=jain([load.contacts for load in loads], staffed),
    )


def occupancy(busy: Duration, idle: Duration) -> int:
    """busy / (busy + idle), in ten-thousandths; the sum must not be 0.

    Busy is ringing, talk and wrap-up, idle is ready and waiting for a contact: the occupancy of
    workforce management (B. Cleveland, J. Mayben: Call Center Management on Fast Forward, 1997),
    with the ring counted as work, for it keeps the agent as much.
    """
    return (WHOLE * busy + (busy + idle) // 2) // (busy + idle)


def deviation(values: Sequence[int]) -> int:
    """Standard deviation of all these values, not of a sample: sqrt(sum((x - mean)^2) / n).

    In whole numbers, as sqrt(n * sum(x^2) - sum(x)^2) / n, so that every machine rounds alike.
    """
    n = len(values)
    return isqrt(n * sum(x * x for x in values) - sum(values) ** 2) // n


def idle_gap(loads: Sequence[Load]) -> Duration:
    """Longest minus shortest mean idle time before an offer, over agents who got one.

    The idle time before an offer is the stretch in `ready` that the offer ended, in the hour of the
    offer. Longest idle first keeps this gap near 0 even where talk times differ (the fairness that
    A. R. Ward and M. Armony study in: Blind fair routing in large-scale service systems,
    Operations Research 61(1), 2013).
    """
    means = [load.waited // load.offers for load in loads if load.offers]
    return max(means) - min(means) if means else 0


def jain(amounts: Sequence[int], staffed: Sequence[Duration]) -> int:
    """Jain's index of x = amount / staffed time: sum(x)^2 / (n * sum(x^2)), in ten-thousandths.

    10,000 where all have the same, 10,000 / n where one has everything (R. Jain, D. Chiu, W. Hawe:
    A quantitative measure of fairness and discrimination for resource allocation in shared computer
    systems, DEC-TR-301, 1984). Where nobody has anything, all have the same. `staffed` is in
    milliseconds and above 0.
    """
    # Whole numbers again: parts per 10^9 of a millisecond hold six digits of one contact an hour.
    shares = [10**15 * amount // time for amount, time in zip(amounts, staffed, strict=True)]
    squares = len(shares) * sum(x * x for x in shares)
    if squares == 0:
        return WHOLE
    return (WHOLE * sum(shares) ** 2 + squares // 2) // squares
