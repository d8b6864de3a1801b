"""From Asterisk's events to facts: the tables of docs/asterisk-facts.md, sequence by sequence."""

from __future__ import annotations

from itertools import permutations

import pytest

from ctid.core.events import (
    AgentAnswered,
    AgentRinging,
    Announced,
    CallBridged,
    CallEnded,
    CallWaiting,
    Event,
    KeyPressed,
    LegEnded,
    PhoneChanged,
)
from ctid.core.records import ChannelFact, PhoneFact
from ctid.pbx.ami.codec import AmiMessage
from ctid.pbx.translate import Translator

OFFER, CALL = "b1-1", "1795.7"
PHONES = ("PJSIP/1001", "PJSIP/1002")


def message(name: str, **headers: str) -> AmiMessage:
    """An event as it comes over the wire."""
    lines = [("Event", name), *headers.items()]
    return AmiMessage("".join(f"{k}: {v}\r\n" for k, v in lines).encode())


class Pbx:
    """A translator with one offer on its way to PJSIP/1001, and short names for its events."""

    def __init__(self) -> None:
        self.requests: list[str] = []
        self.translator = Translator(PHONES, self.requests.append)
        self.translator.expect(OFFER)

    def tell(self, *events: AmiMessage) -> list[Event]:
        return [fact for event in events for fact in self.translator.feed(event)]


def leg(name: str, **more: str) -> AmiMessage:
    return message(name, Channel="PJSIP/1001-0000002a", Uniqueid=OFFER, **more)


def caller(name: str, **more: str) -> AmiMessage:
    return message(name, Channel="PJSIP/trunk-00000007", Uniqueid=CALL, **more)


NEW = leg("Newchannel", Context="from-phones", ChannelStateDesc="Down")
DIAL = leg("DialBegin")
RINGING = leg("Newstate", ChannelStateDesc="Ringing")
UP = leg("Newstate", ChannelStateDesc="Up")
REQUEST = leg("HangupRequest")
SUCCESS = message("OriginateResponse", Response="Success", Reason="4", Uniqueid=OFFER)


def failure(reason: str) -> AmiMessage:
    return message("OriginateResponse", Response="Failure", Reason=reason, Uniqueid=OFFER)


def hangup(cause: str) -> AmiMessage:
    return leg("Hangup", Cause=cause)


def entered(number: str, who: AmiMessage) -> AmiMessage:
    return message("BridgeEnter", BridgeUniqueid="br-1", BridgeNumChannels=number,
                   Uniqueid=who.get("Uniqueid"))  # fmt: skip


def bridge_result(result: str) -> AmiMessage:
    return leg("UserEvent", UserEvent="CtidBridge", Offer=OFFER, Result=result)


BRIDGED = (entered("1", caller("x")), entered("2", leg("x")))


@pytest.mark.parametrize("order", list(permutations((UP, SUCCESS, leg("DialEnd")))))
def test_answered_in_any_order(order: tuple[AmiMessage, ...]) -> None:
    facts = Pbx().tell(NEW, DIAL, RINGING, *order, *BRIDGED, hangup("16"))
    assert facts == [
        AgentRinging(OFFER), AgentAnswered(OFFER), CallBridged(OFFER), LegEnded(OFFER, "hangup"),
    ]  # fmt: skip


def test_the_agent_may_enter_the_bridge_first_and_is_bridged_once() -> None:
    pbx = Pbx()
    pbx.tell(NEW, RINGING, UP)
    assert pbx.tell(entered("1", leg("x"))) == []
    assert pbx.tell(entered("2", caller("x")), entered("2", caller("x"))) == [CallBridged(OFFER)]


@pytest.mark.parametrize(
    ("before", "end", "cause"),
    [
        ((NEW, DIAL, RINGING), (hangup("19"), failure("3")), "no_answer"),
        ((NEW, DIAL, REQUEST), (failure("0"), hangup("17")), "busy"),
        ((NEW, DIAL, RINGING, REQUEST), (failure("0"), hangup("21")), "rejected"),
        ((NEW, DIAL), (hangup("19"), failure("3")), "unreachable"),  # cable pulled
        ((NEW, DIAL), (hangup("20"), failure("0")), "unreachable"),
        ((NEW, DIAL), (hangup("34"), failure("0")), "failed"),
    ],
)
def test_not_answered(
    before: tuple[AmiMessage, ...], end: tuple[AmiMessage, ...], cause: str
) -> None:
    for order in permutations(end):
        pbx = Pbx()
        facts = [f for f in pbx.tell(*before, *order) if not isinstance(f, AgentRinging)]
        assert facts == [LegEnded(OFFER, cause)], "once, whichever comes first"
        assert not pbx.translator.legs


def test_taken_back_by_us() -> None:
    pbx = Pbx()
    pbx.tell(NEW, RINGING)
    pbx.translator.legs[OFFER].stopped = True
    assert pbx.tell(failure("0"), hangup("0")) == [LegEnded(OFFER, "hangup")]


def test_a_phone_that_is_known_to_be_unreachable_gets_no_channel() -> None:
    assert Pbx().tell(failure("0")) == [LegEnded(OFFER, "unreachable")]


def test_taken_back_before_there_was_a_channel() -> None:
    pbx = Pbx()
    pbx.translator.legs[OFFER].stopped = True
    assert pbx.tell(failure("0")) == [LegEnded(OFFER, "hangup")]


@pytest.mark.parametrize("result", ["NONEXISTENT", "FAILURE", "TAKEN"])
def test_the_caller_was_gone_or_talks_to_another_agent(result: str) -> None:
    facts = Pbx().tell(NEW, RINGING, UP, SUCCESS, bridge_result(result), hangup("16"))
    assert facts[-1] == LegEnded(OFFER, "caller_gone")


def test_a_talk_that_ended_is_no_caller_gone() -> None:
    facts = Pbx().tell(NEW, RINGING, UP, *BRIDGED, bridge_result("SUCCESS"), hangup("16"))
    assert facts[-1] == LegEnded(OFFER, "hangup")


def test_a_channel_id_that_is_alive_already_leaves_the_living_leg_alone() -> None:
    assert Pbx().tell(NEW, RINGING, failure("0")) == [AgentRinging(OFFER)]


def test_a_lost_hang_up_is_chased_and_a_seen_one_is_not() -> None:
    pbx = Pbx()
    pbx.translator.admit(CALL, "PJSIP/trunk-00000007")
    pbx.tell(NEW, RINGING, UP, *BRIDGED, caller("HangupRequest"), REQUEST)
    assert pbx.requests == [CALL, OFFER]
    assert pbx.translator.overdue(CALL) == "PJSIP/trunk-00000007"
    assert pbx.translator.overdue(OFFER) == "PJSIP/1001-0000002a"
    assert pbx.tell(caller("Hangup", Cause="16"), hangup("16")) == [
        CallEnded(CALL, "16"), LegEnded(OFFER, "hangup"),
    ]  # fmt: skip
    assert pbx.translator.overdue(CALL) == pbx.translator.overdue(OFFER) == ""


def test_what_is_not_ours_says_nothing() -> None:
    pbx = Pbx()
    other = {"Channel": "PJSIP/1003-1", "Uniqueid": "other", "Context": "private"}
    names = ("Newchannel", "Newstate", "HangupRequest", "Hangup", "OriginateResponse",
             "BridgeEnter", "UserEvent", "DeviceStateChange", "VarSet")  # fmt: skip
    assert pbx.tell(*(message(name, **other) for name in names)) == []
    assert pbx.requests == []


# -- callers --


def test_a_waiting_caller_with_a_hostile_name() -> None:
    fact, = Pbx().tell(
        caller("UserEvent", UserEvent="CtidWaiting", Queue="sales", Since="1795000000123",
               Code="100001", Lang="zh-CN", Dialled="4000", CallerIDNum="+8613800000001",
               CallerIDName=r"王\r\nAction: Originate\t\"<b>\\ \033[31m")
    )  # fmt: skip
    assert isinstance(fact, CallWaiting)
    assert (fact.call, fact.channel, fact.queue) == (CALL, "PJSIP/trunk-00000007", "sales")
    assert (fact.since, fact.code, fact.dialled) == (1795000000123, "100001", "4000")
    assert fact.name.startswith("王")
    assert not set(fact.name) & set("\r\n\t\x1b")


@pytest.mark.parametrize("since", ["", "soon", "-5", "1" * 16, "1.5"])
def test_an_odd_since_counts_as_now(since: str) -> None:
    (fact,) = Pbx().tell(caller("UserEvent", UserEvent="CtidWaiting", Queue="q", Since=since))
    assert isinstance(fact, CallWaiting)
    assert fact.since == 0


def test_an_announcement_that_was_heard_to_its_end() -> None:
    assert Pbx().tell(caller("UserEvent", UserEvent="CtidAnnounced")) == [Announced(CALL)]


def test_a_fastagi_request_after_the_hangup_is_too_late() -> None:
    pbx = Pbx()
    assert pbx.tell(caller("Hangup", Cause="16")) == []
    assert not pbx.translator.admit(CALL, "PJSIP/trunk-00000007")
    assert pbx.translator.admit("1795.8", "PJSIP/trunk-00000008")


# -- phones --


@pytest.mark.parametrize(
    ("device_state", "state"),
    [
        ("NOT_INUSE", "idle"), ("INUSE", "in_use"), ("BUSY", "in_use"), ("ONHOLD", "in_use"),
        ("RINGING", "ringing"), ("RINGINUSE", "in_use"), ("UNAVAILABLE", "unreachable"),
        ("INVALID", "unreachable"), ("UNKNOWN", "unreachable"), ("NEW IN 2030", "unreachable"),
    ],
)  # fmt: skip
def test_device_states(device_state: str, state: str) -> None:
    change = message("DeviceStateChange", Device="PJSIP/1002", State=device_state)
    assert Pbx().tell(change) == [PhoneChanged("PJSIP/1002", state)]
    assert Pbx().translator.phone(change) == PhoneFact("PJSIP/1002", state)


def test_a_trunks_device_state_is_passed_over() -> None:
    assert Pbx().tell(message("DeviceStateChange", Device="PJSIP/trunk", State="ONHOLD")) == []


# -- the inventory --


def status(unique: str, channel: str, bridge: str = "", **variables: str) -> AmiMessage:
    """One Status event; variables that are not set come as (null)."""
    lines = [("Event", "Status"), ("Channel", channel), ("Uniqueid", unique),
             ("CallerIDNum", "+8613800000001"), ("CallerIDName", "<unknown>"),
             ("BridgeID", bridge)]  # fmt: skip
    names = ("CTID_STATE", "CTID_QUEUE", "CTID_SINCE", "CTID_CODE", "CTID_OFFER", "CTID_CALL")
    lines += [("Variable", f"{name}={variables.get(name, '(null)')}") for name in names]
    return AmiMessage("".join(f"{k}: {v}\r\n" for k, v in lines).encode())


def test_the_inventory_tells_places_by_variables_and_bridges() -> None:
    pbx = Pbx()
    facts = pbx.translator.inventory([
        status("c1", "T/1", CTID_STATE="menu"),
        status("c2", "T/2", CTID_STATE="waiting", CTID_QUEUE="sales", CTID_SINCE="1795000000123"),
        status("c3", "T/3", "br", CTID_STATE="waiting", CTID_QUEUE="sales"),
        status("c4", "T/4", CTID_STATE="after"),
        status("c5", "T/5", CTID_STATE="fallback"),
        status("o1", "PJSIP/1001-0a", "br", CTID_OFFER="o1", CTID_CALL="c3"),
        status("o2", "PJSIP/1002-0b", CTID_OFFER="o2", CTID_CALL="c2"),
        status("x", "PJSIP/1003-0c"),
    ])  # fmt: skip
    number = "+8613800000001"
    assert facts == (
        ChannelFact("T/1", "c1", "caller", "ivr", number=number),
        ChannelFact("T/2", "c2", "caller", "queue", "", "sales", 1795000000123, number),
        ChannelFact("T/3", "c3", "caller", "talking", "", "sales", 0, number, bridge="br"),
        ChannelFact("T/4", "c4", "caller", "other", number=number),
        ChannelFact("T/5", "c5", "caller", "ivr", number=number),
        ChannelFact(
            "PJSIP/1001-0a", "o1", "agent", "talking", "c3", phone="PJSIP/1001", bridge="br"
        ),
        ChannelFact("PJSIP/1002-0b", "o2", "agent", "ringing", "c2", phone="PJSIP/1002"),
    )
    assert set(pbx.translator.callers) == {"c1", "c2", "c3", "c4", "c5"}
    assert set(pbx.translator.legs) == {"o1", "o2"}, "the leg that is not listed is over"
    # An adopted talk ends like any other.
    assert pbx.tell(message("Hangup", Uniqueid="o1", Cause="16")) == [LegEnded("o1", "hangup")]


def test_what_happens_while_the_list_is_on_the_way_is_not_undone() -> None:
    pbx = Pbx()
    pbx.translator.admit("c0", "T/0")
    pbx.translator.begin_inventory()
    asked = [status("c1", "T/1", CTID_STATE="menu"), status("c2", "T/2", CTID_STATE="waiting")]
    pbx.translator.admit("c3", "T/3")
    pbx.tell(message("Newchannel", Uniqueid="c4", Channel="T/4", Context="ctid-inbound"),
             message("Hangup", Uniqueid="c1", Cause="16"))  # fmt: skip
    facts = pbx.translator.inventory(asked)
    assert [fact.id for fact in facts] == ["c2", "c3", "c4"], "c0 left unseen, c1 was seen to leave"
    assert pbx.tell(message("Hangup", Uniqueid="c3", Cause="16")) == [CallEnded("c3", "16")]


def test_keys_of_those_who_wait() -> None:
    t = Translator((), lambda _: None)

    def pressed(key: str) -> list[Event]:
        return t.feed(message("UserEvent", UserEvent="CtidKey", Uniqueid="7.1", Key=key))

    assert pressed("2") == [KeyPressed("7.1", "2")]
    assert pressed("*") == [KeyPressed("7.1", "*")]
    assert pressed("A") == []
    assert pressed("") == []
