"""Which agents have a page open, and what the machine must hear of it. Pure: time is an argument.

Presence is of this process. The facts are told by level and not by edge, so that a restart of the
web room, a lost message or a sign-out in the middle of a call end in the right state all the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final

from ctid.core.events import Event, ScreenBack, ScreenLost, SignInAsked
from ctid.core.instants import SECOND, Duration, Instant
from ctid.core.records import AgentId
from ctid.core.views import AgentView

ASK_AGAIN: Final[Duration] = 5 * SECOND
"""How long the machine has to follow a sign-in before it is asked again, in milliseconds."""

SIGNED_OUT: Final = "signed_out"


class Presence:
    """Counts open pages by agent."""

    def __init__(self, lost_after: Duration) -> None:
        self._lost_after = lost_after
        self._pages: Counter[AgentId] = Counter()
        self._without: dict[AgentId, Instant] = {}
        """Agents that are signed in without a page, since when."""
        self._lost: set[AgentId] = set()
        self._met: set[AgentId] = set()
        """Agents that had a page since this process began."""
        self._asked: dict[AgentId, Instant] = {}

    def pages(self, agent: AgentId) -> int:
        """How many pages of this agent are open."""
        return self._pages[agent]

    def joined(self, agent: AgentView, now: Instant) -> list[Event]:
        """A page of this agent was opened."""
        who = agent.agent
        self._pages[who] += 1
        self._without.pop(who, None)
        # After a restart of this process the machine may hold the agent for lost: say it again.
        returns = who in self._lost or who not in self._met
        self._lost.discard(who)
        self._met.add(who)
        if self._pages[who] > 1:
            return []
        if agent.state == SIGNED_OUT:
            return self._sign_in(who, now)
        return [ScreenBack(who)] if returns else []

    def left(self, agent: AgentId, now: Instant) -> None:
        """A page of this agent is gone."""
        self._pages[agent] -= 1
        if self._pages[agent] <= 0:
            del self._pages[agent]
            self._without[agent] = now

    def check(self, agents: Iterable[AgentView], now: Instant) -> list[Event]:
        """What is due at `now`; call it several times within the time after which one is lost."""
        due: list[Event] = []
        for agent in agents:
            who = agent.agent
            if self._pages[who]:
                if (
                    agent.state == SIGNED_OUT
                    and now >= self._asked.get(who, -ASK_AGAIN) + ASK_AGAIN
                ):
                    due += self._sign_in(who, now)
            elif agent.state == SIGNED_OUT:
                self._without.pop(who, None)
                self._lost.discard(who)
            elif (
                who not in self._lost
                and now - self._without.setdefault(who, now) >= self._lost_after
            ):
                self._lost.add(who)
                due.append(ScreenLost(who))
        return due

    def _sign_in(self, agent: AgentId, now: Instant) -> list[Event]:
        self._asked[agent] = now
        return [SignInAsked(agent)]
