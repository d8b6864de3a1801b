"""What may be said, as a line of text."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctid.core.grammar import (
    LONGEST_LINE,
    MOST_FIGURES,
    Grammar,
    line_of,
    phrases_problem,
    read_line,
    said,
)

WORD = st.text("abcdefghijklmnopqrstuvwxyz'中文", min_size=1, max_size=12)
PHRASES = st.lists(st.lists(WORD, min_size=1, max_size=3).map(" ".join), min_size=1, max_size=8)


@given(PHRASES)
def test_phrases_come_back(phrases: list[str]) -> None:
    grammar = Grammar("zh-CN", tuple(phrases))
    assert read_line(line_of(grammar)) == grammar


@given(st.integers(1, MOST_FIGURES), st.integers(1, MOST_FIGURES))
def test_figures_come_back(one: int, other: int) -> None:
    grammar = Grammar("en", (), min(one, other), max(one, other))
    assert read_line(line_of(grammar)) == grammar


@given(st.text(max_size=80))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(ValueError):
        grammar = read_line(text)
        assert grammar.phrases or grammar.most


@pytest.mark.parametrize(
    "line",
    [
        "", "en", "en words", "en words ", "en words a||b", "en words A", "en words a,b",
        "en words ${SHELL}", "en words a|b)", "en digits", "en digits 0 3", "en digits 4 3",
        "en digits 1 33", "en digits x y", "en digits 1", "en song la", " words a", "e,n words a",
        "en words " + "a" * LONGEST_LINE, "en words  a", "en digits ¹ ²",
    ],
)  # fmt: skip
def test_what_is_no_grammar_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_line(line)


def test_how_phrases_are_compared() -> None:
    assert said("  Customer   SERVICE ") == "customer service"
    assert not phrases_problem(["o'clock", "follow-up", "销售"])
    assert "61" not in phrases_problem(["a" * 60])
    assert "small letters" in phrases_problem(["two  spaces"])
    assert "more than 40" in phrases_problem(["a"] * 41)
