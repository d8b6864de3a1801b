"""The machine's whole state as plain data: what a journal file begins with, and a restart loads.

Heaps and indexes are not saved; they follow from what is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from ctid.acd.agents import Agent
from ctid.acd.announcer import Voice
from ctid.acd.contacts import CONNECTED, OFFERED, WAITING, Contact, Offer
from ctid.acd.counts import QueueCounts
from ctid.acd.fairness import Hour
from ctid.acd.shares import SharesState
from ctid.acd.waits import WaitsState
from ctid.centre.callbacks import Callback
from ctid.centre.calls import Call
from ctid.centre.comeback import Place
from ctid.centre.escalation import Raised
from ctid.centre.supervision import Eavesdropper
from ctid.centre.task import TasksState
from ctid.core.deadlines import Key
from ctid.core.instants import Epoch, Instant
from ctid.core.records import CallId, OfferId, Pop
from ctid.ivr.identity_tries import Tried
from ctid.ivr.opening import Switch

if TYPE_CHECKING:
    from ctid.centre.centre import Centre


OF_AGENTS: Final = ("wrap_up", "back_off", "break", "task_pause", "tasks_kept")
"""Deadlines whose subject is an agent."""


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
    callbacks: list[Callback]
    spies: list[Eavesdropper]
    pops: list[Pop]
    unacknowledged: list[OfferId]
    """Pops whose first acknowledgement will be measured."""
    deadlines: list[tuple[Instant, Key]]
    ended: dict[CallId, Instant]
    fairness: Hour
    """The loads of the present hour."""
    tasks: TasksState = TasksState()
    task_offers: list[Offer] = []
    late: dict[CallId, str] = {}
    """Callers who have waited so long that outbound stops, and their queues."""
    raised: dict[CallId, Raised] = {}
    """How far up contacts and tasks have come."""
    switches: dict[str, Switch] = {}
    """Opening hours whose schedule does not hold for now."""
    pin_callers: dict[str, Tried] = {}
    """Tries of PINs, by number."""
    pin_codes: dict[str, Tried] = {}
    """The same by customer code."""


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
        callbacks=list(centre.callbacks.open.values()),
        spies=list(centre.supervision.spies.values()),
        pops=list(centre.screens.pops.open.values()),
        unacknowledged=centre.screens.pops.unacknowledged(),
        deadlines=centre.deadlines.dump(),
        ended=centre.ended,
        fairness=centre.fairness.hour,
        tasks=centre.tasks.dump(),
        task_offers=list(router.tasks.open.values()),
        late=router.outbound.late,
        raised=centre.escalations.raised,
        switches=centre.openings.dump(),
        pin_callers=centre.identities.callers.known,
        pin_codes=centre.identities.codes.known,
    )


def restore(centre: Centre, saved: CentreState) -> None:
    """Load `saved` into a fresh centre.

    What the settings no longer know goes: an agent who was removed; a contact of a queue that was
    removed moves to the fallback queue with its place.
    """
    router = centre.router
    centre.boot = router.prefix = saved.boot
    centre.epoch = Epoch(saved.wall_at_zero)
    router.frozen, router.serial = saved.frozen, saved.serial
    centre.calls.update({call.id: call for call in saved.calls})
    centre.ended.update(saved.ended)
    centre.comebacks.restore(saved.comebacks)
    centre.callbacks.restore(saved.callbacks)
    centre.openings.restore(saved.switches)
    centre.identities.callers.known.update(saved.pin_callers)
    centre.identities.codes.known.update(saved.pin_codes)
    spies = (spy for spy in saved.spies if spy.agent in centre.names)
    centre.supervision.spies.update({spy.id: spy for spy in spies})
    centre.fairness.restore(saved.fairness)
    known = router.staff.agents
    router.offers.update({o.id: o for o in saved.offers if o.agent in known})
    router.tasks.open.update({o.id: o for o in saved.task_offers if o.agent in known})
    centre.tasks.restore(saved.tasks)
    centre.escalations.raised.update(saved.raised)
    router.outbound.restore(saved.late)
    for queue, counts in saved.counts.items():
        if queue in router.counts:
            router.counts[queue] = counts
    for contact in saved.contacts:
        if not centre.tasks.placed(contact):
            continue
        if contact.state == OFFERED:
            for offer_id in [one for one in contact.rings() if router.open_offer(one) is None]:
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
        if kind in OF_AGENTS and subject not in known:
            continue
        if kind in ("leg", "task_offer") and router.open_offer(subject) is None:
            continue
        if kind == "spy" and subject not in centre.supervision.spies:
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
