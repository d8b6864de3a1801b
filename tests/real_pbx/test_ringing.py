"""Several phones ring for one caller on a real Asterisk, and one agent gets the caller."""

from __future__ import annotations

from pathlib import Path

import pytest

from ctid.core.commands import RingAgent
from ctid.settings import Settings, parse
from tests.real_pbx.lab.lab import Lab
from tests.real_pbx.lab.script import answers, never_answers
from tests.real_pbx.site import STRAIGHT, SiteUnderTest, config_for, flows, site

pytestmark = pytest.mark.asyncio(loop_scope="session")

ROUNDS = 10


def settings(lab: Lab, folder: Path, **ring: object) -> Settings:
    config = config_for(lab, folder, flow="straight", wrap_up=0)
    for queue in config["queues"]:
        queue |= ring
    return parse(config, flows())


def taken(s: SiteUnderTest, call: str) -> str:
    """Who got that call."""
    [record] = [leg for leg in s.legs(call) if leg.bridged_at]
    return record.agent


async def test_all_phones_ring_and_whoever_answers_at_the_same_instant_one_talks(
    lab: Lab, tmp_path: Path
) -> None:
    """Four phones pick up together, again and again: the caller keeps the first who got through,
    and nobody else is punished for it."""
    agents = ["anna", "ben", "chen", "dora"]
    made = settings(lab, tmp_path, ring="all")
    async with site(lab, tmp_path, settings=made, ready=agents) as s:
        await lab.world.all_phones(answers(after=0.1))
        for one in range(ROUNDS):
            await lab.world.place_call(STRAIGHT, f"+86139000000{one:02}")
            await s.until(lambda: len(s.states("on_call")) == 1)
            await s.until(lambda: len(s.states("ready")) == 3)
            await lab.hang_up_all()
            await s.until(lambda: len(s.states("ready")) == 4)
        records = await s.records(ROUNDS)
        assert {(r.outcome, r.offers) for r in records} == {("answered", 4)}
        assert all(taken(s, r.call) == r.agent for r in records)
        lost = [leg.cause for r in records for leg in s.legs(r.call) if not leg.bridged_at]
        assert len(lost) == 3 * ROUNDS
        assert "no_answer" not in lost
        await s.at_rest(shared=True)


async def test_one_phone_after_the_other_joins_in(lab: Lab, tmp_path: Path) -> None:
    made = settings(lab, tmp_path, ring="progressively", ring_more_after_s=0.5)
    async with site(lab, tmp_path, settings=made, ready=["anna", "ben", "chen"]) as s:
        await lab.world.all_phones(never_answers())
        await lab.world.phone("1003").behave(answers(after=0.1))
        await lab.world.place_call(STRAIGHT, "+8613900000001")
        await s.state("chen", "on_call")
        await s.until(lambda: s.states("ready") == ["anna", "ben"])
        assert [ring.agent for ring in s.done(RingAgent)] == ["anna", "ben", "chen"]
        await lab.hang_up_all()
        [record] = await s.records(1)
        assert (record.outcome, record.agent, record.offers) == ("answered", "chen", 3)
        await s.at_rest(shared=True)
