"""The sound of one call as RTP packets: G.711 both ways, and keys as RFC 4733 says."""

from __future__ import annotations

import asyncio
import random
import struct
import time
from collections.abc import Sequence
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from tests.real_pbx.lab.datagrams import Datagrams

_TICK: Final = 0.02
_SAMPLES: Final = 160
"""In a packet of 20 ms."""
_SILENCE: Final = b"\xff" * _SAMPLES
_KEYS: Final = "0123456789*#"
_SPEECH, _KEY = 0, 101
"""RTP payload types, as the dialogue's SDP says."""
_HEAD: Final = struct.Struct("!BBHII")
_STILL: Final = bytes(byte for byte in range(256) if byte & 0x70 >= 0x50)
"""µ-law of less than 3 % of full scale."""
LULL: Final = 100_000_000
"""Nanoseconds without a sound, after which the next one counts as a new one."""


class Packet(msgspec.Struct, frozen=True, gc=False):
    """Sound that arrived."""

    at: int
    """Nanoseconds since 1970, by the kernel."""
    place: int
    """Of its first sample, in the sender's count of samples."""
    sound: bytes
    """µ-law, 8000 a second."""


class Sound:
    """Sends silence from `start` on, and keys; keeps what comes, and sets `changed` by each new
    sound."""

    def __init__(self, changed: asyncio.Event) -> None:
        self._changed = changed
        self._wire = Datagrams(self._on_datagram)
        self._sequence, self._place = 0, 0
        self._source = random.randrange(2**32)
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._due = 0.0
        self._keying = False
        self.packets: list[Packet] = []
        self.began: list[int] = []
        """When each sound after a silence began: nanoseconds since 1970, by the kernel."""
        self.loud_at = 0
        """When sound was last heard, likewise."""
        self.key_at = 0
        """When the last key's end was sent, likewise."""

    @property
    def port(self) -> int:
        """Ours."""
        return self._wire.port

    def start(self, port: int) -> None:
        """The PBX wants our sound there."""
        self._wire.connect(port)
        self._due = self._loop.time()
        self._tick()

    def close(self) -> None:
        """No sound from here on, either way."""
        if self._timer is not None:
            self._timer.cancel()
        self._wire.close()

    async def press(self, keys: str, ms: int = 100, gap: int = 60) -> None:
        """Keys one after the other, each held for `ms`, with `gap` ms between two."""
        for n, key in enumerate(keys):
            if n:
                await asyncio.sleep(gap / 1000)
            await self._press(key, ms)

    async def _press(self, key: str, ms: int) -> None:
        begun, self._keying = self._place, True
        try:
            for sent in range(_SAMPLES, ms * 8, _SAMPLES):
                self._send_key(key, begun, sent, first=sent == _SAMPLES)
                await asyncio.sleep(_TICK)
            self._end_key(key, begun, ms * 8)
        finally:
            self._keying = False

    def hold(self, key: str) -> None:
        """Press a key and never let it go."""
        self._keying = True
        self._send_key(key, self._place, _SAMPLES, first=True)

    def burst(self, keys: str) -> None:
        """All of them at once: in each the least that is a key, 20 ms of it by its own word."""
        for key in keys:
            begun = self._place
            self._send_key(key, begun, _SAMPLES // 2, first=True)
            self._end_key(key, begun, _SAMPLES)

    def _end_key(self, key: str, begun: int, lasts: int) -> None:
        self.key_at = time.time_ns()
        for _ in range(3):  # RFC 4733, 2.5.1.4: against loss
            self._send_key(key, begun, lasts, end=True)
        self._place = begun + lasts

    def _send_key(
        self, key: str, begun: int, lasts: int, *, first: bool = False, end: bool = False
    ) -> None:
        event = struct.pack("!BBH", _KEYS.index(key), 0x8A if end else 0x0A, lasts)
        self._send(_KEY | (0x80 if first else 0), begun, event)

    def _tick(self) -> None:
        if not self._keying:
            self._send(_SPEECH, self._place, _SILENCE)
            self._place += _SAMPLES
        self._due += _TICK
        self._timer = self._loop.call_at(self._due, self._tick)

    def _send(self, kind: int, place: int, body: bytes) -> None:
        self._sequence = (self._sequence + 1) & 0xFFFF
        self._wire.send(_HEAD.pack(0x80, kind, self._sequence, place, self._source) + body)

    def _on_datagram(self, at: int, data: bytes) -> None:
        _, kind, _, place, _ = _HEAD.unpack_from(data)
        if kind & 0x7F != _SPEECH:
            return
        sound = data[_HEAD.size :]
        self.packets.append(Packet(at, place, sound))
        if sound.translate(None, _STILL):
            if at - self.loud_at > LULL:
                self.began.append(at)
                self._changed.set()
            self.loud_at = at


def heard(packets: Sequence[Packet]) -> NDArray[Any]:
    """All that was heard, from the first packet on, each sample in its place; silence between.

    Asterisk counts samples on while it sends none, so places are times. Samples are of 16 bits.
    """
    first = packets[0].place
    line = np.zeros(max(p.place + len(p.sound) for p in packets) - first, np.int16)
    for packet in packets:
        begin = packet.place - first
        line[begin : begin + len(packet.sound)] = decoded(packet.sound)
    return line


def decoded(sound: bytes) -> NDArray[Any]:
    """µ-law (G.711) as samples of 16 bits."""
    return _LEVELS[np.frombuffer(sound, np.uint8)]


def _levels() -> NDArray[Any]:
    word = ~np.arange(256, dtype=np.uint8)
    size = (((word & 0x0F).astype(np.int32) << 3) + 0x84 << ((word & 0x70) >> 4)) - 0x84
    return np.where(word & 0x80, -size, size).astype(np.int16)


_LEVELS: Final = _levels()
