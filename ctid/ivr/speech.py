"""Answers by word: what may be said to a question, and what of it counts.

Keys always work beside it. Whoever has spoken in vain is asked once more for keys alone: a voice
that the recogniser has not understood once it will hardly understand the next time.
"""

from __future__ import annotations

from ctid.core.grammar import MOST_FIGURES, Grammar, line_of, said
from ctid.ivr.session import Session
from ctid.ivr.steps import AnyStep, Collect, Menu


def listens(session: Session, step: AnyStep | None) -> str:
    """What the caller may say now, as a line of `ctid.core.grammar`; empty: keys only."""
    if session.by_keys or session.heard:
        return ""
    match step:
        case Menu():
            phrases = tuple(said(phrase) for phrase in step.words.get(session.language, {}))
            return line_of(Grammar(session.language, phrases)) if phrases else ""
        case Collect() if step.speech:
            most = min(step.max, MOST_FIGURES)
            return line_of(Grammar(session.language, (), max(step.min, 1), most))
        case _:
            return ""


def meant(session: Session, step: Menu | Collect, told: str) -> str:
    """The keys that stand for what was said; empty where it is no answer to this question."""
    if isinstance(step, Collect):
        return told
    words = step.words.get(session.language, {})
    return next((key for phrase, key in words.items() if said(phrase) == told), "")
