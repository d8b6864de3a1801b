"""Where one caller is in the flows, and what has been learned: the state that `Walker` moves on."""

from __future__ import annotations

from dataclasses import dataclass, field

from ctid.core.instants import Duration
from ctid.core.records import Identity, QueueId
from ctid.ivr.containment import Trail
from ctid.ivr.survey import Answer


@dataclass(slots=True)
class Frame:
    """Where a flow goes on when the one that it called returns."""

    flow: str
    step: str
    variables: dict[str, str]


@dataclass(slots=True)
class Outside:
    """A question to somebody outside, until both its answer and its prompt are over."""

    plays: bool
    """A prompt is heard meanwhile."""
    status: str = ""
    """One of `ctid.core.services.ServiceStatus`; empty until there is an answer."""


@dataclass(slots=True, frozen=True)
class Taken:
    """One recording of the caller, and what its step says of it."""

    step: str
    """As in the path."""
    file: str
    length: Duration
    link: str
    task_queue: QueueId


@dataclass(slots=True)
class Session:
    """Where a caller is, and what has been learned. Plain data: the journal's state holds it."""

    flow: str
    step: str
    language: str
    tries: int = 0
    code: str = ""
    """The code that was accepted, or empty."""
    pending: str = ""
    """The code that is being checked."""
    path: list[str] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    """Given to the questions of a survey, in order."""
    heard: str = ""
    """The code that was read back, until the caller has said whether it is right."""
    code_status: str = ""
    """One of `variables.STATUSES`."""
    variables: dict[str, str] = field(default_factory=dict)
    """Of the flow that is walked."""
    stack: list[Frame] = field(default_factory=list)
    """The flows that wait for this one to return, the innermost last."""
    identity: Identity = "unknown"
    """Of whoever gave `code`; only `ctid.ivr.identity` makes anybody verified."""
    proving: str = ""
    """The code whose PIN is being checked."""
    outside: Outside | None = None
    trail: Trail = field(default_factory=Trail)
    """Each step of this visit, for the figures."""
    by_keys: bool = False
    """At this step nothing that is said counts any more."""
    taken: Taken | None = None
    """What was recorded, until the caller has said whether it is right."""
    kept: list[Taken] = field(default_factory=list)
    """What was recorded and is right, until it is on the call's record."""
    finding: bool = False
    """The CRM's answer is waited for: who calls."""
    sought: str = ""
    """The code that it is asked for, or empty."""
