"""Opening hours in the site's zone: a week schedule, and the days that differ from it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Final, Protocol
from zoneinfo import ZoneInfo

import msgspec

from ctid.core.instants import MINUTE, WallMs
from ctid.core.opening import DayKind

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

Span = tuple[int, int]
"""Half-open minutes of the day: 9:00 to 18:00 is (540, 1080); 24:00 is 1440."""

Day = tuple[DayKind, tuple[Span, ...]]
"""Why a day has its hours, and these."""


Next = tuple[str, str, str]
"""When closed hours open, in their own zone: `2026-10-09`, `09:00`, and `today`, `tomorrow` or
`later`; all empty where nobody knows."""
UNKNOWN: Final[Next] = ("", "", "")
HORIZON: Final = 370
"""Days ahead; what does not turn within a year and its edges turns never."""


class Opens(Protocol):
    """Whatever tells open from closed: a schedule, or one with a switch in front of it."""

    def open_at(self, wall: WallMs) -> bool: ...

    def opens(self, wall: WallMs) -> Next: ...


class Hours(msgspec.Struct, frozen=True):
    """When somebody is there, by schedule. Plain data: nothing is worked out anew for a call."""

    id: str
    timezone: str
    """IANA name, `Asia/Shanghai`."""
    week: tuple[tuple[Span, ...], ...]
    """Seven entries, Monday first."""
    closed_on: tuple[date, ...] = ()
    """Whole days off, in the zone."""
    days: Mapping[date, Day] = {}
    """Holidays, make-up working days, and days with hours of their own; they go before
    `closed_on`."""
    calendar: str = ""
    """Whose holidays they are, `CN` or `DE-BY`; empty: nobody's."""
    years: tuple[int, int] = (0, 0)
    """First and last year whose holidays are in `days`."""
    unlisted: tuple[int, ...] = ()
    """Those of them whose make-up working days nobody knew when the settings were read."""

    def open_at(self, wall: WallMs) -> bool:
        """Whether the wall time `wall` lies within the opening hours.

        The wall clock of the zone decides, so that an hour that DST repeats is open twice.
        """
        local = self._local(wall)
        minute = local.hour * 60 + local.minute
        return any(begin <= minute < end for begin, end in self.on(local.date())[1])

    def opens(self, wall: WallMs) -> Next:
        """When it opens that is closed at `wall`."""
        return self.told(self.turn_after(wall), wall)

    def told(self, at: WallMs, wall: WallMs) -> Next:
        """The wall time `at` as one who asks at `wall` is told it; 0: nobody knows."""
        if not at:
            return UNKNOWN
        when, today = self._local(at), self._local(wall).date()
        ahead = (when.date() - today).days
        day = "today" if ahead == 0 else "tomorrow" if ahead == 1 else "later"
        return f"{when:%Y-%m-%d}", f"{when:%H:%M}", day

    def turn_after(self, wall: WallMs) -> WallMs:
        """The first wall time after `wall` at which open becomes closed or closed open; 0: none
        within `HORIZON` days."""
        now_open, today = self.open_at(wall), self._local(wall).date()
        for ahead in range(HORIZON):
            for at in self._edges(today + timedelta(days=ahead)):
                if at > wall and self.open_at(at) != now_open:
                    return at
        return 0

    def _edges(self, day: date) -> list[WallMs]:
        """Where it may turn on that day, in order: at the edges of its spans; and at any minute
        where the clock is set, for that may leave an edge out or show it twice."""
        begins = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(self.timezone))
        ends = begins + timedelta(days=1)
        start, end = (round(at.timestamp() * 1000) for at in (begins, ends))
        if begins.utcoffset() != ends.utcoffset():
            return list(range(start, end + MINUTE, MINUTE))
        return [start + edge * MINUTE for span in self.on(day)[1] for edge in span]

    def _local(self, wall: WallMs) -> datetime:
        return datetime.fromtimestamp(wall / 1000, UTC).astimezone(ZoneInfo(self.timezone))

    def on(self, day: date) -> Day:
        """What holds on this day, and why."""
        if (known := self.days.get(day)) is not None:
            return known
        if day in self.closed_on:
            return "closed", ()
        return "week", self.week[day.weekday()]

    def doubt(self, year: int) -> str:
        """Why the holidays of that year cannot be relied on, and what to do; empty where they
        can."""
        if not self.calendar:
            return ""
        first, last = self.years
        if not first <= year <= last:
            what = f"the holidays of {year} are not among those worked out, {first} to {last}"
            return f"{what}; set years = [{min(first, year)}, {max(last, year)}]"
        if year in self.unlisted:
            what = f"the make-up working days of {self.calendar} in {year} are not known yet"
            return f"{what}; update the package holidays, or name them under days"
        return ""
