"""How English says values, as names of prompts.

American usage: no `and` inside a number (one hundred five), a zero among digits is `zero`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ctid.core.numerals import numeral

_SCALES: Final = (
    (1_000_000_000_000, "number-trillion"),
    (1_000_000_000, "number-billion"),
    (1_000_000, "number-million"),
    (1_000, "number-thousand"),
    (100, "number-hundred"),
)

TEXTS: Final[Mapping[str, str]] = {
    "number-hundred": "hundred",
    "number-thousand": "thousand",
    "number-million": "million",
    "number-billion": "billion",
    "number-trillion": "trillion",
    "number-minus": "minus",
    "number-point": "point",
    "digit-plus": "plus",
    "digit-star": "star",
    "digit-hash": "pound",
}
"""Name → what is spoken, besides the numbers up to 99."""


def cardinal(number: int) -> list[str]:
    """A number from 0 on: one hundred twenty-one."""
    for scale, name in _SCALES:
        head, rest = divmod(number, scale)
        if head:
            return [*cardinal(head), name, *(cardinal(rest) if rest else ())]
    return [numeral(number)]


def digit(key: str) -> str:
    """One character of a telephone number or a code."""
    return numeral(int(key))
