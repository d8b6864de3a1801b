r"""FastAGI as bytes, seen from the server: environment and replies in, commands out.

Theory of operation
    Asterisk connects and sends its environment: lines ``agi_name: value``, then a blank line.
    From then on we send one command and wait for its reply; FastAGI does not pipeline, and two
    commands in one write leave the call stuck. A line ``HANGUP`` may come at any time. A reply
    is one line ``200 result=…``, or starts with ``NNN-`` and ends with a line ``NNN …``. A value
    in parentheses may hold line feeds, so a reply goes on until its parenthesis is closed.
"""

from __future__ import annotations

import re
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from msgspec import Struct

from ctid.core.errors import LocalProtocolError, RemoteProtocolError

MAX_COMMAND_LINE: Final = 2_047
"""Bytes of one command that Asterisk reads, its LF included (res_agi.c: AGI_BUF_LEN)."""

MAX_COMMAND_WORDS: Final = 127
"""Words of one command that Asterisk keeps (res_agi.c: MAX_ARGS)."""

_COMMAND_NAME: Final = re.compile(r"[A-Za-z]+(?: [A-Za-z]+)*")
_FORBIDDEN: Final = re.compile(r"[\r\n\0]")
_NEEDS_ESCAPE: Final = re.compile(r'(["\\])')
_ENVIRONMENT_END: Final = re.compile(rb"\n\r?\n")
_REPLY_START: Final = re.compile(r"([1-5][0-9][0-9])([ -]|$)(.*)", re.DOTALL)
_ENDPOS: Final = re.compile(r"endpos=([0-9]{1,18})\b")


class AgiEnvironment(Struct, frozen=True):
    """What Asterisk says about the call: ``agi_channel``, ``agi_callerid``, ``agi_arg_1`` …"""

    values: MappingProxyType[str, str]

    def get(self, name: str, default: str = "") -> str:
        """The value of one name, with its ``agi_`` in front."""
        return self.values.get(name, default)

    @property
    def network_script(self) -> str:
        """The path of the request without its first slash, and with its query if it has one."""
        return self.values.get("agi_network_script", "")


class AgiReply(Struct, frozen=True):
    """The answer to one command."""

    code: int
    """200 done, 510 no such command, 511 not on a dead channel, 520 wrong use."""
    result: str
    """What follows ``result=``: digits pressed, an ASCII code, -1 … Empty in other replies."""
    data: str
    """What stands in parentheses: a variable's value, ``timeout`` …"""
    endpos: int | None
    """Where playback stopped, in samples of 8 kHz."""
    text: str
    """The reply without its code: for a log, and for the usage text of a 520."""

    @property
    def timed_out(self) -> bool:
        """Whether digits ended by time-out, not by the terminator or the last digit."""
        return self.data == "timeout"


class AgiHungUp(Struct, frozen=True):
    """The line ``HANGUP``: the caller has left, the channel still runs our script."""


AgiFact = AgiEnvironment | AgiReply | AgiHungUp


def encode_command(name: str, *words: str | int) -> bytes:
    """One command: `name` as it is (``STREAM FILE``), every further word quoted.

    Raises LocalProtocolError: a name of other than letters and spaces, CR, LF or NUL in a word
    (it would be a second command), or more than Asterisk reads. Nothing is sent then.
    """
    if _words_in(name) + len(words) > MAX_COMMAND_WORDS:
        raise LocalProtocolError(f"AGI {name}: more than {MAX_COMMAND_WORDS} words")
    try:
        line = " ".join([name, *map(_quote, words)]).encode() + b"\n"
    except UnicodeEncodeError as error:
        raise LocalProtocolError(f"AGI {name}: a word is no valid Unicode text") from error
    if len(line) > MAX_COMMAND_LINE:
        raise LocalProtocolError(
            f"AGI {name}: {len(line)} bytes; Asterisk reads at most {MAX_COMMAND_LINE}"
        )
    return line


@lru_cache(maxsize=256)
def _words_in(name: str) -> int:
    if not _COMMAND_NAME.fullmatch(name):
        raise LocalProtocolError(f"AGI command {name[:60]!r}: use letters and single spaces only")
    return name.count(" ") + 1


def _quote(word: str | int) -> str:
    text = str(word)
    if _FORBIDDEN.search(text):
        raise LocalProtocolError("AGI word with CR, LF or NUL in it; take it out first")
    if '"' in text or "\\" in text:
        text = _NEEDS_ESCAPE.sub(r"\\\1", text)
    return f'"{text}"'


def parse_reply(text: str) -> AgiReply:
    """One whole reply, without the line feed that ends it.

    Raises RemoteProtocolError where it does not start with a code.
    """
    if text.startswith("200 "):  # nearly every reply
        code, rest = 200, text[4:]
    else:
        match = _REPLY_START.match(text)
        if match is None:
            raise RemoteProtocolError(f"AGI peer sent {text[:60]!r} in place of a reply")
        code, rest = int(match[1]), match[3]
    if not rest.startswith("result="):
        return AgiReply(code, "", "", None, rest)
    result, _, tail = rest[7:].partition(" ")
    data, endpos = "", None
    if tail:
        opened, closed = tail.find("("), tail.rfind(")")
        if 0 <= opened < closed:
            data = tail[opened + 1 : closed]
            tail = tail[closed + 1 :]
        found = _ENDPOS.search(tail)
        endpos = int(found[1]) if found else None
    return AgiReply(code, result, data, endpos, rest)


class AgiCodec:
    """One FastAGI connection. The limits bound what a peer can make us hold.

    `max_line` bytes a line, `max_lines` lines and `max_bytes` in all, for the environment and
    again for each reply.
    """

    def __init__(
        self, max_line: int = 16_384, max_lines: int = 256, max_bytes: int = 65_536
    ) -> None:
        self._max_line = max_line
        self._max_lines = max_lines
        self._max_bytes = max_bytes
        self._held = bytearray()
        self._scanned = 0
        self._line_start = 0
        self._in_session = False
        self._awaiting = False
        self._reply: list[str] = []
        self._reply_bytes = 0
        self._failure: RemoteProtocolError | None = None

    @property
    def awaiting_reply(self) -> bool:
        """Whether a command is outstanding."""
        return self._awaiting

    @property
    def failure(self) -> RemoteProtocolError | None:
        """Why the codec is at its end; look at it after each `feed`, and close the connection."""
        return self._failure

    @property
    def held_bytes(self) -> int:
        """Bytes of what is not yet complete."""
        return len(self._held) + self._reply_bytes

    def command(self, name: str, *words: str | int) -> bytes:
        """The bytes of the next command; its reply is expected from now on.

        Raises LocalProtocolError: before the environment, while a reply is outstanding, or for
        what `encode_command` refuses.
        """
        if not self._in_session or self._awaiting:
            raise LocalProtocolError(
                f"AGI {name}: one command at a time, and none before the environment"
            )
        line = encode_command(name, *words)
        self._awaiting = True
        return line

    def feed(self, data: bytes) -> list[AgiFact]:
        """Take the next bytes; return what they complete, the same for any chunking.

        What came before a violation is still returned; then `failure` is set and every later
        call raises it. With nothing to return, this call raises it.

        Raises RemoteProtocolError: no FastAGI at the other end, a reply to no command, or a
        limit was passed.
        """
        if self._failure is not None:
            raise self._failure
        self._held += data
        facts: list[AgiFact] = []
        try:
            if self._in_session or self._take_environment(facts):
                self._take_lines(facts)
        except RemoteProtocolError as error:
            self._failure = error
            self._held.clear()
            if not facts:
                raise
        return facts

    # Environment

    def _take_environment(self, facts: list[AgiFact]) -> bool:
        held = self._held
        if not held.startswith(b"agi_"[: len(held)]):
            raise RemoteProtocolError(f"{bytes(held[:40])!r} in place of a FastAGI request")
        end = _ENVIRONMENT_END.search(held, self._scanned)
        if end is None:
            if len(held) > self._max_bytes + 2:
                raise RemoteProtocolError(f"FastAGI request of over {self._max_bytes} bytes")
            if len(held) > self._max_line and self._has_long_line():
                raise RemoteProtocolError(f"FastAGI line of over {self._max_line} bytes")
            # The last two bytes may be the start of the end: look at them again.
            self._scanned = max(len(held) - 2, 0)
            return False
        request = bytes(held[: end.start()])
        del held[: end.end()]
        facts.append(self._environment(request))
        self._in_session = True
        return True

    def _has_long_line(self) -> bool:
        # Whole lines count too, or one long chunk would pass where many small ones do not.
        while (end := self._held.find(b"\n", self._line_start)) >= 0:
            if end - self._line_start > self._max_line:
                return True
            self._line_start = end + 1
        return len(self._held) - self._line_start > self._max_line

    def _environment(self, request: bytes) -> AgiEnvironment:
        if len(request) > self._max_bytes:
            raise RemoteProtocolError(f"FastAGI request of over {self._max_bytes} bytes")
        lines = request.split(b"\n")
        if len(lines) > self._max_lines:
            raise RemoteProtocolError(f"FastAGI request of over {self._max_lines} lines")
        if len(request) > self._max_line and max(map(len, lines)) > self._max_line:
            raise RemoteProtocolError(f"FastAGI line of over {self._max_line} bytes")
        text = request.decode("utf-8", "replace").replace("\r\n", "\n").removesuffix("\r")
        # A caller ID with a line feed in it could forge a line: such a call is refused, be it
        # for a line that is none of Asterisk's or for a name that comes twice.
        try:
            values = dict([line.split(": ", 1) for line in text.split("\n")])
        except ValueError:
            raise RemoteProtocolError("FastAGI request with a line without ': '") from None
        if text.count("\nagi_") + 1 != len(lines) or len(values) != len(lines):
            raise RemoteProtocolError("FastAGI request with a foreign line, or a name twice")
        return AgiEnvironment(MappingProxyType(values))

    # Replies

    def _take_lines(self, facts: list[AgiFact]) -> None:
        held = self._held
        start = 0
        while (end := held.find(b"\n", start)) >= 0:
            line = bytes(held[start:end])
            start = end + 1
            if len(line) > self._max_line:
                raise RemoteProtocolError(f"AGI reply line of over {self._max_line} bytes")
            fact = self._on_line(line.removesuffix(b"\r"))
            if fact is not None:
                facts.append(fact)
        del held[:start]
        if len(held) > self._max_line:
            raise RemoteProtocolError(f"AGI reply line of over {self._max_line} bytes")

    def _on_line(self, line: bytes) -> AgiFact | None:
        if line == b"HANGUP":
            return AgiHungUp()
        if not self._awaiting:
            raise RemoteProtocolError(f"AGI peer sent {line[:60]!r} with no command outstanding")
        text = line.decode("utf-8", "replace")
        if self._reply:
            return self._go_on(text, len(line))
        if text.startswith("100 "):
            return None  # "100 Trying": the reply is still to come
        if _is_whole(text):
            return self._finish(text)
        if _REPLY_START.match(text) is None:
            raise RemoteProtocolError(f"AGI peer sent {text[:60]!r} in place of a reply")
        self._keep(text, len(line))
        return None

    def _go_on(self, text: str, size: int) -> AgiReply | None:
        self._keep(text, size)
        first = self._reply[0]
        closed = text.startswith(first[:3] + " ") if first[3:4] == "-" else ")" in text
        return self._finish("\n".join(self._reply)) if closed else None

    def _keep(self, text: str, size: int) -> None:
        self._reply.append(text)
        self._reply_bytes += size
        if len(self._reply) > self._max_lines or self._reply_bytes > self._max_bytes:
            raise RemoteProtocolError("AGI reply that does not end")

    def _finish(self, text: str) -> AgiReply:
        self._reply.clear()
        self._reply_bytes = 0
        self._awaiting = False
        return parse_reply(text)


def _is_whole(text: str) -> bool:
    """Whether a reply ends with its first line."""
    if text[3:4] == "-":
        return False
    return "(" not in text or ")" in text or not text.startswith("200 result=")
