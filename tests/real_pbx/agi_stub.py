"""A FastAGI server of a few lines, in ctid's place: the lab is tested without ctid."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable


class Gone(Exception):
    """Asterisk closed the connection, or said HANGUP."""


class Call:
    """One AGI session, as the dialplan began it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self.about: dict[str, str] = {}
        """The agi_… headers, without that prefix."""
        self.said: list[str] = []
        """Every line that Asterisk sent, in order."""

    async def begin(self) -> None:
        while line := (await self._reader.readline()).decode().rstrip("\n"):
            name, _, value = line.partition(": ")
            self.about[name.removeprefix("agi_")] = value
        await self.do("ANSWER")  # the dialplan leaves it to whoever speaks first
        self.said.clear()

    async def do(self, command: str) -> str:
        """Send a command and return its answer. Raises Gone; a HANGUP line is kept in `said`."""
        self._writer.write(f"{command}\n".encode())
        while line := (await self._reader.readline()).decode().rstrip("\n"):
            self.said.append(line)
            if line[:3].isdigit():
                return line
        raise Gone

    async def rest(self) -> list[str]:
        """All lines until Asterisk closes the connection."""
        text = (await self._reader.read()).decode()
        self.said.extend(text.splitlines())
        return self.said

    async def queue(self, queue: str, **variables: str) -> None:
        """Hand the caller over to the waiting part of the dialplan, as ctid does."""
        for name, value in {"CTID_QUEUE": queue, **variables, "CTID_NEXT": "queue"}.items():
            await self.do(f'SET VARIABLE {name} "{value}"')


Menu = Callable[[Call], Awaitable[None]]


class AgiStub:
    """Listens on the lab's AGI port and plays `menu` to each call."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.menu: Menu = _straight_to_queue
        self.calls: asyncio.Queue[Call] = asyncio.Queue()
        """Every call, once its headers have been read."""
        self.open: set[asyncio.StreamWriter] = set()

    async def __aenter__(self) -> AgiStub:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self._port)
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._server.close()
        self.die()

    def die(self) -> None:
        """Close every session in the middle, as a killed process would."""
        for writer in set(self.open):
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open.add(writer)
        try:
            call = Call(reader, writer)
            await call.begin()
            self.calls.put_nowait(call)
            await self.menu(call)
        except (Gone, ConnectionError):
            """The caller left; the test looks at what was said."""
        finally:
            self.open.discard(writer)
            writer.close()


async def _straight_to_queue(call: Call) -> None:
    await call.queue("sales")
