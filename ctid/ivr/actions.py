"""What a session wants next of the outside world. One at a time: FastAGI does not pipeline."""

from __future__ import annotations

from dataclasses import dataclass

from ctid.core.records import QueueId


@dataclass(slots=True, frozen=True)
class Say:
    """Play these prompts; the answer is `played`."""

    prompts: tuple[str, ...]


@dataclass(slots=True, frozen=True)
class Ask:
    """Play these prompts and collect keys; the answer is `collected`. Times in milliseconds."""

    prompts: tuple[str, ...]
    max_digits: int
    terminator: str
    first_digit: int
    inter_digit: int
    total: int = 0
    """From the prompts' beginning to the last key; 0 = no limit."""
    secret: bool = False
    """What is keyed must not come here: each figure is told as `x`."""


@dataclass(slots=True, frozen=True)
class Check:
    """Find out whether this code belongs to a customer; the answer is `checked`."""

    code: str


@dataclass(slots=True, frozen=True)
class ToQueue:
    """The flow has ended in a queue."""

    queue: QueueId


@dataclass(slots=True, frozen=True)
class End:
    """The flow has ended the call."""


@dataclass(slots=True, frozen=True)
class Lost:
    """The step to go on at is no more: new settings have taken it away. The caller is not lost."""

    step: str


Action = Say | Ask | Check | ToQueue | End | Lost
