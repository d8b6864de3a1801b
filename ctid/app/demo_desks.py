"""The demo's agents at work: each signs in like a browser, is available, and acknowledges pops."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, Self

import aiohttp
import msgspec


class DemoDesks:
    """One WebSocket client per agent, over the real web room."""

    def __init__(self, base: str, sign_ins: Sequence[tuple[str, str]]) -> None:
        self._base = base
        self._sign_ins = sign_ins
        self._main: asyncio.Task[None] | None = None
        self._stopping = asyncio.Event()
        self.ready = 0
        """Desks that are signed in and on the stream."""

    async def __aenter__(self) -> Self:
        started = asyncio.Event()
        self._main = asyncio.get_running_loop().create_task(self._work(started))
        waiter = asyncio.ensure_future(started.wait())
        await asyncio.wait((waiter, self._main), return_when=asyncio.FIRST_COMPLETED)
        waiter.cancel()
        if self._main.done():
            await self._main
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._stopping.set()
        if self._main is not None:
            await self._main

    async def _work(self, started: asyncio.Event) -> None:
        async with asyncio.TaskGroup() as desks:
            tasks = [desks.create_task(self._desk(*who, started)) for who in self._sign_ins]
            if not tasks:
                started.set()
            await self._stopping.wait()
            for task in tasks:
                task.cancel()

    async def _desk(self, login: str, password: str, started: asyncio.Event) -> None:
        # A jar that keeps cookies of IP addresses: the demo has no host name.
        jar = aiohttp.CookieJar(unsafe=True)
        headers = {"Origin": self._base}
        async with aiohttp.ClientSession(self._base, cookie_jar=jar, headers=headers) as http:
            body = {"login": login, "password": password}
            async with http.post("/api/session", json=body) as answer:
                answer.raise_for_status()
            async with http.ws_connect("/api/stream", autoping=True) as stream:
                await self._sit(stream, started)

    async def _sit(self, stream: aiohttp.ClientWebSocketResponse, started: asyncio.Event) -> None:
        sat_down = False
        async for message in stream:
            if message.type not in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY):
                return
            frame: dict[str, Any] = msgspec.json.decode(message.data)
            match frame:
                case {"type": "agent", "agent": {"state": "not_ready"}}:
                    # At sign-in, and after a phone that was not answered in time.
                    await stream.send_str('{"type":"ready"}')
                case {"type": "agent", "agent": {"state": "ready"}}:
                    self.ready += not sat_down
                    sat_down = True
                    if self.ready >= len(self._sign_ins):
                        started.set()
                case {"type": "pop.shown" | "pop.updated", "pop": {"id": pop}}:
                    await stream.send_json({"type": "pop.ack", "pop": pop})
                case _:
                    pass
