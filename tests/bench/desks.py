"""Agents' desktops as a process of their own: one WebSocket client each.

`python -m tests.bench.desks` reads one JSON line `{"base": …, "tokens": {agent: token}}`, opens
every page, makes every agent available and prints `ready`. When its input ends it prints a JSON
line with the instant of each acknowledgement, `{pop: unix time in seconds}`, and ends.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from types import TracebackType
from typing import Any, Self

import aiohttp
import msgspec

from tests.bench.daemon import ROOT

START_SECONDS = 60.0


class _Floor:
    """All desks of this process."""

    def __init__(self, base: str, tokens: dict[str, str]) -> None:
        self._base, self._tokens = base, tokens
        self._available: set[str] = set()
        self.all_available = asyncio.Event()
        self.acknowledged: dict[str, float] = {}

    async def open(self, agent: str, http: aiohttp.ClientSession) -> None:
        headers = {"Cookie": f"ctid_session={self._tokens[agent]}", "Origin": self._base}
        url = f"{self._base}/api/stream"
        async with http.ws_connect(url, headers=headers, autoping=True) as stream:
            async for message in stream:
                await self._hear(agent, stream, msgspec.json.decode(message.data))
        raise RuntimeError(f"the page of {agent} was closed: {stream.close_code}")

    async def _hear(
        self, agent: str, stream: aiohttp.ClientWebSocketResponse, frame: dict[str, Any]
    ) -> None:
        match frame:
            case {"type": "agent", "agent": {"state": "not_ready"}}:
                await stream.send_str('{"type":"ready"}')
            case {"type": "agent", "agent": {"state": "ready"}} if agent not in self._available:
                self._available.add(agent)
                if len(self._available) == len(self._tokens):
                    self.all_available.set()
            case {"type": "pop.shown", "pop": {"id": pop}}:
                # What a browser does next is to draw it; that is measured in the browser's tests.
                await stream.send_str(json.dumps({"type": "pop.ack", "pop": pop}))
                self.acknowledged.setdefault(pop, time.time())
            case _:
                pass


async def _serve() -> None:
    loop = asyncio.get_running_loop()
    lines = asyncio.StreamReader(limit=2**20)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    orders = json.loads(await lines.readline())
    floor = _Floor(orders["base"], orders["tokens"])
    connector = aiohttp.TCPConnector(limit=0)
    jar = aiohttp.DummyCookieJar()
    async with (
        aiohttp.ClientSession(connector=connector, cookie_jar=jar) as http,
        asyncio.TaskGroup() as group,
    ):
        pages = [group.create_task(floor.open(agent, http)) for agent in orders["tokens"]]
        await floor.all_available.wait()
        print("ready", flush=True)
        await lines.read()
        print(json.dumps(floor.acknowledged), flush=True)
        for page in pages:
            page.cancel()


class Desks:
    """`async with Desks(base, tokens) as desks:` — all agents are available on entry."""

    def __init__(self, base: str, tokens: dict[str, str]) -> None:
        self._orders = {"base": base, "tokens": tokens}
        self._process: asyncio.subprocess.Process
        self.acknowledged: dict[str, float] = {}
        """Pop → unix time in seconds at which a page acknowledged it; filled on leaving."""

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.bench.desks", cwd=ROOT, limit=2**24,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(json.dumps(self._orders).encode() + b"\n")
            async with asyncio.timeout(START_SECONDS):
                if await self._process.stdout.readline() != b"ready\n":
                    raise RuntimeError("the desks did not open; see their message above")
        except BaseException:
            self._process.kill()
            await self._process.wait()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        try:
            async with asyncio.timeout(10):
                told, _ = await self._process.communicate(b"")  # closes its input
        finally:
            if self._process.returncode is None:
                self._process.kill()
                await self._process.wait()
        if error is None:
            if self._process.returncode != 0 or not told:
                raise RuntimeError("a desk lost its page; see the message above")
            self.acknowledged = json.loads(told)


if __name__ == "__main__":
    asyncio.run(_serve())
