"""When opening hours open or close next by their schedule."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from ctid.core.instants import MINUTE, WallMs
from ctid.ivr.hours import Hours

HORIZON: Final = 370
"""Days ahead; what does not turn within a year and its edges turns never."""


def next_turn(hours: Hours, wall: WallMs) -> WallMs:
    """The first wall time after `wall` at which open becomes closed or closed open; 0: none
    within `HORIZON` days."""
    zone = ZoneInfo(hours.timezone)
    now_open = hours.open_at(wall)
    today = datetime.fromtimestamp(wall / 1000, zone).date()
    for ahead in range(HORIZON):
        for at in _edges(hours, today + timedelta(days=ahead), zone):
            if at > wall and hours.open_at(at) != now_open:
                return at
    return 0


def _edges(hours: Hours, day: date, zone: ZoneInfo) -> list[WallMs]:
    """Where it may turn on that day, in order: at the edges of its spans; and at any minute where
    the clock is set, for that may leave an edge out or show it twice."""
    begins = datetime(day.year, day.month, day.day, tzinfo=zone)
    ends = begins + timedelta(days=1)
    start, end = _wall(begins), _wall(ends)
    if begins.utcoffset() != ends.utcoffset():
        return list(range(start, end + MINUTE, MINUTE))
    edges = [edge for span in hours.on(day)[1] for edge in span]
    return [start + edge * MINUTE for edge in edges]


def _wall(at: datetime) -> WallMs:
    return round(at.timestamp() * 1000)
