"""Plots are the same bytes for the same numbers, and leave colours and words to the page."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import matplotlib as mpl
import pytest

from ctid.core.instants import HOUR, MINUTE, SECOND
from sim.report import axes, plots
from sim.report.plots import Frame, Layer, Line, Span

DAY = 1_767_574_800_000
"""2026-01-05, 9:00 in Shanghai."""
EDGES = [DAY + n * HOUR for n in range(5)]


def drawn(name: str = "p") -> str:
    frame = Frame(name, axes.TimeOfDay("Asia/Shanghai"), axes.Share())
    line = Line((), [0.5, None, 0.75, 1.0], "c1", [0.4, None, 0.5, 0.9], [0.6, None, 0.8, 1.0])
    return plots.steps(frame, EDGES, line, Line((), [0.1] * 4, "c2", style="dashed"))


def texts(svg: str) -> list[str]:
    return re.findall(r"<text[^>]*>([^<]*)</text>", svg)


def test_same_numbers_same_bytes_whatever_the_user_likes() -> None:
    first = drawn()
    with mpl.rc_context({"font.size": 30, "axes.facecolor": "red", "svg.fonttype": "path"}):
        assert drawn() == first


def test_it_is_markup_for_a_page() -> None:
    svg = drawn()
    root = ElementTree.fromstring(svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" '))
    assert root.get("viewBox")
    assert root.get("aria-hidden") == "true"
    assert "var(--c1)" in svg
    assert not re.search(r"#0a00|DejaVu|<style|<script|http|\bdate\b", svg)


def test_ids_of_two_plots_differ() -> None:
    ids = [set(re.findall(r' id="([^"]*)"', drawn(name))) for name in ("p", "q")]
    assert ids[0]
    assert not ids[0] & ids[1]


def test_time_of_day_by_the_sites_clock() -> None:
    shown = texts(drawn())
    assert {"09:00", "11:00", "13:00"} <= set(shown)
    assert {"0 %", "50 %", "100 %"} <= set(shown)


def test_days_are_dates() -> None:
    edges = [DAY + n * 24 * HOUR for n in range(15)]
    shown = texts(plots.stack(Frame("p", axes.TimeOfDay("UTC")), edges, Layer([1.0] * 14, "c1")))
    assert "01-07" in shown


def test_durations_short_and_long() -> None:
    short = plots.lines(Frame("p", y=axes.Lasting()), Line([0, 1], [0, 9 * SECOND]))
    long = plots.lines(Frame("p", y=axes.Lasting()), Line([0, 1], [0, 9 * MINUTE]))
    assert {"0", "2 s", "8 s"} <= set(texts(short))
    assert {"2:00", "8:00"} <= set(texts(long))


def test_a_long_tail_on_a_logarithmic_axis() -> None:
    x = [500, SECOND, MINUTE, 10 * MINUTE]
    shown = texts(plots.lines(Frame("p", axes.LogLasting()), Line(x, [1, 0.5, 0.2, 0])))
    assert {"1 s", "1:00", "10:00"} <= set(shown)


def test_differences_around_nothing() -> None:
    svg = plots.spans(Frame("p", axes.Share(free=True)), Span(0.1, -0.1, 0.3), Span(-1, -2, 0))
    assert "−200 %" in texts(svg)


@pytest.mark.parametrize("value", [0.0, 1e-9, 5e6])
def test_any_size_has_ticks(value: float) -> None:
    assert texts(plots.lines(Frame("p"), Line([0, 1], [0, value])))
