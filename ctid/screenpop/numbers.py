"""Caller numbers as they arrive from a trunk, and what they mean.

Theory of operation. A caller ID is text that a stranger chose. It passes three gates here:

1. *cleaning*: full-width and other national digits become ASCII digits, control characters and
   direction marks go, a ``sip:``/``tel:`` wrapper or a display name is taken off, and more than
   `LONGEST` characters are no number;
2. *sorting*: no caller ID shown (hidden), an extension of our own PBX (internal), or digits;
3. *reading*: the same digits may be dialled in several ways (``+86``, ``0086``, ``86``, with or
   without the trunk 0). Each reading is held against the numbering plan; the first one that the
   plan knows wins, then the first one that at least has the length of a mobile number.

A length is enough in the last step because mobile blocks open faster than metadata follows, and
because the ranges set aside for drama (07700 900xxx in Great Britain) are in no plan. It must be a
mobile's: a shorter one is mostly a landline without its area code, which names no one line.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, Literal

import msgspec
import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberFormat, PhoneNumberType, ValidationResult

LONGEST: Final = 64
"""Characters that a caller ID may have after cleaning; E.164 allows 15 digits, extensions add."""

LONGEST_RAW: Final = 1024
"""Characters that are looked at at all: the longest line that AMI sends."""

LONGEST_WRAPPED: Final = 256
"""Characters after cleaning with a display name or URI around the number; bounds the patterns."""

REMEMBERED: Final = 1024
"""Caller IDs whose reading is kept: each is asked for several times, and some call again."""

MOST_CANDIDATES: Final = 6
"""Spellings that one caller ID may be looked up under."""

Kind = Literal["e164", "internal", "hidden", "unknown"]


class Number(msgspec.Struct, frozen=True):
    """One caller ID, read."""

    kind: Kind
    """``e164``: a public number; ``internal``: an extension of our PBX; ``hidden``: the caller or
    the network withheld it; ``unknown``: digits that fit no numbering plan."""
    e164: str = ""
    """``+`` and 7 to 15 digits; empty unless the kind is ``e164``."""
    text: str = ""
    """How to show it: national form, the extension, or the bare digits. Never markup."""
    region: str = ""
    """ISO 3166 code of the country (``CN``), ``001`` for numbers of no country, or empty."""
    extension: str = ""
    """Digits to dial after the answer, or empty."""


HIDDEN: Final = Number(kind="hidden")
"""The value of every withheld caller ID."""

# What trunks and Asterisk itself send in place of a number that they do not give.
HIDDEN_WORDS: Final = frozenset(
    {
        "",
        "anonymous",
        "blocked",
        "coin line/payphone",
        "id withheld",
        "no number",
        "not available",
        "number withheld",
        "out of area",
        "private",
        "private number",
        "restricted",
        "unavailable",
        "unknown",
        "withheld",
        "匿名",
        "未知号码",
        "隐藏号码",
        # "anonymous" and "unavailable" spelled on a keypad: gateways that know digits only send
        # these. Only with a plus: the same digits without one are somebody's number.
        "+266696687",
        "+86282452253",
    }
)

_INTERNAL: Final = re.compile(r"[0-9]{2,6}")
_DIALLED: Final = re.compile(r"[0-9+().\-/ ]+")
_EXTENSION: Final = re.compile(
    r"(?:\s*(?:;\s*ext=|ext(?:ension|n|\.)?|x|#|转|分机|,+)[\s.:]*)([0-9]{1,8})#?\s*$",
    re.IGNORECASE,
)
_ANGLED: Final = re.compile(r'^(?:"[^"<>]*"|[^"<>]*)\s*<([^<>]*)>$')
_URI: Final = re.compile(r"^(?:sips?|tel):([^@;?]*)(?:@[^;?]*)?(;[^?]*)?", re.IGNORECASE)
_URI_EXTENSION: Final = re.compile(r";ext=[0-9]{1,8}(?=;|$)", re.IGNORECASE)


@lru_cache(maxsize=REMEMBERED)
def normalise(raw: str, country: str) -> Number | None:
    """Read a caller ID as it came from the trunk in `country` (ISO 3166, ``CN``).

    Returns None when there is nothing in it that could be a number (letters, markup, more than
    `LONGEST` characters); the caller is then as good as hidden, but not by choice. Whatever the
    text, no other error than ValueError for a country that no numbering plan is known for.
    """
    _check(country)
    text = _clean(raw)
    if text is None:
        return None
    if text.lower() in HIDDEN_WORDS:
        return HIDDEN
    dialled, extension = _split_extension(text)
    digits = _dialled_digits(dialled)
    if digits is None:
        return None
    if _INTERNAL.fullmatch(digits) and not extension:
        return Number(kind="internal", text=digits)
    best = _best(digits, country)
    if best is None:
        return Number(kind="unknown", text=digits, extension=extension)
    return Number(
        kind="e164",
        e164=phonenumbers.format_number(best, PhoneNumberFormat.E164),
        text=phonenumbers.format_number(best, PhoneNumberFormat.NATIONAL),
        region=_region(best),
        extension=extension,
    )


def candidates(raw: str, country: str) -> tuple[str, ...]:
    """The spellings to look a caller ID up under, the likeliest first, at most `MOST_CANDIDATES`.

    The E.164 form of `normalise` comes first, then every other reading that the numbering plan
    knows, in E.164 too. An extension or an unknown number gives its digits as they are; a hidden
    number gives nothing. Raises ValueError as `normalise` does.
    """
    number = normalise(raw, country)
    if number is None or number.kind == "hidden":
        return ()
    if number.kind != "e164":
        return (number.text,)
    # _clean cannot be None here: normalise() made a number of the same text.
    digits = _dialled_digits(_split_extension(_clean(raw) or "")[0]) or ""
    found = [number.e164]
    for reading in _readings(digits, country):
        spelling = phonenumbers.format_number(reading, PhoneNumberFormat.E164)
        if phonenumbers.is_valid_number(reading) and spelling not in found:
            found.append(spelling)
    return tuple(found[:MOST_CANDIDATES])


def costly(e164: str) -> bool:
    """Whether whoever calls this number pays its owner for it, as far as the numbering plan says.

    Raises phonenumbers.NumberParseException for what is no E.164 number.
    """
    kind = phonenumbers.number_type(phonenumbers.parse(e164))
    return kind in (PhoneNumberType.PREMIUM_RATE, PhoneNumberType.SHARED_COST)


def _check(country: str) -> None:
    if country not in phonenumbers.SUPPORTED_REGIONS:
        raise ValueError(
            f"country {country!r} has no numbering plan; give an ISO 3166 code in capitals, as CN"
        )


def _clean(raw: str) -> str | None:
    """The text without wrappers and control characters; None when it is too long for a number."""
    if len(raw) > LONGEST_RAW:
        return None
    folded = unicodedata.normalize("NFKC", raw)
    kept = "".join(_ascii_digit(char) for char in folded if unicodedata.category(char)[0] != "C")
    text = kept.strip()
    if len(text) > LONGEST_WRAPPED:
        return None
    if angled := _ANGLED.match(text):
        text = angled[1].strip()
    if uri := _URI.match(text):
        extension = _URI_EXTENSION.search(uri[2] or "")
        text = uri[1] + (extension[0] if extension else "")
    return text if len(text) <= LONGEST else None


def _ascii_digit(char: str) -> str:
    value = unicodedata.decimal(char, None)
    return char if value is None else str(value)


def _split_extension(text: str) -> tuple[str, str]:
    """``010-8888 1234 转 801`` → (``010-8888 1234``, ``801``)."""
    if found := _EXTENSION.search(text):
        return text[: found.start()].strip(), found[1]
    return text, ""


def _dialled_digits(text: str) -> str | None:
    """Digits with at most one leading plus; None when the text is no dialled number."""
    if not _DIALLED.fullmatch(text):
        return None
    # "+44 (0)20 …" is written for readers abroad: the bracketed zero is not dialled after +44.
    if text.startswith(("+", "00")):
        text = text.replace("(0)", "")
    digits = "".join(char for char in text if char.isdigit())
    if not digits:
        return None
    return "+" + digits if text.startswith("+") else digits


def _spellings(digits: str) -> Iterator[str]:
    """Ways in which the same digits may have been meant, the likeliest first."""
    yield digits
    if digits.startswith("+"):
        if digits.startswith("+00"):  # a gateway that puts a plus before the 00 prefix
            yield "+" + digits[3:]
        if digits.startswith("+0"):  # … or before a national number
            yield digits[1:]
        return
    if digits.startswith("00"):
        yield "+" + digits[2:]
    elif digits.startswith("0"):
        yield digits[1:]  # a trunk 0 that this country does not have, or not for mobiles
    else:
        yield "+" + digits  # the plus got lost on the way
        yield "0" + digits  # the trunk 0 got lost, where it is part of the number (Italy)


def _readings(digits: str, country: str) -> Iterator[PhoneNumber]:
    for spelling in _spellings(digits):
        try:
            reading = phonenumbers.parse(spelling, country)
        except phonenumbers.NumberParseException:
            continue
        length = phonenumbers.is_possible_number_with_reason(reading)
        # "Local only" is a number without its area code: it names no one line.
        if length == ValidationResult.IS_POSSIBLE:
            yield reading


def _best(digits: str, country: str) -> PhoneNumber | None:
    readings = tuple(_readings(digits, country))
    for reading in readings:
        if phonenumbers.is_valid_number(reading):
            return reading
    for reading in readings:
        length = phonenumbers.is_possible_number_for_type_with_reason(
            reading, PhoneNumberType.MOBILE
        )
        if length == ValidationResult.IS_POSSIBLE:
            return reading
    return None


def _region(reading: PhoneNumber) -> str:
    region = phonenumbers.region_code_for_number(reading)
    if region is None:  # not in the plan: the main country of its country code
        # parse() always sets the country code; 0 is the code of no country.
        region = phonenumbers.region_code_for_country_code(reading.country_code or 0)
    return "" if region == phonenumbers.UNKNOWN_REGION else region
