"""What the PBX shows of talks and ringing that the router did not know: taken as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ctid.acd.agents import Agent
from ctid.acd.contacts import BRIDGED, CONTACT_TRANSITIONS, MISSED, OFFERED, WAITING, Contact, Offer
from ctid.core.commands import Command
from ctid.core.instants import Instant
from ctid.core.records import CallId, OfferId, QueueId

if TYPE_CHECKING:
    from ctid.acd.router import Router


def adopt_talk(
    router: Router, offer_id: OfferId, call: CallId, agent: Agent, queue: QueueId, now: Instant
) -> list[Command]:
    """A conversation that we did not know of, or knew as still ringing."""
    if offer_id in router.offers:
        return router.bridged(offer_id, now)
    offer = Offer(offer_id, call, agent.id, queue, now, BRIDGED, now, now)
    router.offers[offer_id] = offer
    commands: list[Command] = []
    contact = router.contacts.get(call)
    if contact is not None and contact.state == OFFERED:
        # Somebody else rings for a caller who talks already: that ringing must end.
        reason = "the caller talks to another agent"
        commands += router.offering.in_vain(contact.rings(), reason, now)
        contact.keep("")
        contact.state = CONTACT_TRANSITIONS[OFFERED]["offer_ended"]
    if contact is not None and contact.state in (WAITING, MISSED):
        contact.offer = offer_id
        served_elsewhere(router, contact, now)
    router.shares.took(agent.id, queue)
    return commands + router.staff.adopt(agent, router.talk_of(offer), now)


def served_elsewhere(router: Router, contact: Contact, now: Instant) -> None:
    """A contact who waits for us is talking: the wait is over."""
    contact.state = CONTACT_TRANSITIONS[contact.state]["adopt"]
    router.wait_over(contact, now)


def stop_again(router: Router, offer_id: OfferId, now: Instant) -> list[Command]:
    """The PBX still rings for an offer that was taken back: the order to stop was lost."""
    return router.legs.stop(router.offers[offer_id], "taken back before", now)
