"""What a session wants next of the outside world. One at a time: FastAGI does not pipeline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from ctid.core.instants import Duration
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
    proves: bool = False
    """The PIN of the caller's code; it waits where it was keyed for the one `Prove` to come."""
    recording: str = ""
    """A file at the PBX that is played before the prompts."""


@dataclass(slots=True, frozen=True)
class Listen:
    """Play these prompts and a tone, and record the caller; the answer is `recorded`."""

    prompts: tuple[str, ...]
    longest: Duration
    silence: Duration
    terminator: str


@dataclass(slots=True, frozen=True)
class Check:
    """Find out whether this code belongs to a customer; the answer is `checked`."""

    code: str


@dataclass(slots=True, frozen=True)
class Find:
    """Find out who calls, by this code or, where it is empty, by number; the answer is `found`."""

    code: str = ""


@dataclass(slots=True, frozen=True)
class Prove:
    """Find out whether the PIN that was keyed just now is this code's; the answer is `proved`."""

    code: str


@dataclass(slots=True, frozen=True)
class AskOutside:
    """Ask somebody outside, and play these prompts meanwhile, if any; the answers are `answered`
    and, with prompts, `played`, in either order."""

    service: str
    operation: str
    arguments: tuple[tuple[str, str], ...]
    wanted: tuple[tuple[str, str], ...]
    """As in `ctid.core.services.AskService`."""
    time_out: int
    """Milliseconds."""
    prompts: tuple[str, ...] = ()


@dataclass(slots=True, frozen=True)
class ToQueue:
    """The flow has ended in a queue."""

    queue: QueueId


@dataclass(slots=True, frozen=True)
class Leave:
    """The flow has ended at another place; where the caller cannot go there the answer is `failed`,
    and with `returns` also when nobody there answers."""

    place: Literal["voicemail", "external", "callback"]
    queue: QueueId
    number: str = ""
    """Whom to call, or to call back; a name under `[transfer_numbers]` too. Empty for a callback:
    the caller's own."""
    prompts: tuple[str, ...] = ()
    returns: bool = False


@dataclass(slots=True, frozen=True)
class End:
    """The flow has ended the call."""


@dataclass(slots=True, frozen=True)
class Lost:
    """The step to go on at is no more: new settings have taken it away. The caller is not lost."""

    step: str


@dataclass(slots=True, frozen=True)
class Waiting:
    """Nothing new: of two facts that the session waits for, one is still to come."""


WAITING: Final = Waiting()

Action = (
    Say | Ask | Listen | Check | Find | Prove | AskOutside | Waiting | ToQueue | Leave | End | Lost
)
