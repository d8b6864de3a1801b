"""Caller IDs of many countries, right, wrong and hostile."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ctid.screenpop.numbers import (
    HIDDEN,
    LONGEST,
    MOST_CANDIDATES,
    Number,
    candidates,
    normalise,
)

# As written, where the trunk is, E.164, region.
PUBLIC = [
    # China: mobiles
    ("13800138000", "CN", "+8613800138000", "CN"),
    ("138 0013 8000", "CN", "+8613800138000", "CN"),
    ("+86 138 0013 8000", "CN", "+8613800138000", "CN"),
    ("+86-138-0013-8000", "US", "+8613800138000", "CN"),
    ("8613800138000", "CN", "+8613800138000", "CN"),
    ("008613800138000", "CN", "+8613800138000", "CN"),
    ("0086 138 0013 8000", "GB", "+8613800138000", "CN"),
    ("013800138000", "CN", "+8613800138000", "CN"),  # trunk 0 before a mobile of another town
    ("+86013800138000", "CN", "+8613800138000", "CN"),
    ("+008613800138000", "CN", "+8613800138000", "CN"),
    ("+013800138000", "CN", "+8613800138000", "CN"),
    ("17951 13800138000", "CN", "+8613800138000", "CN"),  # carrier selection
    ("１３８００１３８０００", "CN", "+8613800138000", "CN"),  # full-width digits
    ("19912345678", "CN", "+8619912345678", "CN"),
    ("15400000001", "CN", "+8615400000001", "CN"),  # no operator's block: length is enough
    # China: landlines and services
    ("010-8888 1234", "CN", "+861088881234", "CN"),
    ("(021) 6234 5678", "CN", "+862162345678", "CN"),
    ("+86 755 8888 1234", "CN", "+8675588881234", "CN"),
    ("0755-88881234", "CN", "+8675588881234", "CN"),
    ("400 820 8820", "CN", "+864008208820", "CN"),
    ("800-820-8820", "CN", "+868008208820", "CN"),
    # Hong Kong, Macau, Taiwan, Singapore
    ("+852 5123 4567", "CN", "+85251234567", "HK"),
    ("51234567", "HK", "+85251234567", "HK"),
    ("00852 2123 4567", "CN", "+85221234567", "HK"),
    ("+853 6612 3456", "CN", "+85366123456", "MO"),
    ("0912 345 678", "TW", "+886912345678", "TW"),
    ("+886 2 2345 6789", "CN", "+886223456789", "TW"),
    ("81234567", "SG", "+6581234567", "SG"),
    ("+65 6123 4567", "SG", "+6561234567", "SG"),
    # Great Britain
    ("020 7946 0018", "GB", "+442079460018", "GB"),
    ("+44 (0)20 7946 0018", "CN", "+442079460018", "GB"),
    ("0044 (0)20 7946 0018", "DE", "+442079460018", "GB"),
    ("442079460018", "US", "+442079460018", "GB"),
    ("2079460018", "GB", "+442079460018", "GB"),  # trunk 0 lost
    ("07700 900123", "GB", "+447700900123", "GB"),  # set aside for drama: in no plan
    ("07400 123456", "GB", "+447400123456", "GB"),
    # North America
    ("(202) 555-0123", "US", "+12025550123", "US"),
    ("1-202-555-0123", "US", "+12025550123", "US"),
    ("202.555.0123", "US", "+12025550123", "US"),
    ("011 44 20 7946 0018", "US", "+442079460018", "GB"),
    ("0044 20 7946 0018", "US", "+442079460018", "GB"),  # 00 where 011 is dialled
    ("+1 416 555 0123", "US", "+14165550123", "CA"),
    ("1 800 555 0199", "US", "+18005550199", "US"),
    # Europe
    ("030 901820", "DE", "+4930901820", "DE"),
    ("+49 1512 3456789", "DE", "+4915123456789", "DE"),
    ("01 42 68 53 00", "FR", "+33142685300", "FR"),
    ("+33 6 12 34 56 78", "FR", "+33612345678", "FR"),
    ("312 345 6789", "IT", "+393123456789", "IT"),
    ("02 1234 5678", "IT", "+390212345678", "IT"),  # the 0 is part of the number
    ("212345678", "IT", "+390212345678", "IT"),  # … and was lost
    ("912 345 678", "ES", "+34912345678", "ES"),
    ("044 668 18 00", "CH", "+41446681800", "CH"),
    ("8 (912) 345-67-89", "RU", "+79123456789", "RU"),
    # Elsewhere
    ("03-1234-5678", "JP", "+81312345678", "JP"),
    ("090-1234-5678", "JP", "+819012345678", "JP"),
    ("010-2345-6789", "KR", "+821023456789", "KR"),
    ("098765 43210", "IN", "+919876543210", "IN"),
    ("(02) 5550 1234", "AU", "+61255501234", "AU"),
    ("0412 345 678", "AU", "+61412345678", "AU"),
    ("(11) 96123-4567", "BR", "+5511961234567", "BR"),
    ("+52 55 1234 5678", "MX", "+525512345678", "MX"),
    ("0712 345678", "KE", "+254712345678", "KE"),
    ("050 123 4567", "AE", "+971501234567", "AE"),
    ("٠٥٠١٢٣٤٥٦٧", "AE", "+971501234567", "AE"),  # Arabic digits
    ("+800 1234 5678", "CN", "+80012345678", "001"),  # freephone of no country
]

# As gateways wrap a number.
WRAPPED = [
    ('"Zhang Wei" <+8613800138000>', "+8613800138000", ""),
    ("Zhang Wei <13800138000>", "+8613800138000", ""),
    ("sip:+8613800138000@198.51.100.7:5060;user=phone", "+8613800138000", ""),
    ("SIPS:13800138000@example.com", "+8613800138000", ""),
    ('"a" <sip:13800138000@example.com>;tag=1', None, ""),  # a header, not a caller ID
    ("tel:+1-202-555-0123", "+12025550123", ""),
    ("tel:+1-202-555-0123;ext=12", "+12025550123", "12"),
    ("010-8888 1234 转 801", "+861088881234", "801"),
    ("01088881234分机801", "+861088881234", "801"),
    ("+44 20 7946 0018 ext. 55", "+442079460018", "55"),
    ("+44 20 7946 0018 x55", "+442079460018", "55"),
    ("+1 202 555 0123,,55#", "+12025550123", "55"),
]

HIDDEN_IDS = [
    "",
    "   ",
    "\x00\x1f",
    "anonymous",
    "Anonymous",
    "ANONYMOUS",
    "<unknown>",
    '"Anonymous" <anonymous>',
    "sip:anonymous@anonymous.invalid",
    "restricted",
    "Unavailable",
    "private",
    "withheld",
    "匿名",
    "+266696687",
]

UNKNOWN = [
    ("1", "CN"),
    ("+1", "CN"),
    ("62345678", "CN"),  # a landline without its area code
    ("5550123", "US"),
    ("+860138", "CN"),
    ("+999 1234 5678", "CN"),  # no such country code
    ("123456789012345678", "GB"),
    ("0" * 40, "CN"),
    ("+" + "9" * 60, "CN"),
]

NOTHING = [
    "<script>alert('138')</script>",
    "13800138000<img src=x onerror=alert(1)>",
    "13800138000'; DROP TABLE crm_customer; --",
    "13800138000\r\nAction: Originate",
    "\x1b[31m13800138000",
    "---",
    "+",
    "()",
    "John",
    "1-800-FLOWERS",
    "*43#",
    "sip:bob@example.com",
    "1" * (LONGEST + 1),
    "1" * 10_000,
    ("<b>\x00\x07" + "13800138000" + "\u202e</b>") * 500,
    " " * 900 + "<" * 100,
    "\ufdfa" * 1000,  # one character that unfolds into eighteen
    "138\ud80000138000x",
]


@pytest.mark.parametrize(("raw", "country", "e164", "region"), PUBLIC)
def test_public_number(raw: str, country: str, e164: str, region: str) -> None:
    number = normalise(raw, country)
    assert number is not None
    assert (number.kind, number.e164, number.region) == ("e164", e164, region)
    assert number.extension == ""
    assert candidates(raw, country)[0] == e164


@pytest.mark.parametrize(("raw", "e164", "extension"), WRAPPED)
def test_wrapped_number(raw: str, e164: str | None, extension: str) -> None:
    number = normalise(raw, "CN")
    found = (number.e164, number.extension) if number else (None, "")
    assert found == (e164, extension)


@pytest.mark.parametrize("raw", HIDDEN_IDS)
def test_withheld_number_is_hidden_and_never_looked_up(raw: str) -> None:
    assert normalise(raw, "CN") == HIDDEN
    assert candidates(raw, "CN") == ()


@pytest.mark.parametrize("raw", ["10", "801", "8001", "10086", "123456"])
def test_extension_of_the_pbx_stays_as_it_is(raw: str) -> None:
    assert normalise(raw, "CN") == Number(kind="internal", text=raw)
    assert candidates(raw, "CN") == (raw,)


@pytest.mark.parametrize(("raw", "country"), UNKNOWN)
def test_digits_outside_every_plan_are_unknown(raw: str, country: str) -> None:
    number = normalise(raw, country)
    assert number is not None
    assert (number.kind, number.e164, number.region) == ("unknown", "", "")
    assert candidates(raw, country) == (number.text,)


@pytest.mark.parametrize("raw", NOTHING, ids=range(len(NOTHING)))
def test_hostile_text_is_no_number(raw: str) -> None:
    assert normalise(raw, "CN") is None
    assert candidates(raw, "CN") == ()


def test_control_and_direction_marks_inside_a_number_are_dropped() -> None:
    number = normalise("\u202a138\x00\u200b0013\t8000\u202c", "CN")
    assert number is not None
    assert number.e164 == "+8613800138000"


def test_national_form_is_for_reading() -> None:
    number = normalise("+442079460018", "CN")
    assert number is not None
    assert number.text == "020 7946 0018"


def test_second_reading_comes_after_the_first() -> None:
    # Dialled in Germany: a number of Baden-Württemberg, or Shanghai with its plus lost.
    found = candidates("862162345678", "DE")
    assert found[0] != found[1]
    assert "+862162345678" in found


@pytest.mark.parametrize("country", ["", "cn", "XX", "China"])
def test_country_without_a_plan_is_an_error_of_the_caller(country: str) -> None:
    with pytest.raises(ValueError, match="ISO 3166"):
        normalise("13800138000", country)


@given(
    raw=st.one_of(
        st.text(max_size=300), st.text(alphabet="+0123456789 ()-x;#,转<>\x00", max_size=80)
    ),
    country=st.sampled_from(["CN", "US", "GB", "IT", "AR", "MX"]),
)
@example(raw="+(0)", country="GB")
def test_any_text_gives_plain_digits_or_nothing(raw: str, country: str) -> None:
    number = normalise(raw, country)
    found = candidates(raw, country)
    assert len(found) <= MOST_CANDIDATES
    assert len(set(found)) == len(found)
    assert all(re.fullmatch(r"\+?[0-9]{1,64}", spelling) for spelling in found)
    if number is None:
        return
    assert len(number.text) <= 2 * LONGEST
    assert "<" not in number.text
    assert number.text.isprintable()
    assert bool(number.e164) == (number.kind == "e164")
    if number.kind == "e164":
        assert re.fullmatch(r"\+[0-9]{7,17}", number.e164)
        # Reading it again changes nothing: what is stored is found.
        again = normalise(number.e164, country)
        assert again is not None
        assert again.e164 == number.e164
