"""Frozen records that travel inside events and commands: cards, pops, decisions, call records."""

from __future__ import annotations

from typing import Literal

import msgspec

from ctid.core.instants import Duration, Instant, WallMs

CallId = str
"""Unique id of the caller's channel at the PBX (Asterisk: `Uniqueid`)."""
OfferId = str
"""Id of one ringing of one agent for one call; also the agent leg's channel id at the PBX."""
AgentId = str
QueueId = str

PhoneState = Literal["idle", "ringing", "in_use", "unreachable"]
"""What the PBX says of an agent's phone. `in_use` without a call of ours is a private call."""

LegCause = Literal[
    "no_answer", "busy", "rejected", "unreachable", "caller_gone", "hangup", "failed", "unknown",
    "done", "returned",
]  # fmt: skip
"""Why an agent's leg ended. `unknown`: the link was cut and nobody saw the end; `done` and
`returned` (to its queue) are of tasks that an agent had in hand."""

Outcome = Literal[
    "answered",  # an agent and the caller were bridged
    "abandoned",  # the caller left while waiting or ringing
    "ivr_hangup",  # the caller left inside the menu
    "ivr_ended",  # the flow ended the call (closed, contained)
    "turned_away",  # an overflow rule ended the call
    "voicemail",  # the caller left a message
    "overflowed",  # somebody outside talked to the caller
    "message",  # the caller was told something, and that was all
    "callback",  # the caller hung up to be called back
    "not_reached",  # an attempt to call back: the customer did not answer
    "cancelled",  # a callback that was given up without an attempt; the cause says why
    "pbx_restart",  # the PBX died with the call up
]
"""The one terminal outcome of a call."""


DivertPlace = Literal["voicemail", "external", "message", "callback", "menu"]
"""Where an overflow rule may send a caller within the PBX, besides another queue."""


TransferKind = Literal["queue", "agent", "number"]
"""To whom an agent sends a caller on."""


TalkWish = Literal["hold", "resume", "toggle", "conference", "complete", "cancel"]
"""What an agent may want of the caller put aside and the colleague who is asked."""

Bringing = Literal["hold", "caller", "colleague", "outside", "all", "join", "second", "alone"]
"""Whom an agent's leg is brought together with: nobody, the caller (again), the colleague who is
asked, a number outside, both; the colleague joins the agent and the caller; the colleague has the
caller alone; `alone`: nobody moves, and the end of this talk is the end of the call again."""


class Handed(msgspec.Struct, frozen=True):
    """What travels with a caller whom an agent has sent on."""

    by: AgentId
    name: str
    """That agent's name."""
    kind: TransferKind
    target: str
    note: str
    """What the agent wrote for whoever comes next, or empty."""
    at: WallMs


class Complaint(msgspec.Struct, frozen=True):
    """An open complaint, as the card shows it."""

    id: str
    opened_at: WallMs
    text: str


class PastContact(msgspec.Struct, frozen=True):
    """One line of the customer's history."""

    at: WallMs
    channel: str
    summary: str
    agent: str = ""


class CustomerCard(msgspec.Struct, frozen=True):
    """What the agent sees of one customer; a copy of the CRM's facts at look-up time."""

    id: str
    code: str
    name: str
    name_latin: str = ""
    company: str = ""
    numbers: tuple[str, ...] = ()
    """E.164, the first is the main one."""
    email: str = ""
    language: str = ""
    grade: str = ""
    """A (best) to E."""
    vip: bool = False
    segment: str = ""
    """What kind of customer, in the CRM's own words."""
    order_value: int = 0
    """What the customer's orders are worth, in whole units of the CRM's currency."""
    open_complaints: tuple[Complaint, ...] = ()
    last_contacts: tuple[PastContact, ...] = ()
    """Newest first."""


LookUpStatus = Literal["pending", "found", "none", "many", "unavailable", "timeout"]

Identity = Literal["verified", "claimed", "unknown"]
"""Who the caller is: the PIN of the customer code was right; there is a code, or a number that the
CRM knows, which nothing proves; neither."""


class Pop(msgspec.Struct, frozen=True):
    """The screen pop: one per offer, shown on the agent's page while the phone rings.

    Version 1 of the published payload: the same to the browser and to other programs.
    """

    id: str
    """Equal to the offer's id: a pop lives and dies with its offer."""
    version: int
    """Rises by one with each update of the same pop; a page ignores an older one."""
    call: CallId
    agent: AgentId
    queue: QueueId
    number: str
    """E.164 where it could be read, else what the caller sent, stripped; empty when hidden."""
    number_kind: str
    """e164, internal, hidden or unknown."""
    region: str
    """ISO 3166 two-letter code of the number's country, or empty."""
    caller_name: str
    code: str
    """The customer code that the caller keyed in, or empty."""
    language: str
    path: tuple[str, ...]
    """Steps of the flow that the caller walked, in order."""
    waited: Duration
    """From joining the queue to this offer, in milliseconds."""
    status: LookUpStatus
    matched_by: Literal["code", "number", ""]
    customers: tuple[CustomerCard, ...]
    shown_at: Instant
    reason: str
    """Why this agent got this call."""
    handed: Handed | None = None
    """Who sent the caller on, where an agent did."""
    attempt: int = 0
    """Of a callback, from 1: the customer is dialled when the agent has picked up. 0: the caller is
    on the line."""
    identity: Identity = "unknown"
    """Verified is of `code`, whichever customer the card shows."""
    recordings: tuple[Recorded, ...] = ()
    """What the caller said in the menus, in order."""


class Decision(msgspec.Struct, frozen=True):
    """One routing decision, enough to answer "why this agent?" afterwards."""

    call: CallId
    offer: OfferId
    queue: QueueId
    agent: AgentId
    strategy: str
    reason: str
    waited: Duration
    """Since the caller joined the queue, in milliseconds."""
    available: int
    """How many agents could have taken it."""
    waiting: int
    """How many callers waited in the queue, this one included."""
    at: WallMs


class Move(msgspec.Struct, frozen=True):
    """One move of a contact by an overflow rule."""

    call: CallId
    queue: QueueId
    """The queue whose rule it was."""
    to: str
    """`queue:support`, `external:+49301234`, `voicemail`, `message` or `hang_up`."""
    rule: int
    """The rule's place in the queue's list, from 1."""
    kind: str
    """What it counts as: `closed`, `no_agent`, `full`, `timed_out` or `by_key`."""
    reason: str
    """Why the rule held, for people."""
    waited: Duration
    """Over all queues so far, in milliseconds."""
    at: WallMs


class Recorded(msgspec.Struct, frozen=True):
    """What a caller has said after a tone in a menu."""

    step: str
    """The step of the flow, as in the path."""
    file: str
    """Path at the PBX."""
    length: Duration
    link: str
    """Where it can be heard; empty where the flow names no such place."""


class CallRecord(msgspec.Struct, frozen=True):
    """One line per contact, written when it has ended. Times are wall milliseconds, 0 = never."""

    call: CallId
    number: str
    dialled: str
    language: str
    code: str
    queue: QueueId
    agent: AgentId
    customer: str
    """The CRM's id when exactly one customer matched."""
    path: tuple[str, ...]
    arrived_at: WallMs
    queued_at: WallMs
    answered_at: WallMs
    ended_at: WallMs
    waited: Duration
    """From joining the queue to the bridge, or to the end when never answered; with the waits after
    transfers."""
    talked: Duration
    """With everybody whom the caller talked to."""
    offers: int
    """How many times an agent's phone was rung for it."""
    outcome: Outcome
    cause: str
    """The PBX's hang-up cause of the caller's leg."""
    recording: str = ""
    """Path at the PBX of the message that the caller left, or empty."""
    recorded: Duration = 0
    """Its length, in milliseconds."""
    held: Duration = 0
    """Of `talked`, on hold."""
    survey: tuple[str, ...] = ()
    """What the caller answered after the talk, in order: `service=4`, `solved=yes`."""
    identity: Identity | Literal[""] = ""
    """At the call's end; empty in records of before ctid kept it."""
    recordings: tuple[Recorded, ...] = ()
    """What the caller said in the menus, in order."""


class LegRecord(msgspec.Struct, frozen=True):
    """One line per agent leg. Times are wall milliseconds, 0 = never."""

    offer: OfferId
    call: CallId
    queue: QueueId
    agent: AgentId
    started_at: WallMs
    answered_at: WallMs
    bridged_at: WallMs
    ended_at: WallMs
    cause: LegCause
    held: Duration = 0
    """From the first talk to the end, without the caller: on hold, or only a colleague asked."""


class AgentTime(msgspec.Struct, frozen=True):
    """A closed stretch of one agent's time in one state; stretches add up to the session."""

    agent: AgentId
    state: str
    reason: str
    began_at: WallMs
    ended_at: WallMs


class Disposition(msgspec.Struct, frozen=True):
    """What an agent said about how a call ended; of several for one leg the last counts."""

    offer: OfferId
    call: CallId
    queue: QueueId
    agent: AgentId
    code: str
    at: WallMs


class ChannelFact(msgspec.Struct, frozen=True):
    """One live channel in the PBX's inventory that carries our variables."""

    channel: str
    """The channel's name at the PBX."""
    id: str
    """Its unique id: a call id for a caller, an offer id for an agent's leg."""
    role: Literal["caller", "agent", "spy"]
    """`spy`: a supervisor's phone in an agent's talk."""
    place: Literal["ivr", "queue", "held", "talking", "ringing", "other"]
    call: CallId = ""
    """For an agent's leg: the caller whose call this is."""
    queue: QueueId = ""
    since: WallMs = 0
    """Since when the caller waits, wall milliseconds, as the dialplan stamped it."""
    number: str = ""
    name: str = ""
    dialled: str = ""
    code: str = ""
    language: str = ""
    phone: str = ""
    """For an agent's leg: the phone it rings, `PJSIP/1001`."""
    bridge: str = ""
    """The bridge that it is in, or empty: channels in the same one hear each other."""


class PhoneFact(msgspec.Struct, frozen=True):
    """The state of one agent phone in the inventory."""

    phone: str
    state: PhoneState
