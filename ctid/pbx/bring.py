"""Holds and consults at a real Asterisk: the actions that bring legs and a caller together.

Two channels that leave one bridge are redirected by one action: if one went first, the other's
dialplan would go on as after the end of a talk.
"""

from __future__ import annotations

from typing import assert_never

from ctid.core.commands import Bring
from ctid.core.events import CallHeld, Event, OutsideAnswered, OutsideFailed
from ctid.core.records import LegCause, OfferId
from ctid.core.text import clean, whole
from ctid.pbx.ami.codec import AmiMessage
from ctid.pbx.divert import Actions, Headers, set_variables
from ctid.pbx.offers import Leg

AGENT_CONTEXT, CONSULT_CONTEXT, HOLD_CONTEXT = "ctid-agent", "ctid-consult", "ctid-hold"
_CAUSES: dict[str, LegCause] = {
    "NOANSWER": "no_answer", "BUSY": "busy", "CHANUNAVAIL": "unreachable",
    "CONGESTION": "unreachable", "": "unreachable", "INVALIDARGS": "failed",
}  # fmt: skip
"""Of DIALSTATUS; empty where there is no trunk. After ANSWER the line's own end tells."""


def brought(command: Bring, caller: str, first: Leg | None, second: Leg | None) -> Actions:
    """The actions. Nothing where a channel is gone that it would take: the end of a leg or of the
    caller is told by itself."""
    one = first.channel if first else ""
    # A phone that still rings has no place in the dialplan to be taken from.
    other = second.channel if second and second.answered else ""
    match command.to:
        case "hold":
            return _aside(command, caller, one, "away")
        case "caller":
            # Should the agent hang up, the colleague who waits gets the caller.
            latch = [("CTID_THEN", HOLD_CONTEXT if other else "")]
            moves = _move([(one, "caller"), (other, "away")])
            return [*(set_variables(caller, latch) if caller else []), *moves] if one else []
        case "colleague":
            aside = _aside(command, caller, one, "colleague") if other else []
            return [*set_variables(one, [("CTID_OTHER", other)]), *aside] if aside else []
        case "outside":
            told = set_variables(one, [("CTID_NUMBER", command.number)]) if one else []
            return [*told, *_move([(one, "outside")])]
        case "all":
            return [*_has(other, caller), *_move([(one, "caller"), (other, "join")])]
        case "join":
            return [*_has(other, caller), *_move([(other, "join")])]
        case "second":
            return [*_has(other, caller), *_move([(other, "caller")])]
        case "alone":
            return set_variables(caller, [("CTID_THEN", "")]) if caller else []
        case _:
            assert_never(command.to)


def facts(m: AmiMessage, legs: dict[OfferId, Leg]) -> list[Event]:
    """What our own dialplan says of holds and consults. A line to a number outside is a leg from
    its answer on."""
    unique, offer = m.get("Uniqueid"), clean(m.get("Offer"))
    match m.get("UserEvent"):
        case "CtidHeld":
            return [CallHeld(unique, whole(m.get("Moves")))]
        case "CtidAsked" if offer in legs:
            legs[unique] = Leg(unique, m.get("Channel"), rang=True, answered=True, aside=offer)
            return [OutsideAnswered(offer, unique)]
        case "CtidNotAsked" if (cause := _CAUSES.get(m.get("Result"))) is not None:
            return [OutsideFailed(offer, cause)]
        case _:
            return []


def _aside(command: Bring, caller: str, leg: str, exten: str) -> Actions:
    """The caller to the music, the agent's leg elsewhere."""
    if not caller or not leg:
        return []
    pairs = [("CTID_MOH", command.music), ("CTID_MOVES", str(command.moves))]
    hold = [("Channel", caller), ("Context", HOLD_CONTEXT), ("Exten", "s"), ("Priority", "1")]
    extra = [
        ("ExtraChannel", leg), ("ExtraContext", AGENT_CONTEXT), ("ExtraExten", exten),
        ("ExtraPriority", "1"),
    ]  # fmt: skip
    return [*set_variables(caller, pairs), ("Redirect", [*hold, *extra])]


def _has(leg: str, caller: str) -> Actions:
    """The colleague's leg may take the caller from here on."""
    return set_variables(leg, [("CTID_CALLER", caller)]) if leg and caller else []


def _move(moves: list[tuple[str, str]]) -> Actions:
    """One or two legs, in one action."""
    headers: Headers = []
    for (channel, exten), extra in zip([m for m in moves if m[0]], ("", "Extra"), strict=False):
        headers += [
            (f"{extra}Channel", channel), (f"{extra}Context", AGENT_CONTEXT),
            (f"{extra}Exten", exten), (f"{extra}Priority", "1"),
        ]  # fmt: skip
    return [("Redirect", headers)] if headers else []
