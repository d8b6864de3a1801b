"""Values as lists of prompts: what a flow's `say` speaks, from a small recorded vocabulary.

`values` holds what a value may look like; `saying_zh` and `saying_en`, how each language says it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ctid.core import numerals
from ctid.ivr import saying_en as en
from ctid.ivr import saying_zh as zh
from ctid.ivr import values

KINDS: Final = ("number", "digits", "amount", "date", "time", "duration", "ordinal")
CURRENCIES: Final = ("CNY", "EUR", "USD")
_KEYS: Final = {"+": "digit-plus", "*": "digit-star", "#": "digit-hash", "X": "digit-x"}


def say(kind: str, value: str | int, language: str, currency: str = "") -> tuple[str, ...]:
    """The names of the prompts that say `value`, in their order; each has a text in `TEXTS`.

    Args:
        kind: one of `KINDS`.
        value: an int or text. number and amount: `-3050.2`, `3,050.20`, up to 10^12; an amount has
            at most two decimal places. digits: said one by one, `+86 (10) 6553`, up to 40 of 0-9 +
            * # X. ordinal: from 1 on. date: `2026-11-22` or `11-22`. time: `14:05`. duration: whole
            seconds.
        language: `zh-CN` or `en`.
        currency: one of `CURRENCIES`, for an amount; the other kinds pay no attention to it.

    Raises:
        ValueError: it cannot be said; the text says why.
    """
    if language not in ("zh-CN", "en"):
        raise ValueError(f"there are no words for the language {language!r}; use zh-CN or en")
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError(f"{value!r} is neither text nor a whole number")
    return tuple(_said(kind, value, language == "zh-CN", currency))


def _said(kind: str, value: str | int, chinese: bool, currency: str) -> list[str]:
    match kind:
        case "number":
            number = values.number(value)
            return zh.number(number) if chinese else en.number(number)
        case "digits":
            return [_key(key, chinese) for key in values.digits(value)]
        case "amount":
            return _amount(value, chinese, currency)
        case "date":
            day = values.day(value)
            return zh.day(day) if chinese else en.day(day)
        case "time":
            hour, minute = values.time(value)
            return zh.time(hour, minute) if chinese else en.time(hour, minute)
        case "duration":
            parts = values.duration(value)
            return zh.duration(parts) if chinese else en.duration(parts)
        case "ordinal":
            place = values.ordinal(value)
            return zh.ordinal(place) if chinese else en.ordinal(place)
    raise ValueError(f"{kind!r} is no kind of value; use one of {', '.join(KINDS)}")


def _amount(value: str | int, chinese: bool, currency: str) -> list[str]:
    if currency not in CURRENCIES:
        told = repr(currency) if currency else "no currency"
        raise ValueError(f"an amount of {told} cannot be said; use {', '.join(CURRENCIES)}")
    minus, whole, hundredths = values.amount(value)
    if chinese:
        return zh.amount(minus, whole, hundredths, currency)
    return en.amount(minus, whole, hundredths, currency)


def _key(key: str, chinese: bool) -> str:
    if key in _KEYS:
        return _KEYS[key]
    return zh.digit(key) if chinese else en.digit(key)


def _vocabulary() -> dict[str, dict[str, str]]:
    found = {name: dict(texts) for name, texts in numerals.TEXTS.items()}
    for language, texts in (("zh-CN", zh.TEXTS), ("en", en.TEXTS)):
        for name, text in texts.items():
            found.setdefault(name, {})[language] = text
    return found


TEXTS: Final[Mapping[str, Mapping[str, str]]] = _vocabulary()
"""Name → language → what is spoken: every prompt that `say` may return. Some are needed in one
language only."""
