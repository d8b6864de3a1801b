"""A person's page without a browser: signed in, on the stream, and back again when cut off."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import aiohttp
import msgspec

from tests.fakes.webroom import PASSWORD

Frame = dict[str, Any]
COME_BACK = 0.05
"""Seconds between two attempts to reach the room again."""


class Desk:
    """One signed-in person. `frames` holds all that the page was told, in order."""

    def __init__(self, http: aiohttp.ClientSession, login: str) -> None:
        self.login, self._http = login, http
        self.frames: list[Frame] = []
        self.opened = 0
        """How often the stream was opened."""
        self._stream: aiohttp.ClientWebSocketResponse
        self._told = asyncio.Condition()

    async def sign_in(self) -> None:
        body = {"login": self.login, "password": PASSWORD}
        async with self._http.post("/api/session", json=body) as answer:
            assert answer.status == 200, await answer.text()

    async def get(self, path: str) -> Any:
        """What the API says. Raises aiohttp.ClientError while nobody listens."""
        async with self._http.get(path) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    async def say(self, kind: str, /, **more: str) -> None:
        """Send one message of the page."""
        await self._stream.send_json({"type": kind, **more})

    async def sit(self) -> None:
        """Stay on the stream until cancelled; acknowledge each pop as the page does."""
        while True:
            try:
                async with self._http.ws_connect("/api/stream") as self._stream:
                    await self._listen()
            except aiohttp.ClientError:
                """Nobody there: a killed ctid, until it runs again."""
            await asyncio.sleep(COME_BACK)

    async def _listen(self) -> None:
        self.opened += 1
        async for message in self._stream:
            frame: Frame = msgspec.json.decode(message.data)
            async with self._told:
                self.frames.append(frame)
                self._told.notify_all()
            if frame["type"] in ("pop.shown", "pop.updated"):
                await self.say("pop.ack", pop=frame["pop"]["id"])

    async def until(
        self, kind: str, match: Callable[[Frame], object] = bool, seconds: float = 10.0
    ) -> Frame:
        """The first frame of this kind that matches. Raises TimeoutError with all frames."""
        seen = 0
        try:
            async with asyncio.timeout(seconds), self._told:
                while True:
                    for frame in self.frames[seen:]:
                        if frame["type"] == kind and match(frame):
                            return frame
                    seen = len(self.frames)
                    await self._told.wait()
        except TimeoutError:
            told = [f["type"] for f in self.frames]
            raise TimeoutError(f"{self.login}: no such {kind} in {seconds} s; {told}") from None

    async def state(self, name: str, seconds: float = 10.0) -> Frame:
        """Wait for the agent's view in this state; what is older than the last call is not seen."""
        frame = await self.until("agent", lambda f: f["agent"]["state"] == name, seconds)
        del self.frames[: self.frames.index(frame)]
        return frame


@asynccontextmanager
async def desks(base: str, *logins: str) -> AsyncIterator[dict[str, Desk]]:
    """These people at their pages; agents are made available in the order of their names here."""
    headers = {"Origin": base}
    async with AsyncExitStack() as stack, asyncio.TaskGroup() as sitting:
        found: dict[str, Desk] = {}
        tasks = []
        for login in logins:
            jar = aiohttp.CookieJar(unsafe=True)  # also keeps cookies of an IP address
            http = aiohttp.ClientSession(base, cookie_jar=jar, headers=headers)
            desk = found[login] = Desk(await stack.enter_async_context(http), login)
            await desk.sign_in()
            tasks.append(sitting.create_task(desk.sit()))
        for desk in found.values():
            if (await desk.until("hello"))["role"] == "agent":
                await desk.state("not_ready")
                await desk.say("ready")
                await desk.state("ready")
        yield found
        for task in tasks:
            task.cancel()
