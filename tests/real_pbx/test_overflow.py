"""Overflow on a real Asterisk: to another queue, to voicemail, a message, a number outside."""

from __future__ import annotations

import asyncio
import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ctid.core.commands import Overflowed, RingAgent
from ctid.core.records import CallRecord, Move
from ctid.settings import Settings, parse
from tests.real_pbx.lab.lab import Lab
from tests.real_pbx.lab.script import answers, calls
from tests.real_pbx.lab.sounds import RATE
from tests.real_pbx.lab.world import End
from tests.real_pbx.site import STRAIGHT, SiteUnderTest, config_for, flows, site
from tests.real_pbx.tones import AGENT_HZ, CALLER_HZ, OTHER_HZ

pytestmark = pytest.mark.asyncio(loop_scope="session")

TO_SUPPORT = "4000"
ENOUGH_BYTES = RATE * 2
"""One second of a recording."""


def settings(lab: Lab, folder: Path, *rules: dict[str, Any]) -> Settings:
    """These rules in sales, which STRAIGHT leads to; TO_SUPPORT leads to support. Anna works in
    support only, all others in sales only."""
    config = config_for(lab, folder, flow="to-support")
    sales, support, _ = config["queues"]
    sales["overflow"] = list(rules)
    for agent in config["agents"]:
        agent["queues"] = [(support if agent["id"] == "anna" else sales)["id"]]
        agent["penalties"] = {}
    straight = {"q": {"kind": "queue", "queue": "support"}}
    flow = {"id": "to-support", "start": "q", "language": "en", "steps": straight, "prompts": {}}
    return parse(config, {**flows(), "to-support.toml": flow})


def moves(s: SiteUnderTest) -> list[Move]:
    return [command.move for command in s.done(Overflowed)]


async def call_of(s: SiteUnderTest, count: int = 1) -> list[str]:
    """The calls that ctid knows, oldest first, once there are so many."""
    centre = s.app.driver.centre
    await s.until(lambda: len(centre.calls) == count)
    return list(centre.calls)


def recording_at(lab: Lab, path: str) -> Path:
    """The file that Asterisk calls `path`."""
    return lab.folder / "pbx" / "spool" / "ctid" / Path(path).name


def loudest(file: Path) -> tuple[float, float]:
    """Frequency of the strongest tone in Hz, and the RMS of all samples."""
    with wave.open(str(file), "rb") as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (8000, 1, 2)
        samples = np.frombuffer(sound.readframes(sound.getnframes()), "<i2").astype(float)
    spectrum = np.abs(np.fft.rfft(samples))
    at = int(np.argmax(spectrum[1:])) + 1
    return at * RATE / len(samples), float(np.sqrt(np.mean(samples**2)))


async def variable(lab: Lab, channel: str, name: str) -> str:
    """A channel's variable, as Asterisk has it now."""
    return (await lab.asterisk.ami.ask("Getvar", Channel=channel, Variable=name))["Value"]


async def leaves_a_message(lab: Lab, s: SiteUnderTest, caller: End, call: str) -> CallRecord:
    """The caller hears the greeting, speaks, and hangs up; the record of the call."""
    await caller.hears_tone(OTHER_HZ)
    file = recording_at(lab, f"{call}.wav")
    await s.until(lambda: file.exists() and file.stat().st_size > ENOUGH_BYTES)
    await caller.hang_up()
    await s.at_rest()
    [record] = await s.records(1)
    return record


async def test_voicemail_after_a_wait(lab: Lab, tmp_path: Path) -> None:
    rule = {"to": "voicemail", "prompts": ["voicemail"], "waited_s": 1.5}
    async with site(lab, tmp_path, settings=settings(lab, tmp_path, rule)) as s:
        script = calls(tone=CALLER_HZ, listen=OTHER_HZ)
        caller = await lab.world.place_call(STRAIGHT, "+8613900000001", script)
        [call] = await call_of(s)
        record = await leaves_a_message(lab, s, caller, call)
        assert (record.outcome, record.queue, record.agent) == ("voicemail", "sales", "")
        assert 1500 <= record.waited < 3000
        assert record.path == ("queue", "sales>voicemail")
        hz, loud = loudest(recording_at(lab, record.recording))
        assert hz == pytest.approx(CALLER_HZ, abs=20)
        assert loud > 500
        assert 900 < record.recorded < 10_000
        [move] = await s.app.store.moves(call)
        assert (move.to, move.kind, move.reason) == ("voicemail", "timed_out", "waited 1 s")
        counts = next(q for q in s.view().queues if q.queue == "sales")
        assert (counts.offered, counts.timed_out, counts.abandoned) == (1, 1, 0)


async def test_voicemail_straight_from_the_menu(lab: Lab, tmp_path: Path) -> None:
    """Nobody is signed in: FastAGI itself leads there, and # ends the message."""
    rule = {"to": "voicemail", "prompts": ["voicemail"], "no_agent": "signed_in"}
    async with site(lab, tmp_path, settings=settings(lab, tmp_path, rule)) as s:
        script = calls(tone=CALLER_HZ, listen=OTHER_HZ)
        caller = await lab.world.place_call(STRAIGHT, "+8613900000001", script)
        [call] = await call_of(s)
        file = recording_at(lab, f"{call}.wav")
        await s.until(lambda: file.exists() and file.stat().st_size > ENOUGH_BYTES)
        await caller.press("#")
        await caller.ended()
        await s.at_rest()
        [record] = await s.records(1)
        assert (record.outcome, record.waited) == ("voicemail", 0)
        assert record.recorded > 900
        assert loudest(recording_at(lab, record.recording))[1] > 500


async def test_voicemail_by_a_key(lab: Lab, tmp_path: Path) -> None:
    """Heard in the queue over AMI, out of an announcement too; other keys do nothing."""
    rule = {"to": "voicemail", "prompts": ["voicemail"], "key": "2"}
    async with site(lab, tmp_path, settings=settings(lab, tmp_path, rule)) as s:
        script = calls(tone=CALLER_HZ, listen=OTHER_HZ)
        caller = await lab.world.place_call(STRAIGHT, "+8613900000001", script)
        [call] = await call_of(s)
        await s.until(lambda: any(w.call == call for w in s.view().waiting))
        await caller.press("9")
        await caller.press("2")
        record = await leaves_a_message(lab, s, caller, call)
        assert (record.outcome, record.path) == ("voicemail", ("queue", "sales>voicemail"))
        [move] = moves(s)
        assert (move.kind, move.reason) == ("by_key", "pressed 2")


async def test_a_menu_by_a_key_and_back_into_the_queue(lab: Lab, tmp_path: Path) -> None:
    """FastAGI twice on one channel; who says nothing there waits on with the time waited."""
    rule = {"to": "menu:short", "key": "1"}
    async with site(lab, tmp_path, settings=settings(lab, tmp_path, rule)) as s:
        caller = await lab.world.place_call(STRAIGHT, "+8613900000001", calls(listen=AGENT_HZ))
        await s.until(lambda: len(s.view().waiting) == 1)
        [before] = s.view().waiting
        await caller.press("1")
        await s.until(lambda: s.view().calls_in_ivr == 1)
        assert s.view().waiting == ()
        await s.until(lambda: len(s.view().waiting) == 1)
        [after] = s.view().waiting
        assert (after.call, after.since) == (before.call, before.since)
        await lab.world.all_phones(answers(after=0.1, tone=AGENT_HZ))
        s.ready("ben")
        await caller.hears_tone(AGENT_HZ)
        await caller.hang_up()
        [record] = await s.records(1)
        assert record.outcome == "answered"
        assert record.path == ("queue", "sales>menu:short", "menu!", "queue")
        assert record.waited > 2_500, "two time-outs of the menu are in it"
        await s.at_rest()


async def test_a_caller_who_says_nothing_has_abandoned(lab: Lab, tmp_path: Path) -> None:
    rule = {"to": "voicemail", "prompts": ["voicemail"], "waited_s": 1}
    async with site(lab, tmp_path, settings=settings(lab, tmp_path, rule)) as s:
        caller = await lab.world.place_call(STRAIGHT, script=calls(listen=OTHER_HZ))
        await caller.hears_tone(OTHER_HZ)
        await caller.hang_up()
        await s.at_rest()
        [record] = await s.records(1)
        assert (record.outcome, record.recording) == ("abandoned", "")


async def test_another_queue_keeps_place_and_time(lab: Lab, tmp_path: Path) -> None:
    rule = {"to": "queue:support", "waited_s": 1.5}
    async with site(lab, tmp_path, settings=settings(lab, tmp_path, rule)) as s:
        first = await lab.world.place_call(STRAIGHT, "+8613900000001")
        [call] = await call_of(s)
        await s.until(lambda: any(w.call == call for w in s.view().waiting))
        second = await lab.world.place_call(TO_SUPPORT, "+8613900000002")
        other = (await call_of(s, 2))[1]
        await s.until(lambda: [w.queue for w in s.view().waiting] == ["support", "support"])
        assert [w.call for w in s.view().waiting] == [call, other]
        # Asterisk knows it too: a ctid that starts again finds the caller in the new queue.
        channel = s.app.switch.translator.callers[call]
        async with asyncio.timeout(5):  # another AMI session than ctid's: no order between the two
            while await variable(lab, channel, "CTID_QUEUE") != "support":
                pass

        s.ready("anna")
        await s.state("anna", "on_call")
        assert [ring.call for ring in s.done(RingAgent)] == [call]
        await first.hang_up()
        await s.until(lambda: len(s.done(RingAgent)) == 2)
        await s.state("anna", "on_call")
        await second.hang_up()
        await s.at_rest()
        records = {record.call: record for record in await s.records(2)}
        assert {r.outcome for r in records.values()} == {"answered"}
        assert records[call].queue == "support"
        assert records[call].waited >= 1500
        counts = {q.queue: q for q in s.view().queues}
        assert (counts["sales"].offered, counts["sales"].overflowed) == (1, 1)
        assert (counts["support"].offered, counts["support"].answered) == (2, 2)


async def test_a_message_and_then_the_end(lab: Lab, tmp_path: Path) -> None:
    rule = {"to": "message", "prompts": ["sorry"], "length": 1}
    async with site(lab, tmp_path, settings=settings(lab, tmp_path, rule)) as s:
        first = await lab.world.place_call(STRAIGHT, "+8613900000001")
        [call] = await call_of(s)
        await s.until(lambda: any(w.call == call for w in s.view().waiting))
        script = calls(listen=OTHER_HZ)
        second = await lab.world.place_call(STRAIGHT, "+8613900000002", script)
        await second.hears_tone(OTHER_HZ)
        assert (await second.ended())["Cause"] == "16"
        assert [w.call for w in s.view().waiting] == [call]
        await first.hang_up()
        await s.at_rest()
        outcomes = {r.number: r.outcome for r in await s.records(2)}
        assert outcomes == {"+8613900000001": "abandoned", "+8613900000002": "message"}


async def test_a_number_outside_that_answers(lab: Lab, tmp_path: Path) -> None:
    rule = {"to": "external:8001", "waited_s": 1}
    async with site(lab, tmp_path, settings=settings(lab, tmp_path, rule)) as s:
        caller = await lab.world.place_call(STRAIGHT, "+8613900000001")
        [call] = await call_of(s)
        sent = s.app.driver.centre.calls[call]
        await s.until(lambda: sent.sent is not None and sent.sent.answered_at)
        await caller.hang_up()
        await s.at_rest()
        [record] = await s.records(1)
        assert (record.outcome, record.agent) == ("overflowed", "")
        assert 1000 <= record.waited < 3000
        assert record.talked >= 0


async def test_a_number_outside_that_does_not_answer(lab: Lab, tmp_path: Path) -> None:
    """The lab lets it ring for 2 s; then the caller is back at the old place, with the old time."""
    rule = {"to": "external:5001", "waited_s": 1}
    async with site(lab, tmp_path, settings=settings(lab, tmp_path, rule)) as s:
        await lab.world.phone("1002").behave(answers(tone=AGENT_HZ))
        script = calls(listen=AGENT_HZ)
        caller = await lab.world.place_call(STRAIGHT, "+8613900000001", script)
        [call] = await call_of(s)
        sent = s.app.driver.centre.calls[call]
        await s.until(lambda: sent.sent is not None)
        assert s.view().waiting == ()
        await s.until(lambda: [w.call for w in s.view().waiting] == [call])
        s.ready("ben")
        await s.state("ben", "on_call")
        await caller.hears_tone(AGENT_HZ)
        await caller.hang_up()
        await s.at_rest()
        [record] = await s.records(1)
        assert (record.outcome, record.agent, record.queue) == ("answered", "ben", "sales")
        assert record.waited >= 2000
        assert len(moves(s)) == 1


async def test_nobody_is_torn_from_an_agent_who_answers(lab: Lab, tmp_path: Path) -> None:
    """The time is over while the phone rings, and while the two talk: they talk on."""
    rule = {"to": "voicemail", "waited_s": 1}
    async with site(lab, tmp_path, settings=settings(lab, tmp_path, rule)) as s:
        await lab.world.phone("1002").behave(answers(after=1.5, tone=AGENT_HZ))
        s.ready("ben")
        script = calls(listen=AGENT_HZ)
        caller = await lab.world.place_call(STRAIGHT, "+8613900000001", script)
        await s.state("ben", "on_call")
        await caller.hears_tone(AGENT_HZ)
        await caller.hears_tone(AGENT_HZ)
        await caller.hang_up()
        await s.at_rest()
        [record] = await s.records(1)
        assert record.outcome == "answered"
        assert record.waited > 1000
        assert moves(s) == []


async def test_calls_that_overflow_as_agents_come(lab: Lab, tmp_path: Path) -> None:
    """The time of ten callers is over as agents get ready: each gets to one of the two places."""
    rule = {"to": "message", "prompts": ["sorry"], "waited_s": 1.2}
    async with site(lab, tmp_path, settings=settings(lab, tmp_path, rule)) as s:
        callers = [await lab.world.place_call(STRAIGHT, f"+86139000000{n:02}") for n in range(10)]
        await s.until(lambda: len(moves(s)) >= 2)
        s.ready("ben", "chen", "dora", "erik")
        await s.until(lambda: not s.view().waiting)
        await asyncio.gather(*(caller.hang_up() for caller in callers))
        await s.at_rest()
        outcomes = sorted(record.outcome for record in await s.records(10))
        assert set(outcomes) <= {"answered", "message"}
        assert outcomes.count("message") == len(moves(s))
