"""The flow model: what a caller may hear and do, as a graph of steps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

import msgspec

from ctid.core.instants import SECOND, Duration
from ctid.core.records import QueueId

LANGUAGES: Final = ("en", "zh-CN")
"""The prompt builder and the PBX's sound folders know these."""

StepId = str


class Step(msgspec.Struct, frozen=True, tag_field="kind", tag=str.lower):
    """Common shape of all steps."""


class Play(Step, frozen=True):
    """Say something, then go on."""

    prompt: str
    next: StepId


class Menu(Step, frozen=True):
    """Ask for one key."""

    prompt: str
    keys: Mapping[str, StepId]
    """Key → step."""
    on_fail: StepId
    """Where to go after the last wrong or missing key."""
    invalid: str = ""
    """Prompt before the question is asked again after a wrong key."""
    silence: str = ""
    """Prompt before the question is asked again after no key."""
    tries: int = 3
    first_digit: Duration = 5 * SECOND


class Collect(Step, frozen=True):
    """Ask for a customer code."""

    prompt: str
    next: StepId
    on_fail: StepId
    """Where to go after the last wrong or missing code; the caller is not lost for it."""
    min: int = 1
    max: int = 20
    terminator: str = "#"
    """The key that ends the input early, or empty. A code of full length never waits for it."""
    invalid: str = ""
    silence: str = ""
    tries: int = 3
    first_digit: Duration = 6 * SECOND
    inter_digit: Duration = 3 * SECOND
    check: Literal["", "customer"] = ""
    """`customer`: the code must belong to a customer. A CRM that does not answer accepts it."""


class Hours(Step, frozen=True):
    """Branch on the opening hours."""

    hours: str
    open: StepId
    closed: StepId


class Language(Step, frozen=True):
    """Go on in this language."""

    language: str
    next: StepId


class Queue(Step, frozen=True):
    """Leave the flow for a queue."""

    queue: QueueId


class HangUp(Step, frozen=True):
    """End the call."""


AnyStep = Play | Menu | Collect | Hours | Language | Queue | HangUp


class Flow(msgspec.Struct, frozen=True):
    """One flow, validated whole by `ctid.ivr.parser`."""

    id: str
    start: StepId
    language: str
    """Language until a `language` step changes it."""
    steps: Mapping[StepId, AnyStep]
    prompts: Mapping[str, Mapping[str, str]]
    """Prompt → language → text."""


def targets(step: AnyStep) -> tuple[tuple[str, StepId], ...]:
    """(field, step) for everywhere that `step` may lead to."""
    match step:
        case Play() | Language():
            return (("next", step.next),)
        case Menu():
            keys = tuple((f"keys.{key}", target) for key, target in step.keys.items())
            return (*keys, ("on_fail", step.on_fail))
        case Collect():
            return (("next", step.next), ("on_fail", step.on_fail))
        case Hours():
            return (("open", step.open), ("closed", step.closed))
        case Queue() | HangUp():
            return ()


def prompts_of(step: AnyStep) -> tuple[tuple[str, str], ...]:
    """(field, prompt) for everything that `step` may say."""
    match step:
        case Play():
            return (("prompt", step.prompt),)
        case Menu() | Collect():
            named = (("prompt", step.prompt), ("invalid", step.invalid), ("silence", step.silence))
            return tuple((field, prompt) for field, prompt in named if prompt)
        case _:
            return ()
