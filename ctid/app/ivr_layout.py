"""Places the boxes of a graph in layers from top to bottom, and leads its lines round them.

The way is the known one for layered graphs (Sugiyama, Tagawa and Toda 1981); `ivr_layers` finds the
order, here it becomes a picture. The same graph always gives the same one. All lengths are pixels.

It is ours, because of the libraries for it some are under the GPL (igraph, grandalf) and the others
know one size of box only (fast-sugiyama), while a menu here needs the room of its keys.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ctid.app.ivr_layers import BETWEEN, Box, Link, Place, chain_of, layers_of, order, spread

STRIP = 22
"""Below a box, where its lines bear their labels."""
ARROW = 10
"""Straight above a box, for the arrow's head."""
TURN = 34
"""How deep a line swings that turns round between two layers."""
GAP = STRIP + TURN + ARROW + 8
"""Between two layers."""
MARGIN = 24
APART = 24
"""Between two lines that enter a box, where it is wide enough."""

Key = tuple[str, str]
"""(source, target) of a line."""


@dataclass(frozen=True, slots=True)
class Run:
    """A straight piece of a line; a curve, which stays between two layers, leads to the next."""

    x: float
    begin: float
    end: float
    """Where it begins and ends, downwards from the picture's top; upwards where begin > end."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The picture; the top left corner is 0, 0."""

    width: float
    height: float
    corners: Mapping[str, tuple[float, float]]
    """Top left corner of each box."""
    lines: Mapping[Key, tuple[Run, ...]]
    """From the lower edge of the source to the upper edge of the target."""


@dataclass(frozen=True, slots=True)
class _Rows:
    """Upper and lower edge of each layer."""

    tops: list[float]
    ends: list[float]


def plan(boxes: Sequence[Box], links: Sequence[Link]) -> Plan:
    """Where everything goes; the first box begins the graph."""
    layers = layers_of(boxes, links)
    places = {box.name: Place(box.width + BETWEEN, layers[box.name]) for box in boxes}
    chains = {(link.source, link.target): chain_of(link, places) for link in links}
    every = [*places.values(), *(place for chain in chains.values() for place in chain)]
    rows: list[list[Place]] = [[] for _ in range(max(layers.values(), default=-1) + 1)]
    for place in every:
        rows[place.layer].append(place)
    order(rows)
    spread(rows)
    left = min((place.x - place.width / 2 for place in every), default=0) - MARGIN
    right = max((place.x + place.width / 2 for place in every), default=0) + MARGIN
    for place in every:
        place.x -= left
    edges = _edges(boxes, places, len(rows))
    lows = {box.name: _middle(edges, places[box.name]) + box.height / 2 for box in boxes}
    corners = {
        box.name: (places[box.name].x - box.width / 2, lows[box.name] - box.height) for box in boxes
    }
    leaving, arriving = _leaving(links, places, chains), _arriving(boxes, links, places, chains)
    lines = {}
    for key, chain in chains.items():
        source, target = places[key[0]], places[key[1]]
        back = target.layer <= source.layer
        lines[key] = (
            Run(leaving[key], lows[key[0]], edges.ends[source.layer] + STRIP),
            *(_passing(edges, place, back=back) for place in chain),
            Run(arriving[key], edges.tops[target.layer] - ARROW, corners[key[1]][1]),
        )
    bottom = (edges.ends[-1] if edges.ends else 0) + STRIP + TURN + MARGIN
    return Plan(right - left, bottom, corners, lines)


def bends(before: Run, run: Run) -> tuple[float, float]:
    """The curve from the end of `before` to the beginning of `run`: how far down the two points are
    that pull it, the first below or above the one, the second the other."""
    down, then_down = before.end >= before.begin, run.end >= run.begin
    if down == then_down:
        middle = (before.end + run.begin) / 2
        return middle, middle
    if down:  # it turns round below a layer
        low = max(before.end, run.begin) + TURN
        return low, low
    high = min(before.end, run.begin) - TURN
    return high, high


def _edges(boxes: Sequence[Box], places: Mapping[str, Place], count: int) -> _Rows:
    heights = [0.0] * count
    for box in boxes:
        layer = places[box.name].layer
        heights[layer] = max(heights[layer], box.height)
    edges, top = _Rows([], []), float(MARGIN + TURN)
    for height in heights:
        edges.tops.append(top)
        edges.ends.append(top + height)
        top += height + GAP
    return edges


def _middle(edges: _Rows, place: Place) -> float:
    return (edges.tops[place.layer] + edges.ends[place.layer]) / 2


def _passing(edges: _Rows, place: Place, *, back: bool) -> Run:
    top, end = edges.tops[place.layer], edges.ends[place.layer]
    return Run(place.x, end, top) if back else Run(place.x, top, end)


def _leaving(
    links: Sequence[Link], places: Mapping[str, Place], chains: Mapping[Key, list[Place]]
) -> dict[Key, float]:
    """x of each line at the lower edge of its box, so that lines of one box do not cross there."""
    found: dict[Key, float] = {}
    for name, place in places.items():
        out = [link for link in links if link.source == name]
        out.sort(key=lambda link: (*chains[link.source, link.target], places[link.target])[0].x)
        x = place.x - sum(link.room for link in out) / 2
        for link in out:
            found[link.source, link.target] = x + link.room / 2
            x += link.room
    return found


def _arriving(
    boxes: Sequence[Box],
    links: Sequence[Link],
    places: Mapping[str, Place],
    chains: Mapping[Key, list[Place]],
) -> dict[Key, float]:
    """The same at the upper edge of the box that a line leads to."""
    found: dict[Key, float] = {}
    for box in boxes:
        into = [link for link in links if link.target == box.name]
        into.sort(key=lambda link: (places[link.source], *chains[link.source, link.target])[-1].x)
        step = min(APART, box.width / (len(into) + 1))
        for n, link in enumerate(into):
            x = places[box.name].x + (n - (len(into) - 1) / 2) * step
            found[link.source, link.target] = x
    return found
