"""The staff that was found, as one page in both languages."""

from __future__ import annotations

from collections.abc import Sequence

from ctid.core.instants import Instant
from sim.report import axes, plots
from sim.report.frame import Section
from sim.report.frame import page as framed
from sim.report.markup import Html, element, join
from sim.report.parts import Legend, figure, paragraph, table, with_interval
from sim.report.plots import Frame, Line
from sim.report.words import figure_name, say, words
from sim.run.output import told
from sim.scenario.model import Scenario
from sim.staffing.plan import Interval, Plan


def page(scenario: Scenario, found: Plan) -> str:
    """The whole page."""
    sections = [
        Section("short", words("staff.title"), _short(scenario, found)),
        Section("table", words("staff.table.title"), _table(scenario, found.intervals)),
        Section("how", words("staff.how.title"), paragraph(say("staff.how"), class_="lead")),
    ]
    return framed(scenario.name, "en", sections, eyebrow=words("staff.eyebrow"))


def _short(scenario: Scenario, found: Plan) -> Html:
    figure_of = found.goal.named.figure
    name, unit = figure_name(figure_of.name), figure_of.unit
    where = words("staff.each") if found.per_interval else words("staff.whole")
    side = words("staff.at_least" if found.goal.at_least else "staff.at_most")
    asked = say(
        "staff.asked", figure=name, queue=found.goal.named.queue or words("day.all"), side=side,
        value=told(found.goal.value, unit), where=where,
    )  # fmt: skip
    return join(
        paragraph(asked, class_="lead"),
        paragraph(say("staff.holds" if found.verified else "staff.fails"), class_="said"),
        paragraph(
            say(
                "staff.hours", hours=f"{found.hours(scenario):.1f}",
                value=told(found.whole.value, unit),
            )
        ),
        _plot(scenario, found.intervals),
    )  # fmt: skip


def _plot(scenario: Scenario, rows: Sequence[Interval]) -> Html:
    edges = [*(_wall(scenario, row.begins) for row in rows), _wall(scenario, scenario.lasts)]
    clock = axes.TimeOfDay(scenario.centre.timezone)
    plot = plots.steps(
        Frame("staff", clock, axes.Number(), plots.WIDE),
        edges,
        Line(edges, [row.load for row in rows], "soft"),
        Line(edges, [float(row.erlang) for row in rows], "c2", style="dashed"),
        Line(edges, [float(row.agents) for row in rows], "c1"),
    )
    legend: Legend = (
        ("solid", "c1", words("staff.agents")),
        ("dashed", "c2", words("staff.erlang")),
        ("solid", "soft", words("staff.load")),
    )
    least, most = (f(rows, key=lambda row: row.agents) for f in (min, max))
    alt = words(
        "staff.alt", low=least.agents, low_at=clock.label(_wall(scenario, least.begins)),
        high=most.agents, high_at=clock.label(_wall(scenario, most.begins)),
    )  # fmt: skip
    return figure("staff-plot", words("staff.plot"), plot, alt, legend)


def _table(scenario: Scenario, rows: Sequence[Interval]) -> Html:
    clock = axes.TimeOfDay(scenario.centre.timezone)
    heads = [
        say("day.time"), say("staff.calls"), say("staff.load"), say("staff.erlang"),
        say("staff.agents"), say("staff.reached"),
    ]  # fmt: skip
    cells = [
        [
            clock.moment(_wall(scenario, row.begins)), f"{row.calls:.1f}", f"{row.load:.2f}",
            row.erlang, row.agents, _reached(row),
        ]
        for row in rows
    ]  # fmt: skip
    return table(say("staff.table.caption"), heads, cells)


def _reached(row: Interval) -> Html:
    found = row.found
    reached = with_interval(lambda x: told(x, found.unit), found.value, found.low, found.high)
    return join(reached, element("small", say("staff.unsure"))) if row.unsure else reached


def _wall(scenario: Scenario, at: Instant) -> int:
    return scenario.world.wall_at_zero + at
