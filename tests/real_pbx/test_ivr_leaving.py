"""The steps that lead out of a menu, on a real Asterisk."""

from __future__ import annotations

from pathlib import Path

import pytest

from ctid.core.commands import Collect, Divert, RingAgent
from ctid.settings import parse
from tests.real_pbx.lab.lab import Lab
from tests.real_pbx.lab.script import answers, calls
from tests.real_pbx.site import SiteUnderTest, config_for, flows, settings_for, site
from tests.real_pbx.test_overflow import recording_at
from tests.real_pbx.tones import AGENT_HZ, CALLER_HZ

pytestmark = pytest.mark.asyncio(loop_scope="session")

PERSON = "+8613900008001"
"""Answers when it is called back."""


def places(s: SiteUnderTest) -> list[str]:
    return [divert.place for divert in s.done(Divert)]


async def test_a_message(lab: Lab, tmp_path: Path) -> None:
    settings = settings_for(lab, tmp_path, flow="leaving")
    async with site(lab, tmp_path, settings=settings) as s:
        script = calls([(0.8, "1"), (3.0, "#")], tone=CALLER_HZ)
        caller = await lab.world.place_call("4000", PERSON, script)
        await caller.ended(10)
        await s.at_rest()
        [record] = await s.records(1)
        assert (record.outcome, record.path) == ("voicemail", ("ask=1", "message"))
        assert (record.queued_at, record.queue) == (0, "sales")
        assert 1_000 < record.recorded < 4_000
        assert recording_at(lab, record.recording).stat().st_size > 16_000


async def test_a_number_outside(lab: Lab, tmp_path: Path) -> None:
    """Busy: the menu once more, by the flow. Then one where somebody answers."""
    settings = settings_for(lab, tmp_path, flow="leaving")
    async with site(lab, tmp_path, settings=settings) as s:
        caller = await lab.world.place_call("4000", PERSON, "stay")
        await s.until(lambda: len(s.done(Collect)) == 1)
        await caller.press("2")
        await s.until(lambda: len(s.done(Collect)) == 2)
        assert places(s) == ["external", "menu"]
        await caller.press("3")
        [call] = s.app.driver.centre.calls.values()
        await s.until(lambda: call.sent is not None and call.sent.answered_at)
        await caller.hang_up()
        await s.at_rest()
        [record] = await s.records(1)
        assert record.outcome == "overflowed"
        assert record.path == ("ask=2", "busy!", "ask=3", "branch")
        assert places(s) == ["external", "menu", "external"]


async def test_nobody_outside_is_a_wait_for_an_agent(lab: Lab, tmp_path: Path) -> None:
    settings = settings_for(lab, tmp_path, flow="leaving")
    async with site(lab, tmp_path, settings=settings, ready=["anna"]) as s:
        await lab.world.phone("1001").behave(answers(tone=AGENT_HZ))
        script = calls([(0.8, "5")], listen=AGENT_HZ)
        caller = await lab.world.place_call("4000", PERSON, script)
        await caller.hears_tone(AGENT_HZ)
        await caller.hang_up()
        await s.at_rest()
        [record] = await s.records(1)
        assert (record.outcome, record.queue, record.agent) == ("answered", "sales", "anna")


async def test_a_callback_without_a_wait(lab: Lab, tmp_path: Path) -> None:
    config = config_for(lab, tmp_path, flow="leaving")
    config["queues"][0]["callback"] = {"ring_for_s": 5}  # at any time of the day
    async with site(lab, tmp_path, settings=parse(config, flows())) as s:
        caller = await lab.world.place_call("4000", PERSON, calls([(0.8, "4")]))
        await caller.ended(8)
        await s.until(lambda: [c.number for c in s.view().callbacks] == [PERSON])
        await lab.world.phone("1001").behave(answers(tone=AGENT_HZ))
        s.ready("anna")
        await s.state("anna", "on_call")
        [ring] = s.done(RingAgent)
        assert ring.dial is not None
        assert ring.dial.number == PERSON
        channel = s.app.switch.translator.callers[ring.call]
        await lab.asterisk.ami.ask("Hangup", Channel=channel, Cause="16")
        await s.at_rest()
        asked, called = sorted(await s.records(2), key=lambda record: record.arrived_at)
        outcomes = {asked.outcome, called.outcome}
        assert outcomes == {"callback", "answered"}
        assert {asked.path, called.path} == {("ask=4", "back"), ("ask=4", "back", "callback")}
