"""The switch in front of a schedule, and until when it holds."""

from datetime import UTC, datetime

import pytest

from ctid.core.opening import HoursView
from ctid.ivr.hours import Hours
from ctid.ivr.opening import Opening, Switch, until_wall

ALWAYS = Hours("always", "Asia/Shanghai", (((0, 1440),),) * 7)
NEVER = Hours("never", "Asia/Shanghai", ((),) * 7)


def ms(text: str) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


@pytest.mark.parametrize(("hours", "opened"), [(ALWAYS, False), (NEVER, True)])
def test_the_switch_goes_before_the_schedule_until_its_time(hours: Hours, opened: bool) -> None:
    opening = Opening(hours)
    assert opening.open_at(500) is not opened
    opening.switch = Switch(opened, "eve", "Eve", 500, 1_000)
    assert [opening.open_at(at) for at in (500, 999, 1_000)] == [opened, opened, not opened]
    opening.switch.until = 0
    assert opening.open_at(10**12) is opened


def test_what_boards_are_shown() -> None:
    opening = Opening(ALWAYS)
    assert opening.view(0) == HoursView("always", "Asia/Shanghai", True, "week")
    opening.switch = Switch(False, "eve", "Eve", 5, 90)
    assert opening.view(6) == HoursView(
        "always", "Asia/Shanghai", False, "week", "closed", "eve", "Eve", 5, 90
    )
    assert opening.view(90) == HoursView("always", "Asia/Shanghai", True, "week")


WEEK = Hours("office", "Europe/Berlin", (((540, 720), (720, 1080)),) * 5 + ((), ()))
NIGHT = Hours("night", "Europe/Berlin", ((),) * 6 + (((60, 150),),))
"""Sundays from 1:00 to 2:30."""


@pytest.mark.parametrize(
    ("hours", "wall", "turn"),
    [
        (WEEK, "2026-01-05T08:00", "2026-01-05T17:00"),  # Monday 9:00: spans that touch are one
        (WEEK, "2026-01-05T07:59", "2026-01-05T08:00"),
        (WEEK, "2026-01-09T17:00", "2026-01-12T08:00"),  # over the week-end
        (WEEK, "2026-03-27T17:00", "2026-03-30T07:00"),  # over the start of summer time
        (NIGHT, "2026-03-29T00:00", "2026-03-29T01:00"),  # 2:30 is left out: closed at 3:00
        (NIGHT, "2026-10-24T23:00", "2026-10-25T00:30"),  # 2:30 for the first time
        (NIGHT, "2026-10-25T00:30", "2026-10-25T01:00"),  # 2:00 again
        (NIGHT, "2026-10-25T01:00", "2026-10-25T01:30"),
    ],
)
def test_when_the_schedule_turns_next(hours: Hours, wall: str, turn: str) -> None:
    assert hours.turn_after(ms(wall)) == ms(turn)
    opening = Opening(hours)
    assert opening.view(ms(wall)).turns_at == ms(turn)
    assert opening.view(ms(turn) - 1).turns_at == ms(turn), "known from before"
    assert opening.view(ms(wall) - 400 * 86_400_000).turns_at < ms(wall), "the clock was set back"


def test_what_never_turns() -> None:
    for hours in (ALWAYS, NEVER):
        assert hours.turn_after(ms("2026-01-05T04:00")) == 0
        assert Opening(hours).view(ms("2026-01-05T04:00")).turns_at == 0


def test_when_closed_hours_open_again() -> None:
    opening, monday = Opening(WEEK), ms("2026-01-05T10:00")
    assert opening.opens(ms("2026-01-05T07:00")) == ("2026-01-05", "09:00", "today")
    assert opening.opens(ms("2026-01-05T18:00")) == ("2026-01-06", "09:00", "tomorrow")
    assert opening.opens(ms("2026-01-09T18:00")) == ("2026-01-12", "09:00", "later")
    assert Opening(NEVER).opens(monday) == ("", "", "")
    opening.switch = Switch(False, "eve", "Eve", monday, 0)
    assert opening.opens(monday) == ("", "", ""), "nobody knows"
    opening.switch.until = ms("2026-01-05T12:30")
    assert opening.opens(monday) == ("2026-01-05", "13:30", "today")
    opening.switch.until = ms("2026-01-05T20:00")
    assert opening.opens(monday) == ("2026-01-06", "09:00", "tomorrow"), "closed by then"


@pytest.mark.parametrize(
    ("text", "zone", "now", "until"),
    [
        # 12:00 in Shanghai
        ("14:00", "Asia/Shanghai", "2026-01-05T04:00", "2026-01-05T06:00"),
        ("12:00", "Asia/Shanghai", "2026-01-05T04:00", "2026-01-06T04:00"),
        ("08:30", "Asia/Shanghai", "2026-01-05T04:00", "2026-01-06T00:30"),
        ("2026-10-08T09:00", "Asia/Shanghai", "2026-01-05T04:00", "2026-10-08T01:00"),
        # Berlin, the night in which 2:00 to 3:00 is left out: as if the clock had run on
        ("02:30", "Europe/Berlin", "2026-03-29T00:00", "2026-03-29T01:30"),
        ("03:30", "Europe/Berlin", "2026-03-29T00:00", "2026-03-29T01:30"),
        # and the one in which it comes twice: the first that is still to come
        ("02:30", "Europe/Berlin", "2026-10-25T00:00", "2026-10-25T00:30"),
        ("02:30", "Europe/Berlin", "2026-10-25T00:45", "2026-10-25T01:30"),
        ("02:30", "Europe/Berlin", "2026-10-25T01:45", "2026-10-26T01:30"),
    ],
)
def test_until_when(text: str, zone: str, now: str, until: str) -> None:
    assert until_wall(text, zone, ms(now)) == ms(until)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "is no time"),
        ("9:00", "is no time"),
        ("24:00", "is no time"),
        ("09:60", "is no time"),
        ("tomorrow", "is no time"),
        ("2026-02-30T09:00", "is no time"),
        ("2026-10-08 09:00", "is no time"),
        ("9999-12-31T23:59", "is no time"),
        ("09:00\n", "is no time"),
        ("2026-01-05T03:59", "is over already; choose a later time"),
        ("2026-01-05T04:00", "is over already; choose a later time"),
    ],
)
def test_what_is_no_until(text: str, what: str) -> None:
    with pytest.raises(ValueError, match=what):
        until_wall(text, "UTC", ms("2026-01-05T04:00"))
