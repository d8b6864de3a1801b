"""docs/report.md names every field of the file."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sim.report import content
from sim.report.days import STATES, Band, Day
from sim.report.theory import Theory
from sim.run.figures import Estimate

TEXT = (Path(__file__).parents[4] / "docs" / "report.md").read_text("utf-8")
NAMED = set(re.findall(r"`([a-z0-9_]+)`", TEXT))
PARTS = (
    content.Report, content.About, content.QueueReport, content.Waits, content.AgentReport,
    content.Menu, content.Slow, content.Took, Day, Band, Theory, Estimate,
)  # fmt: skip


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.__name__)
def test_every_field_is_told(part: type) -> None:
    fields = set(part.__struct_fields__)
    assert fields - {"name"} <= NAMED


def test_the_schema_and_the_states_are_told() -> None:
    assert content.SCHEMA in TEXT
    assert set(STATES) <= NAMED
