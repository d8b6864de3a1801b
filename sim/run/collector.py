"""Follows what the centre says of its calls and agents, and keeps sums of it: an `Outcome`.

What is kept does not grow with the number of calls: only calls that are under way have an entry.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from ctid.acd.agents import (
    NOT_READY,
    ON_CALL,
    READY,
    RESERVED,
    SIGNED_OUT,
    WORKING,
    WRAP_UP,
)
from ctid.centre.settings import CentreSettings
from ctid.core import commands as cmd
from ctid.core.fairness import Fairness
from ctid.core.instants import Duration, Epoch, Instant
from ctid.core.records import AgentId, CallId, CallRecord, Decision, QueueId
from ctid.core.visits import FlowEnded
from sim.run.outcome import WAIT_EDGES, AgentSums, Outcome, QueueSums, QueueWaits
from sim.run.visits import VisitSums

MOVED = ("voicemail", "overflowed", "message", "callback")
"""Outcomes of calls that a rule, a key or an agreement took out of the queues."""


class Collector:
    """One replication's sums.

    `follow` is for `sim.driver.SimDriver`, `outcome` for the end. A call counts with all that
    becomes of it when it arrived in [begins, ends); times count that lie in there.
    """

    def __init__(
        self,
        settings: CentreSettings,
        epoch: Callable[[], Epoch],
        begins: Instant,
        ends: Instant,
        interval: Duration,
        *,
        keep_decisions: bool = False,
    ) -> None:
        self._epoch = epoch
        self._begins, self._ends, self._interval = begins, ends, interval
        self._targets = {queue.id: queue.target for queue in settings.acd.queues}
        count = -(-ends // interval)
        self._last = count - 1
        self._queues = {q: [QueueSums() for _ in range(count)] for q in self._targets}
        self._agents = {
            agent.id: [AgentSums() for _ in range(count)] for agent in settings.acd.agents
        }
        self._states = dict.fromkeys(self._agents, (SIGNED_OUT, 0))
        """Each agent's state, and since when."""
        self._waits = {
            q: QueueWaits([0] * (len(WAIT_EDGES) + 1), [0] * (len(WAIT_EDGES) + 1))
            for q in self._targets
        }
        self._moved: dict[CallId, Instant] = {}
        """Calls under way that came from another queue, and when they came."""
        self._dialled: set[CallId] = set()
        """Calls under way that are turns of callbacks. Only asked for membership."""
        self._endings: Counter[str] = Counter()
        self._visits = VisitSums()
        self._fairness: list[Fairness] = []
        self._decisions: list[Decision] = []
        self._calls = self._contained = self._left_menu = 0
        self._callbacks = self._reached = 0
        self._on: dict[type, Callable[[Any, Instant], None]] = {
            cmd.CallClosed: self._closed,
            cmd.AgentChanged: self._changed,
            cmd.Overflowed: self._overflowed,
            cmd.RingAgent: self._rings,
            cmd.LegClosed: self._leg_closed,
            cmd.FairnessMeasured: self._measured,
            FlowEnded: self._visited,
        }
        if keep_decisions:
            self._on[cmd.Decided] = self._decided

    def follow(self, commands: Sequence[cmd.Command], now: Instant) -> None:
        """Take note of what has happened."""
        on = self._on
        for command in commands:
            if (note := on.get(type(command))) is not None:
                note(command, now)

    def outcome(self, replication: int, events: int, now: Instant) -> Outcome:
        """Everything, at the end."""
        for agent, (state, since) in self._states.items():
            self._credit(agent, state, since, now)
            self._states[agent] = (state, now)
        return Outcome(
            replication=replication,
            queues=self._queues,
            agents=self._agents,
            fairness=self._fairness,
            calls=self._calls,
            contained=self._contained,
            left_menu=self._left_menu,
            callbacks=self._callbacks,
            callbacks_reached=self._reached,
            events=events,
            waits=self._waits,
            endings=dict(sorted(self._endings.items())),
            visits=self._visits,
            ended_at=now,
            begins=self._begins,
            ends=self._ends,
            interval=self._interval,
            decisions=self._decisions,
        )

    # -- calls --

    def _closed(self, command: cmd.CallClosed, now: Instant) -> None:
        record, epoch = command.record, self._epoch()
        moved_at = self._moved.pop(record.call, None)
        if record.outcome == "cancelled":
            return  # a turn in which nobody was dialled
        if record.call in self._dialled:
            self._dialled.discard(record.call)
            self._callback_closed(record, now)
            return
        joined = epoch.instant(record.queued_at) if record.queued_at else None
        if joined is not None:
            self._waited(record.queue, joined if moved_at is None else moved_at,
                         joined + record.waited)  # fmt: skip
        if not self._begins <= epoch.instant(record.arrived_at) < self._ends:
            return
        self._calls += 1
        self._endings[record.outcome] += 1
        if joined is not None:
            self._queued(record, joined)
        elif record.outcome == "ivr_ended":
            self._contained += 1
        elif record.outcome == "ivr_hangup":
            self._left_menu += 1

    def _queued(self, record: CallRecord, joined: Instant) -> None:
        sums = self._queues[record.queue][self._place(joined)]
        within, outcome = record.waited <= self._targets[record.queue], record.outcome
        sums.offered += 1
        sums.waited += record.waited
        sums.longest = max(sums.longest, record.waited)
        sums.talked += record.talked
        waits = self._waits[record.queue]
        edge = bisect_left(WAIT_EDGES, record.waited)
        if outcome == "answered":
            sums.answered += 1
            sums.in_target += within
            sums.waited_answered += record.waited
            waits.answered[edge] += 1
        elif outcome == "abandoned":
            sums.abandoned += 1
            sums.abandoned_in_target += within
            waits.abandoned[edge] += 1
        elif outcome in MOVED:
            sums.moved += 1
        elif outcome == "turned_away":
            sums.turned_away += 1
        else:
            sums.lost += 1

    def _overflowed(self, command: cmd.Overflowed, now: Instant) -> None:
        """To another queue: the call counts there again. Whatever else a rule does shows in how
        the call ends."""
        move = command.move
        if not move.to.startswith("queue:"):
            return
        came = self._moved.get(move.call, now - move.waited)
        self._moved[move.call] = now
        self._waited(move.queue, came, now)
        # When the caller arrived, nobody says here; the menu before the queue is the difference.
        if self._begins <= now - move.waited < self._ends:
            sums = self._queues[move.queue][self._place(came)]
            sums.offered += 1
            sums.moved += 1
            sums.moved_on += 1

    def _waited(self, queue: QueueId, since: Instant, until: Instant) -> None:
        for place, passed in self._split(since, until):
            self._queues[queue][place].waiting += passed

    def _rings(self, command: cmd.RingAgent, now: Instant) -> None:
        if command.dial is not None:
            self._dialled.add(command.call)

    def _callback_closed(self, record: CallRecord, now: Instant) -> None:
        if self._begins <= now < self._ends:
            self._callbacks += 1
            self._reached += record.outcome == "answered"

    def _visited(self, command: FlowEnded, now: Instant) -> None:
        if self._begins <= self._epoch().instant(command.visit.began_at) < self._ends:
            self._visits.note(command.visit)

    def _decided(self, command: cmd.Decided, now: Instant) -> None:
        self._decisions.append(command.decision)

    # -- agents --

    def _changed(self, command: cmd.AgentChanged, now: Instant) -> None:
        state, since = self._states[command.agent]
        if state == command.state:
            return  # a wish for later, or another reason for the same state
        self._credit(command.agent, state, since, command.since)
        self._states[command.agent] = (command.state, command.since)
        if not self._begins <= command.since < self._ends:
            return
        sums = self._agents[command.agent][command.since // self._interval]
        if command.state == RESERVED:
            sums.offers += 1
            sums.waited += command.since - since if state == READY else 0
        elif command.state == ON_CALL:
            sums.contacts += 1

    def _leg_closed(self, command: cmd.LegClosed, now: Instant) -> None:
        if command.record.cause == "no_answer" and self._begins <= now < self._ends:
            self._agents[command.record.agent][now // self._interval].no_answers += 1

    def _credit(self, agent: AgentId, state: str, since: Instant, until: Instant) -> None:
        if state == SIGNED_OUT:
            return
        credit = CREDITS[state]
        for place, passed in self._split(since, until):
            credit(self._agents[agent][place], passed)

    def _measured(self, command: cmd.FairnessMeasured, now: Instant) -> None:
        if self._begins <= self._epoch().instant(command.figures.began_at) < self._ends:
            self._fairness.append(command.figures)

    # -- time --

    def _place(self, at: Instant) -> int:
        """The interval that holds `at`; who joins after the end belongs to the last one."""
        return min(max(at, 0) // self._interval, self._last)

    def _split(self, since: Instant, until: Instant) -> Sequence[tuple[int, Duration]]:
        """The part of a stretch that counts, by interval."""
        since, until = max(since, self._begins), min(until, self._ends)
        if since >= until:
            return ()
        length = self._interval
        first, last = since // length, (until - 1) // length
        if first == last:
            return ((first, until - since),)
        return [
            (place, min(until, (place + 1) * length) - max(since, place * length))
            for place in range(first, last + 1)
        ]


def _add(field: str, sums: AgentSums, passed: Duration) -> None:
    setattr(sums, field, getattr(sums, field) + passed)


CREDITS: dict[str, Callable[[AgentSums, Duration], None]] = {
    NOT_READY: partial(_add, "away"),
    READY: partial(_add, "ready"),
    RESERVED: partial(_add, "ringing"),
    ON_CALL: partial(_add, "talking"),
    WRAP_UP: partial(_add, "wrap_up"),
    WORKING: partial(_add, "working"),
}
"""Where the time in each state counts."""
