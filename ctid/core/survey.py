"""Surveys after the talk: what is ordered of the PBX, what was answered, and what that adds up to.

These are members of the union in `ctid.core.commands`, and records that the store keeps.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from ctid.core.instants import WallMs
from ctid.core.records import AgentId, CallId, QueueId

AnswerKind = Literal["score", "yes_no"]


class AskAfter(msgspec.Struct, frozen=True, tag=True, gc=False):
    """Where the agent hangs up first, the dialplan sends the caller into the survey, from now on or
    not any more. Ends in nothing; a caller who comes there is told by `CallArrived`."""

    call: CallId
    on: bool


class SurveyAnswer(msgspec.Struct, frozen=True):
    """One answer of one caller."""

    call: CallId
    queue: QueueId
    """Of the last talk; empty where a question stands in a menu before any."""
    agent: AgentId
    """Who talked to the caller last, or empty."""
    flow: str
    question: str
    """The step of the flow that asked."""
    kind: AnswerKind
    value: int
    """The score, 1 to 5; of `yes_no` 1 for yes and 0 for no."""
    at: WallMs


class SurveyAnswered(msgspec.Struct, frozen=True, tag=True, gc=False):
    """A caller has answered a question; this is on record whatever the caller does then."""

    answer: SurveyAnswer


class SurveyFigures(msgspec.Struct, frozen=True):
    """What callers said of one agent in one queue, to one question."""

    queue: QueueId
    agent: AgentId
    question: str
    kind: AnswerKind
    answers: int
    mean: float
    """Of the scores; of `yes_no` the share of yes, 0 to 1. Rounded to two digits."""
    values: dict[int, int]
    """How often each value was given, by value."""
