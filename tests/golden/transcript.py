"""Drives one centre by hand, and writes down what happens (sim.transcript)."""

from __future__ import annotations

import msgspec

from ctid.centre.centre import Centre
from ctid.centre.settings import CentreSettings
from ctid.centre.state import CentreState
from ctid.core.commands import Command
from ctid.core.events import Event
from ctid.core.instants import SECOND, Instant
from sim.transcript import Clock

NOON = 43_200_000
"""The scenarios' clock begins at 12:00:00 of Monday 2026-01-05, in UTC."""
WALL = 1_767_571_200_000 + NOON
CLOCK = Clock(NOON, WALL)


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
            self._write(None, self.centre.advance(due))
        self.now = until

    def say(self, *events: Event, after: int = SECOND) -> list[Command]:
        """Facts of one instant, `after` milliseconds from the last; returns what they caused."""
        self.wait(after)
        caused: list[Command] = []
        for event in events:
            commands = self.centre.handle(event, self.now)
            self._write(event, commands)
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

    def _write(self, event: Event | None, commands: list[Command]) -> None:
        self.lines += CLOCK.line(self.now, event, commands)
