"""The only file of ctid that reads a clock."""

from __future__ import annotations

import time

from ctid.core.instants import Instant, WallMs


class SystemClock:
    """Monotonic milliseconds since a zero that lies at a chosen wall time.

    A restart goes on with the zero of the journal that it follows, so that instants in state and
    journal keep their meaning across processes; the downtime is simply time that has passed.
    """

    def __init__(self, wall_at_zero: WallMs | None = None, last: Instant = 0) -> None:
        """`last` is the journal's last instant: a wall clock that was set back during the downtime
        must not make the machine's time stand still until the wall has caught up."""
        wall = self.wall()
        began = 0 if wall_at_zero is None else max(wall - wall_at_zero, last)
        self.wall_at_zero = wall - began
        """Where instant zero lies on the wall clock, as it was known at the start."""
        self._offset = began - self._monotonic()

    def now(self) -> Instant:
        return self._monotonic() + self._offset

    def wall(self) -> WallMs:
        return time.time_ns() // 1_000_000

    @staticmethod
    def _monotonic() -> int:
        return time.monotonic_ns() // 1_000_000
