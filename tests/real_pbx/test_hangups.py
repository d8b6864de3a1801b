"""Callers who leave: in the menu, in the queue, while a phone rings, and just as it is answered."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from ctid.core.commands import CallClosed, LegClosed, RevokePop, ShowPop
from tests.real_pbx.desk import desks
from tests.real_pbx.lab.ami_link import event
from tests.real_pbx.lab.lab import Lab
from tests.real_pbx.lab.script import answers, never_answers
from tests.real_pbx.lab.world import End
from tests.real_pbx.site import AGENTS, SHORT, STRAIGHT, SiteUnderTest, site

pytestmark = pytest.mark.asyncio(loop_scope="session")

NUMBER = "+8613900000001"


async def test_in_the_menu(lab: Lab, tmp_path: Path) -> None:
    async with site(lab, tmp_path, ready=["anna"]) as s:
        caller = await lab.world.place_call(SHORT, NUMBER)
        await s.until(lambda: s.view().calls_in_ivr == 1)
        await caller.answered()
        await caller.hang_up()
        [record] = await s.records(1)
        assert (record.outcome, record.queued_at, record.offers) == ("ivr_hangup", 0, 0)
        await s.at_rest()


async def test_in_the_queue(lab: Lab, tmp_path: Path) -> None:
    async with site(lab, tmp_path) as s:
        caller = await lab.world.place_call(STRAIGHT, NUMBER)
        await s.until(lambda: s.view().waiting)
        await caller.hang_up()
        [record] = await s.records(1)
        assert (record.outcome, record.offers, record.agent) == ("abandoned", 0, "")
        assert not s.view().waiting
        await s.at_rest()


async def test_while_the_phone_rings(lab: Lab, tmp_path: Path) -> None:
    await lab.world.phone("1001").behave(never_answers())
    async with site(lab, tmp_path) as s, desks(s.base, "anna") as desk:
        caller = await lab.world.place_call(STRAIGHT, NUMBER)
        phone = await lab.world.phone("1001").rings()
        pop = (await desk["anna"].until("pop.shown"))["pop"]["id"]
        await caller.hang_up()
        await phone.ended()
        await desk["anna"].until("pop.revoked", lambda f: f["pop"] == pop)
        await desk["anna"].state("ready")
        [record] = await s.records(1)
        assert (record.outcome, record.offers, record.agent) == ("abandoned", 1, "")
        await s.at_rest()


LANES, REPEATS = 10, 20
RINGS = 0.15
"""Seconds that a phone rings before it answers."""

Leave = Callable[[Lab, End, str, int], Awaitable[None]]


async def spread_around(lab: Lab, caller: End, number: str, since: int) -> None:
    """Leave from 40 ms before the answer to 20 ms after it, a little later each time."""
    await asyncio.sleep(RINGS - 0.04 + int(number[-3:]) % 60 / 1000)


async def as_the_phone_answers(lab: Lab, caller: End, number: str, since: int) -> None:
    """Leave when the phone has answered, before the PBX knows."""
    world = lab.world.asterisk.ami
    up = event("Newstate", ChannelStateDesc="Up", Context="script", CallerIDNum=number)
    await world.until(lambda m: up(m) and m["Uniqueid"] != caller.id, since=since)


async def as_the_pbx_hears(lab: Lab, caller: End, number: str, since: int) -> None:
    """Leave when the PBX has the answer, before the bridge."""
    up = event("Newstate", ChannelStateDesc="Up", ConnectedLineNum=number)
    await lab.asterisk.ami.until(up, since=since)


async def as_they_are_bridged(lab: Lab, caller: End, number: str, since: int) -> None:
    """Leave at the first sign of the bridge."""
    await lab.asterisk.ami.until(event("BridgeEnter", CallerIDNum=number), since=since)


WAYS: tuple[Leave, ...] = (
    spread_around,
    as_the_phone_answers,
    as_the_pbx_hears,
    as_they_are_bridged,
)


async def test_in_the_instant_of_the_answer(lab: Lab, tmp_path: Path) -> None:
    await lab.world.all_phones(answers(after=RINGS))
    async with site(lab, tmp_path, ready=AGENTS) as s:

        async def call_and_leave(lane: int) -> None:
            for repeat in range(REPEATS):
                n = lane * REPEATS + repeat
                await one_call(lab, f"+8613900000{n:03}", WAYS[n % len(WAYS)])

        async with asyncio.TaskGroup() as lanes:
            for lane in range(LANES):
                lanes.create_task(call_and_leave(lane))
        await s.records(LANES * REPEATS, 20)
        await s.at_rest(20)
        await s.until(lambda: len(s.states("ready")) == len(AGENTS))
        one_outcome_each(s)


async def one_call(lab: Lab, number: str, leave: Leave) -> None:
    """A caller who leaves around the answer, once a phone rings."""
    world, pbx = lab.world.asterisk.ami, lab.asterisk.ami
    in_world, at_pbx = world.mark(), pbx.mark()
    caller = await lab.world.place_call(STRAIGHT, number)
    await world.until(
        event("Newchannel", Context="from-pbx", CallerIDNum=number), 20, since=in_world
    )
    await leave(lab, caller, number, at_pbx if leave in WAYS[2:] else in_world)
    await caller.hang_up()
    await caller.ended()


def one_outcome_each(s: SiteUnderTest) -> None:
    """Each call answered or abandoned, as its legs say, each pop gone."""
    records = [c.record for c in s.done(CallClosed)]
    legs = [c.record for c in s.done(LegClosed)]
    assert len(records) == LANES * REPEATS
    outcomes = Counter(r.outcome for r in records)
    assert outcomes.keys() <= {"answered", "abandoned"}
    assert min(outcomes.values()) > LANES, f"the race was not run: {outcomes}"
    for record in records:
        mine = [leg for leg in legs if leg.call == record.call]
        talked = [leg.agent for leg in mine if leg.bridged_at]
        assert talked == ([record.agent] if record.outcome == "answered" else []), mine
        # Where the agent's leg finds the caller gone before the PBX tells us, the next phone
        # may ring for a moment.
        assert {leg.cause for leg in mine[:-1]} <= {"caller_gone"}, mine
        assert mine[-1].cause in ("hangup", "caller_gone"), mine
    shown = {c.pop.id for c in s.done(ShowPop)}
    revoked = {c.pop for c in s.done(RevokePop)}
    assert shown == revoked == {leg.offer for leg in legs}
