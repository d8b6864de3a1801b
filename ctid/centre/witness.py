"""What a journal, run through the machine again, tells of one call or of one agent.

Nothing of this runs while calls are routed. A replay stops at each decision with the machine as it
was in that moment, and looks at all agents; so an explanation is never a guess afterwards.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from typing import Final, Literal

import msgspec

from ctid.acd.agents import RESERVED, Agent
from ctid.acd.contacts import WAITING, Contact
from ctid.acd.explain import AgentStanding, Standing, agent_standing, standing, standings
from ctid.centre.centre import Centre
from ctid.centre.replay import feed
from ctid.core import events as ev
from ctid.core.commands import CallClosed, Decided, LegClosed, Overflowed
from ctid.core.instants import Duration, Instant, WallMs
from ctid.core.journal import Line
from ctid.core.records import (
    AgentId,
    CallId,
    CallRecord,
    Decision,
    Identity,
    LegCause,
    Move,
    OfferId,
    Outcome,
    QueueId,
    Recorded,
)
from ctid.core.survey import SurveyAnswer, SurveyAnswered
from ctid.core.tasks import (
    PREFIX,
    Escalated,
    TaskAccepted,
    TaskClosed,
    TaskOutcome,
    TaskRecord,
)
from ctid.core.visits import FlowEnded, Visit

PASSED_KEPT: Final = 10
"""Decisions that are told of an agent, the latest ones."""


class Ring(msgspec.Struct):
    """What became of an offer; each in milliseconds after the decision."""

    rang: Duration | None = None
    answered: Duration | None = None
    bridged: Duration | None = None
    ended: Duration | None = None
    cause: LegCause | Literal[""] = ""
    """Why the agent's leg ended, once it has."""


class Moment(msgspec.Struct, frozen=True):
    """One instant in the life of a contact, with all agents as they were."""

    kind: Literal["waiting", "decided", "moved", "raised", "left", "now"]
    """`waiting`: it joined a queue and nobody was free. `moved`: an overflow rule took it away.
    `raised`: a step of escalation was taken.
    `left`: it ended without an agent. `now`: it still waits at the end of the journal."""
    at: WallMs
    queue: QueueId
    waited: Duration
    link_down: bool
    """The link to the PBX was down, so that nobody was offered anything."""
    agents: tuple[Standing, ...]
    decision: Decision | None = None
    ring: Ring | None = None
    move: Move | None = None


class CallStory(msgspec.Struct):
    """All that the journal tells of one call."""

    call: CallId
    moments: list[Moment]
    outcome: Outcome | TaskOutcome | Literal[""] = ""
    """Empty while the call goes on."""
    waited: Duration = 0
    """From joining the queue to the bridge or the end; counted up once the call is over."""
    lines: int = 0
    """Journal lines during which the call lived; 0 when the journal does not know it."""
    answers: list[SurveyAnswer] = []
    """What the caller answered after the talk."""
    visits: list[Visit] = []
    """The flows that the caller was in, and how each of them ended."""
    differs: tuple[int, ...] = ()
    """Lines at which this version of ctid decides something else than the one that wrote them: the
    agents told there may not be those of that moment."""
    identity: Identity | Literal[""] = ""
    """How far the caller had proved who it was, at last; empty for a task."""
    recordings: tuple[Recorded, ...] = ()
    """What the caller said in the menus."""


class CallWitness:
    """Collects the story of one call, file by file."""

    def __init__(self, call: CallId) -> None:
        self.story = CallStory(call, [])
        self._centre: Centre
        self._rings: dict[OfferId, tuple[Instant, Ring]] = {}
        self._seen: dict[OfferId, tuple[Standing, ...]] = {}
        self._queue: QueueId = ""

    def attend(self, centre: Centre) -> None:
        """From now on this machine is watched; `line` feeds it."""
        self._centre = centre
        _at_each_decision(centre, self._look)

    def line(self, line: Line) -> None:
        """One line of the journal into the machine, and what it tells."""
        call = self.story.call
        record = next((end for one, end in _ends(line) if one == call), None)
        moves = [c.move for c in line.c if isinstance(c, Overflowed) and c.move.call == call]
        if moves:
            self._moved(moves, line.t)
        elif record is not None:
            self._moment("left", line.t)
        out = feed(self._centre, line)
        if (live := self._centre.calls.get(call)) is not None:
            self.story.identity = live.identity
            self.story.recordings = tuple(live.recordings)
        self._raised(line)
        decisions = [c.decision for c in line.c if isinstance(c, Decided)]
        mine = [decision for decision in decisions if decision.call == call]
        if mine and list(line.c) != out:
            self.story.differs += (line.n,)
        for decision in mine:
            self._decided(decision, line.t)
        self._fact(line.e, line.t)
        self._task(line)
        answers = [c.answer for c in line.c if isinstance(c, SurveyAnswered)]
        self.story.answers += [answer for answer in answers if answer.call == call]
        visits = [c.visit for c in line.c if isinstance(c, FlowEnded)]
        self.story.visits += [visit for visit in visits if visit.call == call]
        if record is not None:
            self.story.outcome, self.story.waited = record.outcome, record.waited
            if isinstance(record, CallRecord):
                self.story.recordings = record.recordings
        contact = self._centre.router.contacts.get(call)
        if contact is None:
            self._queue = ""  # it may come back: a transfer, an outside number without an answer
        elif contact.queue != self._queue:
            self._queue = contact.queue
            if not mine:
                self._moment("waiting", line.t)
        known = call in self._centre.calls or call in self._centre.tasks.open
        self.story.lines += known or record is not None

    def close(self, now: Instant) -> CallStory:
        """The whole story; who still waits is looked at once more."""
        if not self.story.outcome:
            self._moment("now", now)
        return self.story

    def _look(self, contact: Contact, agent: Agent, now: Instant) -> None:
        if contact.call == self.story.call:
            self._seen[agent.offer] = standings(self._centre.router, contact, now)

    def _decided(self, decision: Decision, now: Instant) -> None:
        ring = Ring()
        self._rings[decision.offer] = (now, ring)
        self.story.moments.append(
            Moment(
                "decided", decision.at, decision.queue, decision.waited, False,
                self._seen.pop(decision.offer, ()), decision, ring,
            )
        )  # fmt: skip

    def _moved(self, moves: list[Move], now: Instant) -> None:
        """Rules took the contact away, or kept it from joining; then nobody was looked for."""
        router = self._centre.router
        contact = router.contacts.get(self.story.call)
        agents = () if contact is None else standings(router, contact, now)
        for move in moves:
            self.story.moments.append(
                Moment("moved", move.at, move.queue, move.waited, router.frozen, agents, move=move)
            )
            agents = ()  # the next rule was looked at on the way into its queue

    def _raised(self, line: Line) -> None:
        epoch, frozen = self._centre.epoch, self._centre.router.frozen
        moves = [c.move for c in line.c if isinstance(c, Escalated)]
        for move in (move for move in moves if move.call == self.story.call):
            at = epoch.wall(line.t)
            self.story.moments.append(
                Moment("raised", at, move.queue, move.waited, frozen, (), move=move)
            )

    def _task(self, line: Line) -> None:
        """No fact of the PBX tells of a task: the agent does, and the machine closes the offer."""
        if isinstance(line.e, TaskAccepted) and line.e.task == self.story.call:
            for at, ring in self._rings.values():
                if ring.answered is None and ring.ended is None:
                    ring.answered = line.t - at
        for record in (c.record for c in line.c if isinstance(c, LegClosed)):
            if record.call.startswith(PREFIX) and record.offer in self._rings:
                at, ring = self._rings[record.offer]
                ring.ended, ring.cause = line.t - at, record.cause

    def _fact(self, event: ev.Event | None, now: Instant) -> None:
        match event:
            case ev.AgentRinging() | ev.AgentAnswered() | ev.CallBridged() | ev.LegEnded():
                if event.offer not in self._rings:
                    return
                at, ring = self._rings[event.offer]
                after = now - at
                match event:
                    case ev.AgentRinging():
                        ring.rang = after if ring.rang is None else ring.rang
                    case ev.AgentAnswered():
                        ring.answered = after if ring.answered is None else ring.answered
                    case ev.CallBridged():
                        ring.bridged = after if ring.bridged is None else ring.bridged
                    case ev.LegEnded():
                        ring.ended, ring.cause = after, event.cause
            case _:
                pass

    def _moment(self, kind: Literal["waiting", "left", "now"], now: Instant) -> None:
        router = self._centre.router
        contact = router.contacts.get(self.story.call)
        if contact is None or contact.state != WAITING:
            return  # while a phone rings for it, the decision tells
        self.story.moments.append(
            Moment(
                kind, self._centre.epoch.wall(now), contact.queue, now - contact.joined_at,
                router.frozen, standings(router, contact, now),
            )
        )  # fmt: skip


def _ends(line: Line) -> Iterator[tuple[CallId, CallRecord | TaskRecord]]:
    """The records of this line, each with the call or task that it is of."""
    for command in line.c:
        match command:
            case CallClosed(record=call):
                yield call.call, call
            case TaskClosed(record=task):
                yield task.task, task
            case _:
                pass


class Passed(msgspec.Struct, frozen=True):
    """A contact that went to somebody, as seen from one agent."""

    at: WallMs
    call: CallId
    queue: QueueId
    to: AgentId
    code: str
    text: str


class AgentStory(msgspec.Struct, frozen=True):
    """Why an agent has no contact at one instant, and what they were passed over for before."""

    at: WallMs
    standing: AgentStanding
    passed: tuple[Passed, ...]
    """The latest decisions in the same journal file, oldest first."""


class AgentWitness:
    """Collects what the decisions of one journal file meant for one agent."""

    def __init__(self, centre: Centre, agent: AgentId) -> None:
        self._centre, self._agent = centre, agent
        self._passed: deque[Passed] = deque(maxlen=PASSED_KEPT)
        _at_each_decision(centre, self._look)

    def line(self, line: Line) -> None:
        """One line of the journal into the machine."""
        feed(self._centre, line)

    def story(self, now: Instant) -> AgentStory:
        """What is so now."""
        router = self._centre.router
        found = agent_standing(router, router.staff.agents[self._agent], now)
        return AgentStory(self._centre.epoch.wall(now), found, tuple(self._passed))

    def _look(self, contact: Contact, agent: Agent, now: Instant) -> None:
        router = self._centre.router
        mine = standing(router, contact, router.staff.agents[self._agent], now)
        at = self._centre.epoch.wall(now)
        self._passed.append(Passed(at, contact.call, contact.queue, agent.id, mine.code, mine.text))


Look = Callable[[Contact, Agent, Instant], None]
"""(the contact, the agent who was chosen for it, now)."""


def _at_each_decision(centre: Centre, look: Look) -> None:
    """Call `look` whenever an agent has just been reserved and nothing else has changed yet."""
    router = centre.router
    inner = router.staff.on_state

    def on_state(agent: Agent, old: str, now: Instant) -> None:
        if agent.state == RESERVED and (offer := router.offer_of(agent)) is not None:
            look(router.contacts[offer.call], agent, now)
        inner(agent, old, now)

    router.staff.on_state = on_state
