"""Fifty callers at once in a menu, of several kinds: each comes to the right end."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.real_pbx.lab.handset import Handset
from tests.real_pbx.lab.lab import Lab
from tests.real_pbx.menu_calls import Story, outcomes, tell
from tests.real_pbx.site import settings_for, site

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.alone]

CALLERS = 50


async def next_question(handset: Handset) -> None:
    """Heard to its end."""
    await handset.hears_after(handset.sound.key_at)
    await handset.quiet()


async def all_through(handset: Handset) -> None:
    for keys in ("1", "100001", "42#"):
        await next_question(handset)
        await handset.press(keys)
    await handset.ended(20)


async def knows_the_way(handset: Handset) -> None:
    await handset.hears_after(0)
    await handset.press("110000142#", ms=60, gap=40)
    await handset.ended(20)


async def silent(handset: Handset) -> None:
    await handset.ended(20)


async def to_an_agent(handset: Handset) -> None:
    await next_question(handset)
    await handset.press("0")
    await handset.pause(1)


async def leaves(handset: Handset) -> None:
    await next_question(handset)
    await handset.press("1")
    await next_question(handset)
    await handset.press("10")


ALL = ("top=1", "fixed", "open", "thanks", "bye")
KINDS: tuple[tuple[Story, tuple[str, ...], str], ...] = (
    (all_through, ALL, "ivr_ended"),
    (knows_the_way, ALL, "ivr_ended"),
    (silent, ("top!", "bye"), "ivr_ended"),
    (to_an_agent, ("top=0", "agent"), "abandoned"),
    (leaves, ("top=1", "fixed"), "ivr_hangup"),
)


async def test_fifty_at_once(lab: Lab, tmp_path: Path) -> None:
    kinds = {str(n): KINDS[n % len(KINDS)] for n in range(CALLERS)}
    stories = {name: story for name, (story, _, _) in kinds.items()}
    async with site(lab, tmp_path, settings=settings_for(lab, tmp_path, flow="keys")) as s:
        await tell(s, "4000", stories)
        found = await outcomes(s, stories)
        assert {n: (h.record.path, h.record.outcome) for n, h in found.items()} == {
            n: (path, outcome) for n, (_, path, outcome) in kinds.items()
        }
        records = [heard.record for heard in found.values()]
        assert max(r.arrived_at for r in records) < min(r.ended_at for r in records), "all at once"
