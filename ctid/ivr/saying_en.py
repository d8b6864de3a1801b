"""How English says values, as names of prompts.

American usage: no `and` inside a number (one hundred five), the month before the day (November
twenty-second), a twelve-hour clock with a.m. and p.m. A zero among digits is `zero`; in a year and
in a time of day it is `oh` (nineteen oh five, two oh five p.m.).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ctid.core import numerals
from ctid.core.numerals import numeral
from ctid.ivr.values import Day, Number

_SCALES: Final = (
    (1_000_000_000_000, "number-trillion"),
    (1_000_000_000, "number-billion"),
    (1_000_000, "number-million"),
    (1_000, "number-thousand"),
    (100, "number-hundred"),
)
_CURRENCIES: Final = {
    "CNY": ("amount-yuan", "amount-yuan", "amount-fen", "amount-fen"),
    "USD": ("amount-dollar", "amount-dollars", "amount-cent", "amount-cents"),
    "EUR": ("amount-euro", "amount-euros", "amount-cent", "amount-cents"),
}
"""Currency → one unit, several, one hundredth, several."""
_UNITS: Final = ("day", "hour", "minute", "second")
_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_IRREGULAR: Final = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}


def _ordinal_word(number: int) -> str:
    """Up to 99: twenty-first, thirtieth."""
    head, hyphen, last = numerals.english(number).rpartition("-")
    if last in _IRREGULAR:
        last = _IRREGULAR[last]
    else:
        last = f"{last[:-1]}ieth" if last.endswith("y") else f"{last}th"
    return f"{head}{hyphen}{last}"


_SCALE_WORDS: Final = ("hundred", "thousand", "million", "billion", "trillion")

TEXTS: Final[Mapping[str, str]] = {
    **{f"number-{word}": word for word in _SCALE_WORDS},
    "number-minus": "minus",
    "number-point": "point",
    "number-oh": "oh",
    "digit-plus": "plus",
    "digit-star": "star",
    "digit-hash": "pound",
    "digit-x": "X",
    **{f"ordinal-{n}": _ordinal_word(n) for n in range(1, numerals.HIGHEST + 1)},
    **{f"ordinal-{word}": f"{word}th" for word in _SCALE_WORDS},
    "amount-yuan": "yuan",
    "amount-fen": "fen",
    "amount-dollar": "dollar",
    "amount-dollars": "dollars",
    "amount-euro": "euro",
    "amount-euros": "euros",
    "amount-cent": "cent",
    "amount-cents": "cents",
    "amount-and": "and",
    **{f"month-{n}": month for n, month in enumerate(_MONTHS, 1)},
    "time-am": "a.m.",
    "time-pm": "p.m.",
    "time-noon": "noon",
    "time-midnight": "midnight",
    **{f"duration-{unit}": unit for unit in _UNITS},
    **{f"duration-{unit}s": f"{unit}s" for unit in _UNITS},
}
"""Name → what is spoken, besides the numbers up to 99."""


def number(value: Number) -> list[str]:
    """Minus three thousand fifty point two."""
    said = ["number-minus"] if value.minus else []
    said += _cardinal(value.whole)
    if value.places:
        said += ["number-point", *(numeral(int(place)) for place in value.places)]
    return said


def digit(key: str) -> str:
    """One of 0-9 in a telephone number or a code."""
    return numeral(int(key))


def ordinal(place: int) -> list[str]:
    """One hundred twenty-first."""
    *said, last = _cardinal(place)
    return [*said, last.replace("number-", "ordinal-")]


def amount(minus: bool, whole: int, hundredths: int, currency: str) -> list[str]:
    """Three thousand fifty yuan and twenty fen; one dollar; five cents."""
    unit, units, hundredth, several = _CURRENCIES[currency]
    said = ["number-minus"] if minus else []
    if whole or not hundredths:
        said += [*_cardinal(whole), unit if whole == 1 else units]
    if hundredths:
        said += ["amount-and"] if whole else []
        said += [numeral(hundredths), hundredth if hundredths == 1 else several]
    return said


def day(value: Day) -> list[str]:
    """November twenty-second, twenty twenty-six."""
    said = [f"month-{value.month}", f"ordinal-{value.day}"]
    return [*said, *_year(value.year)] if value.year else said


def time(hour: int, minute: int) -> list[str]:
    """Two oh five p.m.; noon; twelve thirty a.m."""
    if not minute and hour in (0, 12):
        return ["time-noon" if hour else "time-midnight"]
    said = [numeral(hour % 12 or 12)]
    if minute:
        said += ["number-oh"] if minute < 10 else []
        said.append(numeral(minute))
    return [*said, "time-am" if hour < 12 else "time-pm"]


def duration(parts: tuple[int, int, int, int]) -> list[str]:
    """Two hours five seconds."""
    said = []
    for count, unit in zip(parts, _UNITS, strict=True):
        if count:
            said += [*_cardinal(count), f"duration-{unit}" if count == 1 else f"duration-{unit}s"]
    return said or [numeral(0), "duration-seconds"]


def _cardinal(number: int) -> list[str]:
    """From 0 on: one hundred twenty-one."""
    for scale, name in _SCALES:
        head, rest = divmod(number, scale)
        if head:
            return [*_cardinal(head), name, *(_cardinal(rest) if rest else ())]
    return [numeral(number)]


def _year(year: int) -> list[str]:
    """Nineteen oh five, two thousand five, twenty twenty-six, nineteen hundred."""
    head, rest = divmod(year, 100)
    if year % 1_000 < 10:
        return _cardinal(year)
    if not rest:
        return [numeral(head), "number-hundred"]
    return [numeral(head), *(["number-oh"] if rest < 10 else ()), numeral(rest)]
