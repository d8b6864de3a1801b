"""A pretend mail system that sends tasks, and pretend agents who deal with them. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from ctid.acd.channels import CALL
from ctid.acd.settings import AcdSettings
from ctid.core.instants import SECOND, Duration, Instant
from ctid.core.tasks import (
    PREFIX,
    OfferTask,
    TaskAccepted,
    TaskCancelled,
    TaskDone,
    TaskRejected,
    TaskSubmitted,
)
from sim.spreads import Exponential, Spread, Uniform

if TYPE_CHECKING:
    from sim.world.world import World


class TaskHabits(msgspec.Struct, frozen=True):
    """How tasks come and how agents treat them. Times in ms."""

    tasks: int = 0
    """How many there will be; 0 = as many as come until `until`."""
    until: Instant = 0
    """Nothing is sent from then on; 0 = the number ends it."""
    arrivals: Spread = Exponential(20 * SECOND)
    deadline: Spread = Uniform(30_000, 600_000)
    """From the submission to the deadline."""
    priorities: tuple[int | None, ...] = (None, None, 0, 3)
    """Levels that they begin with, each as likely as the other; None = the queue's."""
    weights: tuple[int, ...] = (1, 1, 2)
    doubled: float = 0.1
    """Share of submissions that the sender repeats."""
    cancelled: float = 0.05
    """Share that the sender takes back after `work`."""
    accept: Spread = Uniform(1_000, 10_000)
    """From the card on the page to the answer."""
    rejected: float = 0.05
    unseen: float = 0.05
    """Share of cards that nobody looks at."""
    work: Spread = Exponential(60 * SECOND)
    """From the acceptance to the end."""
    given_back: float = 0.05


class Mailroom:
    """See the module. Draws from a stream of its own, so that callers do what they always did."""

    def __init__(self, world: World, acd: AcdSettings) -> None:
        self._world = world
        self._habits = world.settings.tasks
        self._queues = [queue for queue in acd.queues if queue.channel != CALL]
        self._dice = world.stream("tasks")
        self._cards = world.stream("cards")
        """Of its own, so that tasks come as they do whatever becomes of those before."""
        self._sent = 0
        if (self._habits.tasks or self._habits.until) and self._queues:
            self._go_on(0, world.settings.first_call)

    def _send(self, now: Instant) -> None:
        habits, dice, world = self._habits, self._dice, self._world
        self._sent += 1
        queue = dice.choice(self._queues)
        wall = world.settings.wall_at_zero + now
        task = TaskSubmitted(
            f"{PREFIX}{self._sent}", queue.id, queue.channel,
            deadline=wall + habits.deadline.draw(dice),
            priority=dice.choice(habits.priorities), weight=dice.choice(habits.weights),
        )  # fmt: skip
        world.tell(task)
        if dice.random() < habits.doubled:
            world.at(now + habits.accept.draw(dice), lambda at: world.tell(task))
        if dice.random() < habits.cancelled:
            back = TaskCancelled(task.task)
            world.at(now + habits.work.draw(dice), lambda at: world.tell(back))
        if not habits.tasks or self._sent < habits.tasks:
            self._go_on(now, habits.arrivals.draw(dice))

    def _go_on(self, now: Instant, after: Duration) -> None:
        if not self._habits.until or now + after < self._habits.until:
            self._world.at(now + after, self._send)

    def offer(self, command: OfferTask, now: Instant) -> None:
        """The agent sees the card."""
        habits, dice, world = self._habits, self._cards, self._world
        agent, task = command.agent, command.task
        answered = now + habits.accept.draw(dice)
        draw = dice.random()
        if draw < habits.unseen:
            return
        if draw < habits.unseen + habits.rejected:
            world.at(answered, lambda at: world.tell(TaskRejected(agent, task)))
            return
        world.at(answered, lambda at: world.tell(TaskAccepted(agent, task)))
        over = answered + habits.work.draw(dice)
        end = TaskDone(agent, task)
        if dice.random() < habits.given_back:
            world.at(over, lambda at: world.tell(TaskRejected(agent, task)))
        else:
            world.at(over, lambda at: world.tell(end))
