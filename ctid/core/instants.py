"""Time as a value: integers of milliseconds on the driver's monotonic axis, and the wall beside it.

Integers are exact in transcripts and JSON, so a journal replays to the same bytes. Wall time exists
only through `Epoch`: opening hours and records use it, deadlines never do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

Instant = int
"""Milliseconds since the driver's zero; never runs backwards."""
Duration = int
"""Milliseconds; never negative."""
WallMs = int
"""Milliseconds since 1970-01-01T00:00Z."""

SECOND: Final[Duration] = 1_000
MINUTE: Final[Duration] = 60 * SECOND
HOUR: Final[Duration] = 60 * MINUTE


@dataclass(slots=True, frozen=True)
class Epoch:
    """Where the monotonic axis lies on the wall clock; renewed by `WallClockAdjusted`."""

    wall_at_zero: WallMs = 0
    """Wall time, in milliseconds since 1970 UTC, at the driver's instant zero."""

    def wall(self, now: Instant) -> WallMs:
        """The wall time at `now`."""
        return self.wall_at_zero + now

    def instant(self, wall: WallMs) -> Instant:
        """The instant at which the wall shows `wall`; may be negative (before the driver began)."""
        return wall - self.wall_at_zero
