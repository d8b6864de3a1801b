"""The agents at their pages: each signs in over HTTP and stays on the stream, as a browser does."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Self

import aiohttp
import msgspec

from ctid.core.errors import CtidError
from ctid.core.records import AgentId
from sim.load.witness import Witness

AT_ONCE = 4
"""Sign-ins at once: each costs ctid tens of milliseconds of CPU, by design."""
START_SECONDS = 1.0
"""That each page may take to be open and available, on top of START_LEAST."""
START_LEAST = 30.0


class NotSignedIn(CtidError):
    """An agent could not sign in."""


class Pages:
    """`async with Pages(...)`: all agents are available on entry."""

    def __init__(
        self, url: str, sign_ins: Mapping[AgentId, tuple[str, str]], witness: Witness
    ) -> None:
        """`sign_ins`: agent -> login and password."""
        self._url, self._sign_ins, self._witness = url.rstrip("/"), sign_ins, witness
        self._gate = asyncio.Semaphore(AT_ONCE)
        self._seen: set[AgentId] = set()
        self._all = asyncio.Event()
        self._http: aiohttp.ClientSession
        self._tasks: list[asyncio.Task[None]] = []
        self.closed = 0
        """Pages that ctid has closed."""

    async def __aenter__(self) -> Self:
        # One session for all: each page carries its own cookie.
        self._http = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0), cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None, connect=30),
        )  # fmt: skip
        loop = asyncio.get_running_loop()
        self._tasks = [loop.create_task(self._page(agent)) for agent in self._sign_ins]
        opened = loop.create_task(self._all.wait())
        try:
            within = START_LEAST + START_SECONDS * len(self._sign_ins)
            await asyncio.wait(
                (opened, *self._tasks), timeout=within, return_when=asyncio.FIRST_COMPLETED
            )
            for task in self._tasks:
                if task.done():
                    task.result()
            if not self._all.is_set():
                missing = next(agent for agent in self._sign_ins if agent not in self._seen)
                raise NotSignedIn(f"agent {missing} was not available within {within:.0f} s")
        except BaseException:
            await self.__aexit__()
            raise
        finally:
            opened.cancel()
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._http.close()

    async def _page(self, agent: AgentId) -> None:
        login, password = self._sign_ins[agent]
        headers = {"Origin": self._url}
        async with self._gate:
            body = {"login": login, "password": password}
            url = f"{self._url}/api/session"
            async with self._http.post(url, json=body, headers=headers) as answer:
                if answer.status != 200:
                    told = (await answer.text())[:200]
                    raise NotSignedIn(f"{login} cannot sign in ({answer.status}): {told}")
                cookies = "; ".join(f"{name}={c.value}" for name, c in answer.cookies.items())
        headers["Cookie"] = cookies
        url = f"{self._url}/api/stream"
        async with self._http.ws_connect(url, headers=headers, autoping=True) as stream:
            async for message in stream:
                if message.type in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY):
                    await self._hear(agent, stream, msgspec.json.decode(message.data))
        self.closed += 1

    async def _hear(
        self, agent: AgentId, stream: aiohttp.ClientWebSocketResponse, frame: dict[str, Any]
    ) -> None:
        match frame:
            case {"type": "agent", "agent": {"state": str(state)} as told}:
                self._witness.page(agent, state)
                if state == "ready":
                    self._seen.add(agent)
                    if len(self._seen) == len(self._sign_ins):
                        self._all.set()
                elif state == "not_ready":  # at sign-in, and after a phone that was not answered
                    await stream.send_str('{"type":"ready"}')
                elif state == "wrap_up" and not told.get("until"):
                    await stream.send_str('{"type":"wrapup.end"}')
            case {"type": "pop.shown" | "pop.updated", "pop": {"id": str(pop)}}:
                await stream.send_json({"type": "pop.ack", "pop": pop})
                if frame["type"] == "pop.shown":
                    self._witness.acknowledged(pop)
            case _:
                pass
