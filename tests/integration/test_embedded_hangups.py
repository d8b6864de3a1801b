"""Callers who hang up: in the menu, in the queue, while the phone rings, as it is answered."""

from __future__ import annotations

import asyncio
from pathlib import Path

from sim.live.phones import PhoneBehaviour
from tests.integration.embedded_site import NEVER, QUICK, STRAIGHT, site
from tests.real_pbx.desk import desks


async def test_in_the_menu(tmp_path: Path) -> None:
    async with site(tmp_path) as s:
        first, second = s.call(QUICK), s.call(QUICK, keys=("1",))
        await s.until(lambda: first.requests and second.requests == 2)
        for call in (first, second):
            call.hang_up()
        await s.at_rest()
        assert (s.closed(first).outcome, s.closed(first).path) == ("ivr_hangup", ("menu",))
        assert s.closed(second).path == ("menu=1", "code")


async def test_in_the_queue(tmp_path: Path) -> None:
    async with site(tmp_path) as s:
        calls = [s.call() for _ in range(3)]
        await s.until(lambda: len(s.view().waiting) == 3)
        for call in calls:
            call.hang_up()
        await s.at_rest()
        assert {s.closed(call).outcome for call in calls} == {"abandoned"}
        assert {r.offers for r in await s.records(3)} == {0}


async def test_while_the_phone_rings(tmp_path: Path) -> None:
    async with site(tmp_path) as s, desks(s.base, "anna") as desk:
        s.phones(NEVER)
        call = s.call()
        await desk["anna"].until("pop.shown")
        call.hang_up()
        await desk["anna"].until("pop.revoked")
        # Not the agent's fault: available again, and at once.
        await desk["anna"].state("ready")
        await s.at_rest()
        assert (s.closed(call).outcome, s.closed(call).offers) == ("abandoned", 1)
        [leg] = s.legs(call)
        assert leg.answered_at == 0
        assert s.pbx.phone("1001").device_state == "NOT_INUSE"


async def test_in_the_instant_of_the_answer(tmp_path: Path) -> None:
    """Patience and answer meet within some milliseconds, 40 times: one outcome each."""
    agents = ("anna", "ben", "chen", "dora", "erik", "fang", "grace", "hao", "ines", "jun")
    async with site(tmp_path, ready=agents) as s:
        s.phones(PhoneBehaviour(ring_delay=0.02, answer_after=(0.028, 0.032)))
        calls = []
        for number in range(40):
            calls.append(s.call(STRAIGHT, patience=0.046 + number % 10 / 1000))
            await asyncio.wait([calls[-1].over], timeout=0.03)
        for call in calls:
            bridged = await call.talking_to
            if bridged:
                call.hang_up()
            await call.over
        await s.at_rest()
        outcomes = [s.closed(call).outcome for call in calls]
        assert set(outcomes) <= {"answered", "abandoned"}
        told = [outcome == "answered" for outcome in outcomes]
        assert told == [bool(call.talking_to.result()) for call in calls]
