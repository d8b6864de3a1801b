"""Opening hours switched from the board, on a real Asterisk: who waits and who calls hear it."""

from __future__ import annotations

from pathlib import Path

import pytest

from ctid.settings import parse
from tests.real_pbx.desk import desks
from tests.real_pbx.lab.lab import Lab
from tests.real_pbx.lab.script import calls
from tests.real_pbx.site import MAIN, STRAIGHT, SUPERVISOR, config_for, flows, site
from tests.real_pbx.tones import OTHER_HZ

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_closed_at_once_for_who_waits_and_who_calls(lab: Lab, tmp_path: Path) -> None:
    config = config_for(lab, tmp_path)
    rule = {"to": "message", "at": "wait", "closed": "always", "prompts": ["closed"]}
    config["queues"][0]["overflow"] = [rule]
    async with (
        site(lab, tmp_path, settings=parse(config, flows())) as s,
        desks(s.base, SUPERVISOR) as desk,
    ):
        script = calls(listen=OTHER_HZ)
        waiting = await lab.world.place_call(STRAIGHT, "+8613900000001", script)
        await s.until(lambda: len(s.view().waiting) == 1)
        await desk[SUPERVISOR].say("hours", hours="always", to="closed")
        await waiting.hears_tone(OTHER_HZ)
        await waiting.ended()
        caller = await lab.world.place_call(MAIN, "+8613900000002", script)
        await caller.hears_tone(OTHER_HZ)
        await caller.ended()
        await s.at_rest()
        second, first = await s.records(2)
        assert (first.outcome, first.path) == ("message", ("queue", "sales>message"))
        assert second.path == ("hours", "closed", "goodbye")
        counts = next(q for q in s.view().queues if q.queue == "sales")
        assert (counts.offered, counts.closed, counts.abandoned) == (1, 1, 0)
