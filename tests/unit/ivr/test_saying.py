"""Values as prompts, against what people say: tables of real cases in both languages."""

from pathlib import Path

import pytest

from ctid.ivr.parser import parse_flow
from ctid.ivr.saying import CURRENCIES, KINDS, TEXTS, say


def spoken(kind: str, value: str | int, language: str, currency: str = "") -> str:
    names = say(kind, value, language, currency)
    return (" " if language == "en" else "").join(TEXTS[name][language] for name in names)


@pytest.mark.parametrize(
    ("value", "chinese", "english"),
    [
        (0, "零", "zero"),
        (2, "二", "two"),
        (10, "十", "ten"),
        (15, "十五", "fifteen"),
        (21, "二十一", "twenty-one"),
        (100, "一百", "one hundred"),
        (105, "一百零五", "one hundred five"),
        (110, "一百一十", "one hundred ten"),
        (115, "一百一十五", "one hundred fifteen"),
        (200, "二百", "two hundred"),
        (222, "二百二十二", "two hundred twenty-two"),
        (1_005, "一千零五", "one thousand five"),
        (1_050, "一千零五十", "one thousand fifty"),
        (1_015, "一千零一十五", "one thousand fifteen"),
        (2_000, "两千", "two thousand"),
        (2_222, "两千二百二十二", "two thousand two hundred twenty-two"),
        (10_010, "一万零一十", "ten thousand ten"),
        (20_000, "两万", "twenty thousand"),
        (32_000, "三万二千", "thirty-two thousand"),
        (100_000, "十万", "one hundred thousand"),
        (105_000, "十万五千", "one hundred five thousand"),
        (205_000, "二十万五千", "two hundred five thousand"),
        (150_000, "十五万", "one hundred fifty thousand"),
        (1_000_500, "一百万零五百", "one million five hundred"),
        (22_000_000, "两千二百万", "twenty-two million"),
        (100_001_000, "一亿零一千", "one hundred million one thousand"),
        (200_000_000, "两亿", "two hundred million"),
        (1_000_000_001, "十亿零一", "one billion one"),
        (10**12, "一万亿", "one trillion"),
        (-5, "负五", "minus five"),
        ("3,050.20", "三千零五十点二", "three thousand fifty point two"),
        ("0.05", "零点零五", "zero point zero five"),
        ("2.50", "二点五", "two point five"),
        ("-0.00", "零", "zero"),
        (" +7 ", "七", "seven"),
    ],
)
def test_numbers(value: str | int, chinese: str, english: str) -> None:
    assert spoken("number", value, "zh-CN") == chinese
    assert spoken("number", value, "en") == english


@pytest.mark.parametrize(
    ("value", "chinese", "english"),
    [
        (10010, "幺零零幺零", "one zero zero one zero"),
        ("400-820-1111", "四零零八二零幺幺幺幺", " ".join(
            ("four zero zero eight two zero", "one one one one"))),
        ("+86 (10) 6553", "加八六幺零六五五三", "plus eight six one zero six five five three"),
        ("*12#", "星号幺二井号", "star one two pound"),
        ("007", "零零七", "zero zero seven"),
        ("21x", "二幺X", "two one X"),
    ],
)  # fmt: skip
def test_digits(value: str | int, chinese: str, english: str) -> None:
    assert spoken("digits", value, "zh-CN") == chinese
    assert spoken("digits", value, "en") == english


@pytest.mark.parametrize(
    ("value", "currency", "chinese", "english"),
    [
        ("3,050.20", "CNY", "三千零五十元二角", "three thousand fifty yuan and twenty fen"),
        ("3050.02", "CNY", "三千零五十元零二分", "three thousand fifty yuan and two fen"),
        ("3050.25", "CNY", "三千零五十元二角五分", "three thousand fifty yuan and twenty-five fen"),
        ("2.00", "CNY", "两元", "two yuan"),
        ("12", "CNY", "十二元", "twelve yuan"),
        ("2.22", "CNY", "两元二角二分", "two yuan and twenty-two fen"),
        ("0.20", "CNY", "两角", "twenty fen"),
        ("0.02", "CNY", "两分", "two fen"),
        ("0.00", "CNY", "零元", "zero yuan"),
        ("-20000", "CNY", "负两万元", "minus twenty thousand yuan"),
        ("1.01", "USD", "一美元一美分", "one dollar and one cent"),
        ("2.5000", "USD", "两美元五十美分", "two dollars and fifty cents"),
        ("-0.02", "USD", "负两美分", "minus two cents"),
        ("0", "USD", "零美元", "zero dollars"),
        ("1", "EUR", "一欧元", "one euro"),
        (1_999, "EUR", "一千九百九十九欧元", "one thousand nine hundred ninety-nine euros"),
        ("0.10", "EUR", "十欧分", "ten cents"),
    ],
)
def test_amounts(value: str | int, currency: str, chinese: str, english: str) -> None:
    assert spoken("amount", value, "zh-CN", currency) == chinese
    assert spoken("amount", value, "en", currency) == english


@pytest.mark.parametrize(
    ("value", "chinese", "english"),
    [
        (1, "第一位", "first"),
        (2, "第二位", "second"),
        ("12", "第十二位", "twelfth"),
        (20, "第二十位", "twentieth"),
        (21, "第二十一位", "twenty-first"),
        (100, "第一百位", "one hundredth"),
        (103, "第一百零三位", "one hundred third"),
        (1_008, "第一千零八位", "one thousand eighth"),
        (1_000_000, "第一百万位", "one millionth"),
    ],
)
def test_ordinals(value: str | int, chinese: str, english: str) -> None:
    assert spoken("ordinal", value, "zh-CN") == chinese
    assert spoken("ordinal", value, "en") == english


@pytest.mark.parametrize(
    ("value", "chinese", "english"),
    [
        ("2026-11-22", "二零二六年十一月二十二日", "November twenty-second twenty twenty-six"),
        ("2011-02-01", "二零一一年二月一日", "February first twenty eleven"),
        ("2000-01-31", "二零零零年一月三十一日", "January thirty-first two thousand"),
        ("2005-12-10", "二零零五年十二月十日", "December tenth two thousand five"),
        ("1905-05-03", "一九零五年五月三日", "May third nineteen oh five"),
        ("1900-10-20", "一九零零年十月二十日", "October twentieth nineteen hundred"),
        ("02-29", "二月二十九日", "February twenty-ninth"),
        ("2028-02-29", "二零二八年二月二十九日", "February twenty-ninth twenty twenty-eight"),
    ],
)
def test_dates(value: str, chinese: str, english: str) -> None:
    assert spoken("date", value, "zh-CN") == chinese
    assert spoken("date", value, "en") == english


@pytest.mark.parametrize(
    ("value", "chinese", "english"),
    [
        ("00:00", "凌晨零点", "midnight"),
        ("0:05", "凌晨零点零五分", "twelve oh five a.m."),
        ("05:59", "凌晨五点五十九分", "five fifty-nine a.m."),
        ("06:00", "上午六点", "six a.m."),
        ("11:30", "上午十一点三十分", "eleven thirty a.m."),
        ("12:00", "中午十二点", "noon"),
        ("12:10", "中午十二点十分", "twelve ten p.m."),
        ("13:00", "下午一点", "one p.m."),
        ("14:02", "下午两点零二分", "two oh two p.m."),
        ("17:59", "下午五点五十九分", "five fifty-nine p.m."),
        ("18:00", "晚上六点", "six p.m."),
        ("22:15", "晚上十点十五分", "ten fifteen p.m."),
        ("23:59", "晚上十一点五十九分", "eleven fifty-nine p.m."),
    ],
)
def test_times(value: str, chinese: str, english: str) -> None:
    assert spoken("time", value, "zh-CN") == chinese
    assert spoken("time", value, "en") == english


@pytest.mark.parametrize(
    ("value", "chinese", "english"),
    [
        (0, "零秒", "zero seconds"),
        (1, "一秒", "one second"),
        ("60", "一分钟", "one minute"),
        (122, "两分钟两秒", "two minutes two seconds"),
        (3_605, "一小时零五秒", "one hour five seconds"),
        (7_200, "两小时", "two hours"),
        (86_400, "一天", "one day"),
        (2 * 86_400 + 60, "两天零一分钟", "two days one minute"),
        (105 * 86_400 + 12 * 3_600, "一百零五天十二小时", "one hundred five days twelve hours"),
    ],
)
def test_durations(value: str | int, chinese: str, english: str) -> None:
    assert spoken("duration", value, "zh-CN") == chinese
    assert spoken("duration", value, "en") == english


@pytest.mark.parametrize(
    ("kind", "value", "language", "why"),
    [
        ("number", "", "en", "'' is no number; write it like"),
        ("number", "1e3", "en", "'1e3' is no number"),
        ("number", "٣", "en", "is no number"),
        ("number", "1,00", "en", "'1,00' is no number"),
        ("number", "9" * 500, "en", "is no number"),
        ("number", 10**12 + 1, "en", r"'1000000000001' is beyond 1,000,000,000,000"),
        ("number", "1000000000000.5", "zh-CN", "is beyond"),
        ("number", "0.1234567", "en", "more than 6 decimal places"),
        ("number", True, "en", "True is neither text nor a whole number"),
        ("digits", "", "en", "has 0 digits; 1 to 40"),
        ("digits", "1" * 41, "zh-CN", "has 41 digits"),
        ("digits", "12a", "en", "'A' in '12a' is no digit"),
        ("digits", -5, "fr", "no words for the language 'fr'; use zh-CN or en"),
        ("letters", "a", "en", "'letters' is no kind of value; use one of number, digits"),
        ("digits", -5, "en", "-5 has a sign; give the digits as text"),
        ("amount", "1.00", "en", "amount of no currency cannot be said; use CNY, EUR, USD"),
        ("ordinal", 0, "en", "'0' is no place in a row"),
        ("ordinal", "-1", "zh-CN", "'-1' is no place in a row"),
        ("ordinal", "1.5", "en", "'1.5' is no place in a row"),
        ("date", "2026-02-29", "en", "'2026-02-29' is no day of the calendar"),
        ("date", "02-30", "en", "'02-30' is no day of the calendar"),
        ("date", "2026-13-01", "zh-CN", "is no day of the calendar"),
        ("date", "22.11.2026", "en", "is no date; write it like 2026-11-22"),
        ("date", "0999-01-01", "en", "is no date"),
        ("date", 20261122, "en", "is no date"),
        ("time", "24:00", "en", "'24:00' is no time of day; write it like 14:05"),
        ("time", "14:60", "zh-CN", "is no time of day"),
        ("time", "2:05 pm", "en", "is no time of day"),
        ("duration", "-1", "en", "'-1' is no duration"),
        ("duration", "1.5", "en", "'1.5' is no duration"),
        ("duration", "01:30", "en", "is no number"),
    ],
)
def test_what_cannot_be_said(kind: str, value: str | int, language: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        say(kind, value, language)


@pytest.mark.parametrize("currency", ["JPY", "cny", "RMB"])
def test_an_amount_of_a_currency_without_words(currency: str) -> None:
    with pytest.raises(ValueError, match=f"'{currency}' cannot be said; use CNY, EUR, USD"):
        say("amount", "1", "en", currency)
    with pytest.raises(ValueError, match=r"'1\.005' has more than 2 decimal places"):
        say("amount", "1.005", "en", "CNY")


def test_the_vocabulary_has_no_word_that_nothing_says() -> None:
    """What a site records is not in vain."""
    values: dict[str, list[str | int]] = {
        "number": [*range(102), 10**3, 10**4, 10**6, 10**8, 10**9, 10**12, "-0.5"],
        "digits": ["1234567890*#+X"],
        "amount": ["0", "1", "1.01", "2.22"],
        "date": [f"1905-{month:02}-{day:02}" for month in range(1, 13) for day in range(1, 29)],
        "time": [f"{hour}:00" for hour in range(24)] + ["14:05"],
        "duration": [0, 1, 90_061, 180_122],
        "ordinal": [*range(1, 101), 10**3, 10**6, 10**9, 10**12],
    }
    assert set(values) == set(KINDS)
    said: dict[str, set[str]] = {"zh-CN": set(), "en": set()}
    for language, names in said.items():
        for kind, examples in values.items():
            for value in examples:
                for currency in CURRENCIES if kind == "amount" else ("",):
                    names.update(say(kind, value, language, currency))
        # English has one word for both twos.
        known = {name for name, texts in TEXTS.items() if language in texts}
        assert names | {"count-2"} == known


def test_the_examples_in_the_docs() -> None:
    page = (Path(__file__).parents[3] / "docs/prompts.md").read_text()
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in page.splitlines()]
    examples = [row for row in rows if row and row[0].split()[0] in KINDS]
    assert len(examples) >= 19
    for kind, value, chinese, english in examples:
        kind, _, currency = kind.partition(" ")
        assert spoken(kind, value, "zh-CN", currency) == chinese
        assert spoken(kind, value, "en", currency) == english


@pytest.mark.parametrize(
    ("currency", "what"),
    [("", "an amount needs one; use CNY, EUR, USD"), ("JPY", "'JPY' has no words; use CNY")],
)
def test_a_step_that_could_never_say_its_amount(currency: str, what: str) -> None:
    step = {"kind": "say", "as": "amount", "value": "{balance}", "next": "end"}
    steps = {"say": step | {"currency": currency}, "end": {"kind": "hangup"}}
    flow = {"id": "f", "start": "say", "steps": steps, "prompts": {}}
    _, (problem,) = parse_flow(flow, "f.toml", (), ())
    assert problem.startswith(f"f.toml: steps.say.currency: {what}")
