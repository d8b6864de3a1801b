"""Words that somebody types to `ctid ivr try` in place of saying them."""

from __future__ import annotations

from typing import Final

from ctid.core.grammar import phrases_problem, read_line, said

_FIGURES: Final = {
    **dict(zip(("zero", "one", "two", "three", "four"), "01234", strict=True)),
    **dict(zip(("five", "six", "seven", "eight", "nine"), "56789", strict=True)),
    **dict(zip("零一二三四五六七八九", "0123456789", strict=True)),
    "oh": "0",
}


def are_words(typed: str) -> bool:
    """Whether that is said, and not pressed; a single letter is a slip of the finger."""
    return len(typed) > 1 and not phrases_problem([said(typed)])


def understood(typed: str, line: str) -> str:
    """What a recogniser would make of it that listens for `line`, see `ctid.core.grammar`; empty:
    nothing that may be said."""
    grammar, words = read_line(line), said(typed)
    if grammar.phrases:
        return words if words in grammar.phrases else ""
    figures = "".join(_FIGURES.get(word, "?") for word in words.split())
    fits = grammar.fewest <= len(figures) <= grammar.most
    return figures if fits and "?" not in figures else ""
