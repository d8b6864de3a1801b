"""Values as lists of prompts: what a flow's `say` speaks, from a small recorded vocabulary.

`saying_zh` and `saying_en` hold how each language says them; here is what a value may look like.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from ctid.core import numerals
from ctid.ivr import saying_en, saying_zh

KINDS: Final = ("number", "digits")
HIGHEST: Final = 1_000_000_000_000
"""The largest number that can be said, with either sign."""
MOST_DIGITS: Final = 40
"""As many characters of a number or code are said one by one; more, nobody could note down."""
MOST_PLACES: Final = 6
"""Decimal places that a number may have."""

_NUMBER: Final = re.compile(
    r"(?P<sign>[-+]?)(?P<whole>[0-9]{1,20}|[0-9]{1,3}(?:,[0-9]{3}){1,6})(?:\.(?P<places>[0-9]{1,20}))?"
)
_SIGNS: Final = {"+": "digit-plus", "*": "digit-star", "#": "digit-hash"}
_SEPARATORS: Final = " -()."
"""What people write between digits, and nobody says."""


def say(kind: str, value: str | int, language: str, currency: str = "") -> tuple[str, ...]:
    """The names of the prompts that say `value`, in their order; each has a text in `TEXTS`.

    Args:
        kind: one of `KINDS`.
        value: number: a whole number, or its text, also `3,050.25`. digits: what to say one by
            one, 0-9 + * #; blanks, hyphens, points and brackets are passed over.
        language: `zh-CN` or `en`.
        currency: for amounts.

    Raises:
        ValueError: it cannot be said; the text says why.
    """
    if language not in ("zh-CN", "en"):
        raise ValueError(f"there are no words for the language {language!r}; use zh-CN or en")
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError(f"{value!r} is neither text nor a whole number")
    chinese = language == "zh-CN"
    if kind == "number":
        return tuple(_number(value, chinese))
    if kind == "digits":
        return tuple(_digits(str(value), chinese))
    raise ValueError(f"{kind!r} is no kind of value; use one of {', '.join(KINDS)}")


def _number(value: str | int, chinese: bool) -> list[str]:
    minus, whole, places = _split(value)
    if len(places) > MOST_PLACES:
        raise ValueError(f"{_cut(value)} has more than {MOST_PLACES} decimal places")
    said = ["number-minus"] if minus else []
    said += saying_zh.cardinal(whole) if chinese else saying_en.cardinal(whole)
    if places:
        said += ["number-point", *(numerals.numeral(int(place)) for place in places)]
    return said


def _digits(text: str, chinese: bool) -> list[str]:
    keys = [key for key in text if key not in _SEPARATORS]
    if not 1 <= len(keys) <= MOST_DIGITS:
        raise ValueError(f"{_cut(text)} has {len(keys)} digits; 1 to {MOST_DIGITS} can be said")
    said = []
    for key in keys:
        if key in "0123456789":
            said.append(saying_zh.digit(key) if chinese else saying_en.digit(key))
        elif key in _SIGNS:
            said.append(_SIGNS[key])
        else:
            raise ValueError(f"{key!r} in {_cut(text)} is no digit; use 0-9, +, * and #")
    return said


def _split(value: str | int) -> tuple[bool, int, str]:
    """Whether it is negative, its whole part, and its decimal places without zeros at the end."""
    found = _NUMBER.fullmatch(str(value).strip())
    if found is None:
        raise ValueError(f"{_cut(value)} is no number; write it like -3050.25 or 3,050.25")
    whole, places = int(found["whole"].replace(",", "")), (found["places"] or "").rstrip("0")
    if whole > HIGHEST or (whole == HIGHEST and places):
        raise ValueError(f"{_cut(value)} is beyond {HIGHEST:,}")
    return found["sign"] == "-" and (whole > 0 or places != ""), whole, places


def _cut(value: str | int) -> str:
    text = str(value)
    return repr(text if len(text) <= 40 else f"{text[:40]}…")


def _vocabulary() -> dict[str, dict[str, str]]:
    found = {name: dict(texts) for name, texts in numerals.TEXTS.items()}
    for language, texts in (("zh-CN", saying_zh.TEXTS), ("en", saying_en.TEXTS)):
        for name, text in texts.items():
            found.setdefault(name, {})[language] = text
    return found


TEXTS: Final[Mapping[str, Mapping[str, str]]] = _vocabulary()
"""Name → language → what is spoken: every prompt that `say` may return. Some are needed in one
language only."""
