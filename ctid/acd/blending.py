"""Outbound stops while inbound waits: no agent is given work that the centre began itself while a
caller of one of the agent's queues has waited longer than the limit.

Callers are counted when their wait passes the limit and until it is over, so that the question
costs nothing when it is asked, and who is stopped is free again at the very moment.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ctid.acd.agents import FREE_STATES, Agent
from ctid.acd.contacts import Contact
from ctid.core.commands import Command
from ctid.core.deadlines import Deadlines
from ctid.core.instants import Instant
from ctid.core.records import CallId, QueueId

if TYPE_CHECKING:
    from ctid.acd.router import Router

TOO_LONG: Final = "outbound"


class Outbound:
    """See the module. Where no channel is outbound it counts nobody."""

    def __init__(self, router: Router, deadlines: Deadlines) -> None:
        self._router = router
        self._deadlines = deadlines
        self._limit = router.settings.outbound_stops_after
        self.late: dict[CallId, QueueId] = {}
        """Callers who have waited longer, and where."""
        self._counts: dict[QueueId, int] = dict.fromkeys(router.queues, 0)
        if any(channel.outbound for channel in router.settings.channels):
            self._line, router.waits.on_line = router.waits.on_line, self._stands
            self._over, router.waits.on_over = router.waits.on_over, self._gone
            router.staff.channels.outbound_stopped = self.stopped

    def stopped(self, agent: Agent) -> bool:
        """Whether outbound must leave this agent to callers who wait."""
        return any(self._counts[queue] for queue in agent.queues)

    def too_long(self, call: CallId, _: Instant) -> list[Command]:
        """The caller's wait has passed the limit."""
        contact = self._router.contacts[call]
        self.late[call] = contact.queue
        self._count(contact.queue, 1)
        return []

    def restore(self, late: dict[CallId, QueueId]) -> None:
        """Those who had waited longer when the state was saved; before the agents come back."""
        for call, queue in late.items():
            if queue in self._counts:
                self.late[call] = queue
                self._counts[queue] += 1

    def _stands(self, contact: Contact, now: Instant) -> None:
        self._line(contact, now)
        if contact.call not in self.late:
            self._deadlines.arm((TOO_LONG, contact.call), max(now, contact.joined_at + self._limit))

    def _gone(self, call: CallId) -> None:
        self._over(call)
        self._deadlines.cancel((TOO_LONG, call))
        if (queue := self.late.pop(call, None)) is not None:
            self._count(queue, -1)

    def _count(self, queue: QueueId, by: int) -> None:
        self._counts[queue] += by
        if self._counts[queue] > 1 or (by < 0 and self._counts[queue] > 0):
            return  # it was so before
        for agent in self._router.staff.agents.values():
            if agent.state in FREE_STATES and queue in agent.queues:
                self._router.staff.refresh(agent)
