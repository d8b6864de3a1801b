"""A telephone of our own, packet by packet: it presses keys at any speed and keeps what it hears.

The world's Asterisk cannot press 300 keys in a second, and begins to record when it likes. What
arrives here is stamped by the kernel, so that a busy Python is in no measurement.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Self

from tests.real_pbx.lab.dialogue import Dialogue
from tests.real_pbx.lab.sound import LULL, Sound

NOT_YET = 0


class NotSo(AssertionError):
    """What was waited for did not come; the text says what was heard instead."""


class Handset:
    """One call: `async with Handset(port, "4000", "+86…") as handset:`, which hangs up in the end.

    Pauses are the caller's own: `await handset.pause(0.8)`.
    """

    def __init__(self, sip_port: int, dialled: str, number: str, caller: str = "") -> None:
        """`number` is the caller's own; `caller` the From header's address where it is another."""
        self.number = number
        self._changed = asyncio.Event()
        self.sound = Sound(self._changed)
        self._dialogue = Dialogue(
            sip_port, dialled, caller or f"<sip:{number}@127.0.0.1>", self._on_answer, self._on_end
        )
        self.answered_at = NOT_YET
        """When the PBX's answer arrived: nanoseconds since 1970, by the kernel."""
        self.ended_at = NOT_YET
        self.told = ""
        """The PBX's last words."""

    async def __aenter__(self) -> Self:
        self._dialogue.invite(self.sound.port)
        try:
            await self._until(lambda: self.answered_at or self.ended_at, 10)
            if not self.answered_at:
                raise NotSo(f"{self.number}: not answered: {self.told[:200]}")
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        self._dialogue.bye()
        self.sound.close()
        self._dialogue.close()

    async def hears(self, sounds: int, seconds: float = 10.0) -> int:
        """Wait until so many sounds have begun since the answer; when the last of them did."""
        began = self.sound.began
        await self._until(lambda: len(began) >= sounds, seconds)
        return began[sounds - 1]

    async def hears_after(self, at: int, seconds: float = 10.0) -> int:
        """Wait for the first sound that begins after `at` (nanoseconds since 1970); when it did."""
        began = self.sound.began
        await self._until(lambda: began and began[-1] > at, seconds)
        return next(when for when in began if when > at)

    async def quiet(self) -> None:
        """Wait until no sound has come for a while."""
        while (left := self.sound.loud_at + LULL - time.time_ns()) > 0:
            await asyncio.sleep(left / 1e9)

    async def press(self, keys: str, ms: int = 100, gap: int = 60) -> None:
        """Keys, each held for `ms`, with `gap` ms between two."""
        await self.sound.press(keys, ms, gap)

    async def pause(self, seconds: float) -> None:
        """Do nothing, as people do."""
        await asyncio.sleep(seconds)

    def info(self, keys: str) -> None:
        """All these keys at once by SIP INFO."""
        for key in keys:
            self._dialogue.info(key, 100)

    def hang_up(self) -> None:
        """Now; the answer to it is not waited for."""
        self._dialogue.bye()

    async def ended(self, seconds: float = 10.0) -> None:
        """Wait until the call is over, whoever ended it."""
        await self._until(lambda: self.ended_at, seconds)

    async def _until(self, what: Callable[[], object], seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                while not what():
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            sounds = [round((at - self.answered_at) / 1e9, 3) for at in self.sound.began]
            raise NotSo(
                f"{self.number}: not within {seconds} s; sounds began at {sounds} s after the "
                f"answer; over: {bool(self.ended_at)}, {self.told[:60]!r}"
            ) from None

    def _on_answer(self, at: int, port: int) -> None:
        self.answered_at = at
        self.sound.start(port)
        self._changed.set()

    def _on_end(self, at: int, text: str) -> None:
        self.ended_at, self.told = at, text
        self._changed.set()
