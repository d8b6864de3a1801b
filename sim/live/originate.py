"""The Originate action: ring an agent's phone, then run its leg through the dialplan."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Coroutine
from typing import Any

import msgspec

from sim.live.ami import AmiConnection, AmiSettings, action_id
from sim.live.channels import NO_ANSWER, UP, Exchange, Place
from sim.live.dialplan import Dialplan
from sim.live.phones import (
    REASON_ANSWERED,
    REASON_FAILED,
    REASON_RINGING,
    Phones,
    ring_phone,
)
from sim.live.wire import Action, escape_c

_BEFORE_ANSWER = Place("from-phones", "s")
"""The endpoint's own context: where a leg is until it is answered."""
_CALLER_ID = re.compile(r'\s*"?(?P<name>.*?)"?\s*<(?P<number>[^<>]*)>\s*')


class Office(msgspec.Struct):
    """What the manager's actions work on."""

    exchange: Exchange
    phones: Phones
    dialplan: Dialplan
    ami: AmiSettings
    spawn: Callable[[Coroutine[Any, Any, None]], object]
    draw: random.Random
    started_at: float
    """Unix time at which this PBX came up."""
    globals: dict[str, str]


class _Request(msgspec.Struct, frozen=True):
    endpoint: str
    place: Place
    unique_id: str
    timeout: float
    number: str
    name: str
    variables: tuple[tuple[str, str], ...]


def originate(office: Office, connection: AmiConnection, action: Action) -> None:
    """Start the call. Async: answered at once, and OriginateResponse tells how it went."""
    fault = _fault(office, action)
    if fault:
        connection.error(action, fault)
        return
    request = _request(action)
    asynchronous = action.get("Async").lower() in ("true", "yes", "1", "on")
    if asynchronous:
        connection.ack(action, "Originate successfully queued")
    office.spawn(_run(office, connection, action, request, asynchronous))


def _fault(office: Office, action: Action) -> str:
    if not action.get("Channel"):
        return "Channel not specified"
    if "/" not in action.get("Channel"):
        return "Invalid channel"
    if action.get("Application"):
        return "Originate failed: the pretend Asterisk runs dialplan places only"
    if not (action.get("Exten") and action.get("Context") and action.get("Priority")):
        return "Originate with 'Exten' requires 'Context' and 'Priority'"
    if not office.dialplan.has(Place(action.get("Context"), action.get("Exten"))):
        return "Extension does not exist."
    timeout = action.get("Timeout", "30000")
    return "" if timeout.isascii() and timeout.isdigit() else "Invalid timeout"


def _request(action: Action) -> _Request:
    caller_id = action.get("CallerID")
    match = _CALLER_ID.fullmatch(caller_id)
    name, number = (match["name"], match["number"]) if match else ("", caller_id)
    pairs = (pair for line in action.all("Variable") for pair in line.split(","))
    return _Request(
        endpoint=action.get("Channel"),
        place=Place(action.get("Context"), action.get("Exten")),
        unique_id=action.get("ChannelId"),
        timeout=int(action.get("Timeout", "30000")) / 1000,
        number=number,
        name=name,
        variables=tuple((n.lstrip("_"), v) for n, _, v in (p.partition("=") for p in pairs) if n),
    )


async def _run(
    office: Office,
    connection: AmiConnection,
    action: Action,
    request: _Request,
    asynchronous: bool,
) -> None:
    exchange = office.exchange
    phone = office.phones.get(request.endpoint)
    taken = bool(request.unique_id) and request.unique_id in exchange.channels

    def tell(reason: int, channel: str, unique_id: str) -> None:
        good = reason == REASON_ANSWERED
        if not asynchronous:
            answer = connection.ack if good else connection.error
            answer(action, "Originate successfully queued" if good else "Originate failed")
            return
        exchange.emit("call", "OriginateResponse", [
            *action_id(action), ("Response", "Success" if good else "Failure"),
            ("Channel", channel), ("Context", request.place.context),
            ("Exten", request.place.exten), ("Application", ""), ("Data", ""),
            ("Reason", reason), ("Uniqueid", unique_id),
            ("CallerIDNum", request.number or "<unknown>"),
            ("CallerIDName", escape_c(request.name) or "<unknown>"),
        ])  # fmt: skip

    if phone is None or not phone.reachable or taken:
        tell(REASON_FAILED, request.endpoint, request.unique_id or "<null>")
        return
    engaged = bool(phone.legs)
    leg = phone.next_leg()
    channel = exchange.new_channel(
        phone.endpoint, leg, _BEFORE_ANSWER, number=request.number, name=request.name,
        unique_id=request.unique_id,
    )  # fmt: skip
    try:
        channel.connected_number, channel.connected_name = request.number, request.name
        for name, value in request.variables:
            channel.set(name, value)
        if await ring_phone(channel, leg, engaged, request.timeout):
            if leg.response_first:
                tell(REASON_ANSWERED, channel.name, channel.unique_id)
            exchange.set_state(channel, UP)
            if not leg.response_first:
                tell(REASON_ANSWERED, channel.name, channel.unique_id)
            await office.dialplan.run(channel, request.place)
            return
        # The response comes before the leg's Hangup, and names the endpoint, not the channel.
        reason = REASON_RINGING if channel.gone == NO_ANSWER else REASON_FAILED
        tell(reason, request.endpoint, channel.unique_id)
    finally:
        exchange.destroy(channel)
