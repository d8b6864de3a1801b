"""Who is available and who waits, per queue, so that a pick never scans all agents."""

from __future__ import annotations

from ctid.acd.agents import Agent
from ctid.acd.contacts import WAITING, Contact
from ctid.acd.line import Line


class Pool:
    """The available agents and the waiting contacts of one queue."""

    __slots__ = ("_idle", "_wait", "available", "waiting")

    def __init__(self) -> None:
        self._idle: Line[Agent] = Line(_is_idle)
        self._wait: Line[Contact] = Line(_is_waiting)
        self.available = 0
        """How many agents could take a contact of this queue now."""
        self.waiting = 0
        """How many contacts are in this queue, those being offered included."""

    def add_agent(self, agent: Agent) -> None:
        """An agent became available: in line by idle time, ties by order in the settings."""
        self.available += 1
        self._idle.push(agent.idle_since, agent.order, agent.token, agent)

    def longest_idle(self) -> Agent | None:
        """The available agent who has waited longest for a call, or None."""
        return self._idle.first()

    def add_contact(self, contact: Contact) -> None:
        """A contact waits under its present token: in line by wait, ties by order of joining."""
        self._wait.push(contact.joined_at, contact.serial, contact.token, contact)

    def longest_waiting(self) -> Contact | None:
        """The contact that has waited longest and is not being offered, or None."""
        return self._wait.first()


def _is_idle(agent: Agent, token: int) -> bool:
    return agent.available and agent.token == token


def _is_waiting(contact: Contact, token: int) -> bool:
    return contact.state == WAITING and contact.token == token
