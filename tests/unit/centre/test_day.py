"""The site's midnight and hours, across nights that are an hour longer or shorter."""

from datetime import UTC, datetime

import pytest

from ctid.centre.day import into_the_hour, next_hour, next_midnight


def ms(text: str) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


@pytest.mark.parametrize(
    ("wall", "zone", "midnight"),
    [
        ("2026-01-05T10:00:00", "UTC", "2026-01-06T00:00:00"),
        ("2026-01-05T00:00:00", "UTC", "2026-01-06T00:00:00"),
        ("2026-01-05T23:59:59.999", "UTC", "2026-01-06T00:00:00"),
        ("2026-01-05T15:59:59", "Asia/Shanghai", "2026-01-05T16:00:00"),
        ("2026-01-05T16:00:00", "Asia/Shanghai", "2026-01-06T16:00:00"),
        # Berlin: 29 March 2026 has 23 hours, 25 October has 25.
        ("2026-03-28T23:00:00", "Europe/Berlin", "2026-03-29T22:00:00"),
        ("2026-10-24T22:00:00", "Europe/Berlin", "2026-10-25T23:00:00"),
        # Havana turns the clock at midnight itself: 8 March 2026 begins at 01:00.
        ("2026-03-08T04:30:00", "America/Havana", "2026-03-08T05:00:00"),
    ],
)
def test_next_midnight(wall: str, zone: str, midnight: str) -> None:
    assert next_midnight(ms(wall), zone) == ms(midnight)
    assert next_midnight(ms(wall), zone) > ms(wall)


@pytest.mark.parametrize(
    ("wall", "zone", "hour"),
    [
        ("2026-01-05T10:00:00", "UTC", "2026-01-05T11:00:00"),
        ("2026-01-05T10:59:59.999", "Asia/Shanghai", "2026-01-05T11:00:00"),
        # Kolkata lies five hours and a half from UTC, Kathmandu five and three quarters.
        ("2026-01-05T10:29:59", "Asia/Kolkata", "2026-01-05T10:30:00"),
        ("2026-01-05T10:30:00", "Asia/Kolkata", "2026-01-05T11:30:00"),
        ("2026-01-05T10:20:00", "Asia/Kathmandu", "2026-01-05T11:15:00"),
        # Berlin's longest night shows 02:00 to 03:00 twice, an hour each.
        ("2026-10-25T00:10:00", "Europe/Berlin", "2026-10-25T01:00:00"),
        ("2026-10-25T01:10:00", "Europe/Berlin", "2026-10-25T02:00:00"),
        # Lord Howe goes from 01:59 to 02:30: the hour that then shows has a half.
        ("2026-10-03T15:00:00", "Australia/Lord_Howe", "2026-10-03T15:30:00"),
        ("2026-10-03T15:30:00", "Australia/Lord_Howe", "2026-10-03T16:00:00"),
    ],
)
def test_next_hour(wall: str, zone: str, hour: str) -> None:
    assert next_hour(ms(wall), zone) == ms(hour)
    assert next_hour(ms(wall), zone) > ms(wall)
    assert 0 <= into_the_hour(ms(wall), zone) < 3_600_000
