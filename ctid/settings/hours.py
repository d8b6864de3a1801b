"""Opening hours as people write them: `mon = "9:00-12:00, 13:00-18:00"`, and what differs from the
week: holidays, make-up working days, days off, and days with hours of their own."""

from __future__ import annotations

import re
from datetime import date, datetime

from ctid.ivr.hours import DAYS, Day, Hours, Span
from ctid.settings.holiday_days import Calendar, calendar, calendar_problem
from ctid.settings.table import ID, Table, nearest
from ctid.settings.zones import zone_problem

_SPAN = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_MIDNIGHT = 24 * 60
YEARS = (2025, 2030)
"""Whose holidays are worked out where the settings do not say."""
_MOST_YEARS = 30


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
            zone = timezone
        found[name] = _hours(one, name, zone)
        one.close()
    return found


def _hours(table: Table, name: str, zone: str) -> Hours:
    week = tuple(_spans(table, day, table.text(day, "")) for day in DAYS)
    closed = _closed_on(table)
    country, first, last, makeup = _calendar_keys(table)
    found = calendar(country, first, last) if country else Calendar((), (), ())
    # The site's own word goes before the country's.
    days: dict[date, Day] = dict.fromkeys(found.off, ("holiday", ()))
    if makeup in DAYS:
        worked = week[DAYS.index(makeup)]
        days |= dict.fromkeys(found.makeup, ("makeup", worked))
    days = {day: what for day, what in days.items() if day not in closed}
    days |= _own_days(table, closed)
    return Hours(
        name, zone, week, closed, dict(sorted(days.items())), country,
        (first, last) if country else (0, 0), found.unlisted if makeup in DAYS else (),
    )  # fmt: skip


def _calendar_keys(table: Table) -> tuple[str, int, int, str]:
    """Whose holidays, of which years, and the weekday that a make-up working day is like."""
    country = table.text("holidays", "")
    if country and (problem := calendar_problem(country)):
        table.wrong("holidays", problem)
        country = ""
    first, last = _years(table)
    makeup = table.text("makeup", "mon")
    ways = (*DAYS, "none")
    if makeup not in ways:
        table.wrong("makeup", f"{makeup[:20]!r} is no weekday; {nearest(makeup[:20], ways)}")
    for key in ("years", "makeup"):
        if key in table.raw and not table.raw.get("holidays"):
            table.wrong(key, 'is of no use without holidays; set holidays = "CN" or take it out')
    return country, first, last, makeup


def _years(table: Table) -> tuple[int, int]:
    raw = table.any("years", list(YEARS))
    whole = isinstance(raw, list) and len(raw) == 2 and all(type(one) is int for one in raw)
    if not whole:
        table.wrong("years", "is not two years; write the first and the last, [2025, 2030]")
    elif not 1970 <= raw[0] <= raw[1] < raw[0] + _MOST_YEARS or raw[1] > 2099:
        what = f"{raw[0]} to {raw[1]} is out of range; use 1970 to 2099, the earlier year first"
        table.wrong("years", f"{what}, at most {_MOST_YEARS} of them")
    else:
        return raw[0], raw[1]
    return YEARS


def _own_days(table: Table, closed: tuple[date, ...]) -> dict[date, Day]:
    """Days with hours of their own, whatever weekday or holiday they are."""
    days, found = table.table("days"), dict[date, Day]()
    for key, raw in days.rest("<date>").items():
        day = _date(key)
        if day is None:
            days.wrong(key, 'is no date; write "2026-12-24" = ["9:00-12:00"]')
            continue
        if day in closed:
            days.wrong(key, "stands in closed_on too; take it out of one of them")
        if not isinstance(raw, list) or not all(isinstance(one, str) for one in raw):
            days.wrong(key, 'is not a list of spans; write ["9:00-12:00", "13:00-17:00"], or []')
            continue
        found[day] = ("special", _spans(days, key, ",".join(raw)))
    return found


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        return None


def _spans(table: Table, day: str, text: str) -> tuple[Span, ...]:
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
