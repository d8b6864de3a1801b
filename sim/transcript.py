"""What came in and when, and every command that it caused, as text a person can read.

    12:00:01.000 > CallArrived call=c1 number=+8613800138000
                   Collect call=c1 prompts=(which) …

A line with `=` instead of a fact (`= deadlines`) is a deadline that was due. Fields that hold their
default are left out; times inside commands are written as the clock shows them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from ctid.core.events import Event
from ctid.core.instants import Instant, WallMs

NOTHING = ("", (), 0, None)
_CLOCK = {"since", "until", "shown_at", "began_at", "ended_at", "arrived_at", "queued_at",
          "answered_at", "started_at", "bridged_at", "at", "wall_at_zero",
          "submitted_at", "accepted_at", "deadline"}  # fmt: skip
_DAY = 86_400_000


class Clock(msgspec.Struct, frozen=True):
    """How the transcript's clock stands at instant 0."""

    shows: int = 0
    """Milliseconds since its midnight."""
    wall: WallMs = 0
    """What the clock on the wall says then."""

    def time(self, instant: Instant) -> str:
        """`12:00:01.000`."""
        seconds, ms = divmod((self.shows + instant) % _DAY, 1000)
        minutes, second = divmod(seconds, 60)
        return f"{minutes // 60:02}:{minutes % 60:02}:{second:02}.{ms:03}"

    def line(
        self, now: Instant, fact: Event | None, commands: Iterable[msgspec.Struct]
    ) -> list[str]:
        """One fact, or deadlines that were due, and what followed."""
        head = "= deadlines" if fact is None else f"> {self.written(fact)}"
        said = [f"{'':15}{self.written(command)}" for command in commands]
        return [f"{self.time(now)} {head}", *said]

    def written(self, record: msgspec.Struct) -> str:
        """One record on one line."""
        return " ".join((type(record).__name__, *self._fields(record)))

    def _fields(self, record: msgspec.Struct) -> list[str]:
        out = []
        for field in msgspec.structs.fields(type(record)):
            value = getattr(record, field.name)
            told = value is not field.default if isinstance(value, bool) else value not in NOTHING
            if told:
                out.append(f"{field.name}={self._value(field.name, value)}")
        return out

    def _value(self, name: str, value: Any) -> str:
        match value:
            case int() if name in _CLOCK and not isinstance(value, bool):
                return self.time(value - self.wall if value > 10**11 else value)
            case str():
                return value if value.isprintable() and " " not in value else repr(value)
            case tuple():
                return "(" + ", ".join(self._value(name, item) for item in value) + ")"
            case msgspec.Struct():
                return "[" + " ".join(self._fields(value)) + "]"
            case _:
                return str(value)
