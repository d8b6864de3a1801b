"""What must hold of callers whom an agent sends on, and of the pieces that add up to a call."""

from __future__ import annotations

from ctid.acd.contacts import CONNECTED
from ctid.centre.calls import Call
from ctid.centre.centre import Centre
from ctid.centre.invariants.broken import must


def check(centre: Centre) -> None:
    """All calls: one on the way is looked after, and nobody has two places."""
    for call in centre.calls.values():
        _call(centre, call)


def _call(centre: Centre, call: Call) -> None:
    contact = centre.router.contacts.get(call.id)
    under_way = call.transfer is not None and not call.transfer.given_up
    timed = centre.deadlines.at(("transfer", call.id)) is not None
    must(timed == under_way, "a transfer is looked after by a deadline", call)
    if call.transfer is not None:
        talks = contact is not None and contact.state == CONNECTED
        must(talks, "who is sent on still talks", call, contact)
    must(call.waited_before >= 0 and call.talked_before >= 0, "no time is negative", call)
    handed = call.handed is None or call.talks > 0 or call.attempt
    must(handed, "what was handed on comes from a talk", call)
