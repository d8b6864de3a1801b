"""Announcements of a whole ctid beside the pretend PBX: heard, cut short, and over a restart."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ctid.core.commands import Announce
from ctid.core.events import Announced, CallWaiting
from sim.live.callers import PlacedCall
from tests.integration.embedded_site import Site, pbx_and_config

PLACE = ["queue-position", "number-1", "queue-position-end"]


def saying(s: Site, **wait: Any) -> None:
    """Sales, where all calls go, says this."""
    s.config["queues"][0]["wait"] = wait


def heard(call: PlacedCall) -> list[str]:
    return [prompt.removeprefix("ctid/en/") for prompt in call.heard_prompts]


async def test_place_and_expected_wait_are_heard_and_an_agent_is_found(tmp_path: Path) -> None:
    async with pbx_and_config(tmp_path) as s:
        saying(s, position_up_to=5, expected_wait=True, first_after_s=0.2)
        await s.start()
        try:
            s.ready("anna")
            talks = s.call()
            assert await talks.talking_to == "1001"
            call = s.call(number="+8613900000002")
            await s.until(lambda: any(isinstance(line.e, Announced) for line in s.lines()))
            assert heard(call)[:4] == [*PLACE, "queue-wait"]
            assert heard(call)[-1] == "queue-minutes"
            assert [w.call for w in s.view().waiting] == [call.unique_id]
            talks.hang_up()
            assert await call.talking_to == "1001"
            await s.until(lambda: s.view().queues[0].wait.measured == 1)
            call.hang_up()
            await s.at_rest()
        finally:
            await s.stop()


async def test_an_agent_comes_in_the_middle_of_an_announcement(tmp_path: Path) -> None:
    async with pbx_and_config(tmp_path, prompt_seconds=30.0) as s:
        saying(s, periodic=["closed"], periodic_every_s=0.2)
        await s.start()
        try:
            call = s.call()
            await s.until(lambda: heard(call) == ["closed"])
            s.ready("anna")
            assert await call.talking_to == "1001"
            call.hang_up()
            await s.at_rest()
            assert len(s.done(Announce)) == 1
            assert not any(isinstance(line.e, Announced) for line in s.lines())
        finally:
            await s.stop()


async def test_a_restart_goes_on_where_the_last_one_stopped(tmp_path: Path) -> None:
    async with pbx_and_config(tmp_path) as s:
        saying(s, periodic=["welcome", "closed"], periodic_every_s=0.6)
        await s.start()
        call = s.call()
        await s.until(lambda: heard(call) == ["welcome"])
        await s.stop()
        await s.start()
        try:
            await s.until(lambda: heard(call)[:2] == ["welcome", "closed"])
            facts = [line.e for line in s.lines() if isinstance(line.e, CallWaiting)]
            assert len({fact.call for fact in facts}) == 1
            s.ready("anna")
            assert await call.talking_to == "1001"
            call.hang_up()
            await s.at_rest()
        finally:
            await s.stop()
