"""The line of each queue, what to expect in it, and how far off that was.

The router says who stands in line and how a wait ended; the agents' side is read from the commands
that tell of their states. Nothing here decides anything but what is expected.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from ctid.acd.agents import BUSY_STATES, ON_CALL, RESERVED, STAFFED_STATES, Agent
from ctid.acd.channels import CALL
from ctid.acd.contacts import WAITING, Contact
from ctid.acd.expected_wait import Estimate, Rates, Recent, expected, kept
from ctid.acd.settings import AcdSettings
from ctid.core.commands import AgentChanged
from ctid.core.instants import Duration, Instant
from ctid.core.records import AgentId, CallId, QueueId

_GUESS: Final = 3.0
"""The handling time of the settings counts as so many contacts."""

Turn = tuple[Instant, int]
"""Place in line; lower is earlier."""


@dataclass(slots=True, frozen=True)
class Told:
    """What was expected when a contact began to stand in line."""

    at: Instant
    mean: Duration
    high: Duration


@dataclass(slots=True)
class Work:
    """An agent's present contact."""

    since: Instant
    talks: bool = False


@dataclass(slots=True)
class Misses:
    """How far off today's expectations were."""

    measured: int = 0
    """Contacts that were answered after something had been expected."""
    error: Duration = 0
    """Sum of expected minus actual; above zero: expected too long."""
    judged: int = 0
    """Those, and the contacts that left after the range was over."""
    too_short: int = 0
    """Of these: waited longer than the range."""


@dataclass(slots=True)
class QueueWaits:
    """What one queue has seen lately. Means of milliseconds, and hang-ups per millisecond."""

    handling: Recent = field(default_factory=Recent)
    ring: Recent = field(default_factory=Recent)
    hang_ups: Recent = field(default_factory=Recent)
    misses: Misses = field(default_factory=Misses)


@dataclass(slots=True, frozen=True)
class WaitsState:
    """What a restart must know; lines and staffing follow from contacts and agents."""

    queues: dict[QueueId, QueueWaits] = field(default_factory=dict)
    told: dict[CallId, Told] = field(default_factory=dict)
    work: dict[AgentId, Work] = field(default_factory=dict)


def _nobody(*_: object) -> None:
    """Nobody is told."""


class Waits:
    """All queues of a site."""

    def __init__(self, settings: AcdSettings) -> None:
        self._age_every = settings.age_every
        queues = [queue for queue in settings.queues if queue.channel == CALL]
        self._keep = {q.id: kept(q.wait.half_life) for q in queues}
        self._guess = {q.id: float(q.wait.handling) for q in queues}
        self.queues = {q.id: QueueWaits() for q in queues}
        """Of callers: nobody is told how long an e-mail waits."""
        self._members = {
            agent.id: tuple(q for q in agent.queues if q in self.queues)
            for agent in settings.agents
        }
        for queue, waits in self.queues.items():
            waits.handling = Recent(_GUESS * self._guess[queue], _GUESS)
        self._lines: dict[QueueId, list[Turn]] = {q.id: [] for q in queues}
        self._turns: dict[CallId, tuple[QueueId, Turn]] = {}
        self.fresh: list[CallId] = []
        """In line since the last `expect`, and nothing expected for them yet."""
        self._told: dict[CallId, Told] = {}
        self._work: dict[AgentId, Work] = {}
        self._common: dict[QueueId, dict[QueueId, int]] = {q.id: {} for q in queues}
        """Agents at work for both queues; for a queue and itself: all of its agents at work."""
        for members in self._members.values():
            for queue in members:
                self._common[queue].update(dict.fromkeys(members, 0))
        self.on_line: Callable[[Contact, Instant], None] = _nobody
        """Told of each contact that begins to stand in line, or does again."""
        self.on_out: Callable[[CallId], None] = _nobody
        """Told of each that stands in line no more; it may come back."""
        self.on_over: Callable[[CallId], None] = _nobody
        """Told of each whose wait in this queue is over."""

    # -- the line --

    def line_up(self, contact: Contact, now: Instant) -> None:
        """The contact waits and nobody's phone rings for it.

        A level of priority is worth the time in which a wait earns one: that is how the router's
        order (ctid.acd.order) looks from one place in it.
        """
        if contact.queue not in self.queues:
            return
        if contact.call in self._turns:
            self.step_out(contact.call)
        self._stand(contact)
        if contact.call not in self._told:
            self.fresh.append(contact.call)
        self.on_line(contact, now)

    def _stand(self, contact: Contact) -> None:
        turn = (contact.joined_at - contact.priority * self._age_every, contact.serial)
        self._turns[contact.call] = (contact.queue, turn)
        insort(self._lines[contact.queue], turn)

    def step_out(self, call: CallId) -> None:
        """The contact stands in line no more, for whatever reason; no harm when it did not."""
        if (found := self._turns.pop(call, None)) is not None:
            line = self._lines[found[0]]
            del line[bisect_left(line, found[1])]
            self.on_out(call)

    def forget(self, call: CallId) -> None:
        """What was expected for this contact means nothing any more: it is in another queue."""
        self.step_out(call)
        self._told.pop(call, None)
        self.on_over(call)

    def place(self, call: CallId) -> int:
        """The contact's place in its queue's line, 1 is the front; 0 when it is in none."""
        if (found := self._turns.get(call)) is None:
            return 0
        queue, turn = found
        return bisect_left(self._lines[queue], turn) + 1

    # -- what to expect --

    def of_call(self, call: CallId) -> Estimate | None:
        """The wait from now on of a contact in line; None when it is in none, or nobody works."""
        if (found := self._turns.get(call)) is None:
            return None
        queue, turn = found
        return self._expected(queue, turn)

    def of_newcomer(self, queue: QueueId, *, agent_free: bool) -> Estimate | None:
        """The wait of one who would join now; None when nobody works for the queue."""
        if (rates := self.rates(queue)) is None:
            return None
        return expected(0, rates) if agent_free else self._expected(queue, None)

    def rates(self, queue: QueueId) -> Rates | None:
        """What the queue has seen lately; None when nobody works for it, and for tasks."""
        if (seen := self.queues.get(queue)) is None:
            return None
        if (agents := self._common[queue].get(queue, 0)) == 0:
            return None
        handling = seen.handling.mean(self._guess[queue])
        return Rates(
            agents, handling if handling > 1.0 else 1.0, seen.hang_ups.mean(0.0),
            seen.ring.mean(0.0),
        )  # fmt: skip

    def _expected(self, queue: QueueId, turn: Turn | None) -> Estimate | None:
        """Who waits longer in another queue is ahead with that part of its agents who also work
        for this one: the longest wait goes first over all queues of an agent."""
        if (rates := self.rates(queue)) is None:
            return None
        place = 1.0
        for other, common in self._common[queue].items():
            line = self._lines[other]
            if common and line:
                ahead = len(line) if turn is None else bisect_left(line, turn)
                place += ahead * common / self._common[other][other]
        return expected(place, rates)

    # -- how a wait went --

    def answered(self, contact: Contact, now: Instant) -> None:
        """The contact talks to somebody."""
        self.step_out(contact.call)
        self._waited(contact, now, hung_up=False)
        if (told := self._told.pop(contact.call, None)) is not None:
            actual, misses = now - told.at, self.queues[contact.queue].misses
            misses.measured += 1
            misses.error += told.mean - actual
            misses.judged += 1
            misses.too_short += actual > told.high

    def left(self, contact: Contact, now: Instant, *, hung_up: bool) -> None:
        """The contact is gone without an answer: it hung up, or a rule took it away. How long it
        would have waited nobody knows, but one who outlasted the range was told too little."""
        self.step_out(contact.call)
        self._waited(contact, now, hung_up=hung_up)
        told = self._told.pop(contact.call, None)
        if told is not None and now - told.at > told.high:
            misses = self.queues[contact.queue].misses
            misses.judged += 1
            misses.too_short += 1

    def _waited(self, contact: Contact, now: Instant, *, hung_up: bool) -> None:
        if contact.queue not in self.queues:
            return
        self.on_over(contact.call)
        if contact.dial:
            return  # who is not on the line does not hang up
        waited = now - contact.joined_at if now > contact.joined_at else 0
        self.queues[contact.queue].hang_ups.add(hung_up, waited, self._keep[contact.queue])

    def new_day(self) -> None:
        """The site's midnight."""
        for waits in self.queues.values():
            waits.misses = Misses()

    # -- the agents' side --

    def expect(self, now: Instant) -> None:
        """After each event and each deadline: for those who stand in line since then, note what is
        to be expected."""
        for call in self.fresh:
            if (estimate := self.of_call(call)) is not None:
                self._told[call] = Told(now, estimate.mean, estimate.high)
        self.fresh.clear()

    def staffed(self, agent: AgentId, step: int) -> None:
        """The agent is at work from now on (1), or is no more (-1)."""
        for queue in self._members[agent]:
            row = self._common[queue]
            for other in self._members[agent]:
                row[other] += step

    def changed(self, command: AgentChanged, now: Instant) -> None:
        """An agent came, went or got free. What counts is from the offer to the next readiness,
        whichever queue the contact came from."""
        agent, state = command.agent, command.state
        work = self._work.get(agent)
        if state == RESERVED and work is None:
            self._work[agent] = Work(now)
        elif state == ON_CALL and work is None:
            self._work[agent] = Work(now, talks=True)  # adopted: nobody saw it ring
        elif state == ON_CALL and work is not None and not work.talks:
            work.talks = True
            for queue in self._members[agent]:
                self.queues[queue].ring.add(now - work.since, 1.0, self._keep[queue])
        elif state not in BUSY_STATES and work is not None:
            del self._work[agent]
            if work.talks:
                for queue in self._members[agent]:
                    self.queues[queue].handling.add(now - work.since, 1.0, self._keep[queue])

    # -- restart --

    def dump(self) -> WaitsState:
        """A view of the live objects: encode it before the machine moves on."""
        return WaitsState(self.queues, self._told, self._work)

    def restore(
        self, saved: WaitsState, contacts: Iterable[Contact], agents: Iterable[Agent]
    ) -> None:
        """Go on from `saved`, with the contacts and agents that were restored before."""
        self.queues |= {q: waits for q, waits in saved.queues.items() if q in self.queues}
        self._work |= {a: work for a, work in saved.work.items() if a in self._members}
        self._told |= saved.told
        for agent in agents:
            if agent.state in STAFFED_STATES:
                self.staffed(agent.id, 1)
        for contact in contacts:
            if contact.state == WAITING and contact.queue in self.queues:
                self._stand(contact)
