"""Callbacks: a caller has hung up, and the customer is dialled when it is their turn.

What is told of them, what travels with an order to ring, and what pages see. The facts are members
of the union in `ctid.core.events`.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from ctid.core.instants import Duration, Instant
from ctid.core.records import AgentId, CallId, QueueId
from ctid.core.supervision import Supervisor

CallbackId = str
"""The id of the call in which it was asked for."""

CallbackState = Literal["waiting", "ringing", "resting", "talking"]
"""In line; an agent's phone rings for it, or the customer's does; until the next attempt, or until
the hours begin; the customer was reached."""


class Dial(msgspec.Struct, frozen=True):
    """Whom the PBX dials once the agent has picked up."""

    number: str
    """Digits, with + in front or not."""
    shown: str
    """The number that the customer sees: the one that was dialled back then. May be empty."""
    ring_for: Duration
    """How long the customer's phone may ring, in milliseconds."""
    music: str
    code: str
    language: str
    moves: int = 0
    """Of the call that the customer's line becomes, as in `Requeue`."""


class CallbackAgreed(msgspec.Struct, frozen=True, tag=True, gc=False):
    """A caller wants to be called back, has confirmed it, and is about to hear so."""

    call: CallId
    moves: int


class CustomerDialled(msgspec.Struct, frozen=True, tag=True, gc=False):
    """The PBX dials the customer; from here on this is the call's channel."""

    call: CallId
    channel: str


class CallbackCancelAsked(msgspec.Struct, frozen=True, tag=True, gc=False):
    """A supervisor wants this callback given up."""

    by: Supervisor
    callback: CallbackId


class CallbackView(msgspec.Struct, frozen=True):
    """A callback that is not over."""

    callback: CallbackId
    queue: QueueId
    number: str
    name: str
    since: Instant
    """Since when the customer waits; the place in line hangs on it."""
    state: CallbackState
    attempts: int
    """How often the customer was dialled in vain."""
    due: Instant
    """Until when it rests at least, or 0."""
    agent: AgentId
    """Whose phone rings or who talks, or empty."""
