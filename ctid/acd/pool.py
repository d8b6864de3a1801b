"""Who is available and who waits, per reach, so that a pick never scans all agents."""

from __future__ import annotations

from ctid.acd.agents import Agent
from ctid.acd.contacts import WAITING, Contact
from ctid.acd.line import Line
from ctid.acd.reach import Reach


class Pool:
    """The available agents of one reach, and the contacts that reach them."""

    __slots__ = ("_idle", "_wait", "available", "reach", "reserve", "told", "waiting")

    def __init__(self, reach: Reach, reserve: int = 0) -> None:
        """`reserve`: so many available agents are kept from contacts that are not overdue."""
        self.reach = reach
        self.told = reach.told()
        """What is asked for beyond membership, for reasons that people read."""
        self.reserve = reserve
        self._idle: Line[Agent] = Line(_is_idle)
        self._wait: dict[tuple[int, int], Line[Contact]] = {}
        self.available = 0
        """How many agents of this reach could take a contact now."""
        self.waiting = 0
        """Of a queue's own pool: how many contacts are in the queue, offered ones included."""

    def add_agent(self, agent: Agent, place: int) -> None:
        """An agent became available and stands at this place; ties by order in the settings."""
        self.available += 1
        self._idle.push(place, agent.order, agent.token, agent)

    def first_agent(self) -> Agent | None:
        """The available agent whose turn it is, or None."""
        return self._idle.first()

    def open_to(self, contact: Contact) -> bool:
        """Whether one of the available agents may be taken for this contact."""
        return self.available > (0 if contact.overdue else self.reserve)

    def open_contacts(self) -> list[Contact]:
        """`first_contacts` that may be offered to one of the available agents."""
        contacts = self.first_contacts()
        if self.available > self.reserve:
            return contacts
        # Within a line the deadlines rise: behind one that is not overdue nobody is.
        return [contact for contact in contacts if contact.overdue]

    def add_contact(self, contact: Contact) -> None:
        """A contact waits under its present token: in line by wait, ties by order of joining."""
        group = (contact.priority, contact.weight)
        line = self._wait.get(group)
        if line is None:
            line = self._wait[group] = Line(_is_waiting)
        line.push(contact.place, contact.serial, contact.token, contact)

    def first_contacts(self) -> list[Contact]:
        """Of each first priority level and weight, the contact that waits longest and is not being
        offered: one of them is the one whose turn it is (ctid.acd.order)."""
        fronts = [line.first() for line in self._wait.values()]
        return [contact for contact in fronts if contact is not None]


def _is_idle(agent: Agent, token: int) -> bool:
    return agent.token == token and bool(agent.open)


def _is_waiting(contact: Contact, token: int) -> bool:
    return contact.state == WAITING and contact.token == token
