"""Which agent for this contact. A strategy is a function of what it sees, and says its reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from ctid.acd.agents import Agent
from ctid.acd.pool import Pool
from ctid.core.instants import MINUTE, SECOND, Duration, Instant


class Choice(NamedTuple):
    """An agent and why."""

    agent: Agent
    reason: str


Strategy = Callable[[Pool, Instant], Choice | None]


def spoken(duration: Duration) -> str:
    """`3 min 12 s`, for reasons that people read."""
    minutes, rest = divmod(max(duration, 0), MINUTE)
    return f"{minutes} min {rest // SECOND} s" if minutes else f"{rest // SECOND} s"


def longest_idle(pool: Pool, now: Instant) -> Choice | None:
    """The agent who has been available for the longest time; ties by order in the settings."""
    if (agent := pool.longest_idle()) is None:
        return None
    return Choice(agent, f"longest idle {spoken(now - agent.idle_since)}")


STRATEGIES: Mapping[str, Strategy] = {"longest_idle": longest_idle}
"""Adding a strategy takes its function and one line here."""
