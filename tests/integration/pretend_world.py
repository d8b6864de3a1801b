"""What the tests of the pretend Asterisk need: a clock that jumps, a FastAGI server, an AMI reader.

Nothing here is ctid's: the pretend PBX is held against peers of its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import selectors
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from typing import Any, TypeVar

from sim.live.pretend import PretendAsterisk, PretendSettings

Message = dict[str, str]
T = TypeVar("T")


class _JumpingSelector(selectors.DefaultSelector):
    """Where nothing is ready, time jumps to the next timer instead of passing."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        # Loopback delivers within the sender's system call: what was sent is ready by now.
        ready = super().select(0)
        if ready or timeout is None:
            return ready or super().select(5.0)  # No timer left: only a socket can go on.
        self.now += max(timeout, 0.0)
        return ready


class JumpingLoop(asyncio.SelectorEventLoop):
    """An event loop on virtual time: an hour of calls takes a moment."""

    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)
        self._clock_resolution = 1e-9

    def time(self) -> float:
        return self._jumping.now


def run_virtually(story: Coroutine[Any, Any, T]) -> T:
    """Run to the end on virtual time; fails when a task is left over."""

    async def checked() -> T:
        async with asyncio.timeout(100_000):
            result = await story
        for _ in range(3):
            await asyncio.sleep(0)  # Closed transports report within two passes of the loop.
        left = asyncio.all_tasks() - {asyncio.current_task()}
        assert not left, f"tasks left over: {left}"
        return result

    with asyncio.Runner(loop_factory=JumpingLoop) as runner:
        return runner.run(checked())


def virtual(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Make a test run on virtual time."""

    @functools.wraps(test)
    def run(*args: object, **kwargs: object) -> None:
        run_virtually(test(*args, **kwargs))

    return run


class Agi:
    """The server's end of one FastAGI conversation."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self._writer = reader, writer
        self.env: Mapping[str, str] = {}

    async def read_environment(self) -> None:
        lines: list[str] = []
        while (line := await self.line()) not in ("", "\n"):
            lines.append(line)
        pairs = (line.rstrip("\n").partition(": ") for line in lines)
        self.env = {name: value for name, _, value in pairs}

    async def line(self) -> str:
        """The next line, '' at the end."""
        return (await self.reader.readline()).decode()

    def send(self, text: str) -> None:
        self._writer.write(text.encode())

    async def command(self, text: str) -> str:
        """Send one command; its answer without the line feed."""
        self.send(text + "\n")
        return (await self.line()).rstrip("\n")

    def close(self) -> None:
        self._writer.close()


Flow = Callable[[Agi], Awaitable[None]]


async def to_queue(agi: Agi) -> None:
    """The shortest flow: straight into the queue `sales`."""
    await agi.command("ANSWER")
    await agi.command('SET VARIABLE "CTID_QUEUE" "sales"')
    await agi.command('SET VARIABLE "CTID_NEXT" "queue"')


class AgiServer:
    """Runs `flow` for every caller, then closes. `async with`."""

    def __init__(self, flow: Flow = to_queue) -> None:
        self.flow = flow
        self.conversations: list[Agi] = []
        self._running: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> AgiServer:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = int(self._server.sockets[0].getsockname()[1])
        return self

    async def __aexit__(self, *error: object) -> None:
        self._server.close()
        for agi in self.conversations:
            agi.close()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        agi = Agi(reader, writer)
        self.conversations.append(agi)
        await agi.read_environment()
        try:
            await self.flow(agi)
        finally:
            agi.close()


class Ami:
    """A client that reads everything into `messages` and waits for what a test names."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.closed = False
        self._arrived = asyncio.Condition()
        self._number = 0

    async def __aenter__(self) -> Ami:
        return self

    async def __aexit__(self, *error: object) -> None:
        self._writer.close()
        await self._task

    async def connect(self, port: int) -> Ami:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", port)
        self.banner = (await self._reader.readline()).decode()
        self._task = asyncio.ensure_future(self._read())
        return self

    async def login(self, port: int, secret: str = "demo") -> Ami:
        await self.connect(port)
        answer = await self.action("Login", Username="ctid", Secret=secret)
        assert answer["Response"] == "Success", answer
        return self

    async def _read(self) -> None:
        lines: list[str] = []
        try:
            while raw := await self._reader.readline():
                line = raw.decode().removesuffix("\r\n")
                if line:
                    lines.append(line)
                    continue
                await self._add(lines)
                lines = []
        except ConnectionError:
            pass
        self.closed = True
        async with self._arrived:
            self._arrived.notify_all()

    async def _add(self, lines: list[str]) -> None:
        message: Message = {}
        for line in lines:
            name, _, value = line.partition(": ")
            message[name] = f"{message[name]}|{value}" if name in message else value
        async with self._arrived:
            self.messages.append(message)
            self._arrived.notify_all()

    async def wait(self, **wanted: str) -> Message:
        """The first message with these headers, from the start of the connection."""
        async with asyncio.timeout(300), self._arrived:
            await self._arrived.wait_for(lambda: self.find(**wanted) or self.closed)
        found = self.find(**wanted)
        assert found, f"closed before {wanted}"
        return found[0]

    def find(self, **wanted: str) -> list[Message]:
        return [m for m in self.messages if all(m.get(k) == v for k, v in wanted.items())]

    def names(self, *kinds: str) -> list[str]:
        """Names of the events received, in order; only `kinds` when given."""
        events = [m["Event"] for m in self.messages if "Event" in m]
        return [e for e in events if not kinds or e in kinds]

    async def action(self, name: str, *lines: str, **headers: str) -> Message:
        """Send an action and wait for its response."""
        self._number += 1
        mark = f"t{self._number}"
        given = [f"{key}: {value}" for key, value in headers.items()]
        self.send(f"Action: {name}", f"ActionID: {mark}", *given, *lines)
        async with asyncio.timeout(300), self._arrived:
            await self._arrived.wait_for(lambda: self._answers(mark) or self.closed)
        return self._answers(mark)[0]

    def send(self, *lines: str) -> None:
        self._writer.write("".join(f"{line}\r\n" for line in (*lines, "")).encode())

    def _answers(self, mark: str) -> list[Message]:
        return [m for m in self.messages if m.get("ActionID") == mark and "Response" in m]

    async def ring(
        self, phone: str, channel: str, offer: str = "offer-1", timeout: int = 20_000
    ) -> Message:
        """Originate an agent's leg as ctid does it."""
        return await self.action(
            "Originate", f"Variable: CTID_CALLER={channel}", f"Variable: CTID_OFFER={offer}",
            Channel=f"PJSIP/{phone}", Context="ctid-agent", Exten="s", Priority="1", Async="true",
            ChannelId=offer, Timeout=str(timeout), CallerID='"王 Li" <+8613800000001>',
        )  # fmt: skip


def pretend(agi: AgiServer, **changes: Any) -> PretendAsterisk:
    """A pretend PBX that calls this FastAGI server; two phones, 1001 and 1002."""
    settings = {"phones": ("1001", "1002"), "seed": 1, "agi_token": "secret-path", **changes}
    return PretendAsterisk(PretendSettings(agi_host="127.0.0.1", agi_port=agi.port, **settings))


@contextlib.asynccontextmanager
async def world(
    flow: Flow = to_queue, **changes: Any
) -> AsyncIterator[tuple[PretendAsterisk, Ami]]:
    """A FastAGI server that runs `flow`, a pretend PBX, and a manager client that is signed in."""
    async with (
        AgiServer(flow) as agi,
        pretend(agi, **changes) as pbx,
        await Ami().login(pbx.ami_port) as ami,
    ):
        yield pbx, ami
