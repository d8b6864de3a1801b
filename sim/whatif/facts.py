"""What a journal says of one day, as it happened: callers, ringing phones, agents' own wishes.

All instants are ms from the day's first line, all spans ms.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec

from ctid.centre.settings import CentreSettings
from ctid.core.commands import Command
from ctid.core.events import Event
from ctid.core.identity import PinStatus
from ctid.core.instants import Duration, Instant, WallMs
from ctid.core.records import AgentId, CallId, CustomerCard, LookUpStatus, PhoneState, QueueId
from ctid.core.services import ServiceStatus


class Note(msgspec.Struct, frozen=True):
    """Something to know about a replay, in both languages."""

    en: str
    zh: str


RECORDED = "recorded"


class Step(msgspec.Struct, frozen=True, gc=False):
    """What a caller did with one question or announcement of the menu."""

    prompts: tuple[str, ...]
    after: Duration
    """From its beginning to its end."""
    ended: str
    """`played`, `hung_up`, `RECORDED`, or as in DigitsCollected: `full`, `terminator`, `timeout`.
    """
    digits: str = ""
    file: str = ""
    length: Duration = 0
    """Of what was recorded."""


class LookUp(msgspec.Struct, frozen=True):
    """One answer of the CRM."""

    code: str
    numbers: tuple[str, ...]
    after: Duration
    status: LookUpStatus
    customers: tuple[CustomerCard, ...]


class PinAnswer(msgspec.Struct, frozen=True):
    """One answer of the CRM to a PIN."""

    code: str
    after: Duration
    status: PinStatus


class ServiceAnswer(msgspec.Struct, frozen=True):
    """One answer of a service to a question of the menu."""

    operation: str
    arguments: tuple[tuple[str, str], ...]
    after: Duration
    status: ServiceStatus
    values: tuple[tuple[str, str], ...]


class Ring(msgspec.Struct, frozen=True, gc=False):
    """How one ringing of one agent's phone for one call ended."""

    end: str
    """`answered`, or as `ctid.core.records.LegCause`."""
    after: Duration


class WrapUp(msgspec.Struct, frozen=True, gc=False):
    """The agent's work after a call."""

    took: Duration
    by_agent: bool
    """The agent ended it; else the queue's time did."""


class Caller(msgspec.Struct):
    """One caller, from the first fact to the record."""

    call: CallId
    at: Instant
    number: str
    name: str
    dialled: str
    steps: list[Step] = []
    look_ups: list[LookUp] = []
    pins: list[PinAnswer] = []
    services: list[ServiceAnswer] = []
    keys: list[tuple[Duration, str]] = []
    """(after joining the queue, key) of each key pressed while waiting."""
    joined_at: Instant | None = None
    """When the PBX first held the caller in a queue."""
    takes_callback: bool | None = None
    outcome: str = ""
    """Empty: the journal ends before the call does."""
    queue: QueueId = ""
    agent: AgentId = ""
    code: str = ""
    language: str = ""
    waited: Duration = 0
    """In this call, for the first answer; not what a regained place adds."""
    talked: Duration = 0
    wrap_up: WrapUp | None = None


class Wish(msgspec.Struct, frozen=True):
    """What an agent, or the browser of one, wanted of themselves at a certain time."""

    at: Instant
    agent: AgentId
    event: Event
    lasts: Duration | None = None
    """Of a break that they ended themselves: from when it began, which is after the call in hand,
    to the wish for calls. That wish does not stand by itself then."""


class Absence(msgspec.Struct, frozen=True):
    """A phone was in a call of its agent's own, or could not be reached."""

    at: Instant
    lasts: Duration
    agent: AgentId
    state: PhoneState
    after_call: Duration | None = None
    """How long after the wrap-up's beginning, where it began in one: it belongs to a call then, and
    not to a time."""


@dataclass
class Day:
    """All of it."""

    settings: CentreSettings
    """Those with which it began."""
    wall_at_zero: WallMs
    lasts: Duration = 0
    """To the last line."""
    callers: list[Caller] = field(default_factory=list)
    """In order of arrival."""
    rings: dict[tuple[CallId, AgentId], list[Ring]] = field(default_factory=dict)
    wishes: list[Wish] = field(default_factory=list)
    absences: list[Absence] = field(default_factory=list)
    backs: dict[AgentId, list[Duration]] = field(default_factory=dict)
    """How long agents took to ask for calls again whom the machine had set not ready."""
    dialled_back: list[bool] = field(default_factory=list)
    """Of each customer who was called back, whether they were reached."""
    said: list[tuple[Instant, tuple[Command, ...]]] = field(default_factory=list)
    """What the machine said of calls and agents, for the figures of the day as it was."""
    told: list[Note] = field(default_factory=list)
    """What the journal has and the model does not play, and what is missing; for people."""
