"""Scenarios as text: what came in and when, and every command that it caused, indented below.

    12:00:01.000 > CallArrived call=c1 number=+8613800138000
                   Collect call=c1 prompts=(which) …

A line with `=` instead of a fact (`= deadlines`) is a deadline that was due. Fields that hold their
default are left out; times inside commands are written as the clock shows them.
"""

from __future__ import annotations

from typing import Any

import msgspec

from ctid.centre.centre import Centre
from ctid.centre.settings import CentreSettings
from ctid.centre.state import CentreState
from ctid.core.commands import Command
from ctid.core.events import Event
from ctid.core.instants import SECOND, Instant

NOON = 43_200_000
"""The scenarios' clock begins at 12:00:00 of Monday 2026-01-05, in UTC."""
WALL = 1_767_571_200_000 + NOON
_CLOCK = {"since", "until", "shown_at", "began_at", "ended_at", "arrived_at", "queued_at",
          "answered_at", "started_at", "bridged_at", "at", "wall_at_zero",
          "submitted_at", "accepted_at", "deadline"}  # fmt: skip


def clock(instant: Instant) -> str:
    """`12:00:01.000`."""
    seconds, ms = divmod((NOON + instant) % 86_400_000, 1000)
    minutes, second = divmod(seconds, 60)
    return f"{minutes // 60:02}:{minutes % 60:02}:{second:02}.{ms:03}"


class Scenario:
    """Drives one centre by hand and writes down what happens. Keeps the driver's contract."""

    def __init__(self, settings: CentreSettings) -> None:
        self.settings = settings
        self.centre = Centre(settings)
        self.now: Instant = 0
        self.lines: list[str] = []

    def note(self, text: str) -> None:
        """A heading in the transcript."""
        self.lines += ["", f"# {text}"]

    def wait(self, duration: int) -> None:
        """Let time pass; deadlines on the way fire at their own instants."""
        until = self.now + duration
        while (due := self.centre.next_deadline()) is not None and due <= until:
            self.now = due
            self._write("= deadlines", self.centre.advance(due))
        self.now = until

    def say(self, *events: Event, after: int = SECOND) -> list[Command]:
        """Facts of one instant, `after` milliseconds from the last; returns what they caused."""
        self.wait(after)
        caused: list[Command] = []
        for event in events:
            commands = self.centre.handle(event, self.now)
            self._write(f"> {written(event)}", commands)
            caused += commands
        return caused

    def restart(self) -> None:
        """The process is killed; another loads what the journal holds."""
        self.note("killed, and loaded from its state")
        saved = msgspec.json.encode(self.centre.dump())
        self.centre = Centre.load(self.settings, msgspec.json.decode(saved, type=CentreState))
        assert msgspec.json.encode(self.centre.dump()) == saved

    @property
    def text(self) -> str:
        return "\n".join(self.lines).strip() + "\n"

    def _write(self, head: str, commands: list[Command]) -> None:
        self.lines.append(f"{clock(self.now)} {head}")
        self.lines += [f"{'':15}{written(command)}" for command in commands]


NOTHING = ("", (), 0, None)


def written(record: msgspec.Struct) -> str:
    """One record on one line."""
    return " ".join((type(record).__name__, *_fields(record)))


def _fields(record: msgspec.Struct) -> list[str]:
    out = []
    for field in msgspec.structs.fields(type(record)):
        value = getattr(record, field.name)
        told = value is not field.default if isinstance(value, bool) else value not in NOTHING
        if told:
            out.append(f"{field.name}={_value(field.name, value)}")
    return out


def _value(name: str, value: Any) -> str:
    match value:
        case int() if name in _CLOCK and not isinstance(value, bool):
            return clock(value - WALL if value > 10**11 else value)
        case str():
            return value if value.isprintable() and " " not in value else repr(value)
        case tuple():
            return "(" + ", ".join(_value(name, item) for item in value) + ")"
        case msgspec.Struct():
            return "[" + " ".join(_fields(value)) + "]"
        case _:
            return str(value)
