"""A web room on a free loopback port with memory twins behind it, and a client that signs in."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from argon2 import PasswordHasher
from multidict import CIMultiDict, CIMultiDictProxy

from ctid.bus.memory import MemoryBus
from ctid.ports import Account, Role
from ctid.store.memory import MemoryStore
from ctid.web.server import WebServer, WebSettings, start_web
from tests.fakes.engine import PATIENCE, FakeEngine, HandClock

PASSWORD = "correct horse"
_quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
HASH = _quick.hash(PASSWORD)
"""Hash of `PASSWORD` with the least work that argon2id knows, so that tests do not wait for it."""


def an_account(login: str, role: Role = "agent", agent: str = "") -> Account:
    """An account whose password is `PASSWORD`."""
    return Account(login=login, name=login.title(), role=role, agent=agent, password_hash=HASH)


class Room:
    """Everything that a test of the room needs at hand."""

    def __init__(self, settings: WebSettings) -> None:
        self.settings = settings
        self.clock = HandClock()
        self.engine = FakeEngine(self.clock)
        self.bus = MemoryBus()
        self.store = MemoryStore()
        self.server: WebServer

    @property
    def origin(self) -> str:
        """The origin of the room's own page."""
        return f"http://127.0.0.1:{self.server.port}"

    async def start(self, **others: Any) -> None:
        """Open the room with one account for each role."""
        for account in (
            an_account("ann", agent="1001"),
            an_account("bob", agent="1002"),
            an_account("sue", "supervisor"),
            an_account("adam", "admin"),
            an_account("bot", "service"),
        ):
            await self.store.put_account(account)
        parts = {"store": self.store, "accounts": self.store, "metrics": None, **others}
        self.server = await start_web(
            self.settings, self.engine, self.bus, clock=self.clock, **parts
        )

    @asynccontextmanager
    async def browser(self, address: str = "127.0.0.1") -> AsyncIterator[Browser]:
        """A client with its own cookies, coming from `address`."""
        async with aiohttp.ClientSession(
            self.origin,
            connector=aiohttp.TCPConnector(local_addr=(address, 0)),
            cookie_jar=aiohttp.CookieJar(unsafe=True),
        ) as http:
            yield Browser(self, http)

    @asynccontextmanager
    async def signed_in(self, login: str) -> AsyncIterator[Browser]:
        """A client that has signed in."""
        async with self.browser() as browser:
            status, me = await browser.sign_in(login)
            assert status == 200, me
            yield browser


class Browser:
    """What a page does over HTTP and WebSocket."""

    def __init__(self, room: Room, http: aiohttp.ClientSession) -> None:
        self.room, self.http, self.csrf = room, http, ""
        self.headers: CIMultiDictProxy[str] = CIMultiDictProxy(CIMultiDict())
        """Headers of the last answer."""

    async def ask(
        self, method: str, path: str, body: object = None, **headers: str
    ) -> tuple[int, Any]:
        """Status and JSON of one request, with the CSRF token where one is needed."""
        send = {"Origin": self.room.origin}
        if method != "GET":
            send["X-CSRF-Token"] = self.csrf
        send |= {name.replace("_", "-"): value for name, value in headers.items()}
        data = None if body is None else json.dumps(body).encode()
        if body is not None:
            send.setdefault("Content-Type", "application/json")
        async with self.http.request(method, path, data=data, headers=send) as answer:
            self.headers = answer.headers
            text = await answer.text()
            is_json = answer.content_type == "application/json"
            return answer.status, json.loads(text) if is_json else text

    async def sign_in(self, login: str, password: str = PASSWORD) -> tuple[int, Any]:
        """Try to sign in; remembers the CSRF token."""
        status, me = await self.ask("POST", "/api/session", {"login": login, "password": password})
        self.csrf = me.get("csrf", "")
        return status, me

    def cookie(self, name: str) -> str:
        """The value of one of this browser's cookies, or empty."""
        found = {cookie.key: cookie.value for cookie in self.http.cookie_jar}
        return found.get(name, "")

    @asynccontextmanager
    async def page(self) -> AsyncIterator[PageSide]:
        """An open stream."""
        async with self.http.ws_connect("/api/stream", origin=self.room.origin) as socket:
            yield PageSide(socket)


class PageSide:
    """The browser's end of a stream."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket

    async def frame(self, kind: str = "") -> dict[str, Any]:
        """The next frame, or the next one of this kind."""
        async with asyncio.timeout(PATIENCE):
            while True:
                frame: dict[str, Any] = json.loads(await self.socket.receive_str())
                if kind in ("", frame["type"]):
                    return frame

    async def say(self, **message: object) -> None:
        """Send one message; `type_` stands for `type`."""
        await self.socket.send_json({"type": message.pop("type_"), **message})

    async def closed(self) -> int | None:
        """Wait for the end; the close code."""
        async with asyncio.timeout(PATIENCE):
            async for _ in self.socket:
                pass
        return self.socket.close_code


@asynccontextmanager
async def open_room(settings: WebSettings | None = None, **others: Any) -> AsyncIterator[Room]:
    """A running room; closed at the end, with everything that it started."""
    room = Room(settings or WebSettings(port=0))
    await room.start(**others)
    try:
        yield room
    finally:
        await room.server.close()
