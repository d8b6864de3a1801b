"""Follows one machine, fact by fact, and raises as soon as something holds no more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from ctid.acd.by_hand import BY_HAND
from ctid.acd.contacts import BRIDGED
from ctid.centre.centre import Centre
from ctid.centre.invariants import (
    agents,
    asides,
    callbacks,
    counts,
    identity,
    offers,
    questions,
    queues,
    supervision,
    surveys,
    tasks,
    transfers,
    visits,
)
from ctid.centre.invariants.broken import must
from ctid.core.commands import (
    AgentTimed,
    CallClosed,
    Decided,
    Divert,
    LegClosed,
    Overflowed,
    RingAgent,
)
from ctid.core.events import Event
from ctid.core.identity import CheckPin
from ctid.core.instants import Instant
from ctid.core.records import CallId
from ctid.core.services import AskService
from ctid.core.tasks import Escalated, OfferTask, TaskClosed
from ctid.core.visits import FlowEnded


class Checker:
    """What must hold after every fact and every deadline of a run (docs/invariants.md).

    One checker per machine and start: `follow` is called once for each line of the journal, after
    the machine has handled it. Random worlds, simulations, tests on a real PBX and `ctid replay`
    use the same one.
    """

    def __init__(self, centre: Centre) -> None:
        self.centre = centre
        self._seconds = agents.Seconds()
        self._over: Counter[CallId] = Counter()
        self._steps = tasks.Steps()
        self._board = counts.Board(centre)
        self._link = offers.Link(centre)
        self._places = offers.Places()
        self._dials = offers.Dials()
        self._stopped = queues.Stopped()
        self._proofs = identity.Proofs(centre)
        self._visits = visits.Visits(centre)

    def follow(self, commands: Iterable[object], now: Instant, event: Event | None = None) -> None:
        """After one fact, or deadlines that were due. Raises InvariantBroken."""
        said = list(commands)
        self._link.said(event)
        self._proofs.said(event)
        lapsed = {c.record.call for c in said if isinstance(c, LegClosed)}
        # Of two that move to another queue in one instant, the first may be offered already.
        lapsed |= {c.move.call for c in said if isinstance(c, Escalated | Overflowed)}
        by_hand = {
            c.decision.offer
            for c in said
            if isinstance(c, Decided) and c.decision.strategy == BY_HAND
        }
        for command in said:
            self._said(command, now, lapsed, by_hand)
        self._stopped.note(self.centre)
        self.check(now)

    def check(self, now: Instant) -> None:
        """The state alone."""
        agents.check(self.centre)
        queues.check(self.centre, now)
        callbacks.check(self.centre)
        asides.check(self.centre)
        transfers.check(self.centre)
        tasks.check(self.centre)
        supervision.check(self.centre)
        surveys.check(self.centre)
        questions.check(self.centre)
        self._seconds.check(self.centre, now)
        self._board.check(self.centre)
        self._places.check(self.centre)
        self._proofs.check(self.centre)
        self._visits.check(self.centre)

    def _said(self, command: object, now: Instant, lapsed: set[CallId], by_hand: set[str]) -> None:
        match command:
            case CallClosed(record):
                self._ends(record.call)
                self._visits.closed(record.call)
                self._dials.closed(self.centre, command)
                self._proofs.closed(record)
                must(record.waited >= 0 and record.talked >= 0, "no time is negative", record)
            case TaskClosed(record):
                self._ends(record.task)
                must(record.waited >= 0 and record.worked >= 0, "no time is negative", record)
            case Escalated(move):
                self._steps.taken(move)
            case FlowEnded(visit):
                self._visits.ends(visit)
            case LegClosed(record):
                must(record.ended_at >= record.started_at, "no leg ends before it begins", record)
                asides.check_leg(record)
                self._dials.ends(command)
            case CheckPin():
                self._proofs.asked(command)
            case AskService():
                questions.check_asked(self.centre, command)
            case AgentTimed():
                self._seconds.closed(command)
            case RingAgent():
                self._link.rings(command)
                self._dials.rings(command)
                if not command.aside and command.offer not in by_hand:
                    self._rings(command, now, lapsed)
            case OfferTask():
                queues.check_turn(
                    self.centre, command.task, command.agent, now, lapsed, self._stopped
                )
            case Divert(leaves=leg) if leg:
                offer = self.centre.router.offers[leg]
                talks = (offer.call, offer.state) == (command.call, BRIDGED)
                must(talks, "only who talks is sent on", command, offer)
            case _:
                pass

    def _rings(self, ring: RingAgent, now: Instant, lapsed: set[CallId]) -> None:
        offers.check_reach(self.centre, ring, now)
        newer = queues.joined_after(self.centre, ring.offer)
        queues.check_turn(self.centre, ring.call, ring.agent, now, lapsed | newer, self._stopped)

    def _ends(self, call: CallId) -> None:
        self._over[call] += 1
        must(self._over[call] == 1, "one record for one call or task", call)
