"""`ctid-sim replay` on the journal of a real ctid: real sockets, a restart in the middle."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

from sim.whatif.files import Reel
from sim.whatif.reading import read_day
from sim.whatif.study import what_if
from tests.integration.embedded_site import QUICK, STRAIGHT, Site, site

AGENTS = ("anna", "ben", "chen", "dora")


async def some_calls(s: Site, count: int) -> None:
    """One after the other, faster than four agents can take them; every fifth gives up soon."""
    calls = []
    for number in range(count):
        patience = {"patience": 0.15} if number % 5 == 4 else {}
        dialled = (number % 2 and QUICK) or STRAIGHT
        calls.append(s.call(dialled, keys=("1", "100001"), talk=0.4, **patience))
        await asyncio.sleep(0.06)
    for call in calls:
        await call.over


async def test_a_day_of_a_real_ctid_is_played_as_it_was(tmp_path: Path) -> None:
    async with site(tmp_path, ready=AGENTS) as s:
        await some_calls(s, 20)
        await s.at_rest()
        await s.stop()
        await s.start()
        await s.until(lambda: all(s.agent(agent).state == "ready" for agent in AGENTS))
        await some_calls(s, 20)
        await s.at_rest()
        records = await s.records(40)
        files = sorted((s.folder / "journal").glob("*.ctid"))
    assert len(files) == 2
    day = read_day(Reel(files))
    assert day.told == []
    outcomes = Counter(caller.outcome for caller in day.callers)
    assert outcomes == Counter(record.outcome for record in records)
    assert outcomes["answered"] > 20
    found = what_if(
        day, day.settings, journals=["d"], config="same", replications=2, seed=1
    )  # fmt: skip
    assert found.same_outcome > 0.8
    assert {one.value for one in found.differences} <= {0.0, None}
