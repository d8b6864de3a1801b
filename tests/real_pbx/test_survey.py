"""Surveys on a real Asterisk: keys after the agent has hung up, and who is not asked."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from ctid.core.commands import Collect
from ctid.core.events import HangUpAsked
from ctid.core.survey import AskAfter, SurveyAnswered
from ctid.settings import Settings, parse
from tests.real_pbx.desk import desks
from tests.real_pbx.lab.lab import Lab
from tests.real_pbx.lab.script import answers, calls
from tests.real_pbx.lab.world import End
from tests.real_pbx.site import STRAIGHT, SUPERVISOR, SiteUnderTest, config_for, flows, site
from tests.real_pbx.test_callback import PERSON, asks
from tests.real_pbx.tones import AGENT_HZ, OTHER_HZ

pytestmark = pytest.mark.asyncio(loop_scope="session")

NUMBER = "+8613900000001"


def settings(lab: Lab, folder: Path, *, overflow: bool = False, **survey: Any) -> Settings:
    """Sales, which STRAIGHT leads to, asks everybody."""
    config = config_for(lab, folder)
    sales = config["queues"][0]
    sales["survey"] = {"flow": "survey", **survey}
    if overflow:
        sales["overflow"] = [{"to": "callback", "key": "1"}]
        sales["callback"] = {"ring_for_s": 5}
    return parse(config, flows())


async def talks(lab: Lab, s: SiteUnderTest) -> End:
    """A caller and Anna, and the order to ask stands on the caller's channel."""
    await lab.world.phone("1001").behave(answers(tone=AGENT_HZ))
    caller = await lab.world.place_call(STRAIGHT, NUMBER, calls(listen=OTHER_HZ))
    await s.state("anna", "on_call")
    [call] = s.app.switch.translator.callers
    await noted(lab, s, call)
    return caller


async def noted(lab: Lab, s: SiteUnderTest, call: str) -> None:
    """Wait until Asterisk knows where the caller goes."""
    channel, value = s.app.switch.translator.callers[call], ""
    async with asyncio.timeout(5):
        while value != "ctid-survey":
            asked = await lab.asterisk.ami.ask("Getvar", Channel=channel, Variable="CTID_AFTER")
            value = asked["Value"]


async def test_both_questions_are_answered_by_key(lab: Lab, tmp_path: Path) -> None:
    made = settings(lab, tmp_path)
    async with (
        site(lab, tmp_path, ready=["anna"], settings=made) as s,
        desks(s.base, SUPERVISOR) as desk,
    ):
        caller = await talks(lab, s)
        s.app.submit(HangUpAsked("anna"))
        await caller.hears_tone(OTHER_HZ)
        await s.state("anna", "ready")
        assert not s.view().waiting, "who is asked waits for nobody"
        await caller.press("4")
        await s.until(lambda: len(s.done(SurveyAnswered)) == 1)
        await caller.press("1")
        await caller.ended()
        await s.at_rest()
        [record] = await s.records(1)
        assert record.survey == ("service=4", "solved=yes")
        assert (record.outcome, record.agent, record.cause) == ("answered", "anna", "16")
        found = (await desk[SUPERVISOR].get("/api/surveys"))["surveys"]
        assert [(one["agent"], one["question"], one["mean"]) for one in found] == [
            ("anna", "service", 4.0), ("anna", "solved", 1.0),
        ]  # fmt: skip


async def test_a_silent_caller_is_let_go(lab: Lab, tmp_path: Path) -> None:
    made = settings(lab, tmp_path)
    async with site(lab, tmp_path, ready=["anna"], settings=made) as s:
        caller = await talks(lab, s)
        s.app.submit(HangUpAsked("anna"))
        await caller.hears_tone(OTHER_HZ)
        await caller.ended(8)
        await s.at_rest()
        [record] = await s.records(1)
        assert (record.survey, record.path[-2:]) == ((), ("service!", "bye"))


async def test_who_hangs_up_first_is_not_asked(lab: Lab, tmp_path: Path) -> None:
    made = settings(lab, tmp_path)
    async with site(lab, tmp_path, ready=["anna"], settings=made) as s:
        caller = await talks(lab, s)
        await caller.hang_up()
        await s.at_rest()
        assert s.done(Collect) == []
        assert [one.on for one in s.done(AskAfter)] == [True]


async def test_the_caller_leaves_in_the_second_question(lab: Lab, tmp_path: Path) -> None:
    made = settings(lab, tmp_path)
    async with site(lab, tmp_path, ready=["anna"], settings=made) as s:
        caller = await talks(lab, s)
        s.app.submit(HangUpAsked("anna"))
        await caller.hears_tone(OTHER_HZ)
        await caller.press("2")
        await s.until(lambda: s.done(SurveyAnswered))
        await caller.hang_up()
        await s.at_rest()
        [record] = await s.records(1)
        assert record.survey == ("service=2",)


async def test_without_ctid_the_dialplan_hangs_up(lab: Lab, tmp_path: Path) -> None:
    """Nobody waits in the fallback queue for a survey that nobody asks."""
    made = settings(lab, tmp_path)
    async with site(lab, tmp_path, ready=["anna"], settings=made) as s:
        caller = await talks(lab, s)
        [leg] = s.app.switch.translator.legs.values()
        channel = leg.channel
    heard = lab.asterisk.ami.mark()
    await lab.asterisk.ami.ask("Hangup", Channel=channel, Cause="16")
    await caller.ended()
    await lab.nothing_left()
    said = [m.get("UserEvent") for m in lab.asterisk.ami.heard[heard:]]
    assert "CtidWaiting" not in said


async def test_a_customer_who_was_called_back_is_asked_too(lab: Lab, tmp_path: Path) -> None:
    """On a channel that we have dialled, which goes by the call's id."""
    made = settings(lab, tmp_path, overflow=True, callbacks=True)
    async with site(lab, tmp_path, settings=made) as s:
        await lab.world.phone("1001").behave(answers(tone=AGENT_HZ))
        await asks(lab, s, PERSON)
        s.ready("anna")
        await s.state("anna", "on_call")
        [call] = s.app.switch.translator.callers
        await noted(lab, s, call)
        s.app.submit(HangUpAsked("anna"))
        await s.at_rest(20)
        records = {record.call: record for record in await s.records(2)}
        assert records[call].path[-2:] == ("service!", "bye"), "nobody at that end presses keys"
