"""The flow model: what a caller may hear and do, as a graph of steps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from ctid.ivr.leaving_steps import CallBack, Transfer, Voicemail
from ctid.ivr.look_up_step import LookUp
from ctid.ivr.record_step import Record
from ctid.ivr.steps import (
    AnyStep,
    Branch,
    Call,
    Collect,
    HangUp,
    Hours,
    Language,
    Menu,
    Play,
    Queue,
    Return,
    Say,
    Set,
    Step,
    StepId,
    may_end,
    prompts_of,
    targets,
)
from ctid.ivr.survey_step import Survey

__all__ = (
    "LANGUAGES", "AnyStep", "Branch", "Call", "CallBack", "Collect", "Flow", "HangUp", "Hours",
    "Language", "LookUp", "Menu", "Play", "Queue", "Record", "Return", "Say", "Set", "Step",
    "StepId", "Survey", "Transfer", "Voicemail", "asks", "may_end", "prompts_of", "targets",
)  # fmt: skip

LANGUAGES: Final = ("en", "zh-CN")
"""The prompt builder and the PBX's sound folders know these."""


class Flow(msgspec.Struct, frozen=True):
    """One flow, validated whole by `ctid.ivr.parser`."""

    id: str
    start: StepId
    language: str
    """Language until a `language` step changes it."""
    steps: Mapping[StepId, AnyStep]
    prompts: Mapping[str, Mapping[str, str]]
    """Prompt → language → text."""


def asks(step: AnyStep) -> bool:
    """Whether the caller has a say in this step; who says nothing goes on at its `on_fail`."""
    return isinstance(step, Menu | Collect | Survey | Record)
