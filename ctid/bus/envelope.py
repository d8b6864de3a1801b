"""What goes over Redis: who sent it, its number within its topic, and the body. Pure."""

from __future__ import annotations

import struct
from typing import Final

import msgspec

_HEAD: Final = struct.Struct(">8sQ")
NODE_BYTES: Final = 8
_REMEMBERED: Final = 50_000
"""Topics of other nodes of which the last number is kept; a restarted node is a new node."""


class Envelope(msgspec.Struct, frozen=True):
    """One message between nodes."""

    node: bytes
    """The sender, eight bytes, new with each start."""
    number: int
    """From 1, by sender and topic, without gaps."""
    body: bytes


def encode(envelope: Envelope) -> bytes:
    """As it goes over the wire."""
    return _HEAD.pack(envelope.node, envelope.number) + envelope.body


def decode(data: bytes) -> Envelope | None:
    """Back; None when it is not ours."""
    if len(data) < _HEAD.size:
        return None
    node, number = _HEAD.unpack_from(data)
    return Envelope(node, number, data[_HEAD.size :])


class Numbering:
    """Finds what is missing and what comes twice."""

    def __init__(self) -> None:
        self._sent: dict[str, int] = {}
        self._seen: dict[tuple[bytes, str], int] = {}

    def next(self, topic: str) -> int:
        """The number of our next message on that topic."""
        self._sent[topic] = number = self._sent.get(topic, 0) + 1
        return number

    def missing(self, topic: str, envelope: Envelope) -> int | None:
        """How many messages are missing before this one; None when it has been here already."""
        key = (envelope.node, topic)
        last = self._seen.pop(key, None)
        if last is not None and envelope.number <= last:
            self._seen[key] = last
            return None
        self._seen[key] = envelope.number
        if len(self._seen) > _REMEMBERED:
            del self._seen[next(iter(self._seen))]  # the one that was silent for longest
        return 0 if last is None else envelope.number - last - 1
