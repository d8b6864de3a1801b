"""What a strategy is, and what it may see."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from ctid.acd.agents import Agent
from ctid.acd.shares import AgentShare, QueueShare
from ctid.core.instants import MINUTE, SECOND, Duration, Instant
from ctid.core.records import QueueId


class Sight(NamedTuple):
    """What a strategy sees of one agent in one queue."""

    agent: Agent
    share: AgentShare
    queue: QueueShare
    weight: int
    """The agent's weight, for weighted random."""
    id: QueueId
    boot: Callable[[], str]
    """Differs with each start of the daemon and each run of a simulation: the seed of draws."""


class Strategy(NamedTuple):
    """An order in which the available agents of a queue get its contacts."""

    place: Callable[[Sight], int]
    """The agent's place in line, lower goes first, ties by order in the settings. Asked when the
    agent becomes available; it must not depend on anything that changes while the agent waits."""
    reason: Callable[[Sight, Instant], str]
    """Why this agent was first, for people."""
    drawn: bool = False
    """The place is drawn by lot: it is kept, for it would be another one the next time."""


def spoken(duration: Duration) -> str:
    """`3 min 12 s`, for reasons that people read."""
    if duration < MINUTE:
        return f"{duration // SECOND if duration > 0 else 0} s"
    return f"{duration // MINUTE} min {duration % MINUTE // SECOND} s"
