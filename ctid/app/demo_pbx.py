"""The demo's pretend PBX as its own process: the daemon never imports the simulator."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from typing import Any, Self

import msgspec

from ctid.app import child
from ctid.core.errors import CtidError
from ctid.settings import Settings

START_LIMIT = 20.0
"""Seconds that the process may take to open its port."""
STOP_LIMIT = 5.0
"""Seconds that it may take to end after its standard input was closed."""


class DemoPbx:
    """`python -m sim.live`: talks JSON lines; ends when its standard input ends."""

    def __init__(
        self, settings: Settings, phones: tuple[str, ...], seed: int, calls_per_minute: float
    ) -> None:
        self._orders = {
            "seed": seed,
            "agi_host": settings.agi.host,
            "agi_port": settings.agi.port,
            "agi_token": settings.agi.token,
            "ami_user": settings.pbx.user,
            "ami_secret": settings.pbx.secret,
            "phones": phones,
            "fallback_queue": settings.centre.fallback_queue,
            "calls_per_minute": calls_per_minute,
        }
        self._process: Process | None = None
        self.ami_port = 0

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "sim.live", stdin=PIPE, stdout=PIPE
        )
        try:
            async with asyncio.timeout(START_LIMIT):
                # The orders hold the secret, so they go by standard input and not by the
                # command line, which every user of the machine can read.
                await self._say(self._orders)
                self.ami_port = (await self._hear())["ami_port"]
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def begin(self) -> None:
        """Let the callers come."""
        await self._say({"do": "begin"})

    async def __aexit__(self, *exc: object) -> None:
        if self._process is not None:
            await child.end(self._process, STOP_LIMIT)

    async def _say(self, message: dict[str, Any]) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(msgspec.json.encode(message) + b"\n")
        await self._process.stdin.drain()

    async def _hear(self) -> dict[str, Any]:
        assert self._process is not None
        assert self._process.stdout is not None
        line = await self._process.stdout.readline()
        if not line:
            raise CtidError("the pretend PBX ended before it was ready; see its message above")
        return msgspec.json.decode(line, type=dict[str, Any])
