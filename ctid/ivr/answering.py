"""What a caller's keys lead to, question by question: the next step, or the same question again."""

from __future__ import annotations

from ctid.core.identity import PinStatus
from ctid.core.records import LookUpStatus
from ctid.ivr import collecting
from ctid.ivr.actions import Ask, Check, Prove
from ctid.ivr.containment import FAILED
from ctid.ivr.identity import LOCKED, at_most_claimed, claim, prove
from ctid.ivr.session import Session
from ctid.ivr.steps import Collect, Menu, StepId
from ctid.ivr.survey import Answer, value_of
from ctid.ivr.survey_step import Survey

Turn = Ask | Check | Prove | StepId
"""What comes next: something for the caller, or a step to go on at."""


def menu(session: Session, step: Menu, digits: str, ended: str) -> Turn:
    """One key. `ended` is full, terminator or timeout."""
    key = digits or ("#" if ended == "terminator" else "")
    if (target := step.keys.get(key)) is None:
        return _again(session, step, _why(step, key), key)
    session.path[-1] += f"={key}"
    session.trail.takes(key)
    return target


def unsure(session: Session, step: Menu | Collect) -> Turn:
    """Words that nobody understood: a try that was in vain, as a wrong key is."""
    return _again(session, step, step.unsure or step.invalid)


def survey(session: Session, step: Survey, digits: str) -> Turn:
    """One key that answers a question, or does not."""
    if (value := value_of(step.answers, digits)) is None:
        return _again(session, step, _why(step, digits), digits)
    session.path[-1] += f"={digits}"
    session.trail.takes(digits)
    session.answers.append(Answer(session.step, step.answers, value))
    return step.next


def collect(session: Session, step: Collect, digits: str) -> Turn:
    """A number, or what the caller says of the one that was read back."""
    if session.heard:
        return _confirmed(session, step, digits)
    if not collecting.fits(step, digits):
        return _again(session, step, _why(step, digits), digits)
    if step.check == "pin":
        session.proving = session.code
        return Prove(session.code)
    if step.class_ == "pin":
        return _taken(session, step)
    if step.confirm:
        session.heard = digits
        return collecting.read_back(step, digits, session.language)
    return _check(session, step, digits)


def checked(session: Session, step: Collect, status: LookUpStatus) -> Turn:
    """What the CRM says of the code that is pending. Without an answer it is taken as claimed."""
    if status == "none":
        session.pending = ""
        if not session.code:
            session.code_status = "unknown"
        return _again(session, step, step.invalid)
    code, session.pending = session.pending, ""
    claim(session, code, "found" if status in ("found", "many") else "claimed")
    return _taken(session, step)


def proved(session: Session, step: Collect, status: PinStatus) -> Turn:
    """What the CRM says of the PIN. Without an answer nothing is proved, and asking again would
    not help. Whoever was verified before and keys a wrong one is so no more."""
    code, session.proving = session.proving, ""
    if status == "right" and prove(session, code):
        return _taken(session, step)
    if status == "wrong":
        session.identity = at_most_claimed(session.identity)
        return _again(session, step, step.invalid)
    return unproved(session, step, "unset" if status == "unset" else "unanswered")


def unproved(session: Session, step: Collect, why: str) -> StepId:
    """No PIN is asked for, or none is held against the CRM: the path says why."""
    session.proving = ""
    session.path[-1] += f"!{why}"
    session.trail.takes(FAILED)
    return (step.locked if why == LOCKED else "") or step.on_fail


def _confirmed(session: Session, step: Collect, key: str) -> Turn:
    """What the caller says of the code that was read back. No or a wrong key: once more the
    same, and like a wrong code it counts as a try, so that nobody stays here for ever."""
    digits = session.heard
    if key == collecting.RIGHT:
        session.heard = ""
        return _check(session, step, digits)
    turn = _again(session, step, "", key)
    if key == collecting.AGAIN or not isinstance(turn, Ask) or not session.tries:
        return turn
    session.heard = digits
    return collecting.read_back(step, digits, session.language)


def _check(session: Session, step: Collect, digits: str) -> Turn:
    code = collecting.written(step, digits)
    if step.check == "customer":
        session.pending = code
        return Check(code)
    if step.into == "code":
        claim(session, code, "claimed")
    else:
        session.variables[step.into] = code
    return _taken(session, step)


def _taken(session: Session, step: Collect) -> StepId:
    if session.tries:
        session.path[-1] += f"~{session.tries + 1}"
    return step.next


def _again(session: Session, step: Menu | Collect | Survey, why: str, keys: str = "?") -> Turn:
    """Ask once more, after the prompt `why` where there is one, or go where the step fails.
    `keys`: what was keyed, or empty; where nobody says, it was wrong."""
    session.trail.refused(keys)
    session.tries += 1
    session.heard = ""
    if session.tries >= step.tries:
        session.path[-1] += "!"
        session.trail.takes(FAILED)
        return step.on_fail
    return collecting.ask(step, why, session.tries)


def _why(step: Menu | Collect | Survey, keys: str) -> str:
    """The prompt that says why the caller is asked again."""
    return step.invalid if keys else step.silence
