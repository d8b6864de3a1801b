"""A hold that ends in the queue: by the dialplan's limit, or because no agent is left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ctid.acd.contacts import CONNECTED, Contact
from ctid.centre.aside import Aside
from ctid.centre.calls import Call
from ctid.core import events as ev
from ctid.core.commands import Command, Divert
from ctid.core.instants import Instant
from ctid.core.records import QueueId

if TYPE_CHECKING:
    from ctid.centre.centre import Centre

QUEUE: Final = "queue"
"""Pending: the caller is on the way back into a queue."""


def send_back(centre: Centre, call: Call, aside: Aside, now: Instant) -> list[Command]:
    """The order; the PBX keeps the time since when the caller waits."""
    aside.pending = QUEUE
    call.moves += 1
    centre.consults.arm(call.id, now)
    if aside.queue not in centre.router.queues:  # ctid was restarted without it
        aside.queue = centre.settings.fallback_queue
    music, language = centre.router.queues[aside.queue].music, centre.language_of(call)
    return [Divert(call.id, "queue", (), language, "", aside.queue, music, call.moves)]


def waits(centre: Centre, call: Call, event: ev.CallWaiting, now: Instant) -> list[Command] | None:
    """The PBX holds a caller in a queue; None where that is not the end of a hold."""
    contact = centre.router.contacts.get(call.id)
    if contact is None or contact.state != CONNECTED or event.moves != call.moves:
        return None
    returning = call.aside is not None and call.aside.pending == QUEUE
    if not returning and (event.moves != call.hold or call.hold_over):
        return None
    return arrive(centre, call, contact, event.queue, now)


def arrive(
    centre: Centre, call: Call, contact: Contact, queue: QueueId, now: Instant
) -> list[Command]:
    """The caller waits in a queue again, at the place by the old time; all legs end."""
    call.hold_over = True
    aside, call.aside = call.aside, None
    call.on_hold(False, now)
    consults, why = centre.consults, "the caller waits again"
    consults.forget(call.id)
    stops = consults.stop(contact.offer, why, now)
    if aside is not None and aside.first != contact.offer:
        stops += consults.stop(aside.first, why, now)
    if aside is not None and aside.other != contact.offer:
        stops += consults.stop_other(aside, why, now)
    since = call.queued_at
    left, commands = centre.router.leave(call.id, now, abandoned=False)
    assert left is not None
    call.offers += left.contact.offers
    call.path += (f"{call.agent}>hold",)
    call.end_talk(now)
    call.entered = True
    if queue not in centre.router.queues:
        queue = centre.settings.fallback_queue
    return [*stops, *commands, *centre.inbound.join(call, queue, now, now, since)]
