"""The asyncio driver: one inbox, one timer, one machine. See the contract in docs/architecture.md.

Everything here is synchronous on purpose. A fact that comes in while commands are being carried
out waits in the inbox, so facts of one instant are ordered by their place there and by nothing
else: asyncio does not keep the order of equal-time timers.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence

from ctid.centre.centre import Centre
from ctid.centre.snapshot import pullable
from ctid.core.commands import Command
from ctid.core.events import Event, Started
from ctid.core.instants import Instant
from ctid.core.journal import Line
from ctid.core.records import AgentId
from ctid.core.tasks import TaskId, TaskView
from ctid.core.views import CentreView, WaitingView
from ctid.ports import Clock, JournalWriter

CarryOut = Callable[[int, Sequence[Command]], None]
"""(journal line number, its commands); must not block. What it raises is a defect."""
OnDefect = Callable[[Event | None, Exception], None]
"""A fact that the machine could not take: the dead letter, with what went wrong."""


class Driver:
    """Feeds one `Centre`. Create it inside the running loop that is to drive it."""

    def __init__(
        self,
        centre: Centre,
        clock: Clock,
        journal: JournalWriter,
        carry_out: CarryOut,
        on_defect: OnDefect,
        *,
        last: Instant = 0,
        first_line: int = 1,
    ) -> None:
        self.centre = centre
        self._clock = clock
        self._journal = journal
        self._carry_out = carry_out
        self._on_defect = on_defect
        self._loop = asyncio.get_running_loop()
        self._inbox: deque[Event] = deque()
        self._busy = False
        self._last = last
        self._line = first_line
        self._armed_at: Instant | None = None
        self._timer: asyncio.TimerHandle | None = None
        self.events = 0
        """Facts handled so far."""

    def submit(self, event: Event) -> None:
        """Take one fact; it is handled before this returns unless another one is in hand."""
        self._inbox.append(event)
        if not self._busy:
            self._drain()

    def snapshot(self) -> CentreView:
        """The centre as it is now."""
        return self.centre.snapshot(self.now())

    def task(self, task: TaskId) -> TaskView | None:
        """A task that is not over."""
        known = self.centre.tasks.open.get(task)
        return None if known is None else self.centre.tasks.view(known)

    def pullable(self, agent: AgentId) -> tuple[WaitingView, ...]:
        """Whom this agent may take out of turn now."""
        return pullable(self.centre, agent)

    def now(self) -> Instant:
        """The machine's time: never before anything that it has seen."""
        return max(self._last, self._clock.now())

    @property
    def next_line(self) -> int:
        """Number of the journal line that comes next."""
        return self._line

    def stop(self) -> None:
        """Disarm the timer; the machine keeps its state."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _drain(self) -> None:
        self._busy = True
        try:
            while self._inbox:
                event = self._inbox.popleft()
                self._last = self.now()
                # What was due while no process ran waits for Started: until then the machine
                # holds the PBX for as it was, and would offer callers and stop legs blindly.
                if not isinstance(event, Started):
                    self._advance()
                self.events += 1
                self._step(event)
        finally:
            self._busy = False
        self._arm()

    def _advance(self) -> None:
        due = self.centre.next_deadline()
        if due is not None and due <= self._last:
            self._step(None)

    def _step(self, event: Event | None) -> None:
        now = self._last
        try:
            commands = self.centre.advance(now) if event is None else self.centre.handle(event, now)
        except Exception as error:  # one call's defect must not take the other calls along (F24)
            self._on_defect(event, error)
            return
        line = self._line
        self._line += 1
        self._journal.write(Line(line, now, event, tuple(commands)))
        if commands:
            try:
                self._carry_out(line, commands)
            except Exception as error:  # a defect of the shell; facts that wait go on
                self._on_defect(event, error)

    def _arm(self) -> None:
        due = self.centre.next_deadline()
        if due == self._armed_at and self._timer is not None:
            return
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._armed_at = due
        if due is not None:
            delay = max(due - self._clock.now(), 0) / 1000
            self._timer = self._loop.call_later(delay, self._wake, due)

    def _wake(self, armed_at: Instant) -> None:
        self._timer = None
        if armed_at != self._armed_at:
            return  # a stale wake-up
        # The loop's timer may fire a little early; the deadline counts as reached all the same.
        self._last = max(armed_at, self.now())
        self._busy = True
        try:
            self._advance()
        finally:
            self._busy = False
        self._drain()
