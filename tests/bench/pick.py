"""Agent picks a second: the router's lines against a scan over all agents that decides the same.

Plain functions for the bench's table. A pick is everything from "this contact is due" to "that
agent is reserved, for this reason", and the agent's coming back afterwards: what a real pick does.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from random import Random

from ctid.acd.agents import Agent
from ctid.acd.channels import CALLS_ONLY, NOTHING
from ctid.acd.need import Need
from ctid.acd.pools import Pools
from ctid.acd.settings import AcdSettings, AgentSettings, QueueSettings
from ctid.acd.shares import Shares

SKILLS, EACH = 20, 3
"""With skills: so many in all, so many of them with each agent, one asked for by each queue."""


def site(agents: int, *, skilled: bool = False) -> AcdSettings:
    """One queue for everybody, or one queue for each skill with all agents as members."""
    random = Random(agents)
    names = [f"skill{n}" for n in range(SKILLS)]
    queues = [QueueSettings(f"q{n}", "", needs=(Need(names[n]),)) for n in range(SKILLS)]
    if not skilled:
        queues = [QueueSettings("q0", "")]
    members = tuple(queue.id for queue in queues)
    return AcdSettings(
        tuple(queues),
        tuple(
            AgentSettings(
                f"a{n}", "", f"PJSIP/{n}", members,
                {name: random.randint(1, 5) for name in random.sample(names, EACH)},
            )
            for n in range(agents)
        ),
    )  # fmt: skip


def _agents(settings: AcdSettings) -> dict[str, Agent]:
    """All ready, idle since different instants, in no order."""
    idle = list(range(len(settings.agents)))
    Random(len(idle)).shuffle(idle)
    return {
        a.id: Agent(a.id, n, a.phone, a.queues, state="ready", idle_since=idle[n],
                    phone_state="idle")
        for n, a in enumerate(settings.agents)
    }  # fmt: skip


class _Pooled:
    """The router's way."""

    def __init__(self, n: int, *, skilled: bool = False) -> None:
        settings = site(n, skilled=skilled)
        self._queues = [queue.id for queue in settings.queues]
        agents = _agents(settings)
        shares = Shares(
            {a.id: a.queues for a in settings.agents}, self._queues, dict.fromkeys(self._queues, n)
        )
        self._lines = Pools(settings, agents, shares, lambda: "bench")
        for agent in agents.values():
            agent.open = CALLS_ONLY
            self._lines.come(agent, NOTHING)

    def pick(self, now: int) -> str:
        queue = self._queues[now % len(self._queues)]
        agent = self._lines.of_queue[queue].first_agent()
        assert agent is not None
        assert self._lines.reason(agent, queue, now)
        agent.open, agent.token = NOTHING, agent.token + 1
        self._lines.go(agent, CALLS_ONLY)
        agent.idle_since, agent.token = now, agent.token + 1
        agent.open = CALLS_ONLY
        self._lines.come(agent, NOTHING)
        return agent.id


class _Scanned:
    """The naive way: look at everybody each time."""

    def __init__(self, n: int) -> None:
        self._agents = _agents(site(n))

    def pick(self, now: int) -> str:
        able = (a for a in self._agents.values() if "q0" in a.queues and a.may_be_offered())
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


def pooled_picks_per_second(agents: int, picks: int = 50_000, *, skilled: bool = False) -> float:
    """The router's lines, warmed up until each agent has had a turn."""
    pooled, warm = _Pooled(agents, skilled=skilled), max(agents, picks // 10)
    _rate(pooled.pick, agents, warm)
    return _rate(pooled.pick, agents + warm, picks)


def scanned_picks_per_second(agents: int, picks: int = 0) -> float:
    """The scan; by default so many picks that some 200,000 agents are looked at."""
    picks = picks or max(200_000 // agents, 20)
    return _rate(_Scanned(agents).pick, agents, picks)
