"""Visits of flows: how each ended, what the caller did at each step, and what that adds up to.

`FlowEnded` is a member of the union in `ctid.core.commands`; the other records are what the store
keeps and tells (docs/containment.md has the definitions).
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from ctid.core.instants import SECOND, Duration, WallMs
from ctid.core.records import CallId

VisitOutcome = Literal[
    "contained",  # served, and then the flow or the caller ended the call
    "unserved",  # the flow ended the call, and nothing had served the caller
    "queue",  # to an agent, or to wait for one
    "voicemail",
    "callback",
    "transferred",  # to a number outside
    "hung_up",  # the caller hung up before anything had served them: a drop-off
    "broken",  # the conversation with the PBX broke, or new settings took the step away
]
"""The one end of a visit."""

VisitWay = Literal["", "asked", "failed", "led", "lost", "overdue", "changed", "restarted"]
"""How it came to that. To an agent, voicemail, callback or transfer: the last step that decided was
answered by the caller (`asked`) or failed (`failed`); `led`: the flow alone decided. Broken: the
conversation was `lost` or `overdue`, the flow `changed`, the process or the PBX `restarted`."""

EARLY: Final[Duration] = 10 * SECOND
"""A caller who hangs up unserved within this left early: a wrong number, or a changed mind."""

STAY_EDGES: Final[tuple[Duration, ...]] = tuple(
    seconds * SECOND for seconds in (1, 2, 5, 10, 20, 30, 60, 120)
)
"""Stays are counted up to each of these lengths and longer than the one before; the last count is
of those that were longer still."""


class Stay(msgspec.Struct, frozen=True, array_like=True):
    """A caller at one step, once."""

    flow: str
    step: str
    way: str
    """How it ended: a key of the menu, `next`, `found`, `many`, `none`, `refused`, `on_fail`; or
    the end of the visit: `ended`, `queue`, `voicemail`, `callback`, `transferred`, `broken`,
    `hung_up`, and `served` where the caller hung up after being served."""
    wrong: int = 0
    """Answers that the step did not take."""
    silent: int = 0
    """Times that no key came."""
    spent: Duration = 0
    served: bool = False
    """This step served the caller."""


class Visit(msgspec.Struct, frozen=True):
    """One visit of one flow, from its first step to where it was left."""

    call: CallId
    visit: int
    """Which one of this call, from 1."""
    flow: str
    """The flow that the caller entered; others may have been called by it."""
    outcome: VisitOutcome
    way: VisitWay
    last: str
    """`FLOW/STEP` at which it ended."""
    began_at: WallMs
    lasted: Duration
    stays: tuple[Stay, ...]
    """In order, as walked."""


class FlowEnded(msgspec.Struct, frozen=True, tag=True, gc=False):
    """A caller is out of a flow. Surveys after a talk are not told of."""

    visit: Visit


class FlowFigures(msgspec.Struct, frozen=True):
    """How the visits of one flow ended."""

    flow: str
    visits: int
    contained: int
    early: int
    """Hung up unserved within `EARLY`."""
    lasted: Duration
    """Sum, in milliseconds."""
    outcomes: dict[str, int]
    """By outcome; where there is a way, by `OUTCOME/WAY`."""


class StepFigures(msgspec.Struct, frozen=True):
    """What callers did at one step."""

    flow: str
    step: str
    entered: int
    ways: dict[str, int]
    """How often it was left by each way; these add up to `entered`."""
    wrong: int
    silent: int
    spent: Duration
    """Sum, in milliseconds."""
    half_within: Duration
    """The edge up to which at least half of the stays lasted; 0: longer than all edges."""
    most_within: Duration
    """As `half_within`, of 95 in 100."""


class IvrFigures(msgspec.Struct, frozen=True):
    """All flows in one stretch of time."""

    flows: list[FlowFigures]
    steps: list[StepFigures]
