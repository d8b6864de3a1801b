"""What a value that is to be said may look like; how it is said: `ctid.ivr.saying`.

Values come from flows, customers' keys and customer records, so each is read strictly. Every
function raises ValueError, with the reason and what would fit, where it cannot be read.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Final, NamedTuple

HIGHEST: Final = 1_000_000_000_000
"""The largest number that can be said, with either sign."""
MOST_DIGITS: Final = 40
"""As many characters of a number or code are said one by one; more, nobody could note down."""
MOST_PLACES: Final = 6
"""Decimal places that a number may have."""
DAY_S: Final = 86_400

_NUMBER: Final = re.compile(
    r"(?P<sign>[-+]?)(?P<whole>[0-9]{1,20}|[0-9]{1,3}(?:,[0-9]{3}){1,6})(?:\.(?P<places>[0-9]{1,20}))?"
)
_DATE: Final = re.compile(r"(?:([1-9][0-9]{3})-)?([0-9]{2})-([0-9]{2})")
_TIME: Final = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")
_SEPARATORS: Final = " -()."
"""What people write between digits, and nobody says."""
_LEAP_YEAR: Final = 2000


class Number(NamedTuple):
    """A number as it is written."""

    minus: bool
    whole: int
    places: str
    """The digits behind the point, without zeros at the end."""


class Day(NamedTuple):
    """A day of the calendar."""

    year: int
    """0 where none is given."""
    month: int
    day: int


def number(value: str | int) -> Number:
    """`3050.2`, `-3,050.20` or an int."""
    found = _NUMBER.fullmatch(str(value).strip())
    if found is None:
        raise ValueError(f"{cut(value)} is no number; write it like -3050.25 or 3,050.25")
    whole, places = int(found["whole"].replace(",", "")), (found["places"] or "").rstrip("0")
    if whole > HIGHEST or (whole == HIGHEST and places):
        raise ValueError(f"{cut(value)} is beyond {HIGHEST:,}")
    if len(places) > MOST_PLACES:
        raise ValueError(f"{cut(value)} has more than {MOST_PLACES} decimal places; round it")
    return Number(found["sign"] == "-" and (whole > 0 or places != ""), whole, places)


def amount(value: str | int) -> tuple[bool, int, int]:
    """Whether it is negative, whole units and hundredths, of the same text as a number."""
    read = number(value)
    if len(read.places) > 2:
        raise ValueError(f"{cut(value)} has more than 2 decimal places; round the amount")
    return read.minus, read.whole, int(read.places.ljust(2, "0"))


def ordinal(value: str | int) -> int:
    """A whole number from 1 on."""
    read = number(value)
    if read.minus or read.places or not read.whole:
        raise ValueError(f"{cut(value)} is no place in a row; use a whole number from 1 on")
    return read.whole


def digits(value: str | int) -> str:
    """0-9 + * # X without what stands between them; X is the last of many numbers of persons."""
    if isinstance(value, int) and value < 0:
        raise ValueError(f"{value} has a sign; give the digits as text")
    keys = [key for key in str(value).upper() if key not in _SEPARATORS]
    if not 1 <= len(keys) <= MOST_DIGITS:
        raise ValueError(f"{cut(value)} has {len(keys)} digits; 1 to {MOST_DIGITS} can be said")
    for key in keys:
        if key not in "0123456789+*#X":
            raise ValueError(f"{key!r} in {cut(value)} is no digit; use 0-9, +, *, # and X")
    return "".join(keys)


def day(value: str | int) -> Day:
    """`2026-11-22`, or `11-22` where the year goes without saying."""
    found = _DATE.fullmatch(str(value).strip())
    if found is None:
        raise ValueError(f"{cut(value)} is no date; write it like 2026-11-22 or 11-22")
    read = Day(int(found[1] or 0), int(found[2]), int(found[3]))
    try:
        date(read.year or _LEAP_YEAR, read.month, read.day)
    except ValueError:
        raise ValueError(f"{cut(value)} is no day of the calendar") from None
    return read


def time(value: str | int) -> tuple[int, int]:
    """Hour and minute of `14:05`."""
    found = _TIME.fullmatch(str(value).strip())
    if found is None:
        raise ValueError(
            f"{cut(value)} is no time of day; write it like 14:05, from 00:00 to 23:59"
        )
    return int(found[1]), int(found[2])


def duration(value: str | int) -> tuple[int, int, int, int]:
    """Days, hours, minutes and seconds of a whole number of seconds."""
    read = number(value)
    if read.minus or read.places:
        raise ValueError(f"{cut(value)} is no duration; use a whole number of seconds from 0 on")
    days, rest = divmod(read.whole, DAY_S)
    return days, rest // 3_600, rest % 3_600 // 60, rest % 60


def cut(value: str | int) -> str:
    """As an error quotes it."""
    text = str(value)
    return repr(text if len(text) <= 40 else f"{text[:40]}…")
