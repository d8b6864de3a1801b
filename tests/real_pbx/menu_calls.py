"""Many callers at once in a menu, each with a story of its own, and what ctid made of each."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from ctid.core.events import CallArrived, DigitsCollected
from ctid.core.records import CallRecord
from tests.real_pbx.lab.handset import Handset
from tests.real_pbx.site import SiteUnderTest

Story = Callable[[Handset], Awaitable[None]]


def number(n: int) -> str:
    """Of the caller with that place among the stories."""
    return f"+8613900001{n:03}"


async def tell(s: SiteUnderTest, dialled: str, stories: Mapping[str, Story]) -> None:
    """All of them at once; each ends with its handset hung up, by whomever."""

    async def one(caller: str, story: Story) -> None:
        async with Handset(s.lab.pbx.sip_port, dialled, caller) as handset:
            await story(handset)

    async with asyncio.TaskGroup() as callers:
        for n, story in enumerate(stories.values()):
            callers.create_task(one(number(n), story))


class Heard:
    """What ctid has in its journal of one caller."""

    def __init__(self, s: SiteUnderTest, caller: str) -> None:
        lines = [line.e for line in s.lines()]
        [self.arrived] = [e for e in lines if isinstance(e, CallArrived) and e.number == caller]
        call = self.arrived.call
        self.record: CallRecord = s.closed(call)
        self.keys = [
            (e.digits, e.ended) for e in lines if isinstance(e, DigitsCollected) and e.call == call
        ]


async def outcomes(s: SiteUnderTest, stories: Mapping[str, Story]) -> dict[str, Heard]:
    """By the stories' names, once all calls have ended and nothing is left of them."""
    await s.records(len(stories), 20)
    await s.at_rest()
    return {name: Heard(s, number(n)) for n, name in enumerate(stories)}
