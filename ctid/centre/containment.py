"""How visits of flows end: the one place that says so, once for each.

A visit begins with the first step of a flow and ends where the flow is left, by whatever way. The
survey after a talk is a flow too, but nobody calls for it, and so nothing of it is told here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from ctid.core.commands import Command
from ctid.core.visits import FlowEnded, Stay, Visit, VisitOutcome, VisitWay
from ctid.ivr.containment import Stop, Trail

if TYPE_CHECKING:
    from ctid.centre.calls import Call
    from ctid.core.instants import Epoch, Instant
    from ctid.core.records import Outcome
    from ctid.ivr.session import Session

ENDED: Final = "ended"
HUNG_UP: Final = "hung_up"
BROKEN: Final = "broken"
AFTER_SERVICE: Final = "served"
"""Way of the last step where the caller hangs up after having been served."""


def begins(call: Call, session: Session, now: Instant) -> None:
    """A caller enters a flow."""
    if call.survey is None or not call.survey.asks:
        session.trail.begin(now)


def ended(call: Call, session: Session, epoch: Epoch, now: Instant) -> list[Command]:
    """The flow has ended the call."""
    outcome: VisitOutcome = "contained" if session.trail.has_served else "unserved"
    return _over(call, session.trail, ENDED, outcome, "", epoch, now)


def call_over(call: Call, outcome: Outcome, epoch: Epoch, now: Instant) -> list[Command]:
    """The call has ended while the caller was in a flow, if so; or at a number outside, from which
    the flow goes on where nobody answers."""
    session, sent = call.session, call.sent
    if session is None and sent is not None and not sent.over:
        session = sent.session
    if session is None:
        return []
    if sent is not None and sent.session is session and sent.answered_at:
        return led_on(call, session, "transferred", epoch, now)
    if outcome == "pbx_restart":
        return broke(call, session, "restarted", epoch, now)
    if session.trail.has_served:
        return _over(call, session.trail, AFTER_SERVICE, "contained", "", epoch, now)
    return _over(call, session.trail, HUNG_UP, "hung_up", "", epoch, now)


def led_on(
    call: Call, session: Session, to: VisitOutcome, epoch: Epoch, now: Instant
) -> list[Command]:
    """The flow has led the caller on: queue, voicemail, callback, transferred."""
    trail = session.trail
    why = cast(VisitWay, trail.why())
    return _over(call, trail, to, to, why, epoch, now)


def broke(call: Call, session: Session, why: VisitWay, epoch: Epoch, now: Instant) -> list[Command]:
    """The flow could not be walked on."""
    return _over(call, session.trail, BROKEN, "broken", why, epoch, now)


def _over(
    call: Call,
    trail: Trail,
    by: str,
    outcome: VisitOutcome,
    why: VisitWay,
    epoch: Epoch,
    now: Instant,
) -> list[Command]:
    if not trail.flow or not trail.stops:
        return []  # a survey; or a session of a ctid that did not count
    trail.ends(by, now)
    call.visits += 1
    last = trail.stops[-1]
    stays = tuple([_stay(stop) for stop in trail.stops])
    began = epoch.wall(trail.began)
    visit = Visit(
        call.id, call.visits, trail.flow, outcome, why, f"{last.flow}/{last.step}", began,
        now - trail.began, stays,
    )  # fmt: skip
    trail.flow = ""  # a second word about its end finds nothing
    return [FlowEnded(visit)]


def _stay(stop: Stop) -> Stay:
    return Stay(
        stop.flow, stop.step, stop.way, stop.wrong, stop.silent, stop.spent, stop.served
    )  # fmt: skip
