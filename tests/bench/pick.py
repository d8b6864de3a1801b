"""Agent picks a second: the router's pool against a scan over all agents that decides the same.

Plain functions for the bench's table. A pick is everything from "this contact is due" to "that
agent is reserved", and the agent's coming back afterwards: what a real pick does to the pool.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from random import Random

from ctid.acd.agents import Agent
from ctid.acd.pool import Pool
from ctid.acd.strategies import longest_idle

QUEUE = "q"


def _agents(n: int) -> dict[str, Agent]:
    """All ready, idle since different instants, in no order."""
    idle = list(range(n))
    Random(n).shuffle(idle)
    return {
        f"a{i}": Agent(f"a{i}", i, f"PJSIP/{i}", (QUEUE,), state="ready", idle_since=idle[i],
                       phone_state="idle")
        for i in range(n)
    }  # fmt: skip


class _Pooled:
    """The router's way."""

    def __init__(self, n: int) -> None:
        self._agents = _agents(n)
        self._pool = Pool()
        for agent in self._agents.values():
            agent.available = True
            self._pool.add_agent(agent)

    def pick(self, now: int) -> str:
        choice = longest_idle(self._pool, now)
        assert choice is not None
        agent = choice.agent
        agent.available, agent.token = False, agent.token + 1
        self._pool.available -= 1
        agent.idle_since, agent.available, agent.token = now, True, agent.token + 1
        self._pool.add_agent(agent)
        return agent.id


class _Scanned:
    """The naive way: look at everybody each time."""

    def __init__(self, n: int) -> None:
        self._agents = _agents(n)

    def pick(self, now: int) -> str:
        able = (a for a in self._agents.values() if QUEUE in a.queues and a.may_be_offered())
        agent = min(able, key=lambda a: (a.idle_since, a.order))
        agent.idle_since = now
        return agent.id


def same_decisions(agents: int, picks: int) -> bool:
    """Whether both ways choose the same agents in the same order."""
    pooled, scanned = _Pooled(agents), _Scanned(agents)
    return all(pooled.pick(agents + i) == scanned.pick(agents + i) for i in range(picks))


def _rate(pick: Callable[[int], str], first: int, picks: int) -> float:
    start = time.perf_counter()
    for i in range(picks):
        pick(first + i)
    return picks / (time.perf_counter() - start)


def pooled_picks_per_second(agents: int, picks: int = 50_000) -> float:
    """The router's pool, warmed up until each agent has had a turn."""
    pooled, warm = _Pooled(agents), max(agents, picks // 10)
    _rate(pooled.pick, agents, warm)
    return _rate(pooled.pick, agents + warm, picks)


def scanned_picks_per_second(agents: int, picks: int = 0) -> float:
    """The scan; by default so many picks that some 200,000 agents are looked at."""
    picks = picks or max(200_000 // agents, 20)
    return _rate(_Scanned(agents).pick, agents, picks)
