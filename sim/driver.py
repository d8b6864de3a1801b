"""The simpy driver: the same contract as the asyncio one, with simpy's clock. One timer for the
machine and the world; simpy's time is whole milliseconds, so nothing is ever early or late.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, Protocol

import simpy

from ctid.centre.centre import Centre
from ctid.centre.invariants import Checker
from ctid.core.commands import Command
from ctid.core.events import Event, Started
from ctid.core.instants import MINUTE, Duration, Instant
from ctid.core.journal import Line

Write = Callable[[Line], None]
"""Takes one line of the journal; `ctid.core.journal.encode` makes its bytes."""
Follow = Callable[[Sequence[Command], Instant], None]
"""Sees all commands before the world does; it may count them and nothing else."""
Watch = Callable[[Event | None, Callable[[], list[Command]]], list[Command]]
"""Stands before the machine with a stop-watch: calls it once and gives back what it says."""


LINGER: Final = MINUTE
"""Longer than any wrap-up, ringing or grace: what the machine still has to say, it says in it."""


class AnyWorld(Protocol):
    """What the driver needs of a world: facts out, commands in, and when it wants to go on."""

    def next_at(self) -> Instant | None:
        """When something happens next, or None when all is quiet."""
        ...

    def take(self, now: Instant) -> Sequence[Event]:
        """Everything that happens up to `now`, as facts in their order."""
        ...

    def carry_out(self, commands: Sequence[Command], now: Instant) -> None:
        """React to commands; their results are later facts, never immediate ones."""
        ...


class SimDriver:
    """Feeds one `Centre` from one world in one simpy environment."""

    def __init__(
        self,
        env: simpy.Environment,
        centre: Centre,
        world: AnyWorld,
        write: Write | None = None,
        *,
        follow: Follow | None = None,
        check: bool = False,
        watch: Watch | None = None,
    ) -> None:
        """With `check`, all that must hold of the machine is looked at after each fact, and a run
        raises InvariantBroken (ctid.centre.invariants)."""
        self.centre = centre
        self.world = world
        self._env = env
        self._write = write
        self._follow = follow
        self._watch = watch
        self._checker = Checker(centre) if check else None
        self._inbox: deque[Event] = deque()
        self._busy = False
        self._line = 1
        self._due = centre.next_deadline()
        """The machine's next deadline, as it said last; None while its process is gone."""
        self._timer = env.timeout(0)
        self._timer.callbacks.append(self._wake)
        self._armed_at: Instant | None = int(env.now)
        self._quiet = False
        """Nothing more happens in the world, as far as it knows."""
        self.events = 0
        """Facts handled so far."""

    def submit(self, event: Event) -> None:
        """Take one fact; it is handled before this returns unless another one is in hand."""
        self._inbox.append(event)
        if not self._busy:
            self._busy = True
            now = int(self._env.now)
            self._drain(now)
            self._busy = False
            self._arm(now, self.world.next_at())

    def lose(self) -> None:
        """The machine's process is gone: nothing falls due, and no fact may come before `go_on`."""
        self._due = None

    def go_on(self, centre: Centre) -> None:
        """Another process takes over; where one was lost, `Started` must be the next fact."""
        self.centre, self._due = centre, centre.next_deadline()
        if self._checker is not None:
            self._checker.centre = centre

    def run(self, linger: Duration = LINGER) -> Instant:
        """Run until the world has been quiet for `linger`; returns the last instant.

        The machine itself is never quiet: it waits for midnight.
        """
        while True:
            while not self._quiet:
                self._env.step()
            until = int(self._env.now) + linger
            self._env.run(until)
            if self._quiet:
                return until

    def _drain(self, now: Instant) -> None:
        inbox = self._inbox
        while inbox:
            event = inbox.popleft()
            # The machine is frozen by `Started` before anything falls due.
            if self._due is not None and self._due <= now and type(event) is not Started:
                self._advance(now)
            self.events += 1
            if self._watch is None:
                commands = self.centre.handle(event, now)
            else:
                commands = self._watch(event, partial(self.centre.handle, event, now))
            self._due = self.centre.next_deadline()
            self._carry_out(event, commands, now)

    def _advance(self, now: Instant) -> None:
        if self._due is not None and self._due <= now:
            if self._watch is None:
                commands = self.centre.advance(now)
            else:
                commands = self._watch(None, partial(self.centre.advance, now))
            self._due = self.centre.next_deadline()
            self._carry_out(None, commands, now)

    def _carry_out(self, event: Event | None, commands: list[Command], now: Instant) -> None:
        if self._write is not None:
            self._write(Line(self._line, now, event, tuple(commands)))
            self._line += 1
        if self._checker is not None:
            self._checker.follow(commands, now, event)
        if commands:
            if self._follow is not None:
                self._follow(commands, now)
            self.world.carry_out(commands, now)

    # -- the timer --

    def _wake(self, timer: simpy.Event) -> None:
        if timer is not self._timer:
            return  # simpy's timers cannot be cancelled: another one came first
        self._armed_at = None
        self._busy = True
        now = int(self._env.now)
        # A deadline of this instant fires before anything happens in it, in every driver.
        self._advance(now)
        while (coming := self.world.next_at()) is not None and coming <= now:
            self._inbox.extend(self.world.take(now))
            self._drain(now)
            self._advance(now)
        if self._inbox:
            self._drain(now)
            coming = self.world.next_at()
        self._busy = False
        self._arm(now, coming)

    def _arm(self, now: Instant, coming: Instant | None) -> None:
        self._quiet = coming is None
        at = self._due
        if at is None or (coming is not None and coming < at):
            at = coming
        if at is None or (self._armed_at is not None and self._armed_at <= at):
            return
        if self._armed_at is None:
            # One timer is used over and over: to arm it costs half of what it costs to make one.
            self._env.schedule(self._timer, delay=max(at - now, 0))
        else:
            self._timer = self._env.timeout(max(at - now, 0))
        self._timer.callbacks = [self._wake]
        self._armed_at = at
