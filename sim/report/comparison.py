"""The page of `ctid-sim compare`: which of two settings is better, and whether that is real."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ctid.core.instants import MINUTE
from sim.report import axes, plots
from sim.report.content import Report, Waits, report, together
from sim.report.frame import Section, page
from sim.report.markup import Html, element, join
from sim.report.numbers import NONE, clock, count, percent, signed, spoken
from sim.report.over_day import KINDS, length_of, wall_edges
from sim.report.parts import Legend, figure, paragraph, table
from sim.report.plots import Colour, Frame, Line, Span
from sim.report.sections import again, title_of, value_of
from sim.report.summary import level_of
from sim.report.waits import curves_of, longer
from sim.report.words import Words, figure_name, listed, say, words
from sim.run.comparing import REAL, Difference, shown
from sim.run.outcome import WAIT_EDGES, Outcome
from sim.scenario.model import Scenario

_COLOURS: tuple[Colour, Colour] = ("c1", "c2")
VERDICT_COLOURS: dict[str, Colour] = {"better": "good", "worse": "bad"}
_LEGEND: Legend = [
    ("solid", colour, Words(name, name)) for name, colour in zip("AB", _COLOURS, strict=True)
]


@dataclass(frozen=True)
class Side:
    """One of the two."""

    scenario: Scenario
    outcomes: Sequence[Outcome]
    changed: str = ""
    """What was set otherwise than in the file, for people."""


@dataclass(frozen=True)
class Asked:
    """How they were compared."""

    seed: int
    level: float
    independent: bool
    """Whether the second had other callers."""
    command: str


def html(first: Side, second: Side, differences: Sequence[Difference], asked: Asked) -> str:
    """The page."""
    reports = [
        report(side.scenario, side.outcomes, seed=asked.seed, command=asked.command)
        for side in (first, second)
    ]
    known = shown(differences)
    sections = [
        Section("short", words("short.title"), _short(known, reports, asked)),
        Section("sides", words("compare.sides.title"), _sides((first, second), reports)),
        Section("differences", words("compare.differences.title"), _differences(known, asked)),
        Section("day", words("day.title"), _day(reports)),
        Section("waits", words("plot.waits"), _waits(reports)),
    ]
    if [a.id for a in reports[0].agents] == [a.id for a in reports[1].agents]:
        sections.append(Section("agents", words("agents.title"), _agents(reports)))
    sections.append(again(asked.command))
    return page(_title(first, second), "en", sections, eyebrow=words("compare.eyebrow"))


def _title(first: Side, second: Side) -> str:
    a, b = first.scenario.name, second.scenario.name
    return f"A: {a} · B: {b}" if a != b else f"{a}: {second.changed}"


# -- what it comes to --


def _short(differences: Sequence[Difference], reports: list[Report], asked: Asked) -> Html:
    said = [_said(one) for one in differences if one.verdict in REAL]
    if same := [figure_name(one.name) for one in differences if one.verdict == "same"]:
        said.append(say("compare.said.same", names=listed(same)))
    said += [_unclear(one) for one in differences if one.verdict == "unclear"]
    callers = "compare.callers.other" if asked.independent else "compare.callers.same"
    runs = reports[0].about.replications
    said.append(say("compare.lead", count=runs, callers=words(callers)))
    return element("ul", *(element("li", one) for one in said), class_="short")


def _said(one: Difference) -> Html:
    return say(
        f"compare.said.{one.verdict}", name=figure_name(one.name),
        difference=signed(one.unit, one.value),
        interval=words(
            "short.of", low=signed(one.unit, one.low), high=signed(one.unit, one.high),
            level=level_of(one.first),
        ),
    )  # fmt: skip


def _unclear(one: Difference) -> Html:
    if not one.would_take:
        return say("compare.said.unclear", name=figure_name(one.name))
    return say("compare.said.unclear.take", name=figure_name(one.name), count=f"{one.would_take:,}")


def _sides(sides: Sequence[Side], reports: Sequence[Report]) -> Html:
    heads = [
        say("compare.side"), say("compare.scenario"), say("compare.changed"),
        say("compare.settings"), say("about.agents"), say("about.calls"),
    ]  # fmt: skip
    rows = [
        [
            name, side.scenario.name,
            element("code", side.changed) if side.changed else say("compare.unchanged"),
            element("code", found.about.settings), count(found.about.agents),
            count(found.about.calls),
        ]
        for name, side, found in zip("AB", sides, reports, strict=True)
    ]  # fmt: skip
    return table(say("compare.sides.caption"), heads, rows, words=4)


def _differences(differences: Sequence[Difference], asked: Asked) -> Html:
    heads = [
        say("compare.figure"), "A", "B", say("compare.difference"), say("compare.p"),
        say("compare.verdict"),
    ]  # fmt: skip
    rows = [
        [
            title_of(one.name), value_of(one.first), value_of(one.second), _difference(one),
            NONE if one.p_holm is None else _chance(one.p_holm),
            element("b", say(f"compare.verdict.{one.verdict}"), class_=f"verdict {one.verdict}"),
        ]
        for one in differences
    ]  # fmt: skip
    lead = say("compare.differences.lead", limit=f"{1 - asked.level:.3g}")
    level = f"{100 * asked.level:.3g} %"
    return join(
        paragraph(lead, class_="lead"),
        table(say("compare.differences.caption", level=level), heads, rows),
        element("div", _spans(differences), class_="plots after"),
    )


def _chance(p: float) -> str:
    return f"{p:.4f}" if p >= 0.0001 else "< 0.0001"


def _difference(one: Difference) -> Html:
    if one.low is None:
        return join(signed(one.unit, one.value))
    low, high = signed(one.unit, one.low), signed(one.unit, one.high)
    return join(signed(one.unit, one.value), element("small", f"{low} … {high}"))


def _spans(differences: Sequence[Difference]) -> Html:
    known = [one for one in differences if one.value is not None and one.low is not None]
    drawn = [
        Span(
            one.value / one.matters, one.low / one.matters, (one.high or 0.0) / one.matters,
            VERDICT_COLOURS.get(one.verdict, "c1"),
        )
        for one in known
        if one.value is not None and one.low is not None
    ]  # fmt: skip
    if not drawn:
        return join()
    rows = axes.Rows(len(drawn))
    size = (12.4, 0.5 + 0.26 * len(drawn))
    frame = Frame("spans", axes.Number(free=True), rows, size, among=(-1, 1))
    names = [figure_name(one.name) for one in known]
    alt = words("compare.plot.alt", names=listed(names))
    plot = plots.spans(frame, *drawn)
    return figure("spans", words("compare.plot"), plot, alt, rows=names)


# -- over the day --


def _day(reports: Sequence[Report]) -> Html:
    about = reports[0].about
    found: list[Html] = []
    for kind in KINDS:
        bands = [getattr(one.day, kind.name) for one in reports]
        drawn = [
            Line((), band.mean, colour, band.low, band.high)
            for band, colour in zip(bands, _COLOURS, strict=True)
        ]
        x = axes.TimeOfDay(about.timezone)
        plot = plots.steps(Frame(f"{kind.name}-ab", x, kind.scale), wall_edges(about), *drawn)
        a, b = (kind.told(one.figures[kind.name].value) for one in reports)
        title = words(f"plot.{kind.name}")
        alt = words("compare.alt", name=title, a=a, b=b)
        found.append(figure(f"{kind.name}-ab", title, plot, alt, _LEGEND))
    return join(
        paragraph(say("compare.day.lead", length=length_of(about)), class_="lead"),
        element("div", *found, class_="plots"),
    )


def _waits(reports: Sequence[Report]) -> Html:
    known = [_together([q.waits for q in one.queues if q.waits]) for one in reports]
    if any(waits is None for waits in known):
        return join()
    curves = [longer(waits) for waits in known if waits is not None]
    edges = list(WAIT_EDGES)
    drawn = curves_of(edges, curves, _COLOURS)
    frame = Frame("waits-ab", axes.LogLasting(), axes.Share(), plots.WIDE)
    place = edges.index(MINUTE)
    a, b = (percent(curve[place]) for curve in curves)
    alt = words("compare.waits.alt", at=spoken(MINUTE), a=a, b=b)
    plot = plots.lines(frame, *drawn)
    return element(
        "div", figure("waits-ab", words("plot.waits"), plot, alt, _LEGEND), class_="plots"
    )  # fmt: skip


def _together(parts: Sequence[Waits]) -> Waits | None:
    if not parts or not any(sum(p.answered) + sum(p.abandoned) for p in parts):
        return None
    return together(parts)


def _agents(reports: Sequence[Report]) -> Html:
    columns = ("contacts", "occupancy", "idle")
    heads: list[object] = [say("agent")]
    for column in columns:
        what = words(f"agents.{column}")
        heads += [say("compare.agents.of", what=what, side=name) for name in "AB"]
    rows = [
        [
            a.name, count(a.contacts), count(b.contacts), percent(a.occupancy),
            percent(b.occupancy), clock(a.idle), clock(b.idle),
        ]
        for a, b in zip(reports[0].agents, reports[1].agents, strict=True)
    ]  # fmt: skip
    return table(say("compare.agents.caption"), heads, rows)
