"""What the caller says after a tone: how it is asked for, and what becomes of it."""

from __future__ import annotations

from typing import Final

from ctid.core.instants import SECOND, Duration
from ctid.ivr.actions import Ask, Listen
from ctid.ivr.collecting import AGAIN, RIGHT
from ctid.ivr.containment import FAILED
from ctid.ivr.record_step import Record
from ctid.ivr.session import Session, Taken

KEY_WITHIN: Final[Duration] = 5 * SECOND
"""How long to wait for the key that keeps it."""

Turn = Listen | Ask | str
"""What comes next: something for the caller, or a step to go on at."""


def ask(step: Record, why: str = "") -> Listen:
    """The prompt and the tone; `why` goes before it."""
    prompts = (why, step.prompt) if why else (step.prompt,)
    return Listen(prompts, step.max, step.silence, step.terminator)


def taken(session: Session, step: Record, file: str, length: Duration) -> bool:
    """Note what was recorded; False where it is too short to be anything."""
    if not file or length < step.min:
        return False
    session.taken = Taken(session.path[-1], file, length, step.link, step.task_queue)
    return True


def recorded(session: Session, step: Record, file: str, length: Duration) -> Turn:
    """A recording has ended. Without a file there can be none, and asking again would not help."""
    if not file:
        return _failed(session, step)
    if not taken(session, step, file, length):
        session.trail.refused("")
        return _again(session, step, step.short)
    one = session.taken
    return _asked(one, step) if one is not None and step.confirm else _kept(session, step)


def said(session: Session, step: Record, key: str) -> Turn:
    """What the caller says of the recording that they have just heard. Who says nothing has it
    kept in the end: they may think that they are done."""
    if key == RIGHT:
        return _kept(session, step)
    if key == AGAIN:
        session.taken = None
        return _again(session, step, "")
    session.trail.refused(key)
    session.tries += 1
    if session.tries >= step.tries or session.taken is None:
        return _kept(session, step)
    return _asked(session.taken, step)


def _asked(recording: Taken, step: Record) -> Ask:
    return Ask((step.confirm,), 1, "", KEY_WITHIN, KEY_WITHIN, recording=recording.file)


def _kept(session: Session, step: Record) -> str:
    if session.taken is not None:
        session.kept.append(session.taken)
        session.taken = None
    if session.tries:
        session.path[-1] += f"~{min(session.tries + 1, step.tries)}"
    return step.next


def _again(session: Session, step: Record, why: str) -> Turn:
    session.tries += 1
    if session.tries >= step.tries:
        return _failed(session, step)
    return ask(step, why)


def _failed(session: Session, step: Record) -> str:
    session.path[-1] += "!"
    session.trail.takes(FAILED)
    return step.on_fail
