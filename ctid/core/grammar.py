"""What a caller may say in answer to one question, as one line of text: the machine's `Collect`
carries it to the recogniser, by way of the PBX.

    en words sales|customer service
    en digits 6 8

The PBX hands it on as an argument among others, so no character in it may mean anything there.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

LONGEST_PHRASE: Final = 60
MOST_PHRASES: Final = 40
LONGEST_LINE: Final = 1_000
"""Characters; what is longer is no grammar."""
MOST_FIGURES: Final = 32


class Grammar(NamedTuple):
    """What may be said. Either some phrases, or figures one by one."""

    language: str
    phrases: tuple[str, ...] = ()
    fewest: int = 0
    most: int = 0
    """Figures; 0 where phrases are asked for."""


def line_of(grammar: Grammar) -> str:
    """The line that `read_line` reads."""
    if grammar.phrases:
        return f"{grammar.language} words {'|'.join(grammar.phrases)}"
    return f"{grammar.language} digits {grammar.fewest} {grammar.most}"


def read_line(line: str) -> Grammar:
    """The grammar that a line says. Raises ValueError with what is wrong."""
    if len(line) > LONGEST_LINE:
        raise ValueError(f"longer than {LONGEST_LINE} characters")
    language, _, rest = line.partition(" ")
    kind, _, told = rest.partition(" ")
    if not language or not language.replace("-", "").isalnum():
        raise ValueError("does not begin with a language")
    match kind:
        case "words":
            phrases = tuple(told.split("|"))
            if wrong := phrases_problem(phrases):
                raise ValueError(wrong)
            return Grammar(language, phrases)
        case "digits":
            first, _, last = told.partition(" ")
            if not (first.isdecimal() and last.isdecimal()):
                raise ValueError("does not say how many figures")
            if not 1 <= int(first) <= int(last) <= MOST_FIGURES:
                raise ValueError(f"asks for other than 1 to {MOST_FIGURES} figures")
            return Grammar(language, (), int(first), int(last))
        case _:
            raise ValueError(f"knows no {kind[:20]!r}; words and digits are known")


def said(phrase: str) -> str:
    """A phrase as it is compared: no capitals, one space between words."""
    return " ".join(phrase.lower().split())


def phrases_problem(phrases: Iterable[str]) -> str:
    """What is wrong with phrases, the first thing; empty: nothing."""
    found = tuple(phrases)
    if len(found) > MOST_PHRASES:
        return f"more than {MOST_PHRASES} phrases"
    for phrase in found:
        if not phrase or len(phrase) > LONGEST_PHRASE:
            return f"{phrase[:LONGEST_PHRASE]!r} does not have 1 to {LONGEST_PHRASE} characters"
        if not all(c.isalpha() or c in " '-" for c in phrase) or phrase != said(phrase):
            return f"{phrase!r} has other than small letters, apostrophes and single spaces"
    return ""
