"""What the translator remembers of one agent's leg: enough to say why it ended."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from ctid.core.records import CallId, LegCause, OfferId

NO_ANSWER_CODES = ("18", "19")
"""Q.850: no user responding, no answer from user."""
BUSY_CODES = ("17",)
REJECTED_CODES = ("21",)
UNREACHABLE_CODES = ("3", "20", "27")
"""Q.850: no route, subscriber absent, destination out of order."""


class Leg(msgspec.Struct):
    """One agent leg, from `RingAgent` to its end."""

    offer: OfferId
    call: CallId
    channel: str = ""
    """The channel's name, once Asterisk has told."""
    rang: bool = False
    answered: bool = False
    bridged: bool = False
    caller_gone: bool = False
    """The dialplan found nobody to bridge with."""
    stopped: bool = False
    """We asked for the end."""


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
    return "no_answer" if leg.rang or code in NO_ANSWER_CODES else "failed"


ORIGINATE_REASONS: Mapping[str, LegCause] = {"3": "no_answer", "0": "unreachable"}


def cause_of_failure(leg: Leg, reason: str) -> LegCause:
    """Why the leg ended, from the `Reason` of a failed OriginateResponse."""
    # Asterisk puts the number of a control frame there: 3 ringing, 5 busy, 0 no channel at all.
    if reason == "5":
        return "busy"
    if leg.stopped:
        return "hangup"
    return ORIGINATE_REASONS.get(reason, "failed")
