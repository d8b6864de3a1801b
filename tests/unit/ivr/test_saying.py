"""Values as prompts, against what people say: tables of real cases in both languages."""

import pytest

from ctid.ivr.saying import TEXTS, say


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
    ],
)  # fmt: skip
def test_digits(value: str | int, chinese: str, english: str) -> None:
    assert spoken("digits", value, "zh-CN") == chinese
    assert spoken("digits", value, "en") == english


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
        ("digits", "12a", "en", "'a' in '12a' is no digit"),
        ("digits", -5, "fr", "no words for the language 'fr'; use zh-CN or en"),
        ("letters", "a", "en", "'letters' is no kind of value; use one of number, digits"),
    ],
)
def test_what_cannot_be_said(kind: str, value: str | int, language: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        say(kind, value, language)
