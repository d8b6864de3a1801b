"""Announcements to callers who wait, on a real Asterisk: heard, over, and cut short by an agent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ctid.core.commands import Announce
from ctid.core.events import Announced, CallWaiting
from ctid.settings import Settings, parse
from tests.real_pbx.lab.ami_link import Message
from tests.real_pbx.lab.lab import Lab
from tests.real_pbx.lab.script import answers, calls
from tests.real_pbx.site import STRAIGHT, SiteUnderTest, config_for, flows, site
from tests.real_pbx.tones import AGENT_HZ, ANNOUNCED_HZ, CALLER_HZ, LONG, SILENT

pytestmark = pytest.mark.asyncio(loop_scope="session")


def saying(lab: Lab, folder: Path, **wait: Any) -> Settings:
    """The queue of the test flows says this to those who wait."""
    config = config_for(lab, folder, flow="straight")
    [sales] = [queue for queue in config["queues"] if queue["id"] == "sales"]
    sales["wait"] = wait
    return parse(config, flows())


def events(s: SiteUnderTest, kind: type[Announced | CallWaiting], call: str) -> int:
    """How many facts of that kind about that call the journal has."""
    facts = [line.e for line in s.lines() if isinstance(line.e, kind)]
    return sum(fact.call == call for fact in facts)


def is_music(message: Message) -> bool:
    return message.event == "MusicOnHoldStart"


async def test_the_place_is_said_and_the_caller_waits_on_where_they_were(
    lab: Lab, tmp_path: Path
) -> None:
    settings = saying(lab, tmp_path, position_up_to=9, first_after_s=1, every_s=2,
                      only_if_improved=False)  # fmt: skip
    async with site(lab, tmp_path, settings=settings) as s:
        since = lab.asterisk.ami.mark()
        script = calls(tone=CALLER_HZ, listen=ANNOUNCED_HZ)
        first = await lab.world.place_call(STRAIGHT, "+8613900000001", script)
        await s.until(lambda: len(s.view().waiting) == 1)
        await lab.world.place_call(STRAIGHT, "+8613900000002", calls())
        await s.until(lambda: len(s.view().waiting) == 2)
        before = [(w.call, w.since) for w in s.view().waiting]
        call = before[0][0]
        await first.hears_tone(ANNOUNCED_HZ)
        await s.until(lambda: events(s, Announced, call) >= 1)
        await first.hears_tone(ANNOUNCED_HZ)  # again: the link to the caller is as it was
        await s.until(lambda: events(s, Announced, call) >= 2)

        assert [(w.call, w.since) for w in s.view().waiting] == before
        assert events(s, CallWaiting, call) == 2, "the hand-over's and the dialplan's, no third"
        said = {c.call: c.prompts for c in s.done(Announce)}
        assert said[call][1] == "number-1"
        assert said[before[1][0]][1] == "number-2"
        heard = lab.asterisk.ami.heard[since:]
        music = [m for m in heard if is_music(m) and m["Uniqueid"] == call]
        assert len(music) >= 3, "music again after each announcement"

        await lab.world.all_phones(answers(tone=AGENT_HZ, listen=CALLER_HZ))
        s.ready("anna")
        agent = await lab.world.phone("1001").rings()
        await agent.hears_tone(CALLER_HZ)
        assert s.agent("anna").call == call, "the first in line is served first"
        await lab.hang_up_all()
        await s.at_rest()


async def test_an_agent_answers_in_the_middle_of_a_long_announcement(
    lab: Lab, tmp_path: Path
) -> None:
    settings = saying(lab, tmp_path, periodic=[LONG], periodic_every_s=1)
    async with site(lab, tmp_path, settings=settings) as s:
        # The agent's tone is that of the announcement's beginning, which is silent from there on
        # for longer than this test takes: who hears it again hears the agent.
        await lab.world.all_phones(answers(tone=ANNOUNCED_HZ, listen=CALLER_HZ))
        script = calls(tone=CALLER_HZ, listen=ANNOUNCED_HZ)
        caller = await lab.world.place_call(STRAIGHT, "+8613900000001", script)
        await caller.hears_tone(ANNOUNCED_HZ)
        [waiting] = s.view().waiting
        s.ready("anna")
        agent = await lab.world.phone("1001").rings()
        await agent.hears_tone(CALLER_HZ, SILENT / 4)
        await caller.hears_tone(ANNOUNCED_HZ, SILENT / 4)
        await s.state("anna", "on_call")
        assert s.agent("anna").call == waiting.call
        assert events(s, Announced, waiting.call) == 0, "it was not heard to its end"

        await agent.hang_up()
        assert (await caller.ended())["Cause"] == "16", "by way of ctid-after, not back to the line"
        await s.at_rest()
        record = s.closed(waiting.call)
        assert (record.outcome, record.agent, record.offers) == ("answered", "anna", 1)
        assert len(s.done(Announce)) == 1


@pytest.mark.parametrize("attempt", range(3))
async def test_an_agent_answers_at_once_while_it_begins(
    lab: Lab, tmp_path: Path, attempt: int
) -> None:
    """The order to play and the order to ring leave in one breath, and the phone is picked up at
    once: whichever Asterisk does first, the two talk."""
    settings = saying(lab, tmp_path, periodic=[LONG], periodic_every_s=1)
    async with site(lab, tmp_path, settings=settings) as s:
        await lab.world.all_phones("answer|tone:1400|listen:1000")
        script = calls(tone=CALLER_HZ, listen=AGENT_HZ)
        caller = await lab.world.place_call(STRAIGHT, "+8613900000001", script)
        await s.until(lambda: s.done(Announce))
        s.ready("anna")
        agent = await lab.world.phone("1001").rings()
        await agent.hears_tone(CALLER_HZ)
        await caller.hears_tone(AGENT_HZ)
        await caller.hang_up()
        await s.at_rest()
        [record] = await s.records(1)
        assert (record.outcome, record.offers) == ("answered", 1)


async def test_a_caller_who_hangs_up_during_an_announcement_is_gone(
    lab: Lab, tmp_path: Path
) -> None:
    settings = saying(lab, tmp_path, periodic=[LONG], periodic_every_s=1)
    async with site(lab, tmp_path, settings=settings) as s:
        caller = await lab.world.place_call(STRAIGHT, script=calls(listen=ANNOUNCED_HZ))
        await caller.hears_tone(ANNOUNCED_HZ)
        await caller.hang_up()
        await s.at_rest()
        [record] = await s.records(1)
        assert record.outcome == "abandoned"
