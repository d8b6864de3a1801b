"""Visits of flows on a real Asterisk: each is told once, where the caller hung up."""

from __future__ import annotations

from pathlib import Path

import pytest

from ctid.core.visits import FlowEnded
from tests.real_pbx.lab.lab import Lab
from tests.real_pbx.menu_calls import outcomes, tell
from tests.real_pbx.site import settings_for, site
from tests.real_pbx.test_ivr_hang_up import PLACES, on_the_way_to_the_queue

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_who_hangs_up_is_lost_at_that_step(lab: Lab, tmp_path: Path) -> None:
    stories = {name: story for name, (story, _) in PLACES.items()}
    stories["queue"] = on_the_way_to_the_queue(1_500)
    async with site(lab, tmp_path, settings=settings_for(lab, tmp_path, flow="keys")) as s:
        await tell(s, "4000", stories)
        found = await outcomes(s, stories)
        visits = [command.visit for command in s.done(FlowEnded)]
        figures = await s.app.store.ivr_figures(0, 2**53)
    assert len(visits) == len(stories), "one end for each"
    told = {visit.call: visit for visit in visits}
    for name, heard in found.items():
        visit = told[heard.record.call]
        last = heard.record.path[-1].partition("=")[0]
        assert visit.last == f"{visit.flow}/{last}", name
        assert visit.outcome == ("queue" if name == "queue" else "hung_up"), name
        assert [stay.step for stay in visit.stays] == [
            step.partition("=")[0] for step in heard.record.path
        ]
        assert 0 <= visit.lasted < 10_000
    assert told[found["queue"].record.call].way == "asked"
    [flow] = figures.flows
    assert flow.outcomes == {"hung_up": len(PLACES), "queue/asked": 1}
    lost = {step.step: step.ways.get("hung_up", 0) for step in figures.steps}
    assert {step: count for step, count in lost.items() if count} == {
        "top": 2, "fixed": 2, "told": 2,
    }  # fmt: skip
