"""Customers who are called back: the order to Asterisk, and events under the call's own id."""

from __future__ import annotations

import msgspec

from ctid.core.callbacks import CallbackAgreed, CustomerDialled, Dial
from ctid.core.commands import RingAgent
from ctid.core.events import CallEnded, CallWaiting, Event
from ctid.core.records import ChannelFact
from ctid.pbx.ami.codec import AmiMessage
from ctid.pbx.dial import variables
from ctid.pbx.translate import Translator
from tests.unit.pbx.test_translate import message, status

CALL, LINE, CHANNEL = "1795.1-cb2", "1795.9", "PJSIP/trunk-00000009"
RING = RingAgent(
    "b1-4", CALL, "anna", "sales", "PJSIP/1001", "", "+8613900139000", "", 20_000, "first",
    dial=Dial("+8613900139000", "4000", 12_500, "default", "100001", "en"),
)  # fmt: skip


def line(name: str, **more: str) -> AmiMessage:
    return message(name, Channel=CHANNEL, Uniqueid=LINE, **more)


def called() -> Translator:
    """The customer's phone rings."""
    t = Translator((), lambda _: None)
    t.feed(line("Newchannel", Context="ctid-inbound"))
    dialled = t.feed(line("UserEvent", UserEvent="CtidCalled", Call=CALL))
    assert dialled == [CustomerDialled(CALL, CHANNEL)]
    return t


def test_what_the_dialplan_is_told() -> None:
    told = dict(value.split("=", 1) for _, value in variables(RING))
    assert told == {
        "CTID_NUMBER": "+8613900139000", "CTID_FROM": "4000", "CTID_RING": "13",
        "_CTID_STATE": "called", "_CTID_QUEUE": "sales", "_CTID_MOH": "default",
        "_CTID_CODE": "100001", "_CTID_LANG": "en", "_CTID_DIALLED": "4000",
    }  # fmt: skip


def test_no_value_begins_another_variable() -> None:
    evil = msgspec.structs.replace(RING.dial, code="1,CTID_TRUNK=x\n") if RING.dial else None
    lines = variables(msgspec.structs.replace(RING, dial=evil))
    assert ("Variable", "_CTID_CODE=1CTID_TRUNKx") in lines
    assert variables(msgspec.structs.replace(RING, dial=None)) == []


def test_the_line_goes_by_the_calls_id() -> None:
    t = called()
    assert t.callers == {CALL: CHANNEL}, "and not by its own, whatever the trunk's context is"
    [waits] = t.feed(line("UserEvent", UserEvent="CtidWaiting", Queue="sales"))
    assert isinstance(waits, CallWaiting)
    assert (waits.call, waits.channel) == (CALL, CHANNEL)
    assert t.feed(line("UserEvent", UserEvent="CtidAgreed", Moves="3")) == [CallbackAgreed(CALL, 3)]
    assert t.feed(line("Hangup", Cause="17")) == [CallEnded(CALL, "17")]
    assert t.callers == {}


def test_no_other_line_is_taken_for_it() -> None:
    t = called()
    other = message("Hangup", Channel="PJSIP/trunk-1", Uniqueid=LINE + "1", Cause="16")
    facts: list[Event] = t.feed(other)
    assert facts == []
    assert t.callers == {CALL: CHANNEL}


def test_a_ctid_that_starts_again_knows_whose_line_it_is() -> None:
    t = Translator((), lambda _: None)
    seen = status(LINE, CHANNEL, "b-1", CTID_CALL=CALL, CTID_STATE="called", CTID_QUEUE="sales")
    [fact] = t.inventory([seen])
    assert isinstance(fact, ChannelFact)
    assert (fact.id, fact.role, fact.place) == (CALL, "caller", "talking")
    assert t.feed(line("Hangup", Cause="16")) == [CallEnded(CALL, "16")]
