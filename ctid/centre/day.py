"""The site's day: when the board's counts begin again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from ctid.core.instants import WallMs


def next_midnight(wall: WallMs, timezone: str) -> WallMs:
    """The first local midnight after `wall`, as wall milliseconds; right across DST nights."""
    zone = ZoneInfo(timezone)
    local = datetime.fromtimestamp(wall / 1000, UTC).astimezone(zone)
    midnight = datetime.combine(local.date() + timedelta(days=1), datetime.min.time(), zone)
    return round(midnight.timestamp() * 1000)
