"""The machine's whole state as plain data: what a journal file begins with, and a restart loads.

Heaps and indexes are not saved; they follow from what is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from ctid.acd.agents import Agent
from ctid.acd.announcer import Voice
from ctid.acd.contacts import CONNECTED, OFFERED, WAITING, Contact, Offer
from ctid.acd.counts import QueueCounts
from ctid.acd.fairness import Hour
from ctid.acd.shares import SharesState
from ctid.acd.waits import WaitsState
from ctid.centre.calls import Call
from ctid.centre.comeback import Place
from ctid.core.deadlines import Key
from ctid.core.instants import Instant
from ctid.core.records import CallId, OfferId, Pop

if TYPE_CHECKING:
    from ctid.centre.centre import Centre


class CentreState(msgspec.Struct, frozen=True):
    """Everything that is not settings."""

    boot: str
    wall_at_zero: int
    frozen: bool
    serial: int
    calls: list[Call]
    contacts: list[Contact]
    offers: list[Offer]
    agents: list[Agent]
    counts: dict[str, QueueCounts]
    shares: SharesState
    waits: WaitsState
    voices: dict[CallId, Voice]
    comebacks: list[Place]
    pops: list[Pop]
    unacknowledged: list[OfferId]
    """Pops whose first acknowledgement will be measured."""
    deadlines: list[tuple[Instant, Key]]
    ended: dict[CallId, Instant]
    fairness: Hour
    """The loads of the present hour."""


def dump(centre: Centre) -> CentreState:
    """A view of the live objects: encode it before the machine moves on."""
    router = centre.router
    return CentreState(
        boot=centre.boot,
        wall_at_zero=centre.epoch.wall_at_zero,
        frozen=router.frozen,
        serial=router.serial,
        calls=list(centre.calls.values()),
        contacts=list(router.contacts.values()),
        offers=list(router.offers.values()),
        agents=list(router.staff.agents.values()),
        counts=router.counts,
        shares=router.shares.dump(),
        waits=router.waits.dump(),
        voices=router.announcer.voices,
        comebacks=centre.comebacks.dump(),
        pops=list(centre.screens.pops.open.values()),
        unacknowledged=centre.screens.pops.unacknowledged(),
        deadlines=centre.deadlines.dump(),
        ended=centre.ended,
        fairness=centre.fairness.hour,
    )


def restore(centre: Centre, saved: CentreState) -> None:
    """Load `saved` into a fresh centre.

    What the settings no longer know goes: an agent who was removed; a contact of a queue that was
    removed moves to the fallback queue with its place.
    """
    router = centre.router
    centre.boot = router.prefix = saved.boot
    centre.epoch = msgspec.structs.replace(centre.epoch, wall_at_zero=saved.wall_at_zero)
    router.frozen, router.serial = saved.frozen, saved.serial
    centre.calls.update({call.id: call for call in saved.calls})
    centre.ended.update(saved.ended)
    centre.comebacks.restore(saved.comebacks)
    centre.fairness.restore(saved.fairness)
    known = router.staff.agents
    router.offers.update({o.id: o for o in saved.offers if o.agent in known})
    for queue, counts in saved.counts.items():
        if queue in router.counts:
            router.counts[queue] = counts
    for contact in saved.contacts:
        if contact.queue not in router.queues:
            contact.queue = centre.settings.fallback_queue
        if contact.state == OFFERED:
            for offer_id in [one for one in contact.rings() if one not in router.offers]:
                contact.drop(offer_id)  # its agent was removed from the settings
            if not contact.offer:
                contact.state = WAITING
        router.contacts[contact.call] = contact
        if contact.preferred not in known:
            contact.preferred = ""
        router.pools[contact.queue].waiting += contact.state != CONNECTED
    for offer in router.offers.values():
        if offer.queue not in router.queues:
            offer.queue = centre.settings.fallback_queue
    for at, key in saved.deadlines:
        kind, subject = key
        if kind in ("wrap_up", "back_off", "break") and subject not in known:
            continue
        if kind == "leg" and subject not in router.offers:
            continue
        if kind == "ring_more" and router.contacts[subject].state != OFFERED:
            continue
        centre.deadlines.arm(key, at)
    for contact in router.contacts.values():
        router.standing.restore(contact)
    pops = [pop for pop in saved.pops if pop.agent in known]
    centre.screens.pops.restore(pops, saved.unacknowledged)
    router.restore_staff(saved.agents, saved.shares)
    router.staffing.recount(known.values())
    router.waits.restore(saved.waits, router.contacts.values(), known.values())
    router.announcer.restore(saved.voices)
