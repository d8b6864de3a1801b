"""How Mandarin says values, as names of prompts.

Numbers follow the grammar of spoken Mandarin (Lü Shuxiang, 现代汉语八百词, 二 and 两):

- 两 where two leads a number before 千, 万 or 亿 (两千二百, 两万), and where it counts alone (两元,
  两点); 二 everywhere else (二百, 三万二千, 十二元).
- One 零 for any row of zeros inside, none at the end (一百零五, 一百万零五百, 十万五千).
- 十 alone only where it leads (十五万), 一十 inside (一百一十五).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ctid.core.numerals import COUNT_TWO, numeral

_SCALES: Final = (
    (100_000_000, "number-hundred-million"),
    (10_000, "number-ten-thousand"),
    (1_000, "number-thousand"),
    (100, "number-hundred"),
)

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
}
"""Name → what is spoken, besides the numbers up to 99."""


def cardinal(number: int) -> list[str]:
    """A number from 0 on, as it is counted in speech: 两千零五十."""
    return _spoken(number, leads=True)


def counted(number: int) -> list[str]:
    """The same before a measure word: 两元, but 十二元."""
    return [COUNT_TWO] if number == 2 else cardinal(number)


def digit(key: str) -> str:
    """One character of a telephone number or a code; 一 is 幺, not to be heard as 七."""
    return "digit-1" if key == "1" else numeral(int(key))


def _spoken(number: int, *, leads: bool) -> list[str]:
    for scale, name in _SCALES:
        head, rest = divmod(number, scale)
        if not head:
            continue
        two = leads and head == 2 and scale >= 1_000
        out = [COUNT_TWO] if two else _spoken(head, leads=leads)
        out.append(name)
        if rest:
            if rest < scale // 10:
                out.append(numeral(0))
            out += _spoken(rest, leads=False)
        return out
    if 10 <= number < 20 and not leads:
        return [numeral(1), numeral(number)]
    return [numeral(number)]
