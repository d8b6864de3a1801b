"""The only file of ctid that reads a clock."""

from __future__ import annotations

import time

from ctid.core.instants import Instant, WallMs


class SystemClock:
    """Monotonic milliseconds since a zero that lies at a chosen wall time.

    A restart goes on with the zero of the journal that it follows, so that instants in state and
    journal keep their meaning across processes; the downtime is simply time that has passed.
    """

    def __init__(self, wall_at_zero: WallMs | None = None) -> None:
        wall, mono = self.wall(), self._monotonic()
        self.wall_at_zero = wall if wall_at_zero is None else min(wall_at_zero, wall)
        """Where instant zero lies on the wall clock, as it was known at the start."""
        self._offset = wall - self.wall_at_zero - mono

    def now(self) -> Instant:
        return self._monotonic() + self._offset

    def wall(self) -> WallMs:
        return time.time_ns() // 1_000_000

    @staticmethod
    def _monotonic() -> int:
        return time.monotonic_ns() // 1_000_000
