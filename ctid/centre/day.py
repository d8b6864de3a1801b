"""The site's day, when the board's counts begin again, and its hours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from ctid.core.instants import HOUR, WallMs


def next_midnight(wall: WallMs, timezone: str) -> WallMs:
    """The first local midnight after `wall`, as wall milliseconds; right across DST nights."""
    zone = ZoneInfo(timezone)
    local = datetime.fromtimestamp(wall / 1000, UTC).astimezone(zone)
    midnight = datetime.combine(local.date() + timedelta(days=1), datetime.min.time(), zone)
    return round(midnight.timestamp() * 1000)


def into_the_hour(wall: WallMs, timezone: str) -> int:
    """Milliseconds since the site's clock last showed a full hour.

    Not every zone lies whole hours from UTC, nor does every zone move its clock by whole hours:
    where it moves by half an hour, that one hour is counted in two parts.
    """
    at = datetime.fromtimestamp(wall // 1000, ZoneInfo(timezone))
    return (at.minute * 60 + at.second) * 1000 + wall % 1000


def next_hour(wall: WallMs, timezone: str) -> WallMs:
    """When the site's clock shows the next full hour, as wall milliseconds."""
    return wall + HOUR - into_the_hour(wall, timezone)
