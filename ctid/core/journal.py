"""The journal's lines: what came in, when, and every command that it caused. Pure.

A line is JSON, a tab and the CRC-32 of that JSON in hex, so that a torn or changed line is found
(F21). The first line is a header; it holds the settings, so that a journal replays by itself.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from ctid.core.commands import Command
from ctid.core.errors import CtidError
from ctid.core.events import Event
from ctid.core.instants import Instant

FORMAT: Final = 1
"""Rises when a line of an older ctid can no longer be replayed."""


class JournalDamaged(CtidError):
    """A line's checksum or form is wrong; everything before it is good."""

    def __init__(self, line: int, text: str) -> None:
        super().__init__(f"line {line}: {text}")
        self.line = line


class Header(msgspec.Struct, frozen=True, tag="header"):
    """The first line."""

    format: int
    ctid: str
    """Version of ctid that wrote it."""
    settings: msgspec.Raw
    """The centre's settings, as `ctid.settings` encodes them."""
    state: msgspec.Raw = msgspec.Raw(b"null")
    """The machine's state at the beginning of this file, or null for a fresh one."""


class Line(msgspec.Struct, frozen=True, tag="line", omit_defaults=True):
    """One call of the machine."""

    n: int
    """From 1, without gaps."""
    t: Instant
    e: Event | None = None
    """None: deadlines that were due at `t`."""
    c: tuple[Command, ...] = ()


_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[Header | Line] = msgspec.json.Decoder(Header | Line)


def encode(entry: Header | Line) -> bytes:
    """One line, with checksum and line end."""
    body = _encoder.encode(entry)
    return b"%b\t%08x\n" % (body, zlib.crc32(body))


def decode(raw: bytes, number: int) -> Header | Line:
    """One line back.

    Raises:
        JournalDamaged: torn, changed, or not ours.
    """
    body, tab, check = raw.rstrip(b"\n").rpartition(b"\t")
    if not tab or not raw.endswith(b"\n"):
        raise JournalDamaged(number, "the line is torn")
    if check != b"%08x" % zlib.crc32(body):
        raise JournalDamaged(number, "the checksum does not match")
    try:
        return _decoder.decode(body)
    except msgspec.DecodeError as error:
        raise JournalDamaged(number, f"not a journal line of this version: {error}") from None


def read(lines: Iterable[bytes]) -> Iterator[Header | Line]:
    """All entries in order; the first must be a header of our format, lines must have no gap.

    Raises:
        JournalDamaged: at the first bad line; what was yielded before is good.
    """
    expected = number = 0
    for number, raw in enumerate(lines, 1):
        entry = decode(raw, number)
        if number == 1:
            if not isinstance(entry, Header):
                raise JournalDamaged(1, "there is no header; is this a ctid journal?")
            if entry.format != FORMAT:
                raise JournalDamaged(
                    1, f"format {entry.format}, but this ctid reads format {FORMAT}: use its own"
                )
        elif isinstance(entry, Header):
            raise JournalDamaged(number, "a second header")
        else:
            expected = expected + 1 if expected else entry.n
            if entry.n != expected:
                raise JournalDamaged(number, f"line {entry.n} where {expected} was due")
        yield entry
    if not number:
        raise JournalDamaged(1, "the file is empty; is this a ctid journal?")
