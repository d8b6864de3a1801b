"""Whose phones ring for a contact, and the order to ring itself.

The router says which contact's turn it is; here it is offered to the agent whose turn it is, or to
as many as the queue rings at once (ctid.acd.ringing).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Final

from ctid.acd.agents import Agent
from ctid.acd.by_hand import BY_HAND
from ctid.acd.channels import CALL
from ctid.acd.contacts import ANSWERED, CONTACT_TRANSITIONS, Contact, Offer
from ctid.acd.pool import Pool
from ctid.acd.pools import Step
from ctid.acd.ringing import ONE, RING_MORE, Ringing
from ctid.acd.strategies import spoken
from ctid.core.commands import Command, Decided, RingAgent
from ctid.core.deadlines import Deadlines
from ctid.core.instants import Epoch, Instant
from ctid.core.records import CallId, Decision, OfferId

if TYPE_CHECKING:
    from ctid.acd.router import Router

ALONE: Final = Ringing()


class Offering:
    """See the module."""

    def __init__(self, router: Router, deadlines: Deadlines, epoch: Callable[[], Epoch]) -> None:
        self._router = router
        self._deadlines = deadlines
        self._epoch = epoch

    def ring(self, contact: Contact, steps: Sequence[Step], now: Instant) -> list[Command]:
        """As many phones as the queue rings at once, of agents from one line."""
        pool = _first_with_an_agent(steps, contact)
        if pool is None and not contact.offer:
            return []
        # One agent alone dials a customer.
        ringing = ALONE if contact.dial else self._router.queues[contact.queue].ringing
        commands: list[Command] = []
        for _ in range(ringing.more(len(contact.rings()))):
            if pool is None or (agent := pool.first_agent()) is None:
                break
            commands += self.offer(contact, agent, pool, now)
        if ringing.mode != ONE and contact.offer and ringing.more(len(contact.rings())):
            self._deadlines.arm((RING_MORE, contact.call), now + ringing.more_after)
        return commands

    def ring_more(self, call: CallId, now: Instant) -> list[Command]:
        """Nobody has answered yet: further phones join in."""
        contact = self._router.contacts[call]
        offers = [self._router.offers[one] for one in contact.rings()]
        if any(offer.state == ANSWERED for offer in offers):
            return []  # the talk begins any moment
        self._router.standing.climb(contact, now)
        steps = self._router.lines.steps(contact)[: contact.rung]
        return self.ring(contact, [] if self._router.frozen else steps, now)

    def in_vain(self, offers: Iterable[OfferId], reason: str, now: Instant) -> list[Command]:
        """These ring for nobody any more, through no fault of their agents."""
        commands: list[Command] = []
        for offer_id in offers:
            offer = self._router.offers[offer_id]
            offer.caller_left = True
            commands += self._router.legs.stop(offer, reason, now)
        return commands

    def offer(
        self, contact: Contact, agent: Agent, pool: Pool, now: Instant, by_hand: str = ""
    ) -> list[Command]:
        """Let this agent's phone ring for the contact. `pool` is the line that the agent was taken
        from; `by_hand` says who chose the agent where no strategy did."""
        router = self._router
        queue = router.queues[contact.queue]
        available = pool.available
        why = by_hand or router.lines.reason(agent, queue.id, now)
        router.shares.offered(agent.id, queue.id)
        router.serial += 1
        offer = Offer(
            f"{router.prefix}-{router.serial}", contact.call, agent.id, queue.id, now,
            shared=queue.ringing.mode != ONE, by_hand=bool(by_hand),
            dials_for=contact.dial.ring_for if contact.dial else 0,
        )  # fmt: skip
        by_page = queue.channel != CALL
        (router.tasks.ring if by_page else router.legs.ring)(offer, queue.ring_for, now)
        contact.state = CONTACT_TRANSITIONS[contact.state]["offer"]
        if contact.offer:
            contact.others.append(offer.id)
        else:
            contact.offer = offer.id
            router.waits.step_out(contact.call)
        contact.offers += 1
        waited = now - contact.joined_at
        asked = f" for {pool.told}" if pool.told else ""
        ruled = f", rule {contact.rule}" if contact.rule else ""
        state = f"{available} available, waited {spoken(waited)}"
        if others := len(contact.rings()) - 1:
            state += f", {others} ringing already"
        reason = f"{why}; {queue.id}{asked}: {state}{ruled}"
        decision = Decision(
            contact.call, offer.id, queue.id, agent.id, BY_HAND if by_hand else queue.strategy,
            reason, waited, available, router.pools[queue.id].waiting, self._epoch().wall(now),
        )  # fmt: skip
        ring: Command = RingAgent(
            offer.id, contact.call, agent.id, queue.id, agent.phone, contact.channel,
            contact.number, contact.name, queue.ring_for, reason, dial=contact.dial,
            shared=offer.shared,
        )  # fmt: skip
        if by_page:
            ring = router.tasks.order(offer, reason)
        return [ring, *router.staff.reserve(agent, offer.id, now), Decided(decision)]


def _first_with_an_agent(steps: Sequence[Step], contact: Contact) -> Pool | None:
    """Of the lines that the contact reaches, the first in which somebody stands."""
    for step in steps:
        if step.pool.open_to(contact) and step.pool.first_agent() is not None:
            return step.pool
    return None
