"""How a visit of a flow ended, in words."""

from __future__ import annotations

from typing import Final

from ctid.core.instants import SECOND
from ctid.core.visits import Visit, VisitOutcome, VisitWay

OUTCOMES: Final[dict[VisitOutcome, str]] = {
    "contained": "contained: served without an agent",
    "unserved": "the flow ended the call, and nothing had served the caller",
    "queue": "on to an agent",
    "voicemail": "on to voicemail",
    "callback": "on to a callback",
    "transferred": "on to a number outside",
    "hung_up": "hung up before being served",
    "broken": "broken off",
}
WAYS: Final[dict[VisitWay, str]] = {
    "": "",
    "asked": "as the caller asked",
    "failed": "as a step had failed",
    "led": "by the flow alone",
    "lost": "the conversation with the PBX was lost",
    "overdue": "the PBX did not answer in time",
    "changed": "new settings had taken the step away",
    "restarted": "ctid or the PBX began anew",
}


def visit_told(visit: Visit) -> str:
    """`flow main: hung up before being served, at main/code after 12.0 s (2 wrong there)`."""
    ended = OUTCOMES[visit.outcome] + (f", {WAYS[visit.way]}" if visit.way else "")
    last = visit.stays[-1]
    tries = [
        f"{count} {what}"
        for count, what in ((last.wrong, "wrong"), (last.silent, "without a key"))
        if count
    ]
    there = f" ({', '.join(tries)} there)" if tries else ""
    by = sorted({f"{stay.flow}/{stay.step}" for stay in visit.stays if stay.served})
    served = f"; served by {', '.join(by)}" if by else ""
    seconds = visit.lasted / SECOND
    return f"flow {visit.flow}: {ended}, at {visit.last} after {seconds:.1f} s{there}{served}"
