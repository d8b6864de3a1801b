"""Tasks in the centre: what is known of each, from the submission to its one record.

Waiting and being offered are the router's, as for callers. Here is what outlives both: the task in
an agent's hand, its way back to the queue when the agent goes, and its end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ctid.acd.agents import Agent, Work
from ctid.acd.channels import CALL
from ctid.acd.contacts import BRIDGED, Contact, Demand
from ctid.centre.task import Task, TasksState
from ctid.core.commands import Command, Disposed, Noticed
from ctid.core.instants import HOUR, Duration, Instant
from ctid.core.records import AgentId, Disposition, LegCause, QueueId
from ctid.core.tasks import (
    PREFIX,
    TaskAccepted,
    TaskCancelled,
    TaskDone,
    TaskId,
    TaskOutcome,
    TaskRejected,
    TaskSubmitted,
    TaskView,
)
from ctid.core.text import clean

if TYPE_CHECKING:
    from ctid.centre.centre import Centre

TASK_DUE: Final = "task_due"
TASKS_KEPT: Final = "tasks_kept"
LONGEST_TEXT: Final = 200
"""Characters of a subject, a link or a customer's id that are kept."""
REMEMBERED: Final[Duration] = HOUR
"""How long a task that has ended is not taken for a new one when it is submitted again."""


class Tasks:
    """All tasks of the centre."""

    def __init__(self, centre: Centre) -> None:
        self._centre = centre
        self._router = centre.router
        self._deadlines = centre.deadlines
        self.open: dict[TaskId, Task] = {}
        self.over: dict[TaskId, Instant] = {}
        """Ended a short while ago, oldest first."""

    # -- the sender --

    def submitted(self, event: TaskSubmitted, now: Instant) -> list[Command]:
        """A new task stands in its queue."""
        if event.task in self.open or event.task in self.over:
            return []
        if (why := self._refused(event)) is not None:
            return [Noticed("task_refused", f"{clean(event.task)}: {why}")]
        channel = self._router.staff.channels.by_id[event.channel]
        deadline = now + channel.answer_within
        if event.deadline:
            deadline = self._centre.epoch.instant(event.deadline)
        task = self.open[event.task] = Task(
            event.task, event.queue, event.channel, clean(event.subject, LONGEST_TEXT),
            clean(event.link, LONGEST_TEXT), clean(event.customer, LONGEST_TEXT),
            event.priority, event.weight, now, deadline,
        )  # fmt: skip
        self._deadlines.arm((TASK_DUE, task.id), max(now, deadline))
        return self._join(task, now)

    def _refused(self, event: TaskSubmitted) -> str | None:
        queue = self._router.queues.get(event.queue)
        if not event.task.startswith(PREFIX):
            return f"the id does not begin with {PREFIX}"
        if queue is None or queue.channel == CALL:
            return f"there is no queue {clean(event.queue)!r} for tasks"
        if queue.channel != event.channel:
            return f"{queue.id} is a queue of {queue.channel}, not of {clean(event.channel)!r}"
        if event.weight < 1 or (event.priority is not None and not 0 <= event.priority <= 9):
            return "the weight is at least 1, the priority 0 to 9"
        return None

    def cancelled(self, event: TaskCancelled, now: Instant) -> list[Command]:
        """The sender takes it back, wherever it is."""
        task = self.open.get(event.task)
        if task is None:
            return []
        return [*self._take_out(task, "caller_gone", now), *self._close(task, "cancelled", now)]

    # -- the agent --

    def of_agent(
        self, event: TaskAccepted | TaskRejected | TaskDone, agent: Agent, now: Instant
    ) -> list[Command]:
        """The agent says something of a task; of one that is neither offered to nor in the hand of
        this agent it is nothing."""
        task = self.open.get(event.task)
        if task is None:
            return []
        match event:
            case TaskAccepted():
                return self._accepted(task, agent, now)
            case TaskRejected() if (work := in_hand(agent, task.id)) is not None:
                self._router.staff.pause_tasks(agent, now)
                return self._give_back(task, agent, work, now)
            case TaskRejected():
                return self._router.tasks.rejected(agent, task.id, now)
            case TaskDone():
                return self._done(task, agent, event.code, now)

    def _accepted(self, task: Task, agent: Agent, now: Instant) -> list[Command]:
        contact = self._router.contacts.get(task.id)
        commands = self._router.tasks.accepted(agent, task.id, now)
        if commands is None or contact is None:
            return []
        task.offers += contact.offers
        task.agent, task.in_hand, task.since = agent.id, True, now
        if not task.was_accepted:
            task.was_accepted, task.accepted_at = True, now
        return commands

    def _done(self, task: Task, agent: Agent, code: str, now: Instant) -> list[Command]:
        work = in_hand(agent, task.id)
        if work is None:
            return []
        commands = self._put_down(task, agent, work, "done", now)
        if code in self._codes(task):
            task.code, at = code, self._centre.epoch.wall(now)
            given = Disposition(work.offer, task.id, task.queue, agent.id, code, at)
            commands.append(Disposed(given))
        return commands + self._close(task, "done", now)

    def _codes(self, task: Task) -> tuple[str, ...]:
        queue = self._router.queues.get(task.queue)
        return queue.wrap_up_rule.codes if queue else ()

    # -- back to the queue --

    def settle(self, now: Instant) -> list[Command]:
        """What an agent leaves behind waits at its old place; called after each event."""
        commands: list[Command] = []
        behind = self._router.tasks.left_behind
        while behind:
            commands += self._empty(behind.pop(0), now)
        return commands

    def page_lost(self, agent: Agent, now: Instant) -> list[Command]:
        """The agent's page is gone: what is in hand stays there for a while, a card that nobody
        sees does not."""
        if agent.work:
            kept = self._router.settings.tasks_kept
            self._deadlines.arm((TASKS_KEPT, agent.id), now + kept)
        return self._router.tasks.withdraw(agent, now)

    def page_back(self, agent: Agent) -> None:
        """The agent goes on with what is in hand."""
        self._deadlines.cancel((TASKS_KEPT, agent.id))

    def kept_too_long(self, agent_id: str, now: Instant) -> list[Command]:
        """The page did not come back."""
        return self._empty(agent_id, now)

    def _empty(self, agent_id: AgentId, now: Instant) -> list[Command]:
        agent = self._router.staff.agents[agent_id]
        self._deadlines.cancel((TASKS_KEPT, agent_id))
        commands: list[Command] = []
        for work in agent.work:
            commands += self._give_back(self.open[work.task], agent, work, now)
        return commands

    def _give_back(self, task: Task, agent: Agent, work: Work, now: Instant) -> list[Command]:
        commands = self._put_down(task, agent, work, "returned", now)
        task.returns += 1
        return commands + self._wait(task, now)

    def _wait(self, task: Task, now: Instant) -> list[Command]:
        """In its queue, or in another one of its channel where a reload took that away."""
        if (queue := self._place(task)) is None:
            return self._close(task, "no_queue", now)
        task.queue = queue
        return self._join(task, now)

    def _join(self, task: Task, now: Instant) -> list[Command]:
        """The task waits, since its submission."""
        demand = Demand(
            priority=task.priority, weight=task.weight, deadline=task.deadline,
        )  # fmt: skip
        return self._router.join(task.id, task.queue, "", "", "", task.submitted_at, now, demand)

    # -- time --

    def due(self, task_id: TaskId, now: Instant) -> list[Command]:
        """The deadline is over: no agent is kept free of it any more."""
        contact = self._router.contacts.get(task_id)
        if contact is None:
            return []
        contact.overdue = True
        return self._router.look_again(contact, now)

    # -- ends --

    def _take_out(self, task: Task, cause: LegCause, now: Instant) -> list[Command]:
        """Of the queue, of an offer or of a hand, wherever it is."""
        if task.in_hand:
            agent = self._router.staff.agents[task.agent]
            work = in_hand(agent, task.id)
            assert work is not None, "what is in hand is in this agent's hand"
            return self._put_down(task, agent, work, cause, now)
        if (contact := self._router.contacts.get(task.id)) is not None:
            task.offers += contact.offers
        return self._router.tasks.cancel(task.id, now)

    def _put_down(
        self, task: Task, agent: Agent, work: Work, cause: LegCause, now: Instant
    ) -> list[Command]:
        task.in_hand = False
        task.worked += now - task.since
        return self._router.tasks.put_down(agent, work, cause, now)

    def _close(self, task: Task, outcome: TaskOutcome, now: Instant) -> list[Command]:
        raised = self._centre.escalations.count(task.id)
        self._centre.escalations.forget(task.id)
        del self.open[task.id]
        self._deadlines.cancel((TASK_DUE, task.id))
        self._remember(task.id, now)
        queue = self._router.queues.get(task.queue)
        own = queue.priority if queue else 0
        return [task.close(outcome, own, raised, self._centre.epoch, now)]

    def _remember(self, task_id: TaskId, now: Instant) -> None:
        self.over[task_id] = now
        oldest = next(iter(self.over))
        while self.over[oldest] + REMEMBERED < now:
            del self.over[oldest]
            oldest = next(iter(self.over))

    # -- views --

    def view(self, task: Task) -> TaskView:
        """One task for pages and the API."""
        contact = self._router.contacts.get(task.id)
        offer = self._router.tasks.open.get(contact.offer) if contact else None
        wall = self._centre.epoch.wall
        return TaskView(
            task.id, task.queue, task.channel,
            "accepted" if task.in_hand else "offered" if offer else "waiting",
            task.agent if task.in_hand else offer.agent if offer else "",
            task.subject, task.link, task.customer, wall(task.submitted_at), wall(task.deadline),
            self._router.tasks.until(offer.id) if offer else 0,
            self._centre.escalations.count(task.id), self._codes(task),
        )  # fmt: skip

    def views_of(self, agent: Agent) -> tuple[TaskView, ...]:
        """What is offered to this agent, then what is in hand."""
        offer = self._router.tasks.open.get(agent.offer)
        ids = [offer.call] if offer else []
        ids += [work.task for work in agent.work]
        return tuple(self.view(self.open[one]) for one in ids)

    # -- restart --

    def dump(self) -> TasksState:
        """A view of the live objects: encode it before the machine moves on."""
        return TasksState(list(self.open.values()), self.over)

    def restore(self, saved: TasksState) -> None:
        """Go on from `saved`, before contacts, offers and agents are restored."""
        self.open.update({task.id: task for task in saved.open})
        self.over.update(saved.over)
        for task in saved.open:
            if task.in_hand and task.agent not in self._router.staff.agents:
                task.in_hand = False  # of an agent who was removed: `mend` gives it to others
                task.returns += 1

    def placed(self, contact: Contact) -> bool:
        """Put a restored contact into a queue of its channel. False where there is none left for a
        task: `mend` comes to it."""
        if (task := self.open.get(contact.call)) is None:
            if not self._router.takes_calls(contact.queue):
                contact.queue = self._centre.settings.fallback_queue
            return True
        if (queue := self._place(task)) is None:
            return False
        contact.queue = task.queue = queue
        offer = self._router.tasks.open.get(contact.offer)
        if offer is not None and not self._fits(task, offer.queue):
            offer.queue = queue
        return True

    def _place(self, task: Task) -> QueueId | None:
        others = (queue for queue in self._router.queues if self._fits(task, queue))
        return task.queue if self._fits(task, task.queue) else next(others, None)

    def _fits(self, task: Task, queue: QueueId) -> bool:
        known = self._router.queues.get(queue)
        return known is not None and known.channel == task.channel

    def mend(self, now: Instant) -> list[Command]:
        """After new settings: what hangs in the air comes to stand or to an end."""
        commands: list[Command] = []
        for offer in list(self._router.tasks.open.values()):
            if offer.state != BRIDGED and offer.call not in self._router.contacts:
                agent = self._router.staff.agents[offer.agent]
                commands += self._router.tasks.withdraw(agent, now)
        for task in list(self.open.values()):
            if task.in_hand or task.id in self._router.contacts:
                continue
            commands += self._wait(task, now)
        return commands


def in_hand(agent: Agent, task: TaskId) -> Work | None:
    """The agent's work on that task, if it is in this agent's hand."""
    return next((work for work in agent.work if work.task == task), None)
