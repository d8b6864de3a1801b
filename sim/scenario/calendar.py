"""From local dates and times of day to the instants of a run, across changes of the clock."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ctid.core.instants import Duration, Instant, WallMs
from ctid.settings.table import Table
from sim.scenario.values import DAYS, clock, is_number, local, shown

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)


class Calendar:
    """The days of one run."""

    def __init__(self, begins: datetime, lasts: Duration, timezone: str) -> None:
        """`begins` is local to `timezone`."""
        self.zone = ZoneInfo(timezone)
        self.wall_at_zero: WallMs = self._wall(begins)
        self.begins, self.lasts = begins, lasts

    def at(self, when: datetime) -> Instant:
        """The instant of a local date and time; before the run it is negative. A time that the
        clock shows twice is the first one, one that it leaps over is as far behind the leap."""
        return self._wall(when) - self.wall_at_zero

    def on(self, day: date, clock: Duration) -> Instant:
        """The instant at which the clock shows that time of that day, 24:00 included."""
        return self.at(datetime.combine(day, time()) + timedelta(milliseconds=clock))

    def days(self) -> Iterator[date]:
        """Every day of the run, and the one before, whose evening may reach into it."""
        day = self.begins.date() - timedelta(days=1)
        while self.on(day, 0) < self.lasts:
            yield day
            day += timedelta(days=1)

    def _wall(self, when: datetime) -> WallMs:
        return (when.replace(tzinfo=self.zone) - _EPOCH) // _MS


def calendar(table: Table, timezone: str, lasts: Duration) -> Calendar:
    """Reads `begins`."""
    raw = table.any("begins", "2026-01-05T08:00")
    begins = local(raw)
    if begins is None:
        table.wrong("begins", f"{shown(raw)} is no local date and time; write 2026-01-05T08:00:00")
        begins = datetime(2026, 1, 5, 8)
    return Calendar(begins, lasts, timezone)


Profile = tuple[tuple[Duration, float], ...]
"""(time of day, callers an hour from then on), in order; nobody comes before the first."""


def rates(table: Table, days: Calendar) -> tuple[tuple[Instant, float], ...]:
    """What a stream's `per_hour`, `day` and `week` come to: (from when on, callers an hour)."""
    every = _daily(table)
    week = _week(table.table("week"), every)
    if not every and not any(week.values()):
        return ()
    steps: dict[Instant, float] = {}
    for day in days.days():
        steps[days.on(day, 0)] = 0.0
        for at, per_hour in week[day.weekday()]:
            steps[days.on(day, at)] = per_hour
    before = [at for at in steps if at <= 0]
    first = [(0, steps[max(before)])] if before else []
    return (*first, *((at, steps[at]) for at in sorted(steps) if 0 < at < days.lasts))


def _daily(table: Table) -> Profile:
    """`per_hour`, or the times of `day`; empty where there is neither."""
    per_hour, day = table.any("per_hour", None), table.any("day", None)
    if per_hour is not None and day is not None:
        table.wrong("per_hour", "stands beside day; keep one of them")
    if per_hour is not None:
        if is_number(per_hour) and 0 <= per_hour <= 1e6:
            return ((0, float(per_hour)),)
        table.wrong("per_hour", f"{shown(per_hour)} is no rate; use 0 to 1000000 callers an hour")
    return () if day is None else profile(table, "day")


def profile(table: Table, key: str) -> Profile:
    """`{ "9:00" = 120, "18:00" = 0 }`."""
    raw = table.any(key, {})
    if not isinstance(raw, Mapping) or not raw:
        table.wrong(key, f'{shown(raw)} does not fit; write {{ "9:00" = 120, "18:00" = 0 }}')
        return ()
    found: list[tuple[Duration, float]] = []
    for text, per_hour in raw.items():
        at = clock(text)
        if at is None:
            table.wrong(key, f'{text!r} is no time of day; write "9:00", 0:00 to 24:00')
        elif not is_number(per_hour) or not 0 <= per_hour <= 1e6:
            what = f"{text} = {shown(per_hour)} is no rate"
            table.wrong(key, f"{what}; use 0 to 1000000 callers an hour")
        elif found and at <= found[-1][0]:
            table.wrong(key, f"{text!r} is not after the time ahead of it; put them in order")
        else:
            found.append((at, float(per_hour)))
    return tuple(found)


def _week(table: Table, every: Profile) -> dict[int, Profile]:
    """By day of the week: a factor on every day's rates, or rates of its own."""
    found: dict[int, Profile] = {}
    for number, day in enumerate(DAYS):
        raw = table.any(day, 1.0)
        if isinstance(raw, Mapping):
            found[number] = profile(table, day)
            continue
        if not is_number(raw) or not 0 <= raw <= 1_000:
            what = f"{shown(raw)} is no factor; use 0 to 1000"
            table.wrong(day, f'{what}, or times of day, {{ "9:00" = 120 }}')
            raw = 1.0
        found[number] = tuple((at, per_hour * raw) for at, per_hour in every)
    table.close()
    return found


def span(table: Table, text: str, key: str) -> tuple[Duration, Duration] | None:
    """`9:00-17:30` as two times of day; None and a problem where it is none."""
    begin, dash, end = text.partition("-")
    from_, to = clock(begin.strip()), clock(end.strip())
    if not dash or from_ is None or to is None:
        table.wrong(key, f'{text[:40]!r} is no time span; write "9:00-17:30"')
    elif to <= from_:
        table.wrong(key, f"{text!r} ends before it begins; split a night at 24:00")
    else:
        return from_, to
    return None
