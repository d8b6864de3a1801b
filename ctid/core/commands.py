"""Everything that the machine may want done. A driver journals them, then carries them out.

Results never come back as return values: they are events. Some commands are facts for the record
(`CallClosed`, `AgentTimed`, …): projections and pages are built from them and from nothing else.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from ctid.core.callbacks import Dial
from ctid.core.fairness import Fairness
from ctid.core.identity import CheckPin
from ctid.core.instants import Duration, Instant
from ctid.core.opening import HoursTurned
from ctid.core.recording import RecordCaller
from ctid.core.records import (
    AgentId,
    AgentTime,
    Bringing,
    CallId,
    CallRecord,
    Decision,
    Disposition,
    DivertPlace,
    LegRecord,
    Move,
    OfferId,
    Pop,
    QueueId,
)
from ctid.core.services import AskService
from ctid.core.supervision import SpyMode, SpyRecord, SpyWish
from ctid.core.survey import AskAfter, SurveyAnswered
from ctid.core.tasks import Escalated, OfferTask, TaskClosed
from ctid.core.visits import FlowEnded


class Order(msgspec.Struct, frozen=True, tag=True, gc=False):
    """Common shape of all commands; the tag is the class's name."""


# -- to the caller's IVR conversation --


class Play(Order, frozen=True):
    """Play prompts one after the other; ends in `PromptsPlayed`."""

    call: CallId
    prompts: tuple[str, ...]
    language: str


class Collect(Order, frozen=True):
    """Play prompts, which a key interrupts, and collect keys; ends in `DigitsCollected`.

    The time-outs run inside the PBX, as one of its own commands: keys that are pressed between two
    FastAGI commands would be lost (docs/asterisk-facts.md).
    """

    call: CallId
    prompts: tuple[str, ...]
    language: str
    max_digits: int
    terminator: str
    """The key that ends the input early, or empty."""
    first_digit: Duration
    """How long to wait for the first key after the prompt, in milliseconds."""
    inter_digit: Duration
    """How long to wait for each further key, in milliseconds."""
    total: Duration = 0
    """From the prompts' beginning to the last key, in milliseconds; then what was keyed is told as
    after a time-out. 0 = no limit."""
    secret: bool = False
    """A PIN: the figures stay with the PBX's side. `DigitsCollected` has an x for each, and so
    neither the machine nor its journal ever holds them."""
    kept: bool = False
    """With `secret`: they wait there for the one `CheckPin` that may come before the next command
    to the caller; nothing else can have them."""
    listen: str = ""
    """What the caller may say instead, a line of `ctid.core.grammar`; empty: keys only."""
    recording: str = ""
    """A file at the PBX that is played before the prompts, as `CallerRecorded` has told it."""


class HoldInQueue(Order, frozen=True):
    """Hand the caller to the PBX's own queue context; ends in `CallWaiting`."""

    call: CallId
    queue: QueueId
    music: str
    code: str
    language: str
    moves: int = 0
    """As in `Requeue`."""


class Requeue(Order, frozen=True):
    """The caller, whom the PBX holds already, waits in another queue from now on; the PBX keeps
    that for a restart of ours. Ends in nothing."""

    call: CallId
    queue: QueueId
    music: str
    moves: int
    """How often the machine has moved this caller; the PBX says it back in `CallWaiting`."""


class Divert(Order, frozen=True):
    """Take the caller out of the queue to a place of the PBX's own: `CallDiverted` says that the
    caller is there. Never ordered while an agent's phone rings for the caller.

    With `leaves` the caller is taken out of that talk; `queue` is a place then, and `CallWaiting`
    says that the caller is there."""

    call: CallId
    place: DivertPlace | Literal["queue"]
    prompts: tuple[str, ...]
    """What the caller hears there first."""
    language: str
    number: str
    """Whom to call, for `external`."""
    queue: QueueId
    """Where the caller waits again when the number does not answer."""
    music: str
    moves: int
    """As in `Requeue`."""
    leaves: OfferId = ""
    """The agent's leg that the caller talks to, where the agent sends the caller on; the PBX ends
    that leg by itself."""
    longest: Duration = 0
    """In voicemail: how long the message may be; 0: as the PBX has it."""
    silence: Duration = 0
    """In voicemail: so much silence ends the message; 0: as the PBX has it."""


class Announce(Order, frozen=True):
    """Play prompts to a caller who waits in a queue, and let them wait on at the same place.

    Ends in `Announced`, unless an agent takes the caller out of it or the caller hangs up.
    """

    call: CallId
    prompts: tuple[str, ...]
    language: str


class HangUpCall(Order, frozen=True):
    """Hang up the caller's channel; ends in `CallEnded`."""

    call: CallId
    reason: str


# -- to the agent's phone --


class RingAgent(Order, frozen=True):
    """Ring the agent's phone; the dialplan bridges when it is answered.

    Always ends in `LegEnded`; before it `AgentRinging`, `AgentAnswered`, `CallBridged` may come.
    """

    offer: OfferId
    call: CallId
    agent: AgentId
    queue: QueueId
    phone: str
    """The phone's dial string at the PBX, `PJSIP/1001`."""
    channel: str
    """Name of the caller's channel, for the bridge."""
    number: str
    name: str
    ring_for: Duration
    """How long to ring, in milliseconds; the PBX keeps this time, so "answered" or "not" has one
    judge."""
    reason: str
    aside: OfferId = ""
    """The leg of the agent who asks this one, with whom the dialplan bridges in place of the
    caller; the first sign of that is `ConsultBridged`."""
    dial: Dial | None = None
    """Whom the dialplan dials once the agent has picked up; there is no caller's channel then."""
    shared: bool = False
    """Other phones may ring for the same caller: the dialplan lets the first one through."""


class Bring(Order, frozen=True):
    """Bring an agent's leg together with others, out of whatever talk they are in. Ends in
    `CallHeld`, `CallBridged` or `ConsultBridged`, by `to`."""

    call: CallId
    first: OfferId
    """The leg of the agent who has or had the caller."""
    second: OfferId
    """The colleague's leg, or empty."""
    to: Bringing
    music: str
    """For a caller who is put aside."""
    moves: int
    """As in `Requeue`."""
    number: str = ""
    """Whom the agent's leg dials, for `outside`; ends in `OutsideAnswered` or `OutsideFailed`."""


class StopRinging(Order, frozen=True):
    """Take the offer back; ends in `LegEnded`."""

    offer: OfferId
    reason: str


class HangUpAgent(Order, frozen=True):
    """Hang up the agent's leg of a call in progress; ends in `LegEnded`."""

    offer: OfferId
    reason: str


# -- to a supervisor's phone --


class Spy(Order, frozen=True):
    """Ring a supervisor's phone; the dialplan lets it into the agent's talk when it is answered.

    Always ends in `LegEnded` of `spy`; before it `AgentRinging`, `AgentAnswered` may come, and
    `CallBridged` where the supervisor took the caller over."""

    spy: OfferId
    call: CallId
    offer: OfferId
    """The agent's leg."""
    phone: str
    name: str
    """The agent's, for the phone's display."""
    mode: SpyMode
    ring_for: Duration
    """How long to ring, in milliseconds."""


class ChangeSpy(Order, frozen=True):
    """The supervisor is in the talk in another way from now on; `take`: has the caller."""

    spy: OfferId
    wish: SpyWish


# -- to the CRM and the screens --


class LookUpCustomer(Order, frozen=True):
    """Find the caller; ends in `CustomerLookedUp` with the same request number, always."""

    call: CallId
    request: int
    code: str
    numbers: tuple[str, ...]
    """Spellings of the caller's number to try, best first."""
    budget: Duration
    """After this time the answer is `timeout`, in milliseconds."""


class ShowPop(Order, frozen=True):
    """Show this pop on the agent's page now."""

    pop: Pop


class UpdatePop(Order, frozen=True):
    """Replace the pop of the same id by this newer version."""

    pop: Pop


class RevokePop(Order, frozen=True):
    """Take the pop away: the call will not be this agent's."""

    pop: str
    agent: AgentId
    reason: str


class PopTimed(Order, frozen=True):
    """From `RingAgent` to the browser's acknowledgement."""

    pop: str
    agent: AgentId
    took: Duration


# -- facts for the record --


class AgentChanged(Order, frozen=True):
    """The agent is in another state; pages show it."""

    agent: AgentId
    state: str
    reason: str
    since: Instant
    until: Instant
    """When the state ends by itself (wrap-up), or 0."""
    next: str
    """The state chosen for after the call, or empty."""
    offer: OfferId
    """The offer that rings or talks, or empty."""


class AgentTimed(Order, frozen=True):
    """A stretch in a state has closed."""

    time: AgentTime


class Decided(Order, frozen=True):
    """Why a call went where it went."""

    decision: Decision


class Overflowed(Order, frozen=True):
    """A rule has moved a contact out of a queue, or kept it from joining."""

    move: Move


class CallClosed(Order, frozen=True):
    """The contact has ended; its one record."""

    record: CallRecord


class LegClosed(Order, frozen=True):
    """An agent's leg has ended; its one record."""

    record: LegRecord


class Disposed(Order, frozen=True):
    """The agent has said how a call ended."""

    disposition: Disposition


class FairnessMeasured(Order, frozen=True):
    """An hour is over; how evenly one queue's agents were loaded in it."""

    figures: Fairness


class Spied(Order, frozen=True):
    """A supervisor came into an agent's talk, changed the way of being in it, or is gone."""

    record: SpyRecord


class Denied(Order, frozen=True):
    """What somebody asked for on a page is not done; their pages say so. One of the two ids."""

    code: str
    """Stable and meant for programs; the page's own words hang on it."""
    text: str
    login: str = ""
    agent: AgentId = ""


class Repaired(Order, frozen=True):
    """Start or reconnect found a difference between our state and the PBX, and mended it."""

    subject: str
    """A call id, an offer id or a phone."""
    kind: str
    """Stable and meant for programs: `call_adopted`, `call_gone`, `talk_adopted`, …"""
    text: str


class Noticed(Order, frozen=True):
    """Something that should be looked at by a person; goes to the log and to a counter."""

    code: str
    text: str


Command = (
    Play
    | Collect
    | RecordCaller
    | HoldInQueue
    | Announce
    | Requeue
    | Divert
    | HangUpCall
    | RingAgent
    | Bring
    | StopRinging
    | HangUpAgent
    | Spy
    | ChangeSpy
    | LookUpCustomer
    | CheckPin
    | AskService
    | ShowPop
    | UpdatePop
    | RevokePop
    | PopTimed
    | AgentChanged
    | AgentTimed
    | Decided
    | Overflowed
    | CallClosed
    | LegClosed
    | Disposed
    | FairnessMeasured
    | Spied
    | Denied
    | Repaired
    | Noticed
    | OfferTask
    | TaskClosed
    | Escalated
    | AskAfter
    | SurveyAnswered
    | HoursTurned
    | FlowEnded
)
"""The closed union that an executor matches."""
