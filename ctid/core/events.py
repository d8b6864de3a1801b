"""Every fact that may enter the machine. Frozen, so that the journal can hold them as they are.

Where it says "asked", a person wants it and the machine may refuse; everything else has happened.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from ctid.core.callbacks import CallbackAgreed, CallbackCancelAsked, CustomerDialled
from ctid.core.identity import PinChecked
from ctid.core.instants import Duration, WallMs
from ctid.core.opening import HoursSwitched
from ctid.core.recording import CallerRecorded
from ctid.core.records import (
    AgentId,
    CallId,
    ChannelFact,
    CustomerCard,
    DivertPlace,
    LegCause,
    LookUpStatus,
    OfferId,
    PhoneFact,
    PhoneState,
    QueueId,
    TalkWish,
    TransferKind,
)
from ctid.core.services import ServiceAnswered
from ctid.core.supervision import SpyWish, Supervisor
from ctid.core.tasks import TaskAccepted, TaskCancelled, TaskDone, TaskRejected, TaskSubmitted


class Fact(msgspec.Struct, frozen=True, tag=True, gc=False):
    """Common shape of all events; the tag is the class's name."""


# -- the process and its clock --


class Started(Fact, frozen=True):
    """A driver began (again) to feed this machine. Offers are frozen until the inventory is in."""

    boot: str
    """Unique per start; offer ids begin with it."""
    wall_at_zero: WallMs


class WallClockAdjusted(Fact, frozen=True):
    """The wall clock moved against the monotonic axis (NTP, an operator, a leap)."""

    wall_at_zero: WallMs


class Reloaded(Fact, frozen=True):
    """The machine runs on other settings from here on; its state is that of before."""


# -- the PBX --


class LinkLost(Fact, frozen=True):
    """The AMI link is down: from now on facts are missing, so offers freeze."""

    reason: str


class Inventory(Fact, frozen=True):
    """The link is up and this is all that lives at the PBX; what it lacks has ended unseen."""

    restarted: bool
    """The PBX itself restarted since the machine last saw it: every older call is over."""
    channels: tuple[ChannelFact, ...]
    phones: tuple[PhoneFact, ...]


class CallArrived(Fact, frozen=True):
    """A caller was handed to us over FastAGI and waits for the first step of a flow."""

    call: CallId
    channel: str
    number: str
    name: str
    dialled: str
    after: Literal["", "survey"] = ""
    """`survey`: the agent has hung up, and the dialplan brings the caller to be asked."""


class PromptsPlayed(Fact, frozen=True):
    """The prompts of the last `Play` were heard to the end."""

    call: CallId


class DigitsCollected(Fact, frozen=True):
    """The last `Collect` ended."""

    call: CallId
    digits: str
    """As keyed; after a secret question an x for each figure."""
    ended: Literal["full", "terminator", "timeout"]
    spoken: bool = False
    """The caller has spoken, and has pressed no key."""
    said: str = ""
    """A phrase or figures of the question's grammar; empty: nothing that may be said."""
    sure: int = 0
    """0 to 100: how sure the recogniser is of that."""


class IvrLost(Fact, frozen=True):
    """The IVR conversation broke although the caller may live on; the dialplan falls back."""

    call: CallId
    reason: str


class CallWaiting(Fact, frozen=True):
    """The PBX itself holds the caller now, with music: the contact may be offered to agents."""

    call: CallId
    channel: str
    queue: QueueId
    since: WallMs
    """When the wait began, as the dialplan stamped it."""
    number: str = ""
    name: str = ""
    dialled: str = ""
    code: str = ""
    language: str = ""
    moves: int = 0
    """The number of the last move that the PBX knows of: a lower one than ours is an old fact."""


class Announced(Fact, frozen=True):
    """The caller heard the last `Announce` to its end, and hears music again."""

    call: CallId


class KeyPressed(Fact, frozen=True):
    """A caller in the PBX's queue has pressed a key."""

    call: CallId
    key: str
    """One of `0123456789*#`."""


class CallEnded(Fact, frozen=True):
    """The caller's channel is gone."""

    call: CallId
    cause: str


class CallDiverted(Fact, frozen=True):
    """The caller is at the place that a `Divert` named."""

    call: CallId
    place: DivertPlace
    moves: int


class RecordingStored(Fact, frozen=True):
    """The caller has left a message, and the PBX has stored it."""

    call: CallId
    file: str
    """Path at the PBX."""
    length: Duration
    """In milliseconds."""


class ExternalAnswered(Fact, frozen=True):
    """The number outside that the caller was sent to has answered."""

    call: CallId


class AgentRinging(Fact, frozen=True):
    """The agent's phone rings for this offer."""

    offer: OfferId


class AgentAnswered(Fact, frozen=True):
    """The agent's phone was picked up; the dialplan bridges it by itself."""

    offer: OfferId


class CallBridged(Fact, frozen=True):
    """The agent and the caller of this offer hear each other."""

    offer: OfferId


class CallHeld(Fact, frozen=True):
    """The caller whom an agent has put aside hears music."""

    call: CallId
    moves: int
    """Number of the `Bring` that did it."""


class OutsideAnswered(Fact, frozen=True):
    """The number that an agent asks first has answered."""

    offer: OfferId
    """The agent's leg."""
    leg: OfferId
    """The line to that number, in the PBX's own name for it."""


class OutsideFailed(Fact, frozen=True):
    """The number that an agent asks first has not answered."""

    offer: OfferId
    cause: LegCause


class ConsultBridged(Fact, frozen=True):
    """The colleague of this offer and the agent who asks hear each other."""

    offer: OfferId


class LegEnded(Fact, frozen=True):
    """The agent's leg of this offer is gone, or could not be made."""

    offer: OfferId
    cause: LegCause


class PhoneChanged(Fact, frozen=True):
    """The PBX reports another state of an agent's phone."""

    phone: str
    state: PhoneState


# -- agents --


class SignInAsked(Fact, frozen=True):
    """The agent signed in; lands in Not ready."""

    agent: AgentId


class SignOutAsked(Fact, frozen=True):
    agent: AgentId


class ReadyAsked(Fact, frozen=True):
    """The agent wants calls; during a call or wrap-up it is the next state."""

    agent: AgentId


class BreakAsked(Fact, frozen=True):
    """The agent wants no calls; during a call or wrap-up it is the next state."""

    agent: AgentId
    reason: str


class WrapUpDone(Fact, frozen=True):
    """The agent ends wrap-up before its time is over."""

    agent: AgentId


class ExtendWrapUpAsked(Fact, frozen=True):
    """The agent needs more time for wrap-up."""

    agent: AgentId


class DispositionGiven(Fact, frozen=True):
    """The agent says how this call ended; where the queue waits for it, wrap-up is over."""

    agent: AgentId
    call: CallId
    code: str


class TransferAsked(Fact, frozen=True):
    """The agent sends the caller of this call on, without a word to whoever comes next."""

    agent: AgentId
    call: CallId
    kind: TransferKind
    target: str
    """A queue, an agent, or a number outside that the settings allow."""
    note: str = ""
    """For the next agent's screen."""


class ConsultAsked(Fact, frozen=True):
    """The agent wants to ask a colleague, with the caller on hold; the caller may be handed over
    then."""

    agent: AgentId
    call: CallId
    kind: TransferKind
    target: str
    """An agent, or a queue whose next agent is asked."""
    note: str = ""
    """For the colleague's screen."""


class TalkAsked(Fact, frozen=True):
    """The agent wants the caller put aside or brought back, or the colleague in or out."""

    agent: AgentId
    call: CallId
    wish: TalkWish


class HangUpAsked(Fact, frozen=True):
    """The agent presses "hang up" on the page."""

    agent: AgentId


class ScreenLost(Fact, frozen=True):
    """No page of this agent has answered for the set time."""

    agent: AgentId


class ScreenBack(Fact, frozen=True):
    """A page of this agent is connected again."""

    agent: AgentId


class PullAsked(Fact, frozen=True):
    """The agent wants this caller, who waits, and no other."""

    agent: AgentId
    call: CallId


# -- supervisors --


class AssignAsked(Fact, frozen=True):
    """A supervisor wants this caller, who waits, to go to that agent now."""

    by: Supervisor
    call: CallId
    agent: AgentId


class SpyAsked(Fact, frozen=True):
    """A supervisor wants to be in this agent's talk, or to be in it in another way."""

    by: Supervisor
    agent: AgentId
    wish: SpyWish


class SpyStopAsked(Fact, frozen=True):
    """A supervisor wants to be in no talk any more."""

    by: Supervisor


class PopAcknowledged(Fact, frozen=True):
    """The agent's browser has drawn the pop."""

    agent: AgentId
    pop: str


# -- the CRM --


class CustomerLookedUp(Fact, frozen=True):
    """The answer to a `LookUpCustomer`, whatever it is; a silent CRM is an answer too."""

    call: CallId
    request: int
    status: LookUpStatus
    customers: tuple[CustomerCard, ...]


Event = (
    Started
    | WallClockAdjusted
    | Reloaded
    | LinkLost
    | Inventory
    | CallArrived
    | PromptsPlayed
    | DigitsCollected
    | IvrLost
    | CallWaiting
    | Announced
    | KeyPressed
    | CallbackAgreed
    | CustomerDialled
    | CallbackCancelAsked
    | CallerRecorded
    | CallEnded
    | CallDiverted
    | RecordingStored
    | ExternalAnswered
    | AgentRinging
    | AgentAnswered
    | CallBridged
    | CallHeld
    | ConsultBridged
    | OutsideAnswered
    | OutsideFailed
    | LegEnded
    | PhoneChanged
    | SignInAsked
    | SignOutAsked
    | ReadyAsked
    | BreakAsked
    | WrapUpDone
    | ExtendWrapUpAsked
    | DispositionGiven
    | HangUpAsked
    | TransferAsked
    | ConsultAsked
    | TalkAsked
    | ScreenLost
    | ScreenBack
    | PullAsked
    | AssignAsked
    | SpyAsked
    | SpyStopAsked
    | HoursSwitched
    | PopAcknowledged
    | CustomerLookedUp
    | PinChecked
    | ServiceAnswered
    | TaskSubmitted
    | TaskCancelled
    | TaskAccepted
    | TaskRejected
    | TaskDone
)
"""The closed union that `Centre.handle` takes."""

Surroundings = Started | WallClockAdjusted | Reloaded | LinkLost | Inventory
"""Events of the process, its clock and its settings, and of the PBX as a whole."""

AgentEvent = (
    SignInAsked
    | SignOutAsked
    | ReadyAsked
    | BreakAsked
    | WrapUpDone
    | ExtendWrapUpAsked
    | DispositionGiven
    | HangUpAsked
    | TransferAsked
    | ConsultAsked
    | TalkAsked
    | PullAsked
    | ScreenLost
    | ScreenBack
    | TaskAccepted
    | TaskRejected
    | TaskDone
)
"""Events that one agent or their page caused."""
