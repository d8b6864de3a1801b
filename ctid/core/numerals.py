"""The prompts of the numbers up to 99, which announcements in queues and flows have in common.

Larger numbers are put together from these (`ctid.ivr.saying`). A recording of the same name takes
the place of the spoken text (`ctid prompts build`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

HIGHEST: Final = 99
"""The highest number that has a prompt of its own."""
COUNT_TWO: Final = "count-2"
"""Two of something: Chinese counts with another two (两) than it numbers with (二)."""
_DIGITS: Final = "零一二三四五六七八九"
_ONES: Final = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen"),
    "nineteen",
)
_TENS: Final = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")


def numeral(number: int) -> str:
    """The prompt of a number from 0 to `HIGHEST`."""
    return f"number-{number}"


def counted(number: int) -> str:
    """The same, where it counts something: two minutes, not the second place."""
    return COUNT_TWO if number == 2 else numeral(number)


def chinese(number: int) -> str:
    """In words, up to `HIGHEST`."""
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else "十" if tens == 1 else f"{_DIGITS[tens]}十"
    return head + ("" if tens and not ones else _DIGITS[ones])


def english(number: int) -> str:
    """In words, up to `HIGHEST`."""
    if number < len(_ONES):
        return _ONES[number]
    tens, ones = divmod(number, 10)
    return f"{_TENS[tens - 2]}-{_ONES[ones]}" if ones else _TENS[tens - 2]


TEXTS: Final[Mapping[str, Mapping[str, str]]] = {
    COUNT_TWO: {"zh-CN": "两", "en": "two"},
    **{numeral(n): {"zh-CN": chinese(n), "en": english(n)} for n in range(HIGHEST + 1)},
}
"""Name → language → what is spoken."""
