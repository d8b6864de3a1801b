"""What the CRM says of a caller whom a step asks for."""

from __future__ import annotations

from ctid.core.records import LookUpStatus
from ctid.ivr.actions import Find
from ctid.ivr.containment import FAILED
from ctid.ivr.deciding import values
from ctid.ivr.identity import claim
from ctid.ivr.look_up_step import LookUp
from ctid.ivr.session import Session
from ctid.ivr.variables import Known, fill


def ask(session: Session, step: LookUp, known: Known) -> Find | str:
    """The question; or the step to go on at, where there is no code to ask for."""
    if step.by == "number":
        session.finding = True
        return Find()
    if not (code := fill(step.value, values(session, known))):
        return _goes(session, "none", step.none)
    session.finding, session.sought = True, code
    return Find(code)


def found(session: Session, step: LookUp, status: LookUpStatus, known: Known) -> str:
    """The step that the answer leads to."""
    code, session.finding, session.sought = session.sought, False, ""
    match status:
        case "found":
            if code:
                claim(session, code, "found")
            if step.language and known.language:
                session.language = known.language
            return _goes(session, "found", step.found)
        case "many":
            return _goes(session, "many", step.many or step.none)
        case "none":
            if code and not session.code:
                session.code_status = "unknown"
            return _goes(session, "none", step.none)
        case "pending" | "unavailable" | "timeout":
            session.path[-1] += "!"
            session.trail.takes(FAILED)
            return step.on_fail


def _goes(session: Session, way: str, target: str) -> str:
    session.path[-1] += f"={way}"
    session.trail.takes(way)
    return target
