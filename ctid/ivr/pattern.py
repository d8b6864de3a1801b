"""What a code may look like: a small language in which no pattern can take long.

    [1-4]x{5}|9x{7}     six figures that begin with 1 to 4, or eight that begin with 9

A figure stands for itself, `x` for any one, `[…]` for one of those named; `{n}` or `{n,m}` behind
says how often; `|` parts whole alternatives. There is nothing else: no star, no group.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

LONGEST: Final = 64
"""Figures that a pattern may ask for, and the most that a step collects."""

_PIECE: Final = re.compile(
    r"(?P<one>[0-9x]|\[[0-9](?:-[0-9])?(?:[0-9](?:-[0-9])?)*\])"
    r"(?:\{(?P<low>[0-9]{1,2})(?:,(?P<high>[0-9]{1,2}))?\})?"
)


@dataclass(slots=True, frozen=True)
class Piece:
    """One of `figures`, `low` to `high` times."""

    figures: str
    low: int
    high: int


def parse(pattern: str) -> list[list[Piece]]:
    """The alternatives. Raises ValueError, which says where the pattern goes wrong."""
    return [_pieces(one) for one in pattern.split("|")]


def matches(pattern: str, digits: str) -> bool:
    """Whether the whole of `digits` looks like that. Raises ValueError as `parse` does."""
    return any(_fits(pieces, digits) for pieces in parse(pattern))


def lengths(pattern: str) -> list[tuple[int, int]]:
    """(shortest, longest) of each alternative. Raises ValueError as `parse` does."""
    return [
        (sum(piece.low for piece in pieces), sum(piece.high for piece in pieces))
        for pieces in parse(pattern)
    ]


def _pieces(text: str) -> list[Piece]:
    found: list[Piece] = []
    at = 0
    while at < len(text):
        piece = _PIECE.match(text, at)
        if piece is None:
            raise ValueError(
                f"{text!r} cannot be read from {text[at:]!r} on; use figures, x for any figure, "
                "[…] for some, {n} or {n,m} for how often, and | between alternatives"
            )
        low = int(piece["low"] or 1)
        high = int(piece["high"] or low)
        if not low <= high <= LONGEST or not high:
            raise ValueError(f"{piece[0]!r} asks for {low} to {high}; use 1 to {LONGEST}")
        found.append(Piece(_figures(piece["one"]), low, high))
        at = piece.end()
    if not found:
        raise ValueError("an alternative is empty; write figures before and behind each |")
    return found


def _figures(one: str) -> str:
    if one == "x":
        return "0123456789"
    inside = one.strip("[]")
    out, at = "", 0
    while at < len(inside):
        last = inside[at + 2] if inside[at + 1 : at + 2] == "-" else inside[at]
        if last < inside[at]:
            raise ValueError(f"{one!r}: {inside[at]}-{last} runs backwards")
        out += "".join(str(figure) for figure in range(int(inside[at]), int(last) + 1))
        at += 3 if inside[at + 1 : at + 2] == "-" else 1
    return out


def _fits(pieces: list[Piece], digits: str) -> bool:
    """Follows every place where the pieces so far may end: at most 64 for each piece."""
    ends = [0]
    for piece in pieces:
        following: list[int] = []
        for begin in ends:
            end, count = begin, 0
            while True:
                if count >= piece.low and end not in following:
                    following.append(end)
                if count == piece.high or end == len(digits) or digits[end] not in piece.figures:
                    break
                end, count = end + 1, count + 1
        ends = following
    return len(digits) in ends
