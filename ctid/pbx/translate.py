"""From Asterisk's events to the machine's facts. Keeps what is needed to tell whose channel it is.

Facts may repeat and come late; the machine takes that (F13). What this file must never do is miss
the end of a call or a leg, or invent one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Literal

from ctid.core.callbacks import CustomerDialled
from ctid.core.events import (
    AgentAnswered,
    AgentRinging,
    Announced,
    CallEnded,
    CallWaiting,
    Event,
    KeyPressed,
    LegEnded,
    PhoneChanged,
)
from ctid.core.records import CallId, ChannelFact, OfferId, PhoneFact, PhoneState
from ctid.core.text import KEYS, clean, whole
from ctid.pbx.ami.codec import AmiMessage, unescape_c
from ctid.pbx.bridges import Bridges
from ctid.pbx.bring import facts
from ctid.pbx.dial import CUSTOMER, Customers, customer_of
from ctid.pbx.divert import SURVEY, overflow_facts
from ctid.pbx.offers import Leg, cause_of

CONTEXTS = (
    "ctid-inbound", "ctid-queue", "ctid-fallback", "ctid-after",
    "ctid-voicemail", "ctid-message", "ctid-external", "ctid-hold", "ctid-callback", "ctid-menu",
    CUSTOMER, SURVEY,
)  # fmt: skip
"""The caller's contexts in config/asterisk/extensions_ctid.conf."""
AGENT_CONTEXT = "ctid-agent"

INVENTORY_VARIABLES = (
    "CTID_STATE", "CTID_QUEUE", "CTID_SINCE", "CTID_CODE", "CTID_LANG", "CTID_DIALLED",
    "CTID_OFFER", "CTID_CALL", "CTID_SPY", "CTID_ASIDE",
)  # fmt: skip

DEVICE_STATES: dict[str, PhoneState] = {
    "NOT_INUSE": "idle",
    "INUSE": "in_use",
    "BUSY": "in_use",
    "ONHOLD": "in_use",
    "RINGING": "ringing",
    "RINGINUSE": "in_use",
    "UNAVAILABLE": "unreachable",
    "INVALID": "unreachable",
    "UNKNOWN": "unreachable",
}
"""Asterisk's device states; a phone that Asterisk knows nothing of cannot be rung."""

Place = Literal["ivr", "queue", "held", "talking", "ringing", "other"]


REMEMBERED = 2_000
"""Ids of hung-up channels kept, for a FastAGI request that arrives after the Hangup event."""


class Translator:
    """One PBX's events. `phones` are the dial strings whose states matter."""

    def __init__(self, phones: Iterable[str], on_hangup_request: Callable[[str], None]) -> None:
        self._phones = frozenset(phones)
        self.callers: dict[CallId, str] = {}
        """Live callers: unique id → channel name."""
        self.legs: dict[OfferId, Leg] = {}
        self._bridges = Bridges()
        self._fresh: dict[CallId, str] = {}
        """Callers who appeared while an inventory was being collected: it may lack them."""
        self._hung_up: dict[str, None] = {}
        self._customers = Customers()
        self._readers: dict[str, Callable[[AmiMessage], list[Event]]] = {
            "Newchannel": self._new_channel,
            "Newstate": self._new_state,
            "BridgeEnter": self._bridge_enter,
            "BridgeLeave": self._bridge_leave,
            "BridgeDestroy": self._bridge_destroy,
            "Hangup": self._hangup,
            "HangupRequest": self._hangup_request,
            "OriginateResponse": self._originate_response,
            "UserEvent": self._user_event,
            "DeviceStateChange": self._device_state,
        }
        self.on_hangup_request = on_hangup_request

    def feed(self, message: AmiMessage) -> list[Event]:
        """The facts in one event; most events hold none."""
        reader = self._readers.get(message.name)
        return [] if reader is None else reader(self._customers.by_call(message))

    def watch(self, phones: Iterable[str]) -> None:
        """These are the phones whose states matter from now on."""
        self._phones = frozenset(phones)

    def expect(self, offer: OfferId, aside: OfferId = "") -> None:
        """An agent's leg of this id is about to be made, for a caller or for that other leg."""
        self.legs[offer] = Leg(offer, aside=aside)

    def call_of(self, unique: str) -> CallId:
        """The call of a caller's channel: its own id, but for a customer whom we have dialled."""
        return self._customers.call_of(unique)

    def admit(self, call: CallId, channel: str) -> bool:
        """A caller came over FastAGI; False when that channel has hung up already."""
        if call in self._hung_up:
            return False
        self._appear(call, channel)
        return True

    def _appear(self, call: CallId, channel: str) -> None:
        self.callers[call] = self._fresh[call] = channel

    def drop_leg(self, offer: OfferId) -> Leg | None:
        """Forget a leg that has ended otherwise."""
        return self.legs.pop(offer, None)

    # -- channels --

    def _new_channel(self, m: AmiMessage) -> list[Event]:
        unique = m.get("Uniqueid")
        leg = self.legs.get(unique)
        if leg is not None:
            leg.channel = m.get("Channel")
        elif m.get("Context") in CONTEXTS:
            self._appear(unique, m.get("Channel"))
        return []

    def _new_state(self, m: AmiMessage) -> list[Event]:
        leg = self.legs.get(m.get("Uniqueid"))
        if leg is None:
            return []
        leg.channel = m.get("Channel")
        match m.get("ChannelStateDesc"):
            case "Ringing" if not leg.rang:
                leg.rang = True
                return [AgentRinging(leg.offer)]
            case "Up" if not leg.answered:
                leg.answered = True
                return [AgentAnswered(leg.offer)]
            case _:
                return []

    def _bridge_enter(self, m: AmiMessage) -> list[Event]:
        return self._bridges.enter(m.get("BridgeUniqueid"), m.get("Uniqueid"), self.legs)

    def _bridge_leave(self, m: AmiMessage) -> list[Event]:
        self._bridges.leave(m.get("BridgeUniqueid"), m.get("Uniqueid"))
        return []

    def _bridge_destroy(self, m: AmiMessage) -> list[Event]:
        self._bridges.destroy(m.get("BridgeUniqueid"))
        return []

    def _hangup(self, m: AmiMessage) -> list[Event]:
        unique = m.get("Uniqueid")
        self._remember(unique)
        leg = self.legs.pop(unique, None)
        if leg is not None:
            return [LegEnded(leg.offer, cause_of(leg, m.get("Cause")))]
        self._fresh.pop(unique, None)
        if self.callers.pop(unique, None) is None:
            return []
        return [CallEnded(unique, m.get("Cause"))]

    def _remember(self, unique: str) -> None:
        self._hung_up[unique] = None
        if len(self._hung_up) > REMEMBERED:
            del self._hung_up[next(iter(self._hung_up))]

    def _originate_response(self, m: AmiMessage) -> list[Event]:
        """A phone that is known to be unreachable gets no channel, and so no Hangup: this is all
        that is heard of it. In every other case the Hangup tells the cause."""
        leg = self.legs.get(m.get("Uniqueid"))
        if leg is None or leg.channel or m.get("Response") != "Failure":
            return []
        del self.legs[leg.offer]
        return [LegEnded(leg.offer, "hangup" if leg.stopped else "unreachable")]

    def _hangup_request(self, m: AmiMessage) -> list[Event]:
        """See `overdue`."""
        unique = m.get("Uniqueid")
        if unique in self.callers or unique in self.legs:
            self.on_hangup_request(unique)
        return []

    def overdue(self, unique: str) -> str:
        """The channel that should have hung up and lives, or empty.

        Asterisk can lose a caller's hang-up that comes while Bridge() takes the caller out of the
        queue: a HangupRequest without a Hangup, and both legs stay (docs/asterisk-facts.md).
        """
        leg = self.legs.get(unique)
        return leg.channel if leg is not None else self.callers.get(unique, "")

    # -- our own dialplan --

    def _user_event(self, m: AmiMessage) -> list[Event]:
        match m.get("UserEvent"):
            case "CtidWaiting":
                unique = m.get("Uniqueid")
                self._appear(unique, m.get("Channel"))
                return [
                    CallWaiting(
                        call=unique,
                        channel=m.get("Channel"),
                        queue=clean(m.get("Queue")),
                        since=whole(m.get("Since")),
                        number=_caller_number(m),
                        name=_caller_name(m),
                        dialled=clean(m.get("Dialled")),
                        code=clean(m.get("Code")),
                        language=clean(m.get("Lang")),
                        moves=whole(m.get("Moves")),
                    )
                ]
            case "CtidCalled":
                return self._called(m)
            case "CtidDiverted" | "CtidRecorded" | "CtidOutside" | "CtidAgreed":
                return overflow_facts(m)
            case "CtidHeld" | "CtidAsked" | "CtidNotAsked":
                return facts(m, self.legs)
            case "CtidAnnounced":
                return [Announced(m.get("Uniqueid"))]
            case "CtidKey" if m.get("Key") in tuple(KEYS):
                return [KeyPressed(m.get("Uniqueid"), m.get("Key"))]
            case "CtidBridge" if m.get("Result") != "SUCCESS":
                if (leg := self.legs.get(m.get("Uniqueid"))) is not None:
                    leg.caller_gone = True
                return []
            case _:
                return []

    def _called(self, m: AmiMessage) -> list[Event]:
        """A customer is dialled: that channel goes by the call's id from now on."""
        unique, call, channel = m.get("Uniqueid"), clean(m.get("Call")), m.get("Channel")
        if not call:
            return []
        self._customers.add(unique, call)
        for seen in (self.callers, self._fresh):
            seen.pop(unique, None)  # where the trunk's own context is one of ours
        self._appear(call, channel)
        return [CustomerDialled(call, channel)]

    def _device_state(self, m: AmiMessage) -> list[Event]:
        fact = self.phone(m)
        return [] if fact is None else [PhoneChanged(fact.phone, fact.state)]

    # -- the inventory --

    def phone(self, m: AmiMessage) -> PhoneFact | None:
        """A DeviceStateChange of one of our phones, or None."""
        device = m.get("Device")
        if device not in self._phones:
            return None
        return PhoneFact(device, DEVICE_STATES.get(m.get("State"), "unreachable"))

    def begin_inventory(self) -> None:
        """Right before the PBX is asked for its channels."""
        self._fresh = {}

    def inventory(self, channels: Sequence[AmiMessage]) -> tuple[ChannelFact, ...]:
        """The channels of a `Status` list that are ours; what is not listed is forgotten.

        Events go on while the list comes in: who hung up in the meantime is left out, and who
        appeared is put in.
        """
        facts = [fact for m in channels if (fact := _channel_fact(m)) and not self._gone(fact.id)]
        listed = {fact.id for fact in facts}
        facts += [
            ChannelFact(channel, call, "caller", "other")
            for call, channel in self._fresh.items()
            if call not in listed
        ]
        bridged = [m for m in channels if m.get("BridgeID")]
        self._bridges.restore((m.get("BridgeID"), m.get("Uniqueid")) for m in bridged)
        asking = {m.get("Uniqueid"): _variables(m).get("CTID_ASIDE", "") for m in channels}
        self.callers = {f.id: f.channel for f in facts if f.role == "caller"}
        whose = {m.get("Uniqueid"): customer_of(_variables(m)) for m in channels}
        self._customers.restore({unique: call for unique, call in whose.items() if call})
        known = self.legs
        self.legs = {}
        for f in facts:
            if f.role != "caller":
                leg = known.get(f.id) or Leg(f.id)
                leg.channel, leg.rang, leg.aside = f.channel, True, asking.get(f.id, "")
                leg.bridged = leg.bridged or f.place == "talking"
                leg.answered = leg.answered or leg.bridged or f.place == "other"
                self.legs[f.id] = leg
        return tuple(facts)

    def _gone(self, unique: str) -> bool:
        return unique in self._hung_up


def _channel_fact(m: AmiMessage) -> ChannelFact | None:
    variables = _variables(m)
    if offer := variables.get("CTID_OFFER"):
        return _leg_fact(m, offer, variables)
    if spy := variables.get("CTID_SPY"):
        up = m.get("ChannelStateDesc") == "Up"
        phone, call = m.get("Channel").rpartition("-")[0], variables.get("CTID_CALL", "")
        place: Place = "other" if up else "ringing"
        return ChannelFact(m.get("Channel"), spy, "spy", place, call, phone=phone)
    if variables.get("CTID_STATE") or m.get("Context") in CONTEXTS:
        return _caller_fact(m, variables)
    return None


def _variables(m: AmiMessage) -> dict[str, str]:
    pairs = (v.partition("=")[::2] for v in m.all("Variable"))
    return {name: value for name, value in pairs if value != "(null)"}


def _leg_fact(m: AmiMessage, offer: str, variables: dict[str, str]) -> ChannelFact:
    talking = bool(m.get("BridgeID"))
    return ChannelFact(
        channel=m.get("Channel"),
        id=offer,
        role="agent",
        place="talking" if talking else "ringing",
        call=variables.get("CTID_CALL", ""),
        phone=m.get("Channel").rpartition("-")[0],
        bridge=m.get("BridgeID"),
    )


def _caller_fact(m: AmiMessage, variables: dict[str, str]) -> ChannelFact:
    state = variables.get("CTID_STATE", "")
    place: Place
    if m.get("BridgeID"):
        place = "talking"
    elif state in ("waiting", "held"):
        place = "queue" if state == "waiting" else "held"
    else:
        place = "ivr" if state in ("menu", "fallback", "") else "other"
    return ChannelFact(
        channel=m.get("Channel"),
        id=customer_of(variables) or m.get("Uniqueid"),
        role="caller",
        place=place,
        queue=clean(variables.get("CTID_QUEUE", "")),
        since=whole(variables.get("CTID_SINCE", "")),
        number=_caller_number(m),
        name=_caller_name(m),
        dialled=clean(variables.get("CTID_DIALLED", "")),
        code=clean(variables.get("CTID_CODE", "")),
        language=clean(variables.get("CTID_LANG", "")),
        bridge=m.get("BridgeID"),
    )


def _caller_number(m: AmiMessage) -> str:
    number = m.get("CallerIDNum")
    return "" if number == "<unknown>" else clean(unescape_c(number))


def _caller_name(m: AmiMessage) -> str:
    name = m.get("CallerIDName")
    return "" if name == "<unknown>" else clean(unescape_c(name))
