"""Opening hours in the site's zone: a week schedule and closed dates."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from ctid.core.instants import WallMs

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

Span = tuple[int, int]
"""Half-open minutes of the day: 9:00 to 18:00 is (540, 1080); 24:00 is 1440."""


class Hours(msgspec.Struct, frozen=True):
    """When somebody is there."""

    id: str
    timezone: str
    """IANA name, `Asia/Shanghai`."""
    week: tuple[tuple[Span, ...], ...]
    """Seven entries, Monday first."""
    closed_on: tuple[date, ...] = ()
    """Whole days off, in the zone."""

    def open_at(self, wall: WallMs) -> bool:
        """Whether the wall time `wall` lies within the opening hours.

        The wall clock of the zone decides, so that an hour that DST repeats is open twice.
        """
        local = datetime.fromtimestamp(wall / 1000, UTC).astimezone(ZoneInfo(self.timezone))
        if local.date() in self.closed_on:
            return False
        minute = local.hour * 60 + local.minute
        return any(begin <= minute < end for begin, end in self.week[local.weekday()])
