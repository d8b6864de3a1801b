"""The router held against queueing theory, as a page of its own: `ctid-sim theory --out`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from scipy import stats

from sim.report import axes, plots
from sim.report.frame import Section, page
from sim.report.markup import Html, element, join
from sim.report.parts import Legend, figure, paragraph
from sim.report.plots import Frame, Line
from sim.report.verdicts import verdicts
from sim.report.words import say, words
from sim.theory.table import family, footnotes
from sim.theory.verdict import LIMIT, Verdict


def held_page(name: str, rows: Sequence[Verdict], passed_over: Mapping[str, int]) -> str:
    """The whole page.

    Args:
        name: of the file with the rows.
        passed_over: models that are not known here, and how many rows they have.
    """
    sections = [
        Section("normal", words("theory.page.title"), _normal(rows)),
        Section("verdicts", words("verdicts.title"), verdicts(rows)),
    ]
    if notes := footnotes(rows, passed_over):
        items = (element("li", note) for note in notes)
        sections.append(Section("notes", words("theory.page.notes"), element("ul", *items)))
    return page(name, "en", sections, eyebrow=words("theory.page.eyebrow"))


def _normal(rows: Sequence[Verdict]) -> Html:
    """A normal probability plot: z by size against the quantiles of as many normal numbers, at
    Blom's places (i - 3/8) / (m + 1/4)."""
    zs = sorted(row.z for row in rows)
    m = len(zs)
    places = [float(stats.norm.ppf((i - 0.375) / (m + 0.25))) for i in range(1, m + 1)]
    ends = [places[0], places[-1]]
    plot = plots.lines(
        Frame("zs", axes.Number(free=True), axes.Number(free=True), plots.WIDE),
        Line(ends, ends, "soft", style="dashed"),
        Line(places, zs, "c1", style="dots"),
    )
    legend: Legend = (
        ("dots", "c1", words("theory.page.seen")),
        ("dashed", "soft", words("theory.page.chance")),
    )
    alt = words("theory.page.alt", count=m, low=f"{zs[0]:.2f}", high=f"{zs[-1]:.2f}")
    one = family(rows)
    said = say(
        "theory.page.family", expected=f"{one.expected:.2g}", limit=LIMIT,
        largest=f"{one.largest:.2f}", chance=f"{one.chance:.2g}",
    )  # fmt: skip
    plot_of = figure("zs-plot", words("theory.page.plot"), plot, alt, legend)
    return join(paragraph(said, class_="lead"), plot_of)
