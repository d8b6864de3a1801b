"""The PBX's end of one FastAGI connection: its bytes and when they count as readable."""

from __future__ import annotations

import asyncio

import msgspec

from sim.live.channels import Channel
from sim.live.valve import Valve
from sim.live.watch import Nobody, Watch


class AgiPeer(msgspec.Struct, frozen=True):
    """Where the FastAGI server is, and what the world's sounds are like."""

    host: str
    port: int
    token: str = ""
    """First part of the path that is asked for."""
    prompt_seconds: float = 1.5
    """How long every prompt lasts."""
    missing_prompts: frozenset[str] = frozenset()
    """Sounds that this PBX does not have."""
    valve: Valve | None = None
    watch: Watch = Nobody()
    message_seconds: float = 3.0
    """How long callers speak who are recorded in a menu."""
    full_disk: bool = False
    """Nothing can be recorded."""

    @property
    def url(self) -> str:
        path = f"/{self.token}" if self.token else ""
        return f"agi://{self.host}:{self.port}{path}"


class AgiWire(asyncio.Protocol):
    """The PBX's end of one FastAGI connection."""

    def __init__(self, channel: Channel, valve: Valve | None) -> None:
        self._channel, self._valve = channel, valve
        self._transport: asyncio.Transport | None = None
        self._arrived = self._buffer = b""
        self._closed = False

    @property
    def readable(self) -> bool:
        """Whether poll() would report the socket: new bytes, or its end."""
        return bool(self._arrived) or self._closed

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # TCP gives nothing else.
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        if self._valve is None:
            self._take(data)
        else:
            self._valve.through(self._take, data)

    def connection_lost(self, exc: Exception | None) -> None:
        self._closed = True
        self._channel.wake()

    def send(self, data: bytes) -> None:
        """Write, unless the peer has gone."""
        if self._valve is None:
            self._write(data)
        else:
            self._valve.through(self._write, data)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def line(self) -> bytes | None:
        """The next command line; b'' when the server has closed; None when there is none yet."""
        if not self.readable:
            return None
        self._buffer, self._arrived = self._buffer + self._arrived, b""
        line, end, rest = self._buffer.partition(b"\n")
        if not end and not self._closed:
            return None
        self._buffer = rest
        return line + end

    def _take(self, data: bytes) -> None:
        self._arrived += data
        self._channel.wake()

    def _write(self, data: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)
