"""The survey at the PBX: what is noted on the caller's channel, and who comes over FastAGI."""

from __future__ import annotations

import asyncio
from types import MappingProxyType

import pytest

from ctid.core.events import CallArrived, Event
from ctid.core.survey import AskAfter
from ctid.pbx.agi.codec import AgiEnvironment
from ctid.pbx.agi.server import AgiCall
from ctid.pbx.ami.codec import AmiMessage
from tests.integration.pretend_world import virtual
from tests.unit.pbx.test_doubts_asterisk import NO_CONNECTION, Congested, Recording, asterisk
from tests.unit.pbx.test_translate import message

CHANNEL = "PJSIP/t-1"


@pytest.mark.parametrize(("on", "value"), [(True, "ctid-survey"), (False, "")])
async def test_where_the_caller_goes_stands_on_the_channel(on: bool, value: str) -> None:
    pbx = asterisk([])
    pbx.ami.__class__ = Recording
    Recording.posted.clear()
    pbx.carry_out(AskAfter("c1", on))
    assert Recording.posted == [], "nobody of that id lives at the PBX"
    assert pbx.translator.admit("c1", CHANNEL)
    pbx.carry_out(AskAfter("c1", on))
    noted = {"Channel": CHANNEL, "Variable": "CTID_AFTER", "Value": value}
    assert Recording.posted == [("Setvar", noted)]


async def test_an_order_that_cannot_be_sent_is_let_go() -> None:
    """The caller is simply hung up at the end."""
    pbx = asterisk([])
    assert pbx.translator.admit("c1", CHANNEL)
    pbx.carry_out(AskAfter("c1", on=True))
    pbx.ami.__class__ = Congested
    pbx.carry_out(AskAfter("c1", on=True))


async def arrived(argument: str, *events: AmiMessage, unique: str = "7.1") -> CallArrived:
    """What the machine hears of a FastAGI request with this second argument."""
    facts: list[Event] = []
    pbx = asterisk(facts)
    for event in events:
        pbx.translator.feed(event)
    values = {"agi_uniqueid": unique, "agi_channel": CHANNEL, "agi_arg_1": "4001"}
    values |= {"agi_arg_2": argument} if argument else {}
    call = AgiCall(AgiEnvironment(MappingProxyType(values)), "inbound", NO_CONNECTION)
    async with asyncio.timeout(60):
        await pbx._on_call(call)
    assert isinstance(facts[0], CallArrived)
    return facts[0]


@virtual
@pytest.mark.parametrize(
    ("argument", "after"), [("survey", "survey"), ("", ""), ("else", ""), ("survey2", "")]
)
async def test_who_comes_from_the_survey_says_so(argument: str, after: str) -> None:
    assert await arrived(argument) == CallArrived("7.1", CHANNEL, "", "", "4001", after)


@virtual
async def test_a_customer_whom_we_have_dialled_goes_by_the_calls_id() -> None:
    called = message(
        "UserEvent", UserEvent="CtidCalled", Uniqueid="7.1", Channel=CHANNEL, Call="c1-cb2"
    )
    found = await arrived("survey", called)
    assert (found.call, found.after) == ("c1-cb2", "survey")
