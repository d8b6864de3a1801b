"""The things of the pretend world that have a state: callers, agents' legs, phones."""

from __future__ import annotations

from random import Random
from typing import Literal

import msgspec

from ctid.core.instants import Instant, WallMs
from ctid.core.records import CustomerCard, PhoneState


class Caller(msgspec.Struct):
    """One caller's channel, from the trunk to its end."""

    call: str
    channel: str
    stream: Random
    place: Literal["ivr", "queue", "held", "talking", "away", "dialled", "other"] = "ivr"
    """`away`: where an overflow rule sent the caller. `dialled`: a customer whose phone rings.
    `other`: gone."""
    moves: int = 0
    """Number of the last move that the machine ordered."""
    number: str = ""
    name: str = ""
    dialled: str = ""
    queue: str = ""
    code: str = ""
    language: str = ""
    since: WallMs = 0
    """When the wait began."""
    leg: str = ""
    """The offer whose leg the caller talks to."""
    latched: bool = False
    """Stays when the agent hangs up: a colleague waits."""
    heard: tuple[tuple[str, ...], ...] = ()
    """Announcements in the queue, in order."""
    customer: CustomerCard | None = None
    """Who it really is."""
    called_back: bool = False
    """We have dialled this line."""


class Phone(msgspec.Struct):
    """One agent with their phone."""

    agent: str
    name: str
    stream: Random
    state: PhoneState = "unreachable"
    """`in_use` without a leg is a private call."""


class Leg(msgspec.Struct):
    """One agent's leg, from ringing to its end."""

    offer: str
    call: str
    phone: Phone
    state: Literal["ringing", "answered", "talking", "aside", "away", "dialling", "gone"] = (
        "ringing"
    )
    """`aside`: with the colleague's leg, or that of the one who asks; `away`: in silence."""
    aside: str = ""
    """The leg of the agent who asks this one."""
    away_since: Instant = 0
