"""What Asterisk's own clock says about each call: `timestampevents` stamps, read off an AMI link.

The same for both ways of queueing: a call is a bridge of a caller, whose joining was told by the
queue's own event, and an agent's leg.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from tests.real_pbx.lab.ami_link import Message

JOINED = {"QueueCallerJoin": "", "UserEvent": "CtidWaiting"}
"""Event → its UserEvent name: the caller waits from here on, with app_queue and with ctid."""
WANTED = ("Newchannel", "Newstate", "BridgeEnter", *JOINED)
"""Everything else is filtered out at the PBX, so that watching costs little."""


class Timings(msgspec.Struct, frozen=True):
    """Milliseconds of every call that was bridged."""

    joined_to_created: tuple[float, ...]
    """Caller joins the queue → the agent's channel is made."""
    answered_to_bridged: tuple[float, ...]
    """Agent's phone answers → both are in the bridge."""
    joined: int
    """Callers who joined the queue."""
    created_at: dict[str, float]
    """Agent's leg → unix time in seconds at which it was made."""


def timings(messages: Iterable[Message]) -> Timings:
    """The timings of all calls in one run's messages."""
    joined: dict[str, float] = {}
    created: dict[str, float] = {}
    answered: dict[str, float] = {}
    bridges: dict[str, dict[str, float]] = {}
    for message in messages:
        channel = message.get("Uniqueid", "")
        match message.event:
            case "Newchannel":
                created[channel] = _at(message)
            case "Newstate" if message["ChannelStateDesc"] == "Up":
                answered.setdefault(channel, _at(message))
            case "BridgeEnter":
                bridges.setdefault(message["BridgeUniqueid"], {})[channel] = _at(message)
            case name if name in JOINED and message.get("UserEvent", "") == JOINED[name]:
                joined[channel] = _at(message)
    to_created, to_bridged, legs = [], [], {}
    for entered in bridges.values():
        callers = [c for c in entered if c in joined]
        others = [c for c in entered if c in created and c not in joined]
        if len(callers) == len(others) == 1:
            (caller,), (leg,) = callers, others
            to_created.append((created[leg] - joined[caller]) * 1e3)
            to_bridged.append((max(entered.values()) - answered[leg]) * 1e3)
            legs[leg] = created[leg]
    return Timings(tuple(to_created), tuple(to_bridged), len(joined), legs)


def _at(message: Message) -> float:
    return float(message["Timestamp"])
