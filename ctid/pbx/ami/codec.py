"""The Asterisk Manager Interface as bytes: messages in, actions out. No socket, no clock.

Theory of operation
    After one banner line the peer sends messages: lines ``Name: value``, then a blank line.
    Asterisk's own line end is CR LF, but a bare LF is legal too, and the two may be mixed. So a
    message ends at the first LF that is followed by LF or by CR LF, wherever the chunks of TCP
    happen to be cut; UTF-8 is decoded only once a message is whole. A daemon reads few headers
    of few events, so a message keeps its bytes and is taken apart when somebody first asks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final, Literal

from ctid.core.errors import LocalProtocolError, RemoteProtocolError

MessageKind = Literal["event", "response", "other"]
"""``other``: neither header; seen when a value with line ends in it tore a message in two."""

MAX_ACTION_LINE: Final = 1_024
"""Bytes of one line that Asterisk reads, its line end included (manager.c: inbuf)."""

MAX_ACTION_HEADERS: Final = 128
"""Headers of one action that Asterisk keeps, Action and ActionID included."""

_MAX_BANNER: Final = 256
_BANNER_START: Final = b"Asterisk Call Manager/"
_MESSAGE_END: Final = re.compile(rb"\n\r?\n")
_HEADER_NAME: Final = re.compile(r"[A-Za-z0-9-]+")
_FORBIDDEN: Final = re.compile(r"[\r\n\0]")
_C_ESCAPE: Final = re.compile(r"\\(.)", re.DOTALL)
_C_MEANING: Final = {
    "a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v",
    "\\": "\\", "'": "'", '"': '"', "?": "?",
}  # fmt: skip


@lru_cache(maxsize=512)
def _line_start(name: str) -> bytes:
    return b"\n%s: " % name.encode("utf-8", "replace")


class AmiMessage:
    """One event or response. Header names are looked up without regard to case.

    Not a msgspec record, unlike our own messages: it wraps foreign bytes and is parsed on first
    use, because most events are dropped after a look at their name.
    """

    __slots__ = ("_first", "raw")

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        """The message as it came, without the blank line that ended it."""
        self._first: dict[str, str] | None = None

    @property
    def kind(self) -> MessageKind:
        """What the message is, by its first header (Asterisk) or by any of them (others)."""
        if self.raw.startswith(b"Event: "):
            return "event"
        if self.raw.startswith(b"Response: "):
            return "response"
        if self.get("Event"):
            return "event"
        return "response" if self.get("Response") else "other"

    @property
    def name(self) -> str:
        """The event's name, or ``Success``, ``Error``, ``Goodbye`` of a response; else empty."""
        if self.raw.startswith(b"Event: "):
            end = self.raw.find(b"\n")
            name = self.raw[7:] if end < 0 else self.raw[7:end]
            return name.removesuffix(b"\r").decode("utf-8", "replace")
        return self.get("Event") or self.get("Response")

    def get(self, name: str, default: str = "") -> str:
        """The first value of a header as it was sent (see `unescape_c`), or `default`.

        A header spelled exactly as `name` goes before one that differs in case.
        """
        # Finding one line in the bytes is ten times cheaper than parsing all of them.
        line_start = _line_start(name)
        start = self.raw.find(line_start)
        if start >= 0:
            start += len(line_start)
            end = self.raw.find(b"\n", start)
            value = self.raw[start:] if end < 0 else self.raw[start:end]
            return value.removesuffix(b"\r").decode("utf-8", "replace")
        return self._any_case().get(name.lower(), default)

    def _any_case(self) -> dict[str, str]:
        if self._first is None:
            self._first = {}
            for key, value in self.pairs():
                self._first.setdefault(key.lower(), value)
        return self._first

    def all(self, name: str) -> list[str]:
        """Every value of a repeated header (Variable, ChanVariable, Output), in its order."""
        wanted = name.lower()
        return [value for key, value in self.pairs() if key.lower() == wanted]

    def pairs(self) -> Iterator[tuple[str, str]]:
        """All headers as sent, in order; lines without a colon are no headers and are skipped."""
        text = self.raw.decode("utf-8", "replace")
        for line in text.replace("\r\n", "\n").split("\n"):
            key, colon, value = line.partition(":")
            if colon:
                yield key, value[1:] if value.startswith(" ") else value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, AmiMessage) and other.raw == self.raw

    def __hash__(self) -> int:
        return hash(self.raw)

    def __repr__(self) -> str:
        return f"<AmiMessage {self.kind} {self.name} {len(self.raw)} bytes>"


class AmiCodec:
    """Cuts a byte stream into messages; any chunking of the stream gives the same messages.

    `max_line`, `max_message_bytes` and `max_headers` bound the memory a peer can take: the codec
    holds at most one unfinished message. `expect_banner=False` starts after the banner line.
    """

    def __init__(
        self,
        max_line: int = 65_536,
        max_message_bytes: int = 262_144,
        max_headers: int = 1_024,
        *,
        expect_banner: bool = True,
    ) -> None:
        self._max_line = max_line
        self._max_message = max_message_bytes
        self._max_headers = max_headers
        # A message this short can break no limit, so that the common case pays one comparison.
        self._surely_fine = min(max_line, max_message_bytes, max_headers)
        self._tail = bytearray()
        self._scanned = 0
        self._line_start = 0
        self._failure: RemoteProtocolError | None = None
        self.banner: str | None = None if expect_banner else ""
        """The banner line, once it came; ``Asterisk Call Manager/9.0.0`` or the like."""

    @property
    def failure(self) -> RemoteProtocolError | None:
        """Why the codec is at its end; look at it after each `feed`, and close the connection."""
        return self._failure

    @property
    def held_bytes(self) -> int:
        """Bytes of the unfinished message."""
        return len(self._tail)

    def feed(self, data: bytes) -> list[AmiMessage]:
        """Take the next bytes; return the messages that they complete.

        Messages before a broken one are still returned; then `failure` is set and every later
        call raises it. With no message to return, this call raises it.

        Raises RemoteProtocolError: no Asterisk at the other end, or a limit was passed.
        """
        if self._failure is not None:
            raise self._failure
        self._tail += data
        if self.banner is None and not self._take_banner():
            return []
        if _MESSAGE_END.search(self._tail, self._scanned) is None:
            self._check_tail()
            # The last two bytes may be the start of a message end: look at them again.
            self._scanned = max(len(self._tail) - 2, 0)
            return []
        chunks = _split(bytes(self._tail))
        self._tail = bytearray(chunks.pop())
        self._line_start = 0
        self._scanned = max(len(self._tail) - 2, 0)
        messages = self._messages(chunks)
        if self._failure is None:
            self._check_tail(keep=messages)
        return messages

    def _messages(self, chunks: list[bytes]) -> list[AmiMessage]:
        surely_fine = self._surely_fine
        messages: list[AmiMessage] = []
        for chunk in chunks:
            if len(chunk) > surely_fine and (problem := self._problem(chunk)):
                self._fail(problem, messages)
                break
            # What is stripped: the CR of the last line, and further blank lines in front.
            raw = chunk.strip(b"\r\n")
            if raw:
                messages.append(AmiMessage(raw))
        return messages

    def _problem(self, chunk: bytes) -> str:
        if len(chunk) > self._max_message:
            return f"a message of {len(chunk)} bytes; the limit is {self._max_message}"
        lines = chunk.split(b"\n")
        if len(lines) > self._max_headers:
            return f"a message of {len(lines)} headers; the limit is {self._max_headers}"
        longest = max(map(len, lines))
        if longest > self._max_line:
            return f"a line of {longest} bytes; the limit is {self._max_line}"
        return ""

    def _check_tail(self, keep: list[AmiMessage] | None = None) -> None:
        held = len(self._tail)
        # Two bytes of grace: the start of a message end is not part of the message.
        if held > self._max_message + 2:
            self._fail(f"a message of over {self._max_message} bytes", keep)
        elif held > self._max_line and self._has_long_line():
            self._fail(f"a line of over {self._max_line} bytes", keep)

    def _has_long_line(self) -> bool:
        # Whole lines count too, or one long chunk would pass where many small ones do not.
        while (end := self._tail.find(b"\n", self._line_start)) >= 0:
            if end - self._line_start > self._max_line:
                return True
            self._line_start = end + 1
        return len(self._tail) - self._line_start > self._max_line

    def _take_banner(self) -> bool:
        end = self._tail.find(b"\n")
        if end > _MAX_BANNER or (end < 0 and len(self._tail) > _MAX_BANNER):
            self._fail("a first line that is no AMI banner; check host and port")
        if end < 0:
            return False
        line = bytes(self._tail[:end]).rstrip(b"\r")
        if not line.startswith(_BANNER_START):
            self._fail(f"{line[:60]!r} in place of an AMI banner; check host and port")
        self.banner = line.decode("utf-8", "replace")
        del self._tail[: end + 1]
        return True

    def _fail(self, what: str, keep: list[AmiMessage] | None = None) -> None:
        self._failure = RemoteProtocolError(f"AMI peer sent {what}")
        self._tail.clear()
        if not keep:
            raise self._failure


def _split(data: bytes) -> list[bytes]:
    """Cut at message ends; the last piece is unfinished. Same pieces by either way."""
    if b"\n\n" in data:
        return _MESSAGE_END.split(data)
    return data.split(b"\n\r\n")  # several times faster, and what Asterisk sends


def unescape_c(value: str) -> str:
    r"""Undo the C escapes in event values: ``\n`` becomes a line feed, ``\"`` a quote.

    Asterisk escapes caller-ID names, application data and variable values in events. An escape
    that it never writes stays as it is.
    """
    if "\\" not in value:
        return value
    return _C_ESCAPE.sub(lambda match: _C_MEANING.get(match[1], match[0]), value)


def encode_action(name: str, headers: Iterable[tuple[str, str]] = ()) -> bytes:
    """The bytes of one action; repeat a header name to send a list (Variable).

    Raises LocalProtocolError: a header name outside ``[A-Za-z0-9-]+``, CR, LF or NUL in a value
    (each would let a value add headers or actions of its own), a line over 1,024 bytes, or more
    than 128 headers. Nothing is sent then.
    """
    lines = [_encode_line(key, value) for key, value in [("Action", name), *headers]]
    if len(lines) > MAX_ACTION_HEADERS:
        raise LocalProtocolError(
            f"action {name!r}: {len(lines)} headers; Asterisk reads at most {MAX_ACTION_HEADERS}"
        )
    return b"".join(lines) + b"\r\n"


def _encode_line(key: str, value: str) -> bytes:
    if not _HEADER_NAME.fullmatch(key):
        raise LocalProtocolError(f"header name {key[:60]!r}: use letters, digits and '-' only")
    if _FORBIDDEN.search(value):
        raise LocalProtocolError(f"header {key}: CR, LF or NUL in its value; take it out first")
    try:
        line = f"{key}: {value}\r\n".encode()
    except UnicodeEncodeError as error:
        raise LocalProtocolError(f"header {key}: its value is no valid Unicode text") from error
    if len(line) > MAX_ACTION_LINE:
        raise LocalProtocolError(
            f"header {key}: line of {len(line)} bytes; Asterisk reads at most {MAX_ACTION_LINE}"
        )
    return line
