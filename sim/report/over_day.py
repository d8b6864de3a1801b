"""The plots of a day: of all queues together, and of each."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ctid.core.instants import HOUR, MINUTE
from sim.report import axes, plots
from sim.report.content import About, QueueReport, Report
from sim.report.days import STATES, Band
from sim.report.markup import Html, element, join
from sim.report.numbers import clock, count, percent, spoken
from sim.report.parts import Legend, figure, folded, paragraph, table, with_interval
from sim.report.plots import Colour, Frame, Layer, Line
from sim.report.words import Words, say, words

_STATE_COLOURS: dict[str, Colour] = {
    "talking": "on_call",
    "working": "working",
    "ringing": "reserved",
    "wrap_up": "wrap_up",
    "ready": "ready",
    "away": "not_ready",
}
_BAND: Legend = (
    ("solid", "c1", words("legend.mean")),
    ("band", "c1", words("legend.band")),
)
_FATES: tuple[tuple[str, Colour], ...] = (
    ("answered", "c1"),
    ("abandoned", "bad"),
    ("elsewhere", "soft"),
)


@dataclass(frozen=True)
class _Kind:
    """One plot of a band over the day."""

    name: str
    scale: axes.Scale
    told: Callable[[float | None], str]


KINDS = (
    _Kind("service_level", axes.Share(), percent),
    _Kind("asa", axes.Lasting(), clock),
    _Kind("queue_length", axes.Number(), count),
    _Kind("abandonment", axes.Share(free=True), percent),
)


def whole_day(report: Report) -> Html:
    """The section of all queues together; theory beside it where there is but one."""
    only = report.queues[0] if len(report.queues) == 1 else None
    return join(
        paragraph(say("day.lead", length=length_of(report.about)), class_="lead"),
        element("div", *_figures(report, only), _staffing(report), class_="plots"),
        folded(say("day.values"), values(report, only)),
    )


def queue_day(report: Report, queue: QueueReport) -> Html:
    """What is folded below the table of queues."""
    return join(
        element("div", *_figures(report, queue), class_="plots"),
        folded(say("day.values"), values(report, queue)),
    )


def length_of(about: About) -> Words:
    """Of an interval."""
    return spoken(max(end - begin for begin, end in pairwise(about.edges)))


def _figures(report: Report, queue: QueueReport | None) -> list[Html]:
    found = [_arrivals(report, queue)]
    for kind in KINDS:
        band: Band = getattr(queue.day if queue else report.day, kind.name)
        theory = _theory(queue, kind.name)
        found.append(_band(report.about, _id(report, kind.name, queue), kind, band, theory))
    return found


def _id(report: Report, name: str, queue: QueueReport | None) -> str:
    """By the queue's place: its own id may hold what ids of elements may not."""
    return f"{name}-{report.queues.index(queue)}" if queue else name


def _theory(queue: QueueReport | None, name: str) -> Sequence[float | None]:
    if queue is None:
        return ()
    return {"service_level": queue.theory.service_level_day, "asa": queue.theory.asa_day}.get(
        name, []
    )


def _band(about: About, id: str, kind: _Kind, band: Band, theory: Sequence[float | None]) -> Html:
    lines = [Line((), band.mean, "c1", band.low, band.high)]
    legend = list(_BAND) if about.replications > 1 else [_BAND[0]]
    if any(value is not None for value in theory):
        lines.append(Line((), theory, "c2", style="dashed"))
        legend.append(("dashed", "c2", words("legend.theory")))
    x = axes.TimeOfDay(about.timezone)
    drawn = plots.steps(Frame(id, x, kind.scale), wall_edges(about), *lines)
    alt = _alt(about, f"plot.{kind.name}.alt", band.mean, kind.told)
    return figure(id, words(f"plot.{kind.name}"), drawn, alt, legend)


def _arrivals(report: Report, queue: QueueReport | None) -> Html:
    day, about = queue.day if queue else report.day, report.about
    layers = [
        Layer([value or 0.0 for value in getattr(day, name).mean], colour)
        for name, colour in _FATES
    ]
    legend = [("area", colour, words(f"legend.{name}")) for name, colour in _FATES]
    id = _id(report, "arrivals", queue)
    drawn = plots.stack(Frame(id, axes.TimeOfDay(about.timezone)), wall_edges(about), *layers)
    alt = _alt(about, "plot.arrivals.alt", day.offered.mean, count)
    return figure(id, words("plot.arrivals"), drawn, alt, legend)


def _staffing(report: Report) -> Html:
    about, found = report.about, report.staffing
    used = [state for state in STATES if any(found[state])]
    layers = [Layer(found[state], _STATE_COLOURS[state]) for state in used]
    legend: Legend = [("area", _STATE_COLOURS[s], words(f"state.{s}")) for s in used]
    there: list[float | None] = [math.fsum(column) for column in zip(*found.values(), strict=True)]
    frame = Frame("staffing", axes.TimeOfDay(about.timezone))
    drawn = plots.stack(frame, wall_edges(about), *layers)
    alt = _alt(about, "plot.staffing.alt", there, count)
    return figure("staffing", words("plot.staffing"), drawn, alt, legend)


def wall_edges(about: About) -> list[float]:
    """Where intervals begin and the last ends, in wall milliseconds."""
    return [about.wall_at_zero + edge for edge in about.edges]


def _alt(
    about: About, key: str, values: Sequence[float | None], told: Callable[[float | None], str]
) -> Words:
    known = [(value, place) for place, value in enumerate(values) if value is not None]
    if not known:
        return words("plot.empty")
    low, high = min(known), max(known, key=lambda pair: (pair[0], -pair[1]))
    at = times(about)
    return words(
        key, low=told(low[0]), low_at=at[low[1]], high=told(high[0]), high_at=at[high[1]]
    )  # fmt: skip


def times(about: About) -> list[str]:
    """When each interval begins, by the site's clock; with the date where there are several."""
    day = axes.TimeOfDay(about.timezone)
    several = about.ends - about.begins > 24 * HOUR - MINUTE
    return [
        f"{day.label(at, date=True)} {day.label(at)}" if several else day.label(at)
        for at in wall_edges(about)[:-1]
    ]


def values(report: Report, queue: QueueReport | None) -> Html:
    """What the plots show, as a table."""
    day = queue.day if queue else report.day
    name: object = queue.name if queue else words("day.all")
    heads = [
        say("day.time"),
        *(say(f"legend.{fate}") for fate, _ in _FATES),
        *(say(f"plot.{kind.name}") for kind in KINDS),
    ]
    rows = [
        [
            time,
            *(count(getattr(day, fate).mean[place]) for fate, _ in _FATES),
            *(_cell(getattr(day, kind.name), place, kind.told) for kind in KINDS),
        ]
        for place, time in enumerate(times(report.about))
    ]
    return table(say("day.table", name=name), heads, rows)


def _cell(band: Band, place: int, told: Callable[[float | None], str]) -> Html:
    return with_interval(told, band.mean[place], band.low[place], band.high[place])
