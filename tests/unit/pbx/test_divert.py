"""Overflow at the PBX: what is ordered, over which way, and what its events mean."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
import pytest

from ctid.core.commands import Divert, Requeue
from ctid.core.events import (
    CallDiverted,
    CallWaiting,
    Event,
    ExternalAnswered,
    RecordingStored,
)
from ctid.core.records import ChannelFact
from ctid.pbx import divert
from ctid.pbx.ami.client import AmiClient
from ctid.pbx.ami.codec import encode_action
from ctid.settings.overflow import MOST_PROMPTS
from tests.integration.pretend_world import virtual
from tests.unit.pbx.test_conversation import talk
from tests.unit.pbx.test_doubts_asterisk import Congested, agi_call, asterisk
from tests.unit.pbx.test_translate import CALL, Pbx, caller, message

VOICEMAIL = Divert("c1", "voicemail", ("sorry", "voicemail"), "en", "", "sales", "jazz", 3)
OUTSIDE = Divert("c1", "external", (), "en", "+49301234", "sales", "jazz", 1)
CHANNEL = "PJSIP/t-1"


def variables(actions: divert.Actions) -> dict[str, str]:
    """What is set, before the one Redirect at the end if there is one."""
    return {dict(h)["Variable"]: dict(h)["Value"] for name, h in actions if name == "Setvar"}


def test_the_caller_is_sent_with_all_that_the_dialplan_reads() -> None:
    actions = divert.diverted(VOICEMAIL, CHANNEL, "ctid")
    assert variables(actions) == {
        "CTID_QUEUE": "sales", "CTID_MOH": "jazz", "CTID_LANG": "en", "CTID_NUMBER": "",
        "CTID_PROMPTS": "ctid/en/sorry&ctid/en/voicemail", "CTID_MOVES": "3",
    }  # fmt: skip
    assert [name for name, _ in actions[-2:]] == ["Setvar", "Redirect"], "the order goes last"
    assert dict(actions[-1][1]) == {
        "Channel": CHANNEL, "Context": "ctid-voicemail", "Exten": "s", "Priority": "1",
    }  # fmt: skip


def test_a_message_may_have_limits_of_its_queue() -> None:
    """In whole seconds; where the queue names none, the dialplan's own globals hold."""
    own = msgspec.structs.replace(VOICEMAIL, longest=90_000, silence=2_500)
    found = variables(divert.diverted(own, CHANNEL, "ctid"))
    assert (found["CTID_MESSAGE_LIMIT"], found["CTID_MESSAGE_SILENCE"]) == ("90", "3")
    assert "CTID_MESSAGE_LIMIT" not in variables(divert.diverted(VOICEMAIL, CHANNEL, "ctid"))
    outside = msgspec.structs.replace(OUTSIDE, longest=90_000)
    assert "CTID_MESSAGE_LIMIT" not in variables(divert.diverted(outside, CHANNEL, "ctid"))


def test_a_number_outside_is_a_variable_and_not_a_place() -> None:
    actions = divert.diverted(OUTSIDE, CHANNEL, "ctid")
    assert variables(actions)["CTID_NUMBER"] == "+49301234"
    assert dict(actions[-1][1])["Context"] == "ctid-external"


def test_a_caller_who_is_sent_on_goes_there_however_the_talk_ends() -> None:
    on = Divert("c1", "queue", (), "en", "", "support", "jazz", 2, leaves="b1-2")
    actions = divert.diverted(on, CHANNEL, "ctid")
    assert dict(actions[-1][1])["Context"] == "ctid-queue"
    assert dict(actions[-2][1]) == {
        "Channel": CHANNEL, "Variable": "CTID_THEN", "Value": "ctid-queue",
    }, "last of the variables: with it the others count"  # fmt: skip
    assert variables(actions)["CTID_SINCE"] == "", "a new wait begins"


def test_another_queue_is_noted_and_the_caller_hears_nothing() -> None:
    actions = divert.requeued(Requeue("c1", "support", "jazz", 2), CHANNEL)
    assert variables(actions) == {"CTID_QUEUE": "support", "CTID_MOH": "jazz", "CTID_MOVES": "2"}
    assert {name for name, _ in actions} == {"Setvar"}


def test_nothing_is_ordered_for_a_channel_that_is_gone() -> None:
    assert divert.diverted(VOICEMAIL, "", "ctid") == []
    assert divert.requeued(Requeue("c1", "support", "jazz", 2), "") == []


def test_the_longest_prompts_fit_into_one_line_of_ami() -> None:
    longest = Divert("c1", "message", ("p" * 60,) * MOST_PROMPTS, "zh-CN", "", "q", "m", 1)
    for name, headers in divert.diverted(longest, CHANNEL, "s" * 40):
        assert encode_action(name, headers)


@pytest.mark.parametrize(
    ("headers", "facts"),
    [
        ({"UserEvent": "CtidDiverted", "Place": "voicemail", "Moves": "2"},
         [CallDiverted(CALL, "voicemail", 2)]),
        ({"UserEvent": "CtidDiverted", "Place": "external", "Moves": ""},
         [CallDiverted(CALL, "external", 0)]),
        ({"UserEvent": "CtidDiverted", "Place": "elsewhere", "Moves": "2"}, []),
        ({"UserEvent": "CtidRecorded", "File": "/r/1.wav", "Bytes": "16044"},
         [RecordingStored(CALL, "/r/1.wav", 1_000)]),
        ({"UserEvent": "CtidRecorded", "File": "/r/1.wav", "Bytes": "-1"},
         [RecordingStored(CALL, "/r/1.wav", 0)]),
        ({"UserEvent": "CtidOther"}, []),
    ],
)  # fmt: skip
def test_what_the_dialplan_says(headers: dict[str, str], facts: list[Event]) -> None:
    assert Pbx().tell(caller("UserEvent", **headers)) == facts


def test_the_one_outside_answers_on_another_channel() -> None:
    told = message("UserEvent", UserEvent="CtidOutside", Uniqueid="1795.9", Call=CALL)
    assert Pbx().tell(told) == [ExternalAnswered(CALL)]


def test_a_caller_who_is_back_says_how_often_they_were_moved() -> None:
    [fact] = Pbx().tell(caller("UserEvent", UserEvent="CtidWaiting", Queue="sales", Moves="4"))
    assert isinstance(fact, CallWaiting)
    assert fact.moves == 4


def test_a_caller_in_voicemail_is_in_the_inventory_and_in_no_queue() -> None:
    pbx = Pbx()
    status = message(
        "Status", Channel=CHANNEL, Uniqueid=CALL, Context="ctid-voicemail", BridgeID="",
        CallerIDNum="<unknown>", CallerIDName="<unknown>", Variable="CTID_STATE=voicemail",
    )  # fmt: skip
    assert pbx.translator.inventory([status]) == (ChannelFact(CHANNEL, CALL, "caller", "other"),)


@virtual
async def test_the_conversation_itself_leads_to_voicemail() -> None:
    async with talk(VOICEMAIL) as made:
        await made.call.over
        assert made.call.heard_prompts == ["ctid/en/sorry", "ctid/en/voicemail"]
        assert made.call.queues == []
        assert made.facts == [], "the dialplan's own event says that the caller is there"


class Posted(AmiClient):
    """The link is up; what is posted is written down."""

    actions: list[str]
    connected = property(lambda self: True)

    def post(
        self, name: str, headers: Iterable[tuple[str, str]] = (), timeout_ms: int | None = None
    ) -> str:
        self.actions.append(name)
        return ""


async def test_whoever_is_still_under_fastagi_is_led_on_there_and_not_by_ami() -> None:
    """A Redirect that meets a channel on its way out of FastAGI would be lost."""
    pbx = asterisk([])
    pbx.ami.__class__ = Posted
    pbx.ami.actions = []
    pbx.translator.admit("c1", CHANNEL)
    pbx.carry_out(VOICEMAIL)
    assert pbx.ami.actions == ["Setvar"] * 6 + ["Redirect"]
    pbx.ami.actions.clear()
    task = pbx._on_call(agi_call())
    task.send(None)
    pbx.carry_out(VOICEMAIL)
    assert pbx.ami.actions == []
    task.close()


async def test_an_order_that_could_not_be_sent_raises_nothing() -> None:
    """The machine finds out by itself: the PBX does not confirm."""
    facts: list[Event] = []
    pbx = asterisk(facts)
    pbx.ami.__class__ = Congested
    pbx.translator.admit("c1", CHANNEL)
    pbx.carry_out(VOICEMAIL)
    assert facts == []
