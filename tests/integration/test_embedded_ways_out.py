"""Steps that lead out, record and look up, on the whole daemon beside the pretend PBX."""

from __future__ import annotations

from pathlib import Path

from ctid.core.commands import Divert, LookUpCustomer, ShowPop
from ctid.core.recording import CallerRecorded
from sim.live.outside import OutsideSettings
from tests.integration.embedded_site import Site, pbx_and_config
from tests.real_pbx.desk import desks

OUT, RECORD = "4091", "4092"
QUICKLY = OutsideSettings(message=1.6, rings=0.05, talk=0.2, prompt=0.02)
NOBODY = OutsideSettings(message=1.6, rings=0.05, answers=False, prompt=0.02)


async def started(s: Site, *ready: str) -> None:
    s.config["entries"] |= {OUT: "leaving", RECORD: "record"}
    s.config["queues"][0]["callback"] = {"ring_for_s": 1}  # at any time of the day
    await s.start()
    s.ready(*ready)


def places(s: Site) -> list[str]:
    return [divert.place for divert in s.done(Divert)]


async def test_a_message_a_number_and_back_into_the_menu(tmp_path: Path) -> None:
    """Nobody answers at the number, so the menu is heard once more; then a message."""
    async with pbx_and_config(tmp_path, outside=NOBODY) as s:
        await started(s)
        try:
            call = s.call(OUT, keys=("2", "1"))
            await s.until(lambda: call.over.done())
            await s.at_rest()
            record = s.closed(call)
            assert (record.outcome, record.path) == (
                "voicemail", ("ask=2", "busy!", "ask=1", "message"),
            )  # fmt: skip
            assert places(s) == ["external", "menu", "voicemail"]
            assert record.recorded > 1_000
        finally:
            await s.stop()


async def test_killed_while_it_rings_outside(tmp_path: Path) -> None:
    """Another ctid finds the caller in the queue, and goes on in the flow."""
    rings = OutsideSettings(message=1.6, rings=1.5, answers=False, prompt=0.02)
    async with pbx_and_config(tmp_path, outside=rings) as s:
        await started(s)
        call = s.call(OUT, keys=("2", "1"))
        await s.until(lambda: places(s) == ["external"])
        await s.stop()
        await s.start()
        try:
            await s.until(lambda: call.over.done())
            await s.at_rest()
            assert s.closed(call).path == ("ask=2", "busy!", "ask=1", "message")
        finally:
            await s.stop()


async def test_a_callback_is_promised_and_kept(tmp_path: Path) -> None:
    async with pbx_and_config(tmp_path, outside=QUICKLY) as s:
        await started(s)
        try:
            call = s.call(OUT, keys=("4",))
            await s.until(lambda: call.over.done())
            assert call.heard_prompts[-1].endswith("/callback-thanks")
            await s.until(lambda: len(s.view().callbacks) == 1)
            s.ready("anna")
            await s.state("anna", "on_call")
            assert [one.state for one in s.view().callbacks] == ["talking"]
        finally:
            await s.stop()


async def test_a_name_is_recorded_and_looked_up_in_the_record(tmp_path: Path) -> None:
    """Kept by key, then a message; the agent's pop, the store and the page have both."""
    async with pbx_and_config(tmp_path, outside=QUICKLY) as s:
        await started(s, "anna")
        try:
            async with desks(s.base, "sue") as desk:
                call = s.call(RECORD, keys=("1",))
                assert await call.talking_to == "1001"
                [pop] = s.done(ShowPop)
                call.hang_up()
                await s.at_rest()
                await s.records(1)
                told = await desk["sue"].get(f"/api/calls/{s.closed(call).call}")
            steps = [(one.step, one.link != "") for one in pop.pop.recordings]
            assert steps == [("name", True), ("message", False)]
            found = told["call"]["recordings"]
            assert [one["file"] for one in found] == [one.file for one in pop.pop.recordings]
            assert found[0]["link"] == f"https://pbx.example/{call.unique_id}-1.wav"
            assert len(s.done(LookUpCustomer)) == 1
        finally:
            await s.stop()


async def test_what_was_said_is_told_before_the_call_is_over(tmp_path: Path) -> None:
    """Hung up in mid sentence: AMI and FastAGI say so on two sockets."""
    slowly = OutsideSettings(message=9.0, prompt=0.02)
    async with pbx_and_config(tmp_path, outside=slowly) as s:
        await started(s)
        try:
            calls = [s.call(RECORD, hang_up_after=2.0 + n / 50) for n in range(10)]
            await s.until(lambda: all(call.over.done() for call in calls))
            await s.at_rest()
            for call in calls:
                record = s.closed(call)
                assert (record.outcome, record.path) == ("ivr_hangup", ("name",))
                assert [one.step for one in record.recordings] == ["name"]
        finally:
            await s.stop()


async def test_nothing_can_be_recorded(tmp_path: Path) -> None:
    async with pbx_and_config(tmp_path, outside=OutsideSettings(full_disk=True)) as s:
        await started(s)
        try:
            call = s.call(RECORD)
            await s.until(lambda: call.over.done())
            await s.at_rest()
            assert s.closed(call).path == ("name!", "bye")
            [fact] = [line.e for line in s.lines() if isinstance(line.e, CallerRecorded)]
            assert (fact.file, fact.ended) == ("", "failed")
        finally:
            await s.stop()
