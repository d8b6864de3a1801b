"""Who hears whom by the PBX's inventory, for talks with a caller put aside; it wins over memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ctid.acd import consulting
from ctid.acd.contacts import BRIDGED, CONNECTED, STOPPING, Contact
from ctid.centre import hold_over
from ctid.centre.aside import (
    ASKING,
    COMPLETING,
    CONFERENCE,
    CONSULTING,
    HELD,
    RETURNING,
    WITH_CALLER,
    Aside,
)
from ctid.centre.calls import Call
from ctid.core.commands import Command, Repaired
from ctid.core.instants import Instant
from ctid.core.records import CallId, ChannelFact, OfferId

if TYPE_CHECKING:
    from ctid.centre.centre import Centre

Callers = dict[CallId, ChannelFact]
Legs = dict[OfferId, ChannelFact]


def compare(centre: Centre, callers: Callers, legs: Legs, now: Instant) -> list[Command]:
    """Every repair of such a talk; after it, no order of before is awaited."""
    commands: list[Command] = []
    for call in list(centre.calls.values()):
        caller, contact = callers.get(call.id), centre.router.contacts.get(call.id)
        if caller is None or contact is None or contact.state != CONNECTED:
            continue
        if call.transfer is not None or (call.aside is None and caller.place != "held"):
            continue
        was = call.aside.state if call.aside else "talking"
        found = _one(centre, call, contact, caller, legs, now)
        state = call.aside.state if call.aside else "talking"
        if centre.router.contacts.get(call.id) is not contact:
            state = "waiting"
        if state != was:
            text = f"{was} when last seen, {state} at the PBX"
            commands.append(Repaired(call.id, "aside_seen", text))
        commands += found
    return commands


def _one(
    centre: Centre, call: Call, contact: Contact, caller: ChannelFact, legs: Legs, now: Instant
) -> list[Command]:
    consults = centre.consults
    if caller.place == "queue":
        return hold_over.arrive(centre, call, contact, caller.queue, now)
    if call.aside is None:
        offer = centre.router.offers.get(contact.offer)
        by, leg = (offer.agent, offer.id) if offer else (call.agent, "")
        call.aside = Aside(by, leg, call.queue, now)
    aside = call.aside
    if aside.outside and not aside.other:  # it may have answered unseen
        lines = (leg.id for leg in legs.values() if leg.call == call.id)
        aside.other = next((x for x in lines if x not in centre.router.offers), "")
    first, other = legs.get(aside.first), legs.get(aside.other)
    if caller.place == "held":
        call.hold, call.hold_over = call.moves, False
        return _held(centre, call, aside, first, other, now)
    if aside.state == RETURNING or caller.place != "talking":
        return []  # on the way; what becomes of it will be told
    if first is not None and _together(caller, first):
        if other is None:
            return consults.over(call, aside, now)
        _met(centre, aside, now)
        state = CONFERENCE if _together(caller, other) else WITH_CALLER
        return consults.adopt(call, aside, state, now)
    if other is None or not _together(caller, other):
        return consults.over(call, aside, now)  # with somebody whom we do not know
    if aside.state == COMPLETING:
        return consults.over(call, aside, now)
    _met(centre, aside, now)
    consults.adopt(call, aside, CONFERENCE, now)
    return consults.taken(call, aside, contact, now)


def _held(
    centre: Centre,
    call: Call,
    aside: Aside,
    first: ChannelFact | None,
    other: ChannelFact | None,
    now: Instant,
) -> list[Command]:
    consults = centre.consults
    if aside.state == COMPLETING and other is not None:
        return consults.order(call, aside, "second", now)
    if first is None or aside.state in (RETURNING, COMPLETING):
        return consults.alone(call, aside, now)
    if other is None and aside.outside and not aside.other:
        return consults.adopt(call, aside, ASKING, now)  # it rings, or its end will be told
    if other is None:
        if aside.outside:  # its line is gone; a colleague's leg has been told of already
            aside.other, aside.outside, aside.handed = "", "", None
        return consults.adopt(call, aside, HELD, now)
    if _together(first, other):
        commands = _met(centre, aside, now)
        return commands + consults.adopt(call, aside, CONSULTING, now)
    offer = centre.router.offers.get(aside.other)
    if not aside.outside and (offer is None or offer.state != BRIDGED):
        return consults.adopt(call, aside, ASKING, now)
    consults.adopt(call, aside, WITH_CALLER, now)  # all three apart: the agents first
    return consults.order(call, aside, "colleague", now)


def _met(centre: Centre, aside: Aside, now: Instant) -> list[Command]:
    """The colleague has answered, perhaps unseen."""
    offer = centre.router.offers.get(aside.other)
    if offer is None or offer.state == STOPPING:
        return []
    return consulting.met(centre.router, offer, now) or []


def _together(one: ChannelFact, other: ChannelFact) -> bool:
    return bool(one.bridge) and one.bridge == other.bridge
