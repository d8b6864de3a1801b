"""An agent asks a colleague: the colleague's phone rings for the agent, and may keep the caller.

The contact stays with the agent who asks. The colleague is reserved by an offer like any other, so
that nobody else rings there; it carries the leg that it is beside (`Offer.aside`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ctid.acd.agents import Agent
from ctid.acd.contacts import BRIDGED, OFFER_TRANSITIONS, Contact, Offer
from ctid.acd.wrapup import Talk, WrapUpRule
from ctid.core.commands import Command, RingAgent
from ctid.core.instants import Instant

if TYPE_CHECKING:
    from ctid.acd.router import Router

NOTHING_AFTER: Final = WrapUpRule("timed")
"""With no time: who was only asked has nothing to wrap up."""


def ring(
    router: Router, contact: Contact, first: Offer, agent: Agent, reason: str, now: Instant
) -> tuple[Offer, list[Command]]:
    """Let the colleague's phone ring for the agent of `first`. `agent` may be offered a call."""
    router.serial += 1
    queue = router.queues[first.queue]
    offer = Offer(f"{router.prefix}-{router.serial}", contact.call, agent.id, first.queue, now)
    offer.aside = first.id
    router.legs.ring(offer, queue.ring_for, now)
    contact.offers += 1
    order = RingAgent(
        offer.id, contact.call, agent.id, queue.id, agent.phone, contact.channel,
        contact.number, contact.name, queue.ring_for, reason, aside=first.id,
    )  # fmt: skip
    return offer, [order, *router.staff.reserve(agent, offer.id, now)]


def met(router: Router, offer: Offer, now: Instant) -> list[Command] | None:
    """The two agents hear each other; None where that is no news, or the leg is to be stopped."""
    if offer.state == BRIDGED:
        return None
    offer.state = OFFER_TRANSITIONS[offer.state]["bridged"]
    if offer.state != BRIDGED:
        return None
    router.legs.bridged(offer, now)
    talk = Talk(offer.call, offer.id, offer.queue, 0, NOTHING_AFTER)
    agent = router.staff.agents[offer.agent]
    agent.talk, agent.no_answers = talk, 0
    return router.staff.move(agent, "bridged", now)


def take_over(router: Router, contact: Contact, offer: Offer) -> None:
    """The caller is this colleague's from here on."""
    if (first := router.offers.get(contact.offer)) is not None:
        first.caller_left = True
    contact.offer, offer.aside = offer.id, ""
    agent, queue = router.staff.agents[offer.agent], router.queues[offer.queue]
    agent.handled += 1
    agent.talk = Talk(offer.call, offer.id, queue.id, queue.wrap_up, queue.wrap_up_rule)
    router.shares.took(agent.id, queue.id)
