"""`python -m sim.load.stub`: the least that can stand in for ctid, to measure the load generator.

It asks every caller for three entries as a usual menu does, sends them to one queue, and rings the
phone that was free first. One line of JSON in (`Orders`); it ends when its standard input ends.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from collections import deque

import msgspec

ENTRIES = 3
_READ = 'EXEC "Read" "K,a&silence/1,1,,1,1"\n'
_GET = 'GET VARIABLE "K"\n'


class Orders(msgspec.Struct, frozen=True):
    """Where the pretend PBX is, and what it looks for."""

    ami_port: int
    user: str
    secret: str
    agi_port: int
    phones: tuple[str, ...]
    """As `PJSIP/1001`."""


async def _caller(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One FastAGI session."""
    try:
        await reader.readuntil(b"\n\n")
        told = [*([_READ, _GET, _GET] * ENTRIES), 'SET VARIABLE CTID_QUEUE "q"\n',
                'SET VARIABLE CTID_NEXT "queue"\n']  # fmt: skip
        for command in told:
            writer.write(command.encode())
            if (await reader.readline()).startswith(b"HANGUP"):
                break
    except (OSError, asyncio.IncompleteReadError):
        """The caller has hung up."""
    finally:
        writer.close()


class _Ringing:
    """One AMI link: who waits, and which phones are free."""

    def __init__(self, orders: Orders, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self._free = deque(orders.phones)
        self._waiting: deque[tuple[str, str]] = deque()
        self._legs: dict[str, str] = {}
        self._offers = 0

    def hear(self, block: bytes) -> None:
        """One event."""
        if block.startswith(b"Event: UserEvent"):
            if b"\r\nUserEvent: CtidWaiting" in block:
                self._waiting.append((_value(block, b"Channel"), _value(block, b"Uniqueid")))
        elif block.startswith(b"Event: Hangup\r"):
            if (phone := self._legs.pop(_value(block, b"Uniqueid"), None)) is not None:
                self._free.append(phone)
        else:
            return
        while self._free and self._waiting:
            self._ring(self._free.popleft(), *self._waiting.popleft())

    def _ring(self, phone: str, channel: str, call: str) -> None:
        self._offers += 1
        offer = f"stub-{self._offers}"
        self._legs[offer] = phone
        self._writer.write(
            f"Action: Originate\r\nChannel: {phone}\r\nChannelId: {offer}\r\n"
            f"Context: ctid-agent\r\nExten: s\r\nPriority: 1\r\nTimeout: 20000\r\nAsync: true\r\n"
            f"Variable: CTID_CALLER={channel}\r\nVariable: CTID_CALL={call}\r\n"
            f"Variable: CTID_OFFER={offer}\r\n\r\n".encode()
        )


def _value(block: bytes, name: bytes) -> str:
    return block.partition(b"\r\n" + name + b": ")[2].partition(b"\r\n")[0].decode()


async def _link(orders: Orders) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", orders.ami_port, limit=2**20)
    sign_in = f"Action: Login\r\nUsername: {orders.user}\r\nSecret: {orders.secret}\r\n\r\n"
    writer.write(sign_in.encode())
    ringing = _Ringing(orders, writer)
    await reader.readline()
    while True:
        ringing.hear(await reader.readuntil(b"\r\n\r\n"))


async def serve() -> None:
    """Until standard input ends."""
    loop = asyncio.get_running_loop()
    lines = asyncio.StreamReader(limit=2**20)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    orders = msgspec.json.decode(await lines.readline(), type=Orders)
    server = await asyncio.start_server(_caller, "127.0.0.1", orders.agi_port, backlog=1000)
    link = loop.create_task(_link(orders))
    async with server:
        ended = loop.create_task(lines.read())
        await asyncio.wait((ended, link), return_when=asyncio.FIRST_COMPLETED)
        link.cancel()
        ended.cancel()


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    asyncio.run(serve())
