"""What must hold of visits of flows: each that began has ended once or goes on, and its steps add
up."""

from __future__ import annotations

from typing import Final

from ctid.centre.centre import Centre
from ctid.centre.invariants.broken import must
from ctid.core.records import CallId
from ctid.core.visits import Stay, Visit
from ctid.ivr.containment import FAILED, NEXT

ENDS: Final[dict[str, tuple[str, ...]]] = {
    "contained": ("ended", "served"),
    "unserved": ("ended",),
    "queue": ("queue",),
    "voicemail": ("voicemail",),
    "callback": ("callback",),
    "transferred": ("transferred",),
    "hung_up": ("hung_up",),
    "broken": ("broken",),
}
"""Outcome → the ways in which the last stay may have ended."""
LEADS_ON: Final = (NEXT, FAILED, "found", "many", "none", "refused")
"""Ways to another step, besides keys."""


class Visits:
    """The visits of one machine, fact by fact."""

    def __init__(self, centre: Centre) -> None:
        self._told: dict[CallId, int] = {call.id: call.visits for call in centre.calls.values()}
        """Ends that were told, of calls that go on."""
        self._open = self._in_progress(centre)

    def ends(self, visit: Visit) -> None:
        """A visit's end is told."""
        told = self._told[visit.call] = self._told.get(visit.call, 0) + 1
        must(visit.visit == told, "one end for one visit", visit)
        self._open.pop(visit.call, None)
        check_visit(visit)

    def closed(self, call: CallId) -> None:
        """The call's record is written: no visit of it goes on, and none comes."""
        must(call not in self._open, "a visit ends before its call", call)
        self._told.pop(call, None)

    def check(self, centre: Centre) -> None:
        """After every fact: what went on before and was not told to have ended goes on."""
        now = self._in_progress(centre)
        for call_id, number in self._open.items():
            must(now.get(call_id) == number, "each visit goes on or has ended", call_id, number)
        for call in centre.calls.values():
            must(call.visits == self._told.get(call.id, 0), "ends are counted", call.id)
        self._open = now

    def _in_progress(self, centre: Centre) -> dict[CallId, int]:
        found: dict[CallId, int] = {}
        for call in centre.calls.values():
            session = call.session
            if session is None and call.sent is not None:
                session = call.sent.session  # at a number outside, and back if nobody answers
            if session is None or not session.trail.flow:
                continue
            trail = session.trail
            here = trail.stops[-1]
            must((here.flow, here.step) == (session.flow, session.step), "where they are", here)
            must(not here.way, "who is there has not left", here)
            must(all(stop.way for stop in trail.stops[:-1]), "who is not there has left", call.id)
            found[call.id] = call.visits + 1
        return found


def check_visit(visit: Visit) -> None:
    """One whole visit alone: each step that was entered was left in one way."""
    stays = visit.stays
    must(bool(stays) and stays[0].flow == visit.flow, "a visit begins in its flow", visit)
    last, served = stays[-1], any(stay.served for stay in stays)
    must(visit.last == f"{last.flow}/{last.step}", "it ends at its last step", visit)
    must(last.way in ENDS[visit.outcome], "the last step is left as the visit ends", visit)
    for stay in stays[:-1]:
        must(_goes_on(stay), "the steps before lead on", visit, stay)
    must(sum(stay.spent for stay in stays) == visit.lasted, "the times of its steps add up", visit)
    must(all(stay.spent >= 0 for stay in stays), "no stay is negative", visit)
    if visit.outcome == "contained":
        must(served, "who is contained was served", visit)
    elif visit.outcome in ("unserved", "hung_up"):
        must(not served, "who was served is contained", visit)


def _goes_on(stay: Stay) -> bool:
    return stay.way in LEADS_ON or len(stay.way) == 1
