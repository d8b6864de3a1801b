"""Which callers of a queue are asked after the talk, and what follows from a bad answer."""

from __future__ import annotations

from typing import Final

import msgspec

from ctid.core.records import QueueId

WHOLE: Final = 10_000
"""A share of 1."""


class SurveyRules(msgspec.Struct, frozen=True):
    """The survey of one queue."""

    flow: str
    """Where the caller goes when the agent has hung up."""
    share: int = WHOLE
    """How many of `WHOLE` callers are asked."""
    rules: tuple[str, ...] = ()
    """Routing rules whose callers are asked in any case."""
    low: int = 0
    """A score of at most this opens a task; 0: none does."""
    task_queue: QueueId = ""
    """Where that task goes."""
    task_link: str = ""
    """Where the task links to, with `{call}` and `{number}` in it."""
    callbacks: bool = False
    """Whether customers are asked whom we have dialled."""
