"""Contacts that are not calls: what is told of them, what is ordered, and what is kept.

A task is an e-mail, a chat, a follow-up: whatever another system wants an agent to deal with. Its
contents stay with that system; ctid holds its id, where it links to, and when it must be dealt
with. These are members of the unions in `ctid.core.events` and `ctid.core.commands`.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from ctid.core.instants import Duration, Instant, WallMs
from ctid.core.records import AgentId, Move, OfferId, QueueId

TaskId = str
"""`PREFIX` and the sending system's own id."""
PREFIX: Final = "task:"
"""Tells tasks from calls, whose ids the PBX makes, wherever both may stand."""

TaskState = Literal["waiting", "offered", "accepted"]

TaskOutcome = Literal[
    "done",  # an agent dealt with it
    "cancelled",  # the sender took it back
    "no_queue",  # its queue is no longer in the settings, and no other one has its channel
]


# -- facts --


class TaskSubmitted(msgspec.Struct, frozen=True, tag=True, gc=False):
    """A system wants this dealt with. The same id again is the same task, and changes nothing."""

    task: TaskId
    queue: QueueId
    channel: str
    """The queue's channel, as the sender understands it."""
    deadline: WallMs = 0
    """By when an agent should have accepted it; 0: what the channel says."""
    priority: int | None = None
    """The level to begin with, 0 to 9; None: the queue's."""
    weight: int = 1
    """How fast its urgency grows, against others of its queue."""
    subject: str = ""
    """One line for the agent's page."""
    link: str = ""
    """Where the sender's system shows it."""
    customer: str = ""
    """The customer's id at the sender's system."""


class TaskCancelled(msgspec.Struct, frozen=True, tag=True, gc=False):
    """The sender takes a task back, wherever it is."""

    task: TaskId


class TaskAccepted(msgspec.Struct, frozen=True, tag=True, gc=False):
    """The agent takes the task that is offered."""

    agent: AgentId
    task: TaskId


class TaskRejected(msgspec.Struct, frozen=True, tag=True, gc=False):
    """The agent does not take the task that is offered, or gives back one in hand."""

    agent: AgentId
    task: TaskId


class TaskDone(msgspec.Struct, frozen=True, tag=True, gc=False):
    """The agent has dealt with a task."""

    agent: AgentId
    task: TaskId
    code: str = ""
    """How it ended, in one of its queue's words."""


# -- orders, and facts for the record --


class OfferTask(msgspec.Struct, frozen=True, tag=True, gc=False):
    """Show the task on the agent's page, to be accepted or not until `until`."""

    offer: OfferId
    task: TaskId
    agent: AgentId
    queue: QueueId
    channel: str
    until: Instant
    reason: str


class TaskRecord(msgspec.Struct, frozen=True):
    """One line per task, written when it has ended. Times are wall milliseconds, 0 = never."""

    task: TaskId
    queue: QueueId
    channel: str
    priority: int
    weight: int
    customer: str
    link: str
    agent: AgentId
    """Who had it in hand last."""
    submitted_at: WallMs
    deadline: WallMs
    accepted_at: WallMs
    """The first time."""
    ended_at: WallMs
    waited: Duration
    """From the submission to the first acceptance, or to the end."""
    worked: Duration
    """In anybody's hand, in milliseconds."""
    offers: int
    returns: int
    """How often it went back to its queue out of somebody's hand."""
    raised: int
    """How many steps of escalation it took."""
    outcome: TaskOutcome
    code: str


class TaskClosed(msgspec.Struct, frozen=True, tag=True, gc=False):
    """A task has ended; its one record."""

    record: TaskRecord


class Escalated(msgspec.Struct, frozen=True, tag=True, gc=False):
    """A contact or a task has broken its time and moved up a level."""

    move: Move


class TaskView(msgspec.Struct, frozen=True):
    """A task that is not over, for pages and the API."""

    task: TaskId
    queue: QueueId
    channel: str
    state: TaskState
    agent: AgentId
    """Whom it is offered to, or who has it in hand."""
    subject: str
    link: str
    customer: str
    submitted_at: WallMs
    deadline: WallMs
    until: Instant
    """When the offer lapses, or 0."""
    raised: int
    codes: tuple[str, ...]
    """What may be said about how it ended."""
