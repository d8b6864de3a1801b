"""The AMI link is cut, or goes deaf, with calls in every stage; calls go on without it."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import msgspec
import pytest

from ctid.core.commands import Repaired, RingAgent
from tests.fakes.relay import Relay
from tests.real_pbx.lab.lab import Lab
from tests.real_pbx.lab.script import answers, never_answers
from tests.real_pbx.lab.world import End
from tests.real_pbx.site import AGENTS, STRAIGHT, SiteUnderTest, settings_for, site

pytestmark = pytest.mark.asyncio(loop_scope="session")

CUT = 10.0
"""Seconds that the link is down."""


@asynccontextmanager
async def behind_a_relay(
    lab: Lab, folder: Path, ready: Sequence[str]
) -> AsyncIterator[tuple[SiteUnderTest, Relay]]:
    """A ctid whose AMI link can be cut."""
    relay = Relay(lab.pbx.host, lab.pbx.ami_port)
    await relay.start()
    settings = settings_for(lab, folder, flow="straight")
    pbx = msgspec.structs.replace(settings.pbx, port=relay.port)
    settings = msgspec.structs.replace(settings, pbx=pbx)
    try:
        async with site(lab, folder, settings=settings, ready=ready) as s:
            yield s, relay
    finally:
        relay.thaw()
        await relay.cut()


class Crowd:
    """Callers with the numbers +8613900000001 and up."""

    def __init__(self, s: SiteUnderTest) -> None:
        self._s, self._placed = s, 0

    async def place(self, count: int) -> list[End]:
        """So many more, one after the other: each waits before the next one calls."""
        placed = []
        for _ in range(count):
            self._placed += 1
            number = f"+8613900000{self._placed:03}"
            placed.append(await self._s.lab.world.place_call(STRAIGHT, number))
            await self._s.until(partial(self._waits, number))
        return placed

    def _waits(self, number: str) -> bool:
        calls = self._s.app.driver.centre.calls.values()
        return any(call.number == number and call.was_queued for call in calls)


async def hang_up(callers: Sequence[End]) -> None:
    for caller in callers:
        await caller.hang_up()
        await caller.ended()


async def test_cut_for_10_s_in_the_middle_of_20_calls(lab: Lab, tmp_path: Path) -> None:
    slow, deaf = ("1007", "1008"), ("1009", "1010")
    await lab.world.all_phones(answers(after=0.1))
    for ext in slow:
        await lab.world.phone(ext).behave(answers(after=3))
    for ext in deaf:
        await lab.world.phone(ext).behave(never_answers())
    async with behind_a_relay(lab, tmp_path, AGENTS) as (s, relay):
        crowd = Crowd(s)
        talk_on, talk_and_leave = await crowd.place(3), await crowd.place(3)
        await s.until(lambda: len(s.states("on_call")) == 6)
        answered_unseen, ring_and_leave = await crowd.place(2), await crowd.place(2)
        await s.until(lambda: len(s.states("reserved")) == 4)
        late = [await lab.world.phone(ext).rings() for ext in slow]
        wait_on, wait_and_leave = await crowd.place(4), await crowd.place(2)
        await s.until(lambda: len([w for w in s.view().waiting if not w.offered_to]) == 6)

        began = time.monotonic()
        await relay.cut()
        await s.until(lambda: s.view().frozen)
        rung = len(s.done(RingAgent))
        await hang_up([*talk_and_leave, *ring_and_leave, *wait_and_leave])
        newcomers = await crowd.place(4)
        for phone in late:
            await phone.answered(8)
        await lab.world.all_phones(answers(after=0.05, talk=0.3))
        await asyncio.sleep(CUT - (time.monotonic() - began))
        assert len(s.done(RingAgent)) == rung, "no offer without a link"
        await relay.start()
        await s.until(lambda: not s.view().frozen, 20)

        stay = [*AGENTS[:3], *AGENTS[6:8]]
        assert [s.agent(agent).state for agent in stay] == ["on_call"] * 5
        for caller in (*wait_on, *newcomers):
            await caller.ended(15)
        assert [s.agent(agent).state for agent in stay] == ["on_call"] * 5
        await hang_up([*talk_on, *answered_unseen])
        records = {r.number: r for r in await s.records(20)}
        left = [f"+8613900000{n:03}" for n in (9, 10, 15, 16)]
        assert {n for n, r in records.items() if r.outcome == "abandoned"} == set(left)
        assert Counter(r.outcome for r in records.values()) == {"answered": 16, "abandoned": 4}
        unseen = [f"+8613900000{n:03}" for n in (4, 5, 6, 9, 10, 15, 16)]
        assert {n for n, r in records.items() if r.cause == "unseen"} == set(unseen)
        await s.at_rest()
        await s.until(lambda: len(s.states("ready")) == len(AGENTS))

        # The newcomers need no repair: FastAGI told that Asterisk holds them.
        kinds = {"call_gone": 7, "leg_gone": 3, "answer_seen": 2}
        told = Counter(c.kind for c in s.done(Repaired))
        assert {kind: told[kind] for kind in kinds} == kinds
        assert told.keys() <= {*kinds, "phone_state"}
        stored = await s.rows("repair", told.total())
        assert Counter(row["kind"] for row in stored) == told


async def test_a_link_that_goes_deaf_and_dies(lab: Lab, tmp_path: Path) -> None:
    async with behind_a_relay(lab, tmp_path, ["anna"]) as (s, relay):
        crowd = Crowd(s)
        [talks] = await crowd.place(1)
        await s.state("anna", "on_call")
        [leaves, stays] = await crowd.place(2)
        await s.until(lambda: len(s.view().waiting) == 2)

        relay.freeze()
        await hang_up([leaves, talks])
        s.ready("ben")
        assert s.agent("ben").state == "reserved", "ctid cannot know that nobody hears it"
        cut = asyncio.ensure_future(relay.cut())
        await s.until(lambda: s.view().frozen)
        relay.thaw()
        await cut
        await relay.start()
        await s.state("ben", "on_call", 15)
        [offer] = s.done(RingAgent)[2:]
        assert s.app.driver.centre.calls[offer.call].number == "+8613900000003"
        told = Counter(c.kind for c in s.done(Repaired))
        assert (told["call_gone"], told["leg_gone"]) == (2, 2)
        await hang_up([stays])
        outcomes = {r.number[-1]: r.outcome for r in await s.records(3)}
        assert outcomes == {"1": "answered", "2": "abandoned", "3": "answered"}
        await s.at_rest()


async def test_a_link_that_stalls_says_it_all_later(lab: Lab, tmp_path: Path) -> None:
    async with behind_a_relay(lab, tmp_path, ["anna"]) as (s, relay):
        crowd = Crowd(s)
        [talks] = await crowd.place(1)
        await s.state("anna", "on_call")
        [leaves, stays] = await crowd.place(2)
        await s.until(lambda: len(s.view().waiting) == 2)

        relay.freeze()
        await hang_up([leaves, talks])
        s.ready("ben")  # rung for a caller who has left, once the words arrive
        [newcomer] = await crowd.place(1)
        relay.thaw()
        await s.until(lambda: len(s.states("on_call")) == 2)
        assert s.done(Repaired) == [], "late is not lost"
        await hang_up([stays, newcomer])
        outcomes = {r.number[-1]: r.outcome for r in await s.records(4)}
        assert outcomes == {"1": "answered", "2": "abandoned", "3": "answered", "4": "answered"}
        await s.at_rest()
