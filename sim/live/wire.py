"""The manager protocol's bytes, from Asterisk's side: events and answers out, actions in.

Written on its own on purpose and sharing nothing with `ctid.pbx`: two readings of one protocol hold
each other to account. Limits and texts are those of Asterisk 22.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

LINE_LIMIT = 1024
"""Bytes of one header line, its end included; Asterisk reads into a buffer of this size."""
HEADER_LIMIT = 128
"""Headers of one action."""

Fields = Iterable[tuple[str, object]]

_ESCAPES = {
    "\a": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v",
    "\\": "\\\\", "'": "\\'", '"': '\\"', "?": "\\?",
}  # fmt: skip
_ESCAPED = re.compile("[" + re.escape("".join(_ESCAPES)) + "]")


def escape_c(text: str) -> str:
    """`text` as Asterisk writes caller names and variable values into events."""
    return _ESCAPED.sub(lambda found: _ESCAPES[found[0]], text)


def encode(fields: Fields) -> bytes:
    """One message: a line for each field, in order, then the empty line.

    Raises:
        ValueError: a value would break the line; escape it or strip it where it enters.
    """
    lines = [f"{name}: {value}" for name, value in fields]
    for line in lines:
        if "\r" in line or "\n" in line:
            raise ValueError(f"pretend Asterisk: line break inside an AMI line: {line!r}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8", "surrogateescape")


class Action(msgspec.Struct, frozen=True):
    """One action as it was received."""

    headers: tuple[tuple[str, str], ...]
    fault: str = ""
    """Why Asterisk would not read it (line too long, too many lines), or empty."""

    def get(self, name: str, default: str = "") -> str:
        """First value of a header, whatever the case of its name."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), default)

    def all(self, name: str) -> list[str]:
        """Every value of a repeated header, in order."""
        wanted = name.lower()
        return [value for key, value in self.headers if key.lower() == wanted]


class ActionReader:
    """Turns received bytes into actions; any chunking gives the same ones."""

    def __init__(self) -> None:
        self._rest = b""
        self._headers: list[tuple[str, str]] = []
        self._fault = ""

    def feed(self, data: bytes) -> list[Action]:
        """Take the next bytes; return the actions that they complete."""
        done: list[Action] = []
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            action = self._line(line.removesuffix(b"\r"))
            if action is not None:
                done.append(action)
        if len(self._rest) > LINE_LIMIT:
            self._fault, self._rest = "Failed to parse message: line too long", b""
        return done

    def _line(self, line: bytes) -> Action | None:
        if not line:
            if not self._headers and not self._fault:
                return None  # Asterisk passes over empty lines between actions.
            action = Action(tuple(self._headers), self._fault)
            self._headers, self._fault = [], ""
            return action
        if len(line) > LINE_LIMIT - 2:
            self._fault = "Failed to parse message: line too long"
        elif len(self._headers) >= HEADER_LIMIT:
            self._fault = "Too many lines in message or allocation failure"
        else:
            name, colon, value = line.decode("utf-8", "surrogateescape").partition(":")
            if colon:
                self._headers.append((name.strip(), value.strip()))
        return None
