"""Callers in a menu, each a handset of ours, and how long each of them waited for a sound.

One menu, done by ctid or by the dialplan alone; the callers are the same and know of no difference.
What is measured is what they hear: the packets of sound that arrive, stamped by the kernel.
"""

from __future__ import annotations

import asyncio
import random
from typing import Final

import msgspec

from tests.real_pbx.lab.handset import Handset, NotSo

CODE: Final = "100001"
LONGEST: Final = 30.0
"""Seconds after which a caller gives up; five are usual."""


class Gaps(msgspec.Struct, frozen=True):
    """Milliseconds, of all callers who came to the end."""

    answer: tuple[float, ...]
    """Answer → the first sound."""
    key: tuple[float, ...]
    """End of the last key → the next prompt's first sound; three of each caller."""
    failed: tuple[str, ...]
    """What went wrong with those who did not."""
    at_once: int
    """The most callers who were in the menu at a time."""


class Callers:
    """Calls one number of the PBX at `sip_port`."""

    def __init__(self, sip_port: int, dialled: str) -> None:
        self._port, self._dialled = sip_port, dialled
        self._answer: list[float] = []
        self._key: list[float] = []
        self._failed: list[str] = []
        self._now = self._most = 0

    async def come(self, count: int, rate: float) -> Gaps:
        """So many, at a steady rate a second; returns when the last one has gone."""
        loop = asyncio.get_running_loop()
        start = loop.time()
        async with asyncio.TaskGroup() as callers:
            for n in range(count):
                await asyncio.sleep(max(start + n / rate - loop.time(), 0.0))
                callers.create_task(self._one(n))
        return Gaps(tuple(self._answer), tuple(self._key), tuple(self._failed), self._most)

    async def _one(self, n: int) -> None:
        habits = random.Random(n)
        self._now += 1
        self._most = max(self._most, self._now)
        try:
            async with asyncio.timeout(LONGEST):
                async with Handset(self._port, self._dialled, f"+861390000{n:04}") as handset:
                    answer, keys = await _story(handset, habits)
        except (NotSo, TimeoutError) as why:
            self._failed.append(str(why) or "too late")
        else:
            self._answer.append(answer)
            self._key += keys
        finally:
            self._now -= 1


async def _story(handset: Handset, habits: random.Random) -> tuple[float, list[float]]:
    """The welcome with the menu behind it, the code, the other menu, the goodbye. Keys come when a
    prompt has ended, so that the sound after them is the next prompt's. Gaps in milliseconds."""
    first = await handset.hears(1)
    keys = []
    for said in ("1", CODE, "1"):
        await handset.quiet()
        await handset.pause(habits.uniform(0.2, 0.6))
        await handset.press(said)
        said_at = handset.sound.key_at
        keys.append((await handset.hears_after(said_at) - said_at) / 1e6)
    await handset.ended()
    return (first - handset.answered_at) / 1e6, keys
