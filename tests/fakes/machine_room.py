"""A driver with everything around it that a test wants to look into, and a short day of events."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ctid.app.driver import Driver
from ctid.centre.centre import Centre
from ctid.core import events as ev
from ctid.core.commands import Command, RingAgent
from ctid.core.events import Event
from ctid.core.journal import Line
from ctid.core.records import PhoneFact
from ctid.ports import Clock, JournalWriter
from sim import site

SETTINGS = site.settings(agents=2)
AGENT, OTHER = (agent.id for agent in SETTINGS.acd.agents)
PHONES = tuple(PhoneFact(agent.phone, "idle") for agent in SETTINGS.acd.agents)
BOOT = "b1"
OPENING: tuple[Event, ...] = (
    ev.Started(BOOT, 1_790_000_000_000),
    ev.Inventory(False, (), PHONES),
    ev.SignInAsked(AGENT),
    ev.ReadyAsked(AGENT),
)
"""The link is up and one agent is available, for both queues."""
OFFER = f"{BOOT}-2"
"""Contacts and offers share one count."""
A_CALL: tuple[Event, ...] = (
    ev.CallWaiting("c1", "T/1", "sales", 0, "+8613800138000"),
    ev.AgentRinging(OFFER),
    ev.AgentAnswered(OFFER),
    ev.CallBridged(OFFER),
    ev.CallEnded("c1", "16"),
    ev.LegEnded(OFFER, "hangup"),
)
"""Leaves the agent in wrap-up, whose end is a deadline."""
DEFECT = ev.CallWaiting("x", "T/x", "sales", since="soon")
"""No adapter makes such a fact: it stands for a defect in the machine."""


class MachineRoom:
    """`trace` has everything in order: journalled lines, and commands as they are carried out."""

    def __init__(self, clock: Clock, journal: JournalWriter | None = None) -> None:
        self.trace: list[Line | Command] = []
        self.dead: list[tuple[Event | None, Exception]] = []
        self.on_command: Callable[[Command], None] = lambda command: None
        self._journal = journal
        self.centre = Centre(SETTINGS)
        self.driver = Driver(
            self.centre, clock, self, self._carry_out, lambda *letter: self.dead.append(letter)
        )

    def write(self, line: Line) -> None:
        """The driver's journal."""
        self.trace.append(line)
        if self._journal is not None:
            self._journal.write(line)

    def _carry_out(self, line: int, commands: Sequence[Command]) -> None:
        assert self.lines[-1].n == line
        for command in commands:
            self.trace.append(command)
            self.on_command(command)

    def submit(self, *events: Event) -> None:
        for event in events:
            self.driver.submit(event)

    @property
    def lines(self) -> list[Line]:
        return [entry for entry in self.trace if isinstance(entry, Line)]

    def rings(self) -> list[str]:
        """Offers that were rung, in order."""
        return [entry.offer for entry in self.trace if isinstance(entry, RingAgent)]
