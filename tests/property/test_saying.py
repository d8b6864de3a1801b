"""Whatever can be said is said in words of the vocabulary, and means what it was.

The readers here know how people read numbers, and nothing of how `say` puts them together.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from hypothesis import example, given
from hypothesis import strategies as st

from ctid.ivr.saying import CURRENCIES, KINDS, TEXTS, say

ZH, EN = "zh-CN", "en"
ONES = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen"),
    "nineteen",
)
TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
WORDS = dict(zip(ONES, range(20), strict=True)) | {ten: 20 + 10 * n for n, ten in enumerate(TENS)}
SCALES = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
FIGURES = {figure: n for n, figure in enumerate("零一二三四五六七八九")} | {"两": 2, "幺": 1}
numbers = st.integers(-(10**12), 10**12) | st.integers(0, 10**5)


def spoken(kind: str, value: str | int, language: str, currency: str = "") -> str:
    names = say(kind, value, language, currency)
    return (" " if language == EN else "").join(TEXTS[name][language] for name in names)


def chinese(text: str) -> Decimal:
    """What a Chinese number means."""
    if text.startswith("负"):
        return -chinese(text[1:])
    whole, _, places = text.partition("点")
    if places:
        return chinese(whole) + Decimal("0." + "".join(str(FIGURES[one]) for one in places))
    for unit, worth in (("亿", 10**8), ("万", 10**4), ("千", 1000), ("百", 100), ("十", 10)):
        head, found, rest = whole.rpartition(unit)
        if found:
            return (chinese(head) if head.strip("零") else 1) * worth + chinese(rest)
    assert len(whole.lstrip("零")) <= 1, text
    return Decimal(FIGURES[whole.lstrip("零")] if whole.lstrip("零") else 0)


def english(text: str) -> Decimal:
    """What an English number means."""
    if text.startswith("minus "):
        return -english(text.removeprefix("minus "))
    whole, _, places = text.partition(" point ")
    if places:
        return english(whole) + Decimal("0." + "".join(str(WORDS[one]) for one in places.split()))
    total = group = 0
    for word in whole.replace("-", " ").split():
        if word in SCALES:
            total, group = total + group * SCALES[word], 0
        else:
            group = group * 100 if word == "hundred" else group + WORDS[word]
    return Decimal(total + group)


@given(numbers)
@example(10**12)
@example(100_001_000)
def test_a_number_is_read_back(number: int) -> None:
    assert chinese(spoken("number", number, ZH)) == number
    assert english(spoken("number", f"{number:,}", EN)) == number


@given(st.integers(1, 10**12))
def test_chinese_has_no_zero_too_many(number: int) -> None:
    said = spoken("number", number, ZH)
    assert "零零" not in said
    assert not said.endswith("零")
    assert not said.startswith("一十")


@given(st.decimals(-(10**6), 10**6, places=3))
def test_decimals_are_read_back(number: Decimal) -> None:
    assert chinese(spoken("number", str(number), ZH)) == number
    assert english(spoken("number", str(number), EN)) == number


@given(st.text("0123456789", min_size=1, max_size=40))
def test_digits_are_read_back_one_by_one(digits: str) -> None:
    assert "".join(str(FIGURES[one]) for one in spoken("digits", digits, ZH)) == digits
    assert "".join(str(WORDS[one]) for one in spoken("digits", digits, EN).split()) == digits


@given(st.decimals(-(10**9), 10**9, places=2), st.sampled_from(CURRENCIES))
def test_an_amount_is_read_back(amount: Decimal, currency: str) -> None:
    said = spoken("amount", str(amount), ZH, currency).replace("美", "").replace("欧", "")
    found = re.fullmatch("(负?)(?:(.+)元)?(?:(.+)角)?(?:(.+)分)?", said)
    assert found is not None
    parts = [chinese(part) if part else 0 for part in found.groups()[1:]]
    total = parts[0] + parts[1] / Decimal(10) + parts[2] / Decimal(100)
    assert (-total if found[1] else total) == amount
    words = spoken("amount", str(amount), EN, currency)
    sign = -1 if words.startswith("minus ") else 1
    total = Decimal(0)
    for part in words.removeprefix("minus ").split(" and "):
        number, _, unit = part.rpartition(" ")
        total += english(number) / (100 if unit in ("fen", "cent", "cents") else 1)
    assert sign * total == amount


@given(st.integers(0, 10**9))
def test_a_duration_is_read_back(seconds: int) -> None:
    worth = {"天": 86_400, "小时": 3_600, "分钟": 60, "秒": 1}
    parts = re.findall("(.+?)(天|小时|分钟|秒)", spoken("duration", seconds, ZH))
    assert sum(chinese(count) * worth[unit] for count, unit in parts) == seconds
    units = {"day": 86_400, "hour": 3_600, "minute": 60, "second": 1}
    parts = re.findall("(.+?) (day|hour|minute|second)s? ?", spoken("duration", seconds, EN))
    assert sum(english(count) * units[unit] for count, unit in parts) == seconds


@given(st.dates(min_value=date(1000, 1, 1)))
def test_a_date_is_read_back(day: date) -> None:
    found = re.fullmatch("(.{4})年(.+)月(.+)日", spoken("date", day.isoformat(), ZH))
    assert found is not None
    year = "".join(str(FIGURES[one]) for one in found[1])
    assert date(int(year), int(chinese(found[2])), int(chinese(found[3]))) == day


def test_every_date_and_time_of_day_is_said_in_its_own_words() -> None:
    days = [date.fromordinal(n).isoformat() for n in range(*(date(y, 1, 1).toordinal() for y in (
        1900, 2100)))]  # fmt: skip
    times = [f"{minute // 60:02}:{minute % 60:02}" for minute in range(1440)]
    for language in (ZH, EN):
        assert len({spoken("date", day, language) for day in days}) == len(days)
        assert len({spoken("time", time, language) for time in times}) == len(times)


@given(st.sampled_from(KINDS), st.text(max_size=50) | numbers, st.sampled_from((ZH, EN)))
def test_anything_is_said_in_known_words_or_refused(
    kind: str, value: str | int, language: str
) -> None:
    try:
        names = say(kind, value, language, "CNY")
    except ValueError:
        return
    assert names
    assert all(TEXTS[name][language] for name in names)
