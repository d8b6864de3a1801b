"""Opening hours in the site's zone, at the edges and across DST."""

from datetime import UTC, date, datetime

import pytest

from ctid.ivr.hours import Hours

NINE_TO_SIX = ((540, 1080),)
WORK = (NINE_TO_SIX,) * 5 + ((), ())


def ms(text: str) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


@pytest.mark.parametrize(
    ("wall", "is_open"),
    [
        ("2026-01-05T00:59:59.999", False),
        ("2026-01-05T01:00:00", True),  # Monday, 9:00 in Shanghai
        ("2026-01-05T09:59:59.999", True),
        ("2026-01-05T10:00:00", False),  # half-open: 18:00 is closed
        ("2026-01-09T03:00:00", True),
        ("2026-01-10T03:00:00", False),  # Saturday
        ("2026-01-06T03:00:00", False),  # a day off
    ],
)
def test_week_in_shanghai(wall: str, is_open: bool) -> None:
    hours = Hours("office", "Asia/Shanghai", WORK, closed_on=(date(2026, 1, 6),))
    assert hours.open_at(ms(wall)) == is_open


def test_several_spans_and_the_end_of_the_day() -> None:
    hours = Hours("h", "UTC", (((0, 60), (1380, 1440)),) * 7)
    at = ("00:00:00", "00:59:59", "01:00:00", "22:59:59", "23:00:00", "23:59:59.999")
    opened = [hours.open_at(ms(f"2026-01-05T{clock}")) for clock in at]
    assert opened == [True, True, False, False, True, True]


@pytest.mark.parametrize(
    ("wall", "is_open"),
    [
        # Berlin opens at 02:30 and closes at 03:30, by its wall clock.
        ("2026-03-29T00:59:59", False),  # 01:59:59; then the clock jumps to 03:00
        ("2026-03-29T01:00:00", True),  # 03:00
        ("2026-03-29T01:30:00", False),  # 03:30
        ("2026-10-25T00:30:00", True),  # 02:30 for the first time
        ("2026-10-25T00:59:59", True),
        ("2026-10-25T01:00:00", False),  # 02:00 again
        ("2026-10-25T01:30:00", True),  # 02:30 again
        ("2026-10-25T02:30:00", False),
    ],
)
def test_dst_in_berlin(wall: str, is_open: bool) -> None:
    hours = Hours("h", "Europe/Berlin", (((150, 210),),) * 7)
    assert hours.open_at(ms(wall)) == is_open
