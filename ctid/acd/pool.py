"""Who is available and who waits, per queue, so that a pick never scans all agents.

Two heaps a queue with lazy removal: an entry is void when its agent or contact has moved on. A pick
costs O(log n), whether there are ten agents or ten thousand.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping

from ctid.acd.agents import Agent
from ctid.acd.contacts import WAITING, Contact
from ctid.core.instants import Instant

IdleEntry = tuple[Instant, int, int, str]
"""(idle since, order, token, agent): sorted by longest idle, ties by order in the settings."""
WaitEntry = tuple[Instant, int, str]
"""(joined at, serial, call): sorted by longest wait, ties by order of joining."""


class Pool:
    """The available agents and the waiting contacts of one queue."""

    __slots__ = ("_agents", "_contacts", "_idle", "_wait", "available", "waiting")

    def __init__(self, agents: Mapping[str, Agent], contacts: Mapping[str, Contact]) -> None:
        self._agents = agents
        self._contacts = contacts
        self._idle: list[IdleEntry] = []
        self._wait: list[WaitEntry] = []
        self.available = 0
        """How many agents could take a contact of this queue now."""
        self.waiting = 0
        """How many contacts are in this queue, those being offered included."""

    def add_agent(self, agent: Agent) -> None:
        self.available += 1
        heapq.heappush(self._idle, (agent.idle_since, agent.order, agent.token, agent.id))
        if len(self._idle) > 64 and len(self._idle) > 4 * self.available:
            self._idle = [entry for entry in self._idle if self._is_idle(entry)]
            heapq.heapify(self._idle)

    def longest_idle(self) -> Agent | None:
        """The available agent who has waited longest for a call, or None. O(log n)."""
        while self._idle:
            if self._is_idle(self._idle[0]):
                return self._agents[self._idle[0][3]]
            heapq.heappop(self._idle)
        return None

    def add_contact(self, contact: Contact) -> None:
        heapq.heappush(self._wait, (contact.joined_at, contact.serial, contact.call))
        if len(self._wait) > 64 and len(self._wait) > 4 * self.waiting:
            self._wait = sorted({entry for entry in self._wait if self._is_waiting(entry)})

    def longest_waiting(self) -> Contact | None:
        """The contact that has waited longest and is not being offered, or None. O(log n)."""
        while self._wait:
            if self._is_waiting(self._wait[0]):
                return self._contacts[self._wait[0][2]]
            heapq.heappop(self._wait)
        return None

    def _is_idle(self, entry: IdleEntry) -> bool:
        agent = self._agents[entry[3]]
        return agent.available and agent.token == entry[2]

    def _is_waiting(self, entry: WaitEntry) -> bool:
        contact = self._contacts.get(entry[2])
        return contact is not None and contact.state == WAITING
