"""One task, from its submission to its record."""

from __future__ import annotations

from dataclasses import dataclass, field

from ctid.core.instants import Duration, Epoch, Instant
from ctid.core.records import AgentId, QueueId
from ctid.core.tasks import TaskClosed, TaskId, TaskOutcome, TaskRecord


@dataclass(slots=True)
class Task:
    """One task. Plain data: the journal's state holds it."""

    id: TaskId
    queue: QueueId
    channel: str
    subject: str
    link: str
    customer: str
    priority: int | None
    weight: int
    submitted_at: Instant
    deadline: Instant
    agent: AgentId = ""
    """Who has it in hand, or had it last."""
    in_hand: bool = False
    was_accepted: bool = False
    accepted_at: Instant = 0
    """The first time."""
    since: Instant = 0
    """Since when it is in this hand."""
    worked: Duration = 0
    offers: int = 0
    returns: int = 0
    code: str = ""

    def close(
        self, outcome: TaskOutcome, own: int, raised: int, epoch: Epoch, now: Instant
    ) -> TaskClosed:
        """The task's record. `own` is the queue's priority, for a task without one; `raised` is
        how many steps of escalation it took."""
        accepted = epoch.wall(self.accepted_at) if self.was_accepted else 0
        waited = (self.accepted_at if self.was_accepted else now) - self.submitted_at
        return TaskClosed(
            TaskRecord(
                task=self.id,
                queue=self.queue,
                channel=self.channel,
                priority=own if self.priority is None else self.priority,
                weight=self.weight,
                customer=self.customer,
                link=self.link,
                agent=self.agent,
                submitted_at=epoch.wall(self.submitted_at),
                deadline=epoch.wall(self.deadline),
                accepted_at=accepted,
                ended_at=epoch.wall(now),
                waited=waited,
                worked=self.worked,
                offers=self.offers,
                returns=self.returns,
                raised=raised,
                outcome=outcome,
                code=self.code,
            )
        )


@dataclass(slots=True, frozen=True)
class TasksState:
    """What a restart must know."""

    open: list[Task] = field(default_factory=list)
    over: dict[TaskId, Instant] = field(default_factory=dict)
