"""How Mandarin says values, as names of prompts.

Numbers follow the grammar of spoken Mandarin (Lü Shuxiang, 现代汉语八百词, 二 and 两):

- 两 where two leads a number before 千, 万 or 亿 (两千二百, 两万), and where it counts alone (两元,
  两点); 二 everywhere else (二百, 三万二千, 十二元, 两元二角).
- One 零 for any row of zeros inside, none at the end (一百零五, 一百万零五百, 十万五千).
- 十 alone only where it leads (十五万), 一十 inside (一百一十五).

In telephone numbers and codes 一 is 幺, as operators say it, not to be heard as 七; years and
decimal places keep 一. Times of day are those of a twelve-hour clock, the part of the day first.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ctid.core import numerals
from ctid.core.numerals import COUNT_TWO, numeral
from ctid.ivr.values import Day, Number

_SCALES: Final = (
    (100_000_000, "number-hundred-million"),
    (10_000, "number-ten-thousand"),
    (1_000, "number-thousand"),
    (100, "number-hundred"),
)
_FOREIGN: Final = {
    "USD": ("amount-dollars", "amount-us-cents"),
    "EUR": ("amount-euros", "amount-euro-cents"),
}
"""Currency → its unit and hundredth. That of China has a tenth besides."""
_PARTS_OF_DAY: Final = (
    (6, "time-before-dawn"),
    (12, "time-morning"),
    (13, "time-noon"),
    (18, "time-afternoon"),
    (24, "time-evening"),
)
"""(hour before which it ends, prompt)."""
_UNITS: Final = ("duration-days", "duration-hours", "duration-minutes", "duration-seconds")

TEXTS: Final[Mapping[str, str]] = {
    "number-hundred": "百",
    "number-thousand": "千",
    "number-ten-thousand": "万",
    "number-hundred-million": "亿",
    "number-minus": "负",
    "number-point": "点",
    "digit-1": "幺",
    "digit-plus": "加",
    "digit-star": "星号",
    "digit-hash": "井号",
    "digit-x": "X",
    "ordinal-before": "第",
    "ordinal-after": "位",
    "amount-yuan": "元",
    "amount-jiao": "角",
    "amount-fen": "分",
    "amount-dollars": "美元",
    "amount-us-cents": "美分",
    "amount-euros": "欧元",
    "amount-euro-cents": "欧分",
    "date-year": "年",
    "date-day": "日",
    **{f"month-{n}": f"{numerals.chinese(n)}月" for n in range(1, 13)},
    "time-before-dawn": "凌晨",
    "time-morning": "上午",
    "time-noon": "中午",
    "time-afternoon": "下午",
    "time-evening": "晚上",
    "time-hour": "点",
    "time-minute": "分",
    "duration-days": "天",
    "duration-hours": "小时",
    "duration-minutes": "分钟",
    "duration-seconds": "秒",
}
"""Name → what is spoken, besides the numbers up to 99."""


def number(value: Number) -> list[str]:
    """负三千零五十点二."""
    said = ["number-minus"] if value.minus else []
    said += _cardinal(value.whole)
    if value.places:
        said += ["number-point", *(numeral(int(place)) for place in value.places)]
    return said


def digit(key: str) -> str:
    """One of 0-9 in a telephone number or a code."""
    return "digit-1" if key == "1" else numeral(int(key))


def ordinal(place: int) -> list[str]:
    """第二位."""
    return ["ordinal-before", *_cardinal(place), "ordinal-after"]


def amount(minus: bool, whole: int, hundredths: int, currency: str) -> list[str]:
    """三千零五十元二角, 三元零五分, 五分, 二十美元五十美分."""
    said = []
    if currency == "CNY":
        tenths, rest = divmod(hundredths, 10)
        if whole or not hundredths:
            said += [*_counted(whole), "amount-yuan"]
        if tenths:
            said += [numeral(tenths) if whole else numerals.counted(tenths), "amount-jiao"]
        if rest:
            said += [numeral(0)] if whole and not tenths else []
            said += [numeral(rest) if said else numerals.counted(rest), "amount-fen"]
    else:
        unit, hundredth = _FOREIGN[currency]
        if whole or not hundredths:
            said += [*_counted(whole), unit]
        if hundredths:
            said += [numerals.counted(hundredths), hundredth]
    return ["number-minus", *said] if minus else said


def day(value: Day) -> list[str]:
    """二零二六年十一月二十二日."""
    said = []
    if value.year:
        said += [*(numeral(int(digit)) for digit in str(value.year)), "date-year"]
    return [*said, f"month-{value.month}", numeral(value.day), "date-day"]


def time(hour: int, minute: int) -> list[str]:
    """下午两点零五分, 凌晨零点十分."""
    part = next(name for end, name in _PARTS_OF_DAY if hour < end)
    said = [part, numerals.counted(hour if hour <= 12 else hour - 12), "time-hour"]
    if minute:
        said += [numeral(0)] if minute < 10 else []
        said += [numeral(minute), "time-minute"]
    return said


def duration(parts: tuple[int, int, int, int]) -> list[str]:
    """两小时零五秒: 零 stands for the units in between that are left out."""
    said: list[str] = []
    gap = False
    for count, unit in zip(parts, _UNITS, strict=True):
        if count:
            said += [*([numeral(0)] if gap else ()), *_counted(count), unit]
        gap = not count and said != []
    return said or [numeral(0), _UNITS[-1]]


def _cardinal(number: int) -> list[str]:
    """From 0 on, as it is counted in speech: 两千零五十."""
    return _spoken(number, leads=True)


def _counted(number: int) -> list[str]:
    """The same before a measure word: 两元, but 十二元."""
    return [COUNT_TWO] if number == 2 else _cardinal(number)


def _spoken(number: int, *, leads: bool) -> list[str]:
    for scale, name in _SCALES:
        head, rest = divmod(number, scale)
        if not head:
            continue
        two = leads and head == 2 and scale >= 1_000
        said = [COUNT_TWO] if two else _spoken(head, leads=leads)
        said.append(name)
        if rest:
            said += [numeral(0)] if rest < scale // 10 else []
            said += _spoken(rest, leads=False)
        return said
    if 10 <= number < 20 and not leads:
        return [numeral(1), numeral(number)]
    return [numeral(number)]
