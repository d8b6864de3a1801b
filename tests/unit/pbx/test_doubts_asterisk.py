"""Doubts: commands that the machine gave and nobody could carry out, or never gave at all."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterable
from types import MappingProxyType
from typing import Any, ClassVar, cast

import pytest

from ctid.core.commands import Announce, RingAgent
from ctid.core.errors import LocalProtocolError
from ctid.core.events import CallArrived, Event, LegEnded
from ctid.pbx.agi.codec import AgiEnvironment
from ctid.pbx.agi.server import AgiCall
from ctid.pbx.agi.settings import AgiSettings
from ctid.pbx.ami.client import AmiClient
from ctid.pbx.ami.errors import AmiNotConnected
from ctid.pbx.ami.settings import AmiSettings
from ctid.pbx.asterisk import Asterisk, PbxSettings
from ctid.pbx.conversation import Conversation
from tests.integration.pretend_world import virtual

NO_CONNECTION = cast(Any, None)
"""Nothing is sent in these stories."""
RING = RingAgent(
    "b1-2", "c1", "anna", "sales", "PJSIP/1001", "PJSIP/t-1", "13800138000", "Zhang", 20_000, "test"
)


def asterisk(facts: list[Event]) -> Asterisk:
    settings = PbxSettings(
        AmiSettings(username="ctid", secret="secret"), AgiSettings(port=0, scripts=("inbound",))
    )
    return Asterisk(settings, (), facts.append, lambda *report: None, random.Random(1), lambda: 0)


def agi_call(call: str = "c1") -> AgiCall:
    values = MappingProxyType({"agi_uniqueid": call, "agi_channel": "PJSIP/t-1"})
    return AgiCall(AgiEnvironment(values), "inbound", NO_CONNECTION)


@virtual
async def test_a_caller_for_whom_no_decision_comes_is_given_to_the_fallback() -> None:
    """A defect in the machine, or a caller who left while it waited for the CRM: not an hour of
    silence under FastAGI, nor a task that is kept for it."""
    with pytest.raises(LocalProtocolError, match="no decision"):
        async with asyncio.timeout(60):
            await Conversation("c1", agi_call(), "ctid").run(lambda fact: None)


@virtual
async def test_a_second_request_for_a_channel_leaves_the_first_alone() -> None:
    facts: list[Event] = []
    pbx = asterisk(facts)
    first = asyncio.create_task(pbx._on_call(agi_call()))
    await asyncio.sleep(0)
    await pbx._on_call(agi_call())
    assert list(pbx._conversations) == ["c1"], "the first one's commands have nowhere to go"
    await first
    assert [type(fact).__name__ for fact in facts] == ["CallArrived", "IvrLost"]
    assert isinstance(facts[0], CallArrived)
    assert pbx._conversations == {}


class Congested(AmiClient):
    """The link is up, but Asterisk does not read what was sent before."""

    connected = property(lambda self: True)

    def post(
        self, name: str, headers: Iterable[tuple[str, str]] = (), timeout_ms: int | None = None
    ) -> str:
        raise AmiNotConnected(f"{name}: not sent, Asterisk does not read what we sent before")


async def test_a_ring_that_could_not_be_sent_over_a_live_link_has_failed() -> None:
    """No inventory will tell; the caller must not wait half a minute for the overdue leg."""
    facts: list[Event] = []
    pbx = asterisk(facts)
    pbx.ami.__class__ = Congested
    pbx.carry_out(RING)
    assert facts == [LegEnded("b1-2", "failed")]
    assert pbx.translator.legs == {}


async def test_a_ring_that_could_not_be_sent_over_a_lost_link_is_the_inventorys_affair() -> None:
    facts: list[Event] = []
    pbx = asterisk(facts)
    pbx.carry_out(RING)
    assert facts == []


class Recording(AmiClient):
    """The link is up; what is posted is written down."""

    posted: ClassVar[list[tuple[str, dict[str, str]]]] = []

    def post(
        self, name: str, headers: Iterable[tuple[str, str]] = (), timeout_ms: int | None = None
    ) -> str:
        self.posted.append((name, dict(headers)))
        return f"ctid-{len(self.posted)}"


async def test_an_announcement_is_what_to_play_and_then_the_order_to_play_it() -> None:
    pbx = asterisk([])
    pbx.ami.__class__ = Recording
    Recording.posted.clear()
    word = Announce("c1", ("queue-to", "number-5"), "zh-CN")
    pbx.carry_out(word)
    assert Recording.posted == [], "nobody of that id lives at the PBX"
    assert pbx.translator.admit("c1", "PJSIP/t-1")
    pbx.carry_out(word)
    say = {"Variable": "CTID_SAY", "Value": "ctid/zh-CN/queue-to&ctid/zh-CN/number-5"}
    place = {"Context": "ctid-queue", "Exten": "announce", "Priority": "1"}
    assert Recording.posted == [
        ("Setvar", {"Channel": "PJSIP/t-1", **say}),
        ("Redirect", {"Channel": "PJSIP/t-1", **place}),
    ]


async def test_an_announcement_that_cannot_be_sent_is_let_go() -> None:
    pbx = asterisk([])
    assert pbx.translator.admit("c1", "PJSIP/t-1")
    pbx.carry_out(Announce("c1", ("queue-to",), "en"))
    pbx.ami.__class__ = Congested
    pbx.carry_out(Announce("c1", ("queue-to",), "en"))


async def test_an_action_without_a_response_is_not_remembered_for_ever() -> None:
    pbx = asterisk([])
    pbx._posted["ctid-1"] = "b1-2"
    assert pbx.ami._on_unknown is not None
    pbx.ami._on_unknown("ctid-1")
    assert pbx._posted == {}
