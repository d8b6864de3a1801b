"""Opening hours as people write them: `mon = "9:00-12:00, 13:00-18:00"`."""

from __future__ import annotations

import re
from datetime import date, datetime

from ctid.ivr.hours import DAYS, Hours, Span
from ctid.settings.table import ID, Table
from ctid.settings.zones import zone_problem

_SPAN = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})")
_MIDNIGHT = 24 * 60


def read_hours(table: Table, timezone: str) -> dict[str, Hours]:
    """All opening hours of the file, by id; `timezone` is the site's."""
    found: dict[str, Hours] = {}
    for name, raw in table.rest("<id>").items():
        one = Table(raw, table.at(name), table.problems, "hours.<id>")
        if not ID.fullmatch(name):
            table.wrong(name, "does not fit as an id; use 1 to 40 of A-Z a-z 0-9 _ . -")
        zone = one.text("timezone", timezone, empty=False)
        if zone != timezone and (problem := zone_problem(zone)):
            one.wrong("timezone", problem)
        week = tuple(_day(one, day) for day in DAYS)
        found[name] = Hours(name, zone, week, _closed_on(one))
        one.close()
    return found


def _day(table: Table, day: str) -> tuple[Span, ...]:
    text = table.text(day, "")
    spans: list[Span] = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        match = _SPAN.fullmatch(part)
        if match is None:
            table.wrong(day, f'{part!r} is no time span; write "9:00-12:00, 13:00-18:00"')
            continue
        from_h, from_m, to_h, to_m = (int(group) for group in match.groups())
        begin, end = from_h * 60 + from_m, to_h * 60 + to_m
        if from_m > 59 or to_m > 59 or end > _MIDNIGHT:
            table.wrong(day, f"{part!r} is no time of day; use 0:00 to 24:00")
        elif end <= begin:
            # A night shift is two spans: the schedule of a day ends with the day.
            table.wrong(day, f"{part!r} ends before it begins; split a night at 24:00")
        elif spans and begin < spans[-1][1]:
            table.wrong(day, f"{part!r} begins before the span ahead of it ends; put them in order")
        else:
            spans.append((begin, end))
    return tuple(spans)


def _closed_on(table: Table) -> tuple[date, ...]:
    raw = table.any("closed_on", [])
    if not isinstance(raw, list):
        table.wrong("closed_on", 'is not a list; write ["2026-10-01"]')
        return ()
    days: list[date] = []
    for one in raw:
        try:
            # TOML has dates of its own, and a date and time is a date to Python.
            if isinstance(one, datetime):
                raise ValueError
            days.append(one if isinstance(one, date) else date.fromisoformat(one))
        except (ValueError, TypeError):
            table.wrong("closed_on", f'{str(one)[:40]!r} is no date; write "2026-10-01"')
    return tuple(days)
