"""Messages in voicemail on a real Asterisk: a task for each, and the limits of their queue."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from ctid.acd.overflow import Overflow, Rule, ToVoicemail
from ctid.acd.voicemail import VoicemailRules
from ctid.settings import Settings
from tests.real_pbx.lab.lab import Lab
from tests.real_pbx.lab.script import calls
from tests.real_pbx.lab.world import End
from tests.real_pbx.site import STRAIGHT, SiteUnderTest, site
from tests.real_pbx.test_tasks import blended, tasks
from tests.real_pbx.tones import CALLER_HZ, OTHER_HZ

pytestmark = pytest.mark.asyncio(loop_scope="session")

NUMBER = "+8613900000001"
LINK = "https://pbx.example/{file}"


def settings(lab: Lab, folder: Path, longest: int, silence: int) -> Settings:
    """Callers of sales go to voicemail after a second; messages are tasks like e-mails."""
    made = blended(lab, folder)
    sales, *others = made.centre.acd.queues
    sales = msgspec.structs.replace(
        sales,
        overflow=Overflow((Rule(ToVoicemail(("voicemail",)), "wait", waited=1_000),)),
        voicemail=VoicemailRules(longest, silence, "email", LINK),
    )
    agents = (
        msgspec.structs.replace(a, queues=("email",)) if a.id == "anna" else a
        for a in made.centre.acd.agents
    )
    acd = msgspec.structs.replace(made.centre.acd, queues=(sales, *others), agents=tuple(agents))
    return msgspec.structs.replace(made, centre=msgspec.structs.replace(made.centre, acd=acd))


async def speaks(lab: Lab, s: SiteUnderTest) -> tuple[End, str]:
    """A caller hears what to do, and does not stop."""
    script = calls(tone=CALLER_HZ, listen=OTHER_HZ)
    caller = await lab.world.place_call(STRAIGHT, NUMBER, script)
    await s.until(lambda: s.view().waiting)
    call = s.view().waiting[0].call
    await caller.hears_tone(OTHER_HZ)
    return caller, call


async def test_a_message_of_the_greatest_length_is_a_task(lab: Lab, tmp_path: Path) -> None:
    made = settings(lab, tmp_path, longest=3_000, silence=0)
    async with site(lab, tmp_path, settings=made, ready=["anna"]) as s:
        caller, call = await speaks(lab, s)
        await caller.ended(8)
        await s.until(lambda: tasks(s) == [(f"task:voicemail:{call}", "offered")])
        [task] = s.agent("anna").tasks
        [record] = await s.records(1)
        assert 2_000 < record.recorded < 3_600, "Asterisk has ended it"
        assert task.subject.startswith(f"{NUMBER}, 0:0")
        assert task.link == f"https://pbx.example/{call}.wav"
        assert record.recording.endswith(f"/{call}.wav")


async def test_silence_ends_a_message(lab: Lab, tmp_path: Path) -> None:
    """After two seconds, and not after the five of the dialplan's own default. Asterisk keeps about
    a second of it, which is no task."""
    made = settings(lab, tmp_path, longest=30_000, silence=2_000)
    async with site(lab, tmp_path, settings=made, ready=["anna"]) as s:
        caller = await lab.world.place_call(STRAIGHT, NUMBER, "play:silence/10|stay")
        await caller.ended(10)
        await s.at_rest()
        [record] = await s.records(1)
        assert 3_000 < record.ended_at - record.queued_at < 6_000
        assert record.recorded < 1_500
        assert tasks(s) == []
