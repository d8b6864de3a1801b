"""What the translator remembers of one agent's leg: enough to say why it ended."""

from __future__ import annotations

import msgspec

from ctid.core.records import LegCause, OfferId

NO_SIGN_CODES = ("18", "19")
"""Q.850: no user responding, no answer from user."""
BUSY_CODES = ("17",)
REJECTED_CODES = ("21",)
UNREACHABLE_CODES = ("3", "20", "27")
"""Q.850: no route, subscriber absent, destination out of order."""


class Leg(msgspec.Struct):
    """One agent leg, from `RingAgent` to its end."""

    offer: OfferId
    channel: str = ""
    """The channel's name, once Asterisk has told."""
    rang: bool = False
    answered: bool = False
    bridged: bool = False
    caller_gone: bool = False
    """The dialplan found nobody to bridge with."""
    stopped: bool = False
    """We asked for the end."""
    aside: OfferId = ""
    """The leg of the agent who asks this one."""


def cause_of(leg: Leg, code: str) -> LegCause:
    """Why the leg ended, from the Q.850 code of its Hangup event."""
    if leg.bridged:
        return "hangup"
    if leg.caller_gone:
        return "caller_gone"
    if leg.answered:
        return "hangup"
    if code in BUSY_CODES:
        return "busy"
    if code in REJECTED_CODES:
        return "rejected"
    if code in UNREACHABLE_CODES:
        return "unreachable"
    if leg.stopped:
        return "hangup"
    if leg.rang:
        return "no_answer"
    # Rung for the whole time without a sign of life: the cable is out, the PBX has not noticed yet.
    return "unreachable" if code in NO_SIGN_CODES else "failed"
