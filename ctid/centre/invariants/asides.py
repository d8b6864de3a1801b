"""What must hold of callers who are put aside, and of the legs beside their talks."""

from __future__ import annotations

from ctid.acd.contacts import BRIDGED, STOPPING
from ctid.centre.aside import (
    ASIDE_TRANSITIONS,
    ASKING,
    COMPLETING,
    CONFERENCE,
    CONSULTING,
    RETURNING,
    TALKING,
    WITH_CALLER,
    Aside,
)
from ctid.centre.calls import Call
from ctid.centre.centre import Centre
from ctid.centre.invariants.broken import must
from ctid.core.records import LegRecord

COLLEAGUE_IN = (ASKING, CONSULTING, WITH_CALLER, CONFERENCE, COMPLETING)


def check(centre: Centre) -> None:
    """All calls, and all legs of colleagues who are asked."""
    for call in centre.calls.values():
        _call(centre, call)
    for offer in centre.router.offers.values():
        if not offer.aside:
            continue
        if offer.caller_left:
            must(offer.state in (STOPPING, BRIDGED), "who is not needed is on the way out", offer)
            continue
        aside = found.aside if (found := centre.calls.get(offer.call)) else None
        beside = aside is not None and aside.other == offer.id
        must(beside, "a colleague who is asked is beside that talk", offer)


def check_leg(leg: LegRecord) -> None:
    """Nobody was longer without the caller than on the line."""
    talked = leg.ended_at - leg.bridged_at if leg.bridged_at else 0
    must(0 <= leg.held <= talked, "held is a part of the talk", leg)


def _call(centre: Centre, call: Call) -> None:
    awaited = centre.deadlines.at(("consult", call.id)) is not None
    aside = call.aside
    if aside is None:
        must(not awaited, "nothing is awaited of a plain talk", call)
        must(not call.held_since, "a plain talk is not on hold", call)
        return
    must(aside.state in ASIDE_TRANSITIONS, "the state is in the table", aside)
    must(awaited == bool(aside.pending), "what is ordered is looked after by a deadline", aside)
    contact = centre.router.contacts.get(call.id)
    must(contact is not None and contact.state == "connected", "who is aside has talked", call)
    must(call.transfer is None, "who is aside is not sent on", call)
    talks = aside.state in (TALKING, WITH_CALLER, CONFERENCE)
    must(bool(call.held_since) == (not talks), "the time on hold runs on hold", call)
    if aside.state not in (COMPLETING, RETURNING):
        mine = contact is not None and contact.offer == aside.first
        must(mine, "the caller is the first agent's until handed over", aside)
        first = centre.router.offers.get(aside.first)
        must(first is not None and first.state == BRIDGED, "the first agent is there", aside)
    if aside.state == TALKING:
        must(aside.pending == "hold", "a talk beside nothing is about to be held", aside)
    _colleague(centre, aside)


def _colleague(centre: Centre, aside: Aside) -> None:
    if aside.state not in COLLEAGUE_IN:
        must(not aside.outside, "nobody outside is asked now", aside)
        return
    if aside.outside:
        answered = aside.state != ASKING
        must(bool(aside.other) == answered, "a line outside is known when it talks", aside)
        return
    other = centre.router.offers.get(aside.other)
    if other is None:
        must(False, "the colleague has a leg", aside)
        return
    handed = aside.state == COMPLETING
    must((other.aside == "") == handed, "a colleague is beside the talk or has it", other)
    if aside.state != WITH_CALLER:
        talks = aside.state != ASKING
        must((other.state == BRIDGED) == talks, "who is asked rings or talks", aside, other)
