"""A TCP relay in front of a real server, to cut or freeze the link to it."""

from __future__ import annotations

import asyncio
from contextlib import suppress


class Relay:
    """Listens on a free loopback port and passes bytes to `host:port` while it is told to."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._flowing = asyncio.Event()
        self._flowing.set()
        self.port = 0

    async def start(self) -> None:
        """Accept connections; after `cut` on the same port again."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        """Refuse new connections and break the old ones."""
        if self._server is not None:
            self._server.close()
            for writer in list(self._writers):
                writer.transport.abort()
            for task in self._tasks:  # also one that is about to connect
                task.cancel()
            if self._tasks:
                await asyncio.wait(self._tasks)
            await self._server.wait_closed()
            self._server = None

    def freeze(self) -> None:
        """Keep connections open, and pass nothing on."""
        self._flowing.clear()

    def thaw(self) -> None:
        """Pass everything on again."""
        self._flowing.set()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._writers.add(writer)
        with suppress(asyncio.CancelledError, OSError):  # cut, or nobody there to connect to
            await self._connect(reader, writer)
        self._tasks.discard(task)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, onward = await asyncio.open_connection(*self._target)
            self._writers.add(onward)
            try:
                await asyncio.gather(self._pass(reader, onward), self._pass(there, writer))
            finally:
                onward.close()
                self._writers.discard(onward)
        finally:
            writer.close()
            self._writers.discard(writer)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(65536):
                await self._flowing.wait()
                writer.write(data)
                await writer.drain()
        writer.transport.abort()
