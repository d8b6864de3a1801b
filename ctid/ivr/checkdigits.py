"""Check digits: most keying errors show without a question to anybody.

Each function says whether a number as keyed holds what its last digit or digits promise. All of
them find every single wrong figure; `mod11` and `mod97` every two neighbours swapped, too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final


def luhn(digits: str) -> bool:
    """Cards, customer numbers: each second figure from the right doubled; the sum ends in 0.

    Source: ISO/IEC 7812-1:2017, annex B. A number of one figure has no check digit.
    """
    if not _is_number(digits) or len(digits) < 2:
        return False
    total = 0
    for place, figure in enumerate(reversed(digits)):
        value = int(figure) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def mod11(digits: str) -> bool:
    """ISO/IEC 7064:2003, MOD 11-2: the Chinese identity number (GB 11643-1999), ORCID, ISNI.

    The last place may stand for ten; it is printed X and keyed as the star.
    """
    body, last = digits[:-1], digits[-1:]
    if not _is_number(body) or not (_is_number(last) or last in ("*", "X")):
        return False
    rest = 0
    for figure in body:
        rest = (rest + int(figure)) * 2 % 11
    return (rest + (int(last) if _is_number(last) else 10)) % 11 == 1


def mod97(digits: str) -> bool:
    """ISO/IEC 7064:2003, MOD 97-10: the last two figures make the remainder by 97 one."""
    if not _is_number(digits) or len(digits) < 3:
        return False
    return int(digits) % 97 == 1


CHECKS: Final[Mapping[str, Callable[[str], bool]]] = {
    "luhn": luhn,
    "mod11": mod11,
    "mod97": mod97,
}
"""By the name that flow files use."""


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal()
