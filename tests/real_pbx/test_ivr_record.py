"""Callers who are recorded in a menu, on a real Asterisk."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from ctid.core.commands import ShowPop
from ctid.core.recording import CallerRecorded
from ctid.ivr.flow import Record
from ctid.settings import Settings
from tests.real_pbx.lab.lab import Lab
from tests.real_pbx.lab.script import answers
from tests.real_pbx.site import SiteUnderTest, site
from tests.real_pbx.test_overflow import loudest, recording_at
from tests.real_pbx.test_tasks import blended
from tests.real_pbx.tones import CALLER_HZ

pytestmark = pytest.mark.asyncio(loop_scope="session")

NUMBER = "+8613900000001"
SPEAKS = f"tone:{CALLER_HZ}|wait:4"
"""From before the prompt of the step to well behind its tone; a key ends the world's own tone."""


def settings(lab: Lab, folder: Path) -> Settings:
    """4000 asks for a name and a message, which is a task like an e-mail."""
    made = blended(lab, folder)
    replace = msgspec.structs.replace
    flow = made.centre.flows["record"]
    message = flow.steps["message"]
    assert isinstance(message, Record)
    steps = {**flow.steps, "message": replace(message, task_queue="email")}
    flows = {**made.centre.flows, "record": replace(flow, steps=steps)}
    entries = {**made.centre.entries, "4000": "record"}
    return replace(made, centre=replace(made.centre, entries=entries, flows=flows))


def told(s: SiteUnderTest) -> list[tuple[str, str]]:
    """Name of the file, and what ended it."""
    facts = [line.e for line in s.lines() if isinstance(line.e, CallerRecorded)]
    return [(Path(fact.file).name, fact.ended) for fact in facts]


async def test_a_name_and_a_message_reach_the_agent(lab: Lab, tmp_path: Path) -> None:
    """The name said, sent back, said again and kept; the message ends by its key. What is on the
    disk is what the caller sent."""
    async with site(lab, tmp_path, settings=settings(lab, tmp_path), ready=["anna"]) as s:
        await lab.world.phone("1001").behave(answers(after=0.1, talk=0.5))
        keys = (SPEAKS, "digits:#|wait:3.5|digits:2", SPEAKS, "digits:#|wait:3.5|digits:1", SPEAKS)
        caller = await lab.world.place_call("4000", NUMBER, "|".join((*keys, "digits:#|stay")))
        await s.until(lambda: s.app.driver.centre.calls)
        [call] = s.app.driver.centre.calls
        [pop] = [shown.pop for shown in await _pops(s)]
        await caller.ended(10)
        await s.at_rest()
        names = [f"{call}-1.wav", f"{call}-1.wav", f"{call}-2.wav"]
        assert told(s) == [(name, "key") for name in names]
        [record] = await s.records(1)
        assert record.path == ("name~2", "message", "queue")
        assert pop.recordings == record.recordings
        name, message = record.recordings
        assert (name.link, message.link) == (f"https://pbx.example/{call}-1.wav", "")
        assert all(1_500 < one.length < 5_000 for one in record.recordings)
        for one in record.recordings:
            hz, _ = loudest(recording_at(lab, one.file))
            assert hz == pytest.approx(CALLER_HZ, abs=20)


async def _pops(s: SiteUnderTest) -> list[ShowPop]:
    await s.until(lambda: s.done(ShowPop), 40)
    return s.done(ShowPop)


async def test_silence_is_no_name_and_a_hang_up_ends_a_message(lab: Lab, tmp_path: Path) -> None:
    async with site(lab, tmp_path, settings=settings(lab, tmp_path)) as s:
        silent = await lab.world.place_call("4000", NUMBER, "play:silence/10|play:silence/10|stay")
        await silent.ended(20)
        [record] = await s.records(1)
        assert (record.path, record.recordings) == (("name!", "bye"), ())
        assert [ended for _, ended in told(s)] == ["silence"] * 3

        script = f"{SPEAKS}|digits:#|wait:3.5|digits:1|{SPEAKS}|hangup"
        await lab.world.place_call("4000", "+8613900000002", script)
        [record] = [one for one in await s.records(2, 20) if one.number.endswith("2")]
        assert (record.outcome, record.path) == ("ivr_hangup", ("name", "message"))
        assert [one.step for one in record.recordings] == ["name", "message"]
        call = record.call
        assert told(s)[-1] == (f"{call}-2.wav", "hang_up")
        assert 2_000 < record.recordings[1].length < 5_000
        assert recording_at(lab, record.recordings[1].file).stat().st_size > 30_000
        await s.at_rest()
        assert f"task:recording2:{call}" in s.app.driver.centre.router.contacts
