"""The order of a layered picture: which box stands in which layer, and how far from the left.

Lines that lead back are told apart, each box stands below all that lead to it, a line takes a place
of its own in each layer that it passes, places are ordered so that few lines cross, and then moved
sideways towards what they are joined to. All lengths are pixels.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from scipy.optimize import isotonic_regression

BETWEEN = 28
"""Between two boxes of a layer."""
LANE = 14
"""What a line takes that passes a layer."""
WIDEST = 1_800
"""Boxes that would make a layer wider than this go one layer down; a single box may be wider."""
SWEEPS = 16
"""Times that the order of the layers is looked at, each time down and up; it settles before."""
STRAIGHT = 8
"""How much more than a box a line's own places pull at each other: long lines become straight."""


@dataclass(frozen=True, slots=True)
class Box:
    name: str
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Link:
    """A line from one box to another, or to itself; there is one at most for each pair."""

    source: str
    target: str
    room: float
    """Width of its label. A box must be as wide as the labels of the lines that leave it."""


@dataclass(slots=True, eq=False)
class Place:
    """A box's place in its layer, or the one of a line that passes."""

    width: float
    layer: int
    rank: int = 0
    x: float = 0
    """Its middle."""
    above: list[tuple[Place, float]] = field(default_factory=list)
    below: list[tuple[Place, float]] = field(default_factory=list)
    """What it is joined to in the layers next to it, with how much that pulls."""


def layers_of(boxes: Sequence[Box], links: Sequence[Link]) -> dict[str, int]:
    """The layer of each box: below all that lead to it, but for lines that lead back."""
    leads: dict[str, list[str]] = {box.name: [] for box in boxes}
    for link in links:
        leads[link.source].append(link.target)
    onward: dict[str, list[str]] = {name: [] for name in leads}
    finished: dict[str, None] = {}
    for root in leads:
        open_: dict[str, int] = {} if root in finished else {root: 0}
        while open_:
            name = next(reversed(open_))
            if open_[name] == len(leads[name]):  # the last target first, so that it ends up last
                finished[name] = None
                del open_[name]
                continue
            target = leads[name][-1 - open_[name]]
            open_[name] += 1
            if target not in open_:
                onward[name].append(target)
                if target not in finished:
                    open_[target] = 0
    layers = dict.fromkeys(leads, 0)
    widths = {box.name: box.width + BETWEEN for box in boxes}
    taken: dict[int, float] = {}
    for name in reversed(finished):
        while taken.get(layers[name], 0) and taken[layers[name]] + widths[name] > WIDEST:
            layers[name] += 1
        taken[layers[name]] = taken.get(layers[name], 0) + widths[name]
        for target in onward[name]:
            layers[target] = max(layers[target], layers[name] + 1)
    return layers


def chain_of(link: Link, places: Mapping[str, Place]) -> list[Place]:
    """The places of a line in the layers that it passes, joined to one another."""
    source, target = places[link.source], places[link.target]
    if target.layer > source.layer:
        chain = [Place(LANE, layer) for layer in range(source.layer + 1, target.layer)]
        joined = [source, *chain, target]
        for upper, lower in pairwise(joined):
            _join(upper, lower, STRAIGHT if upper in chain and lower in chain else 1)
        return chain
    # It leads back: beside its own box, up beside all between, and from above into the target.
    chain = [Place(LANE, layer) for layer in range(source.layer, target.layer - 1, -1)]
    for lower, upper in pairwise(chain):
        _join(upper, lower, STRAIGHT)
    for place, box in ((chain[0], source), (chain[-1], target)):
        place.above.append((box, 1))
        place.below.append((box, 1))
    return chain


def _join(upper: Place, lower: Place, pull: float) -> None:
    upper.below.append((lower, pull))
    lower.above.append((upper, pull))


def order(rows: list[list[Place]]) -> None:
    """Order each row so that few lines cross; the best of all orders that were seen stays."""
    for row in rows:
        edge = 0.0
        for place in row:
            place.x = edge + place.width / 2
            edge += place.width
    best, fewest = [list(row) for row in rows], _crossings(rows)
    for _ in range(SWEEPS):
        for row in rows[1:]:
            row.sort(key=lambda place: _middle(place, place.above))
            _settle(row, [place.above for place in row])
        for row in reversed(rows[:-1]):
            row.sort(key=lambda place: _middle(place, place.below))
            _settle(row, [place.below for place in row])
        crossings = _crossings(rows)
        if crossings < fewest:
            best, fewest = [list(row) for row in rows], crossings
    for row, kept in zip(rows, best, strict=True):
        row[:] = kept


def _middle(place: Place, joined: list[tuple[Place, float]]) -> float:
    pull = sum(weight for _, weight in joined)
    return sum(other.x * weight for other, weight in joined) / pull if pull else place.x


def _crossings(rows: list[list[Place]]) -> int:
    for row in rows:
        for rank, place in enumerate(row):
            place.rank = rank
    count = 0
    for row in rows:
        seen: list[int] = []
        for place in row:
            ends = sorted(o.rank for o, _ in place.below if o.layer == place.layer + 1)
            count += sum(len(seen) - bisect_left(seen, end + 1) for end in ends)
            for end in ends:
                insort(seen, end)
    return count


def spread(rows: list[list[Place]]) -> None:
    """Move the places of each row sideways, in their order, towards what they are joined to."""
    for row in rows:
        _settle(row, [[] for _ in row])
    for round_ in range(SWEEPS):
        both = round_ >= SWEEPS - 2
        for row in rows:
            _settle(row, [place.above + (place.below if both else []) for place in row])
        for row in reversed(rows):
            _settle(row, [place.below + (place.above if both else []) for place in row])


def _settle(row: list[Place], joined: list[list[tuple[Place, float]]]) -> None:
    """Each place as near to the middle of what it is joined to as its neighbours allow: the least
    sum of squares, by isotonic regression on what is left of x without the widths before it."""
    widths = np.array([place.width for place in row])
    before = np.cumsum(widths) - widths / 2
    wanted = np.array([_middle(*pair) for pair in zip(row, joined, strict=True)])
    pulls = np.array([sum(weight for _, weight in others) or 0.1 for others in joined])
    fitted = isotonic_regression(wanted - before, weights=pulls)
    for place, x in zip(row, fitted.x + before, strict=True):
        place.x = float(x)
