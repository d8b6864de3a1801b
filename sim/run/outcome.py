"""What one replication says: sums per interval, queue and agent, small enough to keep thousands.

Sums and no ratios: a ratio of sums over replications is what has an expectation (see `figures`).
Instants begin with the replication; all times are in ms.
"""

from __future__ import annotations

import msgspec

from ctid.core.fairness import Fairness
from ctid.core.instants import Duration, Instant
from ctid.core.records import AgentId, Decision, QueueId
from sim.run.visits import VisitSums

WAIT_EDGES: tuple[Duration, ...] = tuple(
    1_000 * seconds
    for seconds in (
        *(0, 1, 2, 3, 5, 7, 10, 15, 20, 30, 40, 50, 60, 80, 100),
        *(120, 150, 180, 240, 300, 420, 600, 900, 1_200, 1_800, 3_600),
    )
)
"""The waits, in milliseconds, up to which calls are counted: 0 for those who did not wait."""


class QueueSums(msgspec.Struct):
    """One queue in one interval; calls count in the interval in which they joined it."""

    offered: int = 0
    """Calls that joined, or that a rule for joining sent elsewhere: answered + abandoned + moved +
    turned_away + lost."""
    answered: int = 0
    in_target: int = 0
    """Answered within the queue's `target`."""
    abandoned: int = 0
    """Hung up while they waited, or after."""
    abandoned_in_target: int = 0
    moved: int = 0
    """Sent elsewhere by an overflow rule, a key, or a callback that was agreed."""
    moved_on: int = 0
    """Of these, to another queue, where they count again."""
    turned_away: int = 0
    lost: int = 0
    """Ended in another way: in the PBX's restart, or in a menu to which a key had led."""
    waited: Duration = 0
    """Of all calls but those that moved on to another queue: there they count with all of it."""
    waited_answered: Duration = 0
    longest: Duration = 0
    talked: Duration = 0
    waiting: Duration = 0
    """Time integral of the number of callers who wait, within this interval: over its length it is
    the mean length of the queue."""


class AgentSums(msgspec.Struct):
    """One agent in one interval."""

    ready: Duration = 0
    ringing: Duration = 0
    talking: Duration = 0
    working: Duration = 0
    """On tasks."""
    wrap_up: Duration = 0
    away: Duration = 0
    """Signed in and not ready."""
    offers: int = 0
    contacts: int = 0
    no_answers: int = 0
    waited: Duration = 0
    """Sum of the stretches of readiness that these offers ended."""

    @property
    def busy(self) -> Duration:
        """Taken by calls and tasks."""
        return self.ringing + self.talking + self.wrap_up + self.working

    @property
    def staffed(self) -> Duration:
        """There for calls: busy or ready."""
        return self.busy + self.ready


class QueueWaits(msgspec.Struct):
    """How one queue's waits spread: how many calls waited up to each of `WAIT_EDGES` and longer
    than the one before it; the last place is for all that waited longer still."""

    answered: list[int]
    abandoned: list[int]


class Outcome(msgspec.Struct):
    """One replication."""

    replication: int
    queues: dict[QueueId, list[QueueSums]]
    agents: dict[AgentId, list[AgentSums]]
    fairness: list[Fairness]
    """As the machine measures it per hour and queue."""
    calls: int = 0
    """Callers who came, whether or not they reached a queue."""
    contained: int = 0
    """Of these, ended by the flow without having joined a queue, served or not."""
    left_menu: int = 0
    """Of these, hung up in the menu."""
    arrived: int = 0
    """Calls that found a line, the warm-up's and redials among them."""
    busy: int = 0
    """Calls that found all lines busy, the warm-up's among them; they are not among `calls`."""
    redials: int = 0
    """Calls of people who had called before, the warm-up's and busy ones among them."""
    callbacks: int = 0
    """Customers who were dialled back."""
    callbacks_reached: int = 0
    """Of these, who talked to an agent."""
    events: int = 0
    """Facts that the machine handled."""
    waits: dict[QueueId, QueueWaits] = {}
    endings: dict[str, int] = {}
    """How many calls ended in each way, by `ctid.core.records.Outcome`."""
    visits: VisitSums = msgspec.field(default_factory=VisitSums)
    """What became of callers in the flows."""
    ended_at: Instant = 0
    begins: Instant = 0
    """What is counted: callers who came, and time that passed, from here on …"""
    ends: Instant = 0
    """… and up to here."""
    interval: Duration = 0
    """Length of each stretch of the lists above; the first begins at instant 0."""
    decisions: list[Decision] = []
    """Of the first replication only."""
