"""Steps that need nobody: they remember, speak or decide by what is known already."""

from __future__ import annotations

from collections.abc import Mapping

from ctid.core.instants import WallMs
from ctid.ivr.hours import Opens
from ctid.ivr.saying import say
from ctid.ivr.session import Session
from ctid.ivr.steps import Hours, Say, Set, StepId
from ctid.ivr.variables import OPENS, Known, fill


def by_hours(session: Session, step: Hours, hours: Opens, wall: WallMs) -> StepId:
    """Open or closed; when they open is remembered for those who come too early."""
    if hours.open_at(wall):
        return step.open
    session.variables |= dict(zip(OPENS, hours.opens(wall), strict=True))
    return step.closed


def remember(session: Session, step: Set, known: Known) -> StepId:
    """A text under a name."""
    session.variables[step.variable] = fill(step.value, values(session, known))
    return step.next


def said(session: Session, step: Say, known: Known) -> tuple[str, ...]:
    """The prompts of a value, empty where it cannot be said."""
    try:
        spoken = _spoken(session, step, known)
    except ValueError:
        return ()
    return tuple(prompt for prompt in (step.before, *spoken, step.after) if prompt)


def unsaid(step: Say, session: Session, known: Known) -> str:
    """Why the value cannot be said, or empty."""
    try:
        _spoken(session, step, known)
    except ValueError as error:
        return str(error)
    return ""


def _spoken(session: Session, step: Say, known: Known) -> tuple[str, ...]:
    known_values = values(session, known)
    value, currency = fill(step.value, known_values), fill(step.currency, known_values)
    return say(step.as_, value, session.language, currency)


def values(session: Session, known: Known) -> dict[str, str]:
    """Name → value of everything that a flow may read at this moment."""
    return {
        **session.variables,
        "language": session.language,
        "code": session.code,
        "code_status": session.code_status,
        "identity": session.identity,
        "grade": known.grade,
        "segment": known.segment,
        "region": known.region,
        "caller": known.number,
    }


def filled(texts: Mapping[str, str], session: Session, known: Known) -> dict[str, str]:
    """Each text with the values of the names in it."""
    filled_in = values(session, known)
    return {name: fill(text, filled_in) for name, text in texts.items()}
