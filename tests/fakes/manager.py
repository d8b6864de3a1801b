"""A scripted manager on a real socket, and a client that tells what it heard."""

from __future__ import annotations

import asyncio
import random
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from hashlib import md5

from ctid.pbx.ami.client import AmiClient
from ctid.pbx.ami.codec import AmiCodec, AmiMessage
from ctid.pbx.ami.session import AmiUp
from ctid.pbx.ami.settings import AmiSettings

SECRET = "geheim"


class ScriptedManager:
    """Answers logins and pings; `script` may answer, or swallow, any other action."""

    def __init__(self) -> None:
        self.port = 0
        self.logins = 0
        self.accept_login = True
        self.answer_pings = True
        self.actions: list[AmiMessage] = []
        self.script: Callable[[ScriptedManager, AmiMessage], None] = lambda manager, action: None
        self.writers: list[asyncio.StreamWriter] = []

    def send(self, text: str) -> None:
        self.writers[-1].write(text.replace("\n", "\r\n").encode())

    def event(self, name: str, *lines: str) -> None:
        self.send("\n".join([f"Event: {name}", *lines, "", ""]))

    def respond(self, action: AmiMessage, status: str = "Success", *lines: str) -> None:
        tag = f"ActionID: {action.get('ActionID')}"
        self.send("\n".join([f"Response: {status}", tag, *lines, "", ""]))

    def cut(self) -> None:
        for writer in self.writers:
            writer.transport.abort()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.append(writer)
        self.send("Asterisk Call Manager/9.0.0\n")
        codec = AmiCodec(expect_banner=False)
        with suppress(ConnectionError):
            while data := await reader.read(65_536):
                for action in codec.feed(data):
                    self.actions.append(action)
                    self.act(action)
        writer.close()

    def act(self, action: AmiMessage) -> None:
        match action.get("Action"):
            case "Challenge":
                self.respond(action, "Success", "Challenge: 4711")
            case "Login":
                self.logins += 1
                key = md5(f"4711{SECRET}".encode()).hexdigest()
                proof = action.get("Key") == key or action.get("Secret") == SECRET
                if not (proof and self.accept_login):
                    self.respond(action, "Error", "Message: Authentication failed")
                    self.writers[-1].close()
                    return
                self.respond(action, "Success", "Message: Authentication accepted")
                self.event("FullyBooted", "Uptime: 12")
            case "CoreSettings":
                self.respond(action, "Success", "AsteriskVersion: 22.10.1")
            case "CoreStatus":
                date = "CoreStartupDate: 2026-11-22"
                self.respond(action, "Success", date, "CoreStartupTime: 01:02:03")
            case "Ping" if not self.answer_pings:
                pass
            case "Ping" | "Filter":
                self.respond(action, "Success", "Ping: Pong")
            case _:
                self.script(self, action)


class Told:
    """What the client told, with conditions to wait for."""

    def __init__(self) -> None:
        self.events: list[AmiMessage] = []
        self.ups: list[AmiUp] = []
        self.downs: list[str] = []
        self.unknown: list[str] = []
        self.on_up: Callable[[AmiUp], Awaitable[None]] | None = None
        self._changed = asyncio.Event()

    def event(self, event: AmiMessage) -> None:
        self.events.append(event)
        self._changed.set()

    async def up(self, up: AmiUp) -> None:
        if self.on_up is not None:
            await self.on_up(up)
        self.ups.append(up)
        self._changed.set()

    def down(self, text: str) -> None:
        self.downs.append(text)
        self._changed.set()

    def lost(self, action_id: str) -> None:
        self.unknown.append(action_id)
        self._changed.set()

    async def until(self, condition: Callable[[], object]) -> None:
        async with asyncio.timeout(10):
            while not condition():
                self._changed.clear()
                await self._changed.wait()

    def names(self) -> list[str]:
        return [event.name for event in self.events if event.name != "FullyBooted"]


def clock() -> int:
    return int(time.monotonic() * 1_000)


def settings(port: int, **changes: object) -> AmiSettings:
    quick: dict[str, object] = {
        "port": port,
        "username": "ctid",
        "secret": SECRET,
        "response_timeout_ms": 2_000,
        "backoff_min_ms": 5,
        "backoff_max_ms": 20,
    }
    return AmiSettings(**(quick | changes))


@asynccontextmanager
async def managed(tls: ssl.SSLContext | None = None) -> AsyncIterator[ScriptedManager]:
    manager = ScriptedManager()
    server = await asyncio.start_server(manager.serve, "127.0.0.1", 0, ssl=tls)
    manager.port = server.sockets[0].getsockname()[1]
    async with server:
        yield manager
        server.close()
        manager.cut()


@asynccontextmanager
async def running(settings: AmiSettings, told: Told) -> AsyncIterator[AmiClient]:
    client = AmiClient(settings, told.event, told.up, told.down, random.Random(7), clock, told.lost)
    async with asyncio.TaskGroup() as tasks:
        run = tasks.create_task(client.run())
        try:
            yield client
        finally:
            run.cancel()
