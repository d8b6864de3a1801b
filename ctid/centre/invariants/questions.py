"""What must hold of questions to somebody outside: each ends, and is about the caller alone."""

from __future__ import annotations

from ctid.centre.calls import IVR
from ctid.centre.centre import Centre
from ctid.centre.invariants.broken import must
from ctid.centre.services import SERVICE_OVERDUE
from ctid.core.services import CRM, AskService


def check(centre: Centre) -> None:
    """All calls."""
    for call in centre.calls.values():
        outside = call.session.outside if call.session and call.phase == IVR else None
        is_open = outside is not None and not outside.status
        awaited = centre.deadlines.at((SERVICE_OVERDUE, call.id)) is not None
        must(awaited == is_open, "an open question ends by a deadline", call)


def check_asked(centre: Centre, command: AskService) -> None:
    """Of the CRM only the customer is asked about whose code the call has, and never for nobody."""
    if command.service != CRM:
        return
    call = centre.calls.get(command.call)
    named = dict(command.arguments).get("customer")
    known = [card.id for card in call.customers if card.code == call.code] if call else []
    must(named in known and len(known) == 1, "a caller asks about their own code", command)
    well = call is not None and call.identity != "unknown"
    must(well, "who asks is claimed at least", command)
