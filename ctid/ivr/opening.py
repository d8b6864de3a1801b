"""Opening hours with the emergency switch in front of the schedule."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from ctid.core.instants import HOUR, WallMs
from ctid.core.opening import DayKind, HoursView
from ctid.ivr.hours import Hours, Next

UNTIL: Final = re.compile(r"(?:(20\d{2}-\d{2}-\d{2})T)?([01]\d|2[0-3]):([0-5]\d)")
"""`14:00` or `2026-10-08T09:00`."""


@dataclass(slots=True)
class Switch:
    """Somebody has turned it. Plain data: the journal's state holds it."""

    open: bool
    login: str
    name: str
    since: WallMs
    until: WallMs
    """0: until somebody takes it back."""


class Opening:
    """One set of opening hours. The switch goes before the schedule until its time is over."""

    def __init__(self, hours: Hours) -> None:
        self.hours = hours
        self.switch: Switch | None = None
        self._turns_at: WallMs = 0
        self._known = (0, 0)
        """From when to when that is the answer."""

    def open_at(self, wall: WallMs) -> bool:
        """Whether they are open at `wall`."""
        switch = self.held(wall)
        return self.hours.open_at(wall) if switch is None else switch.open

    def held(self, wall: WallMs) -> Switch | None:
        """The switch, while it goes before the schedule."""
        switch = self.switch
        if switch is None or (switch.until and wall >= switch.until):
            return None
        return switch

    def day(self, wall: WallMs) -> DayKind:
        """What kind of day it is there."""
        return self.hours.on(local(wall, self.hours.timezone).date())[0]

    def opens(self, wall: WallMs) -> Next:
        """When it opens that is closed at `wall`; a switch without an end leaves that open."""
        switch, hours = self.held(wall), self.hours
        if switch is None:
            return hours.opens(wall)
        at = switch.until
        if at and not hours.open_at(at):
            at = hours.turn_after(at)
        return hours.told(at, wall)

    def _turns(self, wall: WallMs) -> WallMs:
        """When the schedule turns next; boards ask every second."""
        since, until = self._known
        if not since <= wall < until:
            self._turns_at = self.hours.turn_after(wall)
            self._known = (wall, self._turns_at or wall + HOUR)
        return self._turns_at

    def view(self, wall: WallMs) -> HoursView:
        """For boards."""
        hours, switch, opened = self.hours, self.held(wall), self.open_at(wall)
        if switch is None:
            return HoursView(
                hours.id, hours.timezone, opened, self.day(wall), turns_at=self._turns(wall)
            )
        return HoursView(
            hours.id, hours.timezone, opened, self.day(wall),
            "open" if switch.open else "closed", switch.login, switch.name, switch.since,
            switch.until,
        )  # fmt: skip


def local(wall: WallMs, timezone: str) -> datetime:
    """What calendar and clock of the zone show."""
    return datetime.fromtimestamp(wall / 1000, UTC).astimezone(ZoneInfo(timezone))


def until_wall(text: str, timezone: str, wall: WallMs) -> WallMs:
    """The wall time after `wall` at which the zone's clock shows `text` (see `UNTIL`).

    A clock time alone is the next time that the clock shows it. One that DST leaves out counts as
    if the clock had run on, one that it repeats as the first that is still to come.

    Raises:
        ValueError: it is no such text, no day of the calendar, or over already.
    """
    match = UNTIL.fullmatch(text)
    try:
        day = datetime.fromisoformat(match[1]) if match and match[1] else None
    except ValueError:
        match = None
    if match is None:
        raise ValueError(f"{text[:40]!r} is no time; write 14:00 or 2026-10-08T09:00")
    today = local(wall, timezone).replace(tzinfo=None)
    days = (today, today + timedelta(days=1)) if day is None else (day,)
    for one in days:
        at = _next(one.replace(hour=int(match[2]), minute=int(match[3])), timezone, wall)
        if at:
            return at
    raise ValueError(f"{text} is over already; choose a later time")


def _next(naive: datetime, timezone: str, wall: WallMs) -> WallMs:
    """When the clock shows it after `wall`; 0: never again."""
    exact = naive.replace(second=0, microsecond=0, tzinfo=ZoneInfo(timezone))
    for fold in (0, 1):
        at = round(exact.replace(fold=fold).timestamp() * 1000)
        if at > wall:
            return at
    return 0
