"""The page of many settings side by side."""

from __future__ import annotations

from functools import cache

import pytest

from sim.report.sweep import Swept, html
from sim.run.figures import find, measure
from sim.run.sweeping import Axis, Point, combinations
from tests.unit.sim.report.small import HOSTILE, outcomes, scenario


@cache
def swept(*axes: Axis) -> Swept:
    """Every combination has the figures of the same replications."""
    names = [find(name, scenario()) for name in ("service_level", "asa", "queue_length")]
    found = measure(scenario(), outcomes(), names)
    points = [Point(overrides, found) for overrides in combinations(axes, {})]
    return Swept(f"day {HOSTILE}", axes, points, 3, "ctid-sim sweep")


COUNT = Axis("staff.0.count", (18, 20, 22))
STRATEGY = Axis("config.queues.sales.strategy", ("linear", HOSTILE))


def test_numbers_stand_along_the_bottom_and_the_rest_are_lines() -> None:
    page = html(swept(STRATEGY, COUNT))
    assert page.count("<svg") == 3
    assert "config.queues.sales.strategy = linear" in page
    assert ">18</text>" in page
    assert ">22</text>" in page
    assert "<script>alert" not in page


def test_names_stand_along_the_bottom_where_there_are_no_numbers() -> None:
    page = html(swept(STRATEGY))
    assert ">linear</text>" in page
    assert "<script>alert" not in page


@pytest.mark.parametrize("axes", [(COUNT,), (COUNT, STRATEGY)])
def test_every_combination_is_in_the_table(axes: tuple[Axis, ...]) -> None:
    found = swept(*axes)
    assert html(found).count("<tr>") == 1 + len(found.points)
