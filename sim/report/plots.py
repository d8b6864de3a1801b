"""Plots as SVG for a page: numbers only, so that they serve every language; same data, same bytes.

matplotlib lays them out. What it must not decide is taken from it: ids come from the plot's name,
there is no date in them, colours are the page's own (`var(--c1)`), so that light and dark come from
the style sheet, and text is text in the page's font. Titles and legends belong to the page.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from sim.report import axes
from sim.report.axes import Scale
from sim.report.markup import Html

Colour = Literal[
    "ink", "soft", "line", "c1", "c2", "c3", "c4", "c5", "c6",
    "ready", "reserved", "on_call", "wrap_up", "working", "not_ready", "good", "bad",
]  # fmt: skip
"""Names of the page's colours."""
LINES: tuple[Colour, ...] = ("c1", "c2", "c3", "c4", "c5", "c6")
"""Of lines in one plot."""
_STAND_INS: dict[Colour, str] = {name: f"#0a00{n:02x}" for n, name in enumerate(get_args(Colour))}
"""What matplotlib is told instead: hues that nothing else has."""

HALF = (6.2, 2.5)
"""Inches of a plot that has another beside it; in the page it takes what room there is."""
WIDE = (12.4, 3.2)
"""Inches of a plot that has a row for itself."""
Points = Sequence[float | None]
"""None is a gap."""


@dataclass(frozen=True)
class Line:
    """One line, and the band around it where it has one."""

    x: Sequence[float]
    y: Points
    colour: Colour = "c1"
    low: Points = ()
    high: Points = ()
    style: Literal["solid", "dashed", "dots"] = "solid"


@dataclass(frozen=True)
class Layer:
    """One layer of a stack: a value for each stretch."""

    y: Sequence[float]
    colour: Colour


@dataclass(frozen=True)
class Span:
    """One estimate and where it lies."""

    value: float
    low: float
    high: float
    colour: Colour = "c1"


@dataclass(frozen=True)
class Frame:
    """What a plot stands in."""

    name: str
    """Tells its ids from those of the other plots in the page."""
    x: Scale = field(default_factory=axes.Number)
    y: Scale = field(default_factory=axes.Number)
    size: tuple[float, float] = HALF
    among: tuple[float, float] | None = None
    """A stretch of x that is shaded."""


def lines(frame: Frame, *drawn: Line) -> Html:
    """Lines through points."""

    def draw(plot: Any) -> None:
        for line in drawn:
            _draw_line(plot, line, "default")

    return _svg(frame, draw)


def steps(frame: Frame, edges: Sequence[float], *drawn: Line) -> Html:
    """Lines that hold one value for each stretch between two edges; their own `x` is not used."""

    def draw(plot: Any) -> None:
        for line in drawn:
            y, low, high = (
                [*values, values[-1]] if values else () for values in (line.y, line.low, line.high)
            )
            _draw_line(plot, Line(edges, y, line.colour, low, high, line.style), "steps-post")
        plot.set_xlim(edges[0], edges[-1])

    return _svg(frame, draw)


def stack(frame: Frame, edges: Sequence[float], *layers: Layer) -> Html:
    """Layers on top of each other, one value for each stretch between two edges."""

    def draw(plot: Any) -> None:
        below = [0.0] * len(edges)
        for layer in layers:
            values = [*layer.y, layer.y[-1]]
            top = [a + b for a, b in zip(below, values, strict=True)]
            plot.fill_between(
                edges, below, top, step="post", color=_STAND_INS[layer.colour], linewidth=0
            )
            below = top
        plot.set_xlim(edges[0], edges[-1])

    return _svg(frame, draw)


def spans(frame: Frame, *drawn: Span) -> Html:
    """Differences from 0 below each other, each with its interval; `frame.y` is `axes.Rows`."""

    def draw(plot: Any) -> None:
        for place, span in enumerate(drawn):
            colour = _STAND_INS[span.colour]
            plot.plot([span.low, span.high], [place, place], color=colour, linewidth=2)
            plot.plot([span.value], [place], "o", color=colour, markersize=6)
        plot.axvline(0, color=_STAND_INS["ink"], linewidth=1)

    return _svg(frame, draw)


def _draw_line(plot: Any, line: Line, drawstyle: str) -> None:
    colour = _STAND_INS[line.colour]
    step = "post" if drawstyle == "steps-post" else None
    if line.low:
        plot.fill_between(
            line.x, _gaps(line.low), _gaps(line.high), step=step, color=colour, alpha=0.18,
            linewidth=0,
        )  # fmt: skip
    if line.style == "dots":
        plot.plot(line.x, _gaps(line.y), "o", color=colour, markersize=4)
    else:
        dashes = {"linestyle": (0, (4, 2)), "linewidth": 1.4} if line.style == "dashed" else {}
        plot.plot(line.x, _gaps(line.y), color=colour, drawstyle=drawstyle, **dashes)


def _gaps(values: Points) -> list[float]:
    return [math.nan if value is None else value for value in values]


_STYLE = {
    "svg.fonttype": "none",
    "font.size": 9.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": _STAND_INS["line"],
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": _STAND_INS["line"],
    "grid.linewidth": 0.6,
    "xtick.color": _STAND_INS["line"],
    "ytick.color": _STAND_INS["line"],
    "xtick.labelcolor": _STAND_INS["soft"],
    "ytick.labelcolor": _STAND_INS["soft"],
    "lines.linewidth": 1.8,
    "lines.solid_joinstyle": "miter",
}
_NO_METADATA = dict.fromkeys(("Date", "Creator", "Format", "Type"))


def _svg(frame: Frame, draw: Callable[[Any], None]) -> Html:
    # Not at the head: it takes a second, which commands without plots need not wait for.
    from matplotlib import style
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    # "default" first: what the person who runs this has set for their own plots must not show.
    with style.context(["default", {**_STYLE, "svg.hashsalt": frame.name}]):
        figure = Figure(figsize=frame.size, facecolor="none")
        FigureCanvasSVG(figure)
        wide, high = frame.size
        # Room for the numbers, in inches. Measuring them would take longer than all else.
        figure.subplots_adjust(0.6 / wide, 0.28 / high, 1 - 0.25 / wide, 1 - 0.1 / high)
        plot = figure.add_subplot(facecolor="none")
        draw(plot)
        frame.x.apply(plot, "x")
        frame.y.apply(plot, "y")
        if frame.among is not None:
            plot.axvspan(*frame.among, color=_STAND_INS["soft"], alpha=0.15, linewidth=0)
        text = io.StringIO()
        figure.savefig(text, format="svg", metadata=_NO_METADATA)
    return Html(_ours(text.getvalue()))


_NAMED = {shade: f"var(--{name})" for name, shade in _STAND_INS.items()}
_SHADE = re.compile(r"#0a00[0-9a-f]{2}")
_GROUP_ID = re.compile(r"<g id=\"[^\"]*\"")
_FONT = re.compile(r" font-family: [^;\"]*;?")
_SIZE = re.compile(r"<svg [^>]*?(viewBox=\"[^\"]*\")[^>]*>")
_OWN_STYLE = re.compile(r"<defs>\s*<style.*?</style>\s*</defs>", re.DOTALL)
_STILL = re.compile(r" transform=\"rotate\(-0 [^\"]*\)\"")


def _ours(svg: str) -> str:
    """matplotlib's file as a part of a page."""
    svg = svg[svg.index("<svg ") :]
    svg = _SIZE.sub(r'<svg \1 aria-hidden="true" focusable="false">', svg, count=1)
    svg = svg.replace("xlink:href", "href")
    for pattern, new in ((_OWN_STYLE, ""), (_GROUP_ID, "<g"), (_FONT, ""), (_STILL, "")):
        svg = pattern.sub(new, svg)
    svg = _SHADE.sub(lambda found: _NAMED[found[0]], svg)
    return re.sub(r"\s*\n\s*", " ", svg).replace("> <", "><").strip()
