"""Codes for customers who are made: such as the steps of the site's flows take."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import prod
from typing import Final

from ctid.ivr import pattern
from ctid.ivr.checkdigits import CHECKS
from ctid.ivr.collecting import fits
from ctid.ivr.customer_codes import takers
from ctid.ivr.flow import Flow
from ctid.ivr.steps import Collect

USUAL_LENGTH: Final = 6
_FIGURES: Final = "0123456789"
_CHECKED: Final = {"": 0, "luhn": 1, "mod11": 1, "mod97": 2}
"""Figures at the end that the others decide."""
_TRIES: Final = 50
"""Bodies that are tried for each code before the flows count as taking no such codes: of eleven
by mod 11 one has no figure at its end, and a second step may refuse some more."""


def usual(count: int) -> tuple[str, ...]:
    """Six figures from 100001 on."""
    return tuple(f"{100_000 + n}" for n in range(1, count + 1))


def codes(flows: Mapping[str, Flow], count: int) -> tuple[str, ...]:
    """As many codes, no two alike: the usual ones where every step that asks for a customer's code
    takes them, else the first that all these steps take, else the usual ones all the same."""
    steps = tuple(dict.fromkeys(takers(flows).values()))
    plain = usual(count)
    if all(fits(step, code) for step in steps for code in plain):
        return plain
    for step in steps:
        for places in _forms(step):
            if made := _made(places, steps, _CHECKED[step.check_digit], count):
                return made
    return plain


def _made(
    places: Sequence[str], steps: Sequence[Collect], checked: int, count: int
) -> tuple[str, ...]:
    """The first codes of this form that all steps take; empty where there are not enough."""
    body, ends = places[: len(places) - checked], places[len(places) - checked :]
    if prod(map(len, body)) < count:
        return ()
    found: list[str] = []
    for number in range(min(prod(map(len, body)), _TRIES * count)):
        begin = _numbered(body, number)
        taken = (f"{begin}{end}" for end in _all(ends))
        found += [code for code in taken if all(_takes(step, code) for step in steps)][:1]
        if len(found) == count:
            return tuple(found)
    return ()


def _takes(step: Collect, code: str) -> bool:
    # Most ends are wrong, and the check digit tells it sooner than a pattern does.
    return (not step.check_digit or CHECKS[step.check_digit](code)) and fits(step, code)


def _forms(step: Collect) -> Iterator[tuple[str, ...]]:
    """The figures that each place may have, for each length that the step takes; the usual length
    first, or the nearest to it."""
    lengths = sorted(range(step.min, step.max + 1), key=lambda one: abs(one - USUAL_LENGTH))
    for length in lengths:
        if not step.pattern:
            yield ("123456789", *[_FIGURES] * (length - 1))
        for pieces in pattern.parse(step.pattern) if step.pattern else ():
            if places := _places(pieces, length):
                yield places


def _places(pieces: Sequence[pattern.Piece], length: int) -> tuple[str, ...]:
    """Those of one alternative, its earlier pieces as often as may be; empty: not so long."""
    spare = length - sum(piece.low for piece in pieces)
    places: list[str] = []
    for piece in pieces:
        more = max(0, min(spare, piece.high - piece.low))
        spare -= more
        places += [piece.figures] * (piece.low + more)
    return tuple(places) if spare == 0 else ()


def _numbered(places: Sequence[str], number: int) -> str:
    """The one of that number among all texts of these places, counted as figures are."""
    text = ""
    for figures in reversed(places):
        number, at = divmod(number, len(figures))
        text = figures[at] + text
    return text


def _all(places: Sequence[str]) -> Iterator[str]:
    return (_numbered(places, number) for number in range(prod(map(len, places))))


__all__ = ["codes", "usual"]
