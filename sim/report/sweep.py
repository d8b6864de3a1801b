"""The page of `ctid-sim sweep`: each figure against what was varied."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sim.report import axes as scales
from sim.report import plots
from sim.report.frame import Section, page
from sim.report.markup import Html, element, join
from sim.report.numbers import told
from sim.report.parts import Legend, figure, paragraph, table
from sim.report.plots import Colour, Frame, Line
from sim.report.sections import again, title_of, value_of
from sim.report.words import Words, figure_name, say, words
from sim.run.figures import Estimate
from sim.run.options import written
from sim.run.sweeping import Axis, Point


@dataclass(frozen=True)
class Swept:
    """What was varied, and what came of it."""

    scenario: str
    axes: Sequence[Axis]
    points: Sequence[Point]
    replications: int
    command: str


def html(swept: Swept) -> str:
    """The page."""
    names = list(swept.points[0].figures)
    lead = say(
        "sweep.lead", count=len(swept.points), replications=swept.replications,
        paths=", ".join(axis.path for axis in swept.axes),
    )  # fmt: skip
    drawn = [_plot(swept, place, name) for place, name in enumerate(names)]
    sections = [
        Section(
            "plots", words("sweep.plots"),
            join(paragraph(lead, class_="lead"), element("div", *drawn, class_="plots")),
        ),
        Section("values", words("sweep.values"), _values(swept, names)),
        again(swept.command),
    ]  # fmt: skip
    return page(swept.scenario, "en", sections, eyebrow=words("sweep.eyebrow"))


def _values(swept: Swept, names: Sequence[str]) -> Html:
    heads = [*(axis.path for axis in swept.axes), *map(title_of, names)]
    rows = [
        [
            *(written(point.overrides[axis.path]) for axis in swept.axes),
            *(value_of(point.figures[name]) for name in names),
        ]
        for point in swept.points
    ]
    return table(say("sweep.values.caption"), heads, rows, words=len(swept.axes))


def _plot(swept: Swept, place: int, name: str) -> Html:
    across = _across(swept.axes)
    groups = _groups(swept, across)
    numeric = all(_is_number(value) for value in across.values)
    legend: list[tuple[str, Colour, Words]] = []
    lines: list[Line] = []
    # Where there are more combinations of the other axes than colours, the table must do.
    for colour, (label, points) in zip(plots.LINES, groups.items(), strict=False):
        found = [point.figures[name] for point in points]
        x = [_x(across, point, numeric) for point in points]
        y, low, high = ([getattr(one, f) for one in found] for f in ("value", "low", "high"))
        lines.append(Line(x, y, colour, low if None not in low else (), high))
        lines.append(Line(x, y, colour, style="dots"))
        legend.append(("solid", colour, Words(label or name, label or name)))
    labels = tuple(written(value) for value in across.values)
    scale: scales.Scale = scales.Number(free=True) if numeric else scales.Named(labels)
    estimates = [point.figures[name] for point in swept.points]
    frame = Frame(f"sweep-{place}", scale, _scale(estimates[0]))
    title = figure_name(name)
    shown: Legend = legend if len(groups) > 1 else ()
    return figure(
        f"sweep-{place}", title, plots.lines(frame, *lines), _alt(title, across, estimates), shown
    )


def _across(axes: Sequence[Axis]) -> Axis:
    """What stands along the bottom: the axis with most numbers, or else with most values."""
    return max(axes, key=lambda axis: (all(map(_is_number, axis.values)), len(axis.values)))


def _groups(swept: Swept, across: Axis) -> dict[str, list[Point]]:
    """One line for each combination of the other axes."""
    found: dict[str, list[Point]] = {}
    for point in swept.points:
        others = [
            f"{axis.path} = {written(point.overrides[axis.path])}"
            for axis in swept.axes
            if axis is not across
        ]
        found.setdefault(", ".join(others), []).append(point)
    return found


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _x(across: Axis, point: Point, numeric: bool) -> float:
    value = point.overrides[across.path]
    if numeric and isinstance(value, int | float):
        return float(value)
    return float(across.values.index(value))


def _scale(estimate: Estimate) -> scales.Scale:
    match estimate.unit:
        case "share":
            return scales.Share(free=True)
        case "ms":
            return scales.Lasting(free=True)
        case _:
            return scales.Number(free=True)


def _alt(title: Words, across: Axis, estimates: Sequence[Estimate]) -> Words:
    known = [(one.value, place) for place, one in enumerate(estimates) if one.value is not None]
    if not known:
        return words("plot.empty")
    low, high = min(known), max(known)
    unit = estimates[0].unit
    return words(
        "sweep.alt", name=title, path=across.path, low=told(unit, low[0]),
        high=told(unit, high[0]),
    )  # fmt: skip
