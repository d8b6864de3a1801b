"""The small language of codes: what fits, what does not, and what cannot be read."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctid.ivr.pattern import LONGEST, lengths, matches, parse


@pytest.mark.parametrize(
    ("pattern", "good", "bad"),
    [
        ("123", ["123"], ["", "12", "1234", "124"]),
        ("x{6}", ["000000", "987654"], ["12345", "1234567", "12345x"]),
        ("[1-4]x{5}|9x{7}", ["412345", "91234567"], ["512345", "9123456", "812345"]),
        ("[1-36]x", ["10", "39", "66"], ["46", "01"]),
        ("x{2,4}0", ["120", "12340", "0000"], ["10", "123450", "1234"]),
        ("1{0,2}2", ["2", "12", "112"], ["1112", "1"]),
    ],
)
def test_what_fits(pattern: str, good: list[str], bad: list[str]) -> None:
    assert [digits for digits in good if not matches(pattern, digits)] == []
    assert [digits for digits in bad if matches(pattern, digits)] == []


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("", "an alternative is empty"),
        ("1|", "an alternative is empty"),
        ("(12)+", "cannot be read from '(12)+' on"),
        ("x*", "cannot be read from '*' on"),
        ("[]1", "cannot be read"),
        ("[4-1]", "4-1 runs backwards"),
        ("x{3,2}", "asks for 3 to 2"),
        ("x{99}", "asks for 99 to 99"),
        ("x{0}", "asks for 0 to 0"),
        ("A12", "cannot be read from 'A12' on"),
        ("１", "cannot be read"),
    ],
)
def test_what_cannot_be_read(pattern: str, why: str) -> None:
    with pytest.raises(ValueError, match=re.escape(why)):
        parse(pattern)


def test_lengths() -> None:
    assert lengths("x{2,4}0|[12]") == [(3, 5), (1, 1)]


pieces = st.builds(
    "{}{}".format,
    st.sampled_from(("0", "7", "x", "[0-4]", "[135]", "[1-36-9]")),
    st.sampled_from(("", "{1}", "{2}", "{0,3}", "{1,4}")),
)
patterns = st.lists(st.lists(pieces, min_size=1, max_size=5).map("".join), min_size=1, max_size=3)


@given(patterns.map("|".join), st.text("0123456789", max_size=12))
def test_agrees_with_regular_expressions(pattern: str, digits: str) -> None:
    """An independent reading of the same language."""
    expression = pattern.replace("x", "[0-9]")
    assert matches(pattern, digits) == (re.fullmatch(expression, digits) is not None)


def test_the_worst_pattern_takes_no_time() -> None:
    """Thirty pieces that may each be anything: a regular expression would not come back."""
    assert not matches("x{0,64}" * 30 + "1", "0" * LONGEST)
