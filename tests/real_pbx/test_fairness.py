"""Calls of equal length are shared out evenly, and nobody is offered twice."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import pytest

from ctid.core.commands import LegClosed
from tests.real_pbx.lab.lab import Lab
from tests.real_pbx.lab.script import answers
from tests.real_pbx.site import AGENTS, STRAIGHT, site

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.alone]

CALLERS, CALLS_EACH = 20, 10


async def test_200_calls_over_10_agents(lab: Lab, tmp_path: Path) -> None:
    await lab.world.all_phones(answers(after=0.1, talk=0.6))
    async with site(lab, tmp_path, ready=AGENTS) as s:

        async def call_again_and_again(number: str) -> None:
            for _ in range(CALLS_EACH):
                caller = await lab.world.place_call(STRAIGHT, number)
                await caller.ended(30)

        async with asyncio.TaskGroup() as callers:
            for n in range(CALLERS):
                callers.create_task(call_again_and_again(f"+8613900000{n:03}"))

        total = CALLERS * CALLS_EACH
        records = await s.records(total)
        assert Counter(r.outcome for r in records) == {"answered": total}
        assert {r.offers for r in records} == {1}
        legs = [closed.record for closed in s.done(LegClosed)]
        assert Counter(leg.cause for leg in legs) == {"hangup": total}
        share = Counter(leg.agent for leg in legs)
        assert sorted(share) == sorted(AGENTS)
        assert max(share.values()) - min(share.values()) <= 1, share
        await s.at_rest()
