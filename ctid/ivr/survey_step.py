"""The step of a flow that asks one question of a survey."""

from __future__ import annotations

from typing import Literal

import msgspec

from ctid.core.instants import SECOND, Duration

AnswerKind = Literal["score", "yes_no"]
"""`score`: the keys 1 to 5, and 5 is best. `yes_no`: 1 is yes, 2 is no."""


class Survey(msgspec.Struct, frozen=True, tag_field="kind", tag="survey"):
    """Ask one question, which one key answers; records call it by the step's name.

    A caller who does not answer is asked no further than `tries`, and goes on at `on_fail`.
    """

    prompt: str
    next: str
    """The step after an answer."""
    on_fail: str
    """Where to go after the last wrong or missing key."""
    answers: AnswerKind = "score"
    invalid: str = ""
    """Prompt before the question is asked again after a wrong key."""
    silence: str = ""
    """Prompt before the question is asked again after no key."""
    tries: int = 2
    first_digit: Duration = 5 * SECOND
