"""Each agent's part of a queue's work, set against the time in which the agent was there for it.

A queue's fair share grows by 1/n with every contact that one of its n staffed agents takes: it is
what each of them would have if the work were spread evenly. An agent's level is what the agent
took, plus the fair share at the moment of coming; while the agent is away the level moves along.
So the lowest level is the agent who took least for the time staffed, a newcomer begins even with
the others, and nobody comes back from lunch to a row of calls. Talk time is kept in the same way.

This is the virtual time of fair queueing (Parekh and Gallager, IEEE/ACM ToN 1(3), 1993), with
agents in the place of flows. All numbers are whole, so that sums are exact in the journal.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from ctid.core.instants import Duration
from ctid.core.records import AgentId, QueueId

UNIT: Final = 1_000_000
"""One contact, or one millisecond of talk, in the levels."""


@dataclass(slots=True)
class QueueShare:
    """The fair share of one queue, in `UNIT`s since the beginning."""

    contacts: int = 0
    talk: int = 0
    picked: int = 0
    """The drawn place of the last agent picked: later draws lie behind it."""
    strategy: str = ""
    """The strategy that the places are of."""


@dataclass(slots=True)
class AgentShare:
    """One agent's levels in one queue."""

    contacts: int = 0
    talk: int = 0
    staffed: bool = False
    left_contacts: int = 0
    """The queue's fair share when the agent left."""
    left_talk: int = 0
    turn: int = 0
    """Number of the last offer of this queue to this agent, for round robin."""
    place: int = 0
    """The place in the queue's line of agents where it was drawn by lot, for the present wait."""
    lined: bool = False
    """Whether the agent stands in a line of this queue when available."""


@dataclass(slots=True, frozen=True)
class SharesState:
    """All levels, for a journal's state."""

    queues: dict[QueueId, QueueShare] = field(default_factory=dict)
    agents: dict[AgentId, dict[QueueId, AgentShare]] = field(default_factory=dict)
    turns: int = 0


class Shares:
    """All levels of a site."""

    def __init__(
        self,
        members: Mapping[AgentId, tuple[QueueId, ...]],
        queues: Iterable[QueueId],
        staffed: Mapping[QueueId, int],
    ) -> None:
        """`members` are the queues of each agent; `staffed` is how many agents are there for each
        queue now."""
        self._members = members
        self._staffed = staffed
        self.queues: dict[QueueId, QueueShare] = {queue: QueueShare() for queue in queues}
        self.agents: dict[AgentId, dict[QueueId, AgentShare]] = {}
        self.turns = 0
        """Counts offers, for round robin and for draws."""

    def of(self, agent: AgentId, queue: QueueId) -> AgentShare:
        """The agent's levels in that queue; even with the others when the agent is new there."""
        mine = self.agents.get(agent)
        if mine is None:
            mine = self.agents[agent] = {}
        if (share := mine.get(queue)) is None:
            fair = self.queues[queue]
            share = mine[queue] = AgentShare(fair.contacts, fair.talk)
            share.left_contacts, share.left_talk = fair.contacts, fair.talk
        return share

    def come(self, agent: AgentId) -> None:
        """The agent is there for contacts from now on."""
        for queue in self._members[agent]:
            share, fair = self.of(agent, queue), self.queues[queue]
            if not share.staffed:
                share.staffed = True
                share.contacts += fair.contacts - share.left_contacts
                share.talk += fair.talk - share.left_talk

    def go(self, agent: AgentId) -> None:
        """The agent is on a break or gone."""
        mine = self.agents.get(agent, {})
        for queue in self._members[agent]:
            share, fair = mine.get(queue), self.queues[queue]
            if share is not None and share.staffed:
                share.staffed = False
                share.left_contacts, share.left_talk = fair.contacts, fair.talk

    def took(self, agent: AgentId, queue: QueueId) -> None:
        """A contact of the queue was bridged to the agent."""
        fair = self.queues[queue]
        self.of(agent, queue).contacts += UNIT
        fair.contacts += UNIT // (self._staffed[queue] or 1)

    def talked(self, agent: AgentId, queue: QueueId, time: Duration) -> None:
        """A talk of the queue has ended."""
        fair = self.queues[queue]
        self.of(agent, queue).talk += UNIT * time
        fair.talk += UNIT * time // (self._staffed[queue] or 1)

    def offered(self, agent: AgentId, queue: QueueId) -> None:
        """The agent's turn in the queue was used."""
        self.turns += 1
        share = self.of(agent, queue)
        share.turn = self.turns
        self.queues[queue].picked = share.place

    def dump(self) -> SharesState:
        """A view of the live numbers: encode it before they change."""
        return SharesState(self.queues, self.agents, self.turns)

    def restore(self, saved: SharesState) -> None:
        """Go on from `saved`; agents and queues that the settings no longer know are dropped."""
        self.turns = saved.turns
        self.queues |= {q: share for q, share in saved.queues.items() if q in self.queues}
        self.agents = {
            agent: {q: share for q, share in mine.items() if q in self.queues}
            for agent, mine in saved.agents.items()
            if agent in self._members
        }
