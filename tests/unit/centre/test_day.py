"""The site's midnight, across nights that are an hour longer or shorter."""

from datetime import UTC, datetime

import pytest

from ctid.centre.day import next_midnight


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
