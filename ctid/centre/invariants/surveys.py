"""What must hold of callers who are asked after the talk."""

from __future__ import annotations

from ctid.centre.calls import IVR, Call
from ctid.centre.centre import Centre
from ctid.centre.invariants.broken import must


def check(centre: Centre) -> None:
    """All calls."""
    for call in centre.calls.values():
        if call.survey is not None:
            _call(centre, call)


def _call(centre: Centre, call: Call) -> None:
    """Who is asked has been served, and is nobody's contact and no agent's caller."""
    survey = call.survey
    assert survey is not None, "looked at only where there is one"
    must(survey.began or not survey.asks, "a survey begins before it asks", call)
    if not survey.asks:
        return
    must(call.phase == IVR and call.session is not None, "who is asked is in a flow", call)
    must(call.talks > 0, "who is asked has talked to somebody", call)
    must(call.id not in centre.router.contacts, "who is asked is no contact", call)
    must(call.aside is None and call.transfer is None, "nobody moves who is asked", call)
    for offer in centre.router.offers.values():
        theirs = offer.call == call.id and not offer.caller_left
        must(not theirs, "who is asked is no agent's", call, offer)
