"""Moves contacts and tasks up that are not served in time, and puts every move on record.

A step is taken once for each contact and queue. While a task is in somebody's hand only the
supervisors are told; the other steps come when it waits again, at once if they are due by then.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from ctid.acd.contacts import CONNECTED, WAITING, Contact
from ctid.acd.escalation import Step
from ctid.acd.strategies import spoken
from ctid.core.commands import Command
from ctid.core.instants import Instant
from ctid.core.records import CallId, Move, QueueId
from ctid.core.tasks import Escalated

if TYPE_CHECKING:
    from ctid.centre.centre import Centre

ESCALATE: Final = "escalate"


@dataclass(slots=True)
class Raised:
    """How far up one contact or task has come."""

    taken: list[str] = field(default_factory=list)
    """Steps that it has taken, each with its queue."""
    groups: tuple[str, ...] = ()
    """Agent groups that may take it too."""


@dataclass(slots=True, frozen=True)
class Waiting:
    """What a step looks at: something that waits, or a task in hand (without `contact`)."""

    id: CallId
    queue: QueueId
    since: Instant
    deadline: Instant | None
    contact: Contact | None


class Escalations:
    """The steps of all queues at work."""

    def __init__(self, centre: Centre) -> None:
        self._centre = centre
        self._router = centre.router
        self._router.lined_up = self.lined_up
        self.raised: dict[CallId, Raised] = {}

    def lined_up(self, contact: Contact, now: Instant) -> None:
        """The contact is about to stand in line: with what it has, and up to the next step."""
        if (raised := self.raised.get(contact.call)) is not None:
            contact.groups = raised.groups
        if self._router.queues[contact.queue].escalate:
            self._arm(self._waiting(contact.call), now)

    def again(self, now: Instant) -> None:
        """New settings: their steps hold for those who wait."""
        for contact in self._router.in_order():
            if contact.state == WAITING:
                self.lined_up(contact, now)

    def count(self, of: CallId) -> int:
        """How many steps that contact or task has taken."""
        raised = self.raised.get(of)
        return len(raised.taken) if raised else 0

    def forget(self, of: CallId) -> None:
        """It has ended."""
        self.raised.pop(of, None)
        self._centre.deadlines.cancel((ESCALATE, of))

    def due(self, of: CallId, now: Instant) -> list[Command]:
        """A step is to be taken, or several."""
        commands: list[Command] = []
        while (waiting := self._waiting(of)) is not None:
            step = next((s for s, at in self._open(waiting) if at <= now), None)
            if step is None:
                self._arm(waiting, now)
                break
            commands += self._take(waiting, step, now)
        return commands

    def _waiting(self, of: CallId) -> Waiting | None:
        """None where it has ended, or talks."""
        contact, task = self._router.contacts.get(of), self._centre.tasks.open.get(of)
        if contact is not None:
            if contact.state == CONNECTED:
                return None
            deadline = task.deadline if task else None
            return Waiting(of, contact.queue, contact.joined_at, deadline, contact)
        if task is None or not task.in_hand or task.queue not in self._router.queues:
            return None
        return Waiting(of, task.queue, task.submitted_at, task.deadline, None)

    def _open(self, waiting: Waiting) -> list[tuple[Step, Instant]]:
        """Steps that may still be taken, each with its moment, in the order of the settings."""
        raised = self.raised.get(waiting.id)
        found = []
        for step in self._router.queues[waiting.queue].escalate:
            at = step.due(waiting.since, waiting.deadline)
            taken = raised is not None and _name(waiting.queue, step) in raised.taken
            in_hand = waiting.contact is None and step.kind != "supervisor"
            if at is not None and not taken and not in_hand:
                found.append((step, at))
        return found

    def _arm(self, waiting: Waiting | None, now: Instant) -> None:
        at = min((at for _, at in self._open(waiting)), default=None) if waiting else None
        if waiting is None or at is None:
            return
        self._centre.deadlines.arm((ESCALATE, waiting.id), max(at, now))

    def _take(self, waiting: Waiting, step: Step, now: Instant) -> list[Command]:
        raised = self.raised.setdefault(waiting.id, Raised())
        raised.taken.append(_name(waiting.queue, step))
        waited = max(0, now - waiting.since)
        reason = "its deadline is over" if step.after is None else f"waited {spoken(waited)}"
        number = self._router.queues[waiting.queue].escalate.index(step) + 1
        move = Move(
            waiting.id, waiting.queue, step.told(), number, "escalated", reason, waited,
            self._centre.epoch.wall(now),
        )  # fmt: skip
        return [Escalated(move), *self._carry_out(waiting, step, raised, now)]

    def _carry_out(
        self, waiting: Waiting, step: Step, raised: Raised, now: Instant
    ) -> list[Command]:
        contact = waiting.contact
        match step.kind:
            case "group" if contact is not None:
                groups = dict.fromkeys((*contact.groups, step.target))
                raised.groups = contact.groups = tuple(groups)
                if contact.state == WAITING:  # otherwise it reaches them when it waits again
                    self._router.standing.begin(contact, now)
                return self._router.look_again(contact, now)
            case "queue" if contact is not None:
                self._centre.tasks.open[waiting.id].queue = step.target
                self._router.counts[step.target].offered += 1
                return self._router.move(contact, step.target, now)
            case _:
                return []  # the board shows it


def _name(queue: QueueId, step: Step) -> str:
    return f"{queue} {step.told()} {step.after}"
