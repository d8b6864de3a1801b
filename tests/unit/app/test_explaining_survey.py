"""`ctid explain` tells what the caller answered after the talk."""

from __future__ import annotations

from pathlib import Path

import pytest

from ctid.app.cli import main
from ctid.core import events as ev
from tests.golden.explanations import Story
from tests.golden.site import talk, to_sales
from tests.golden.survey import comes, keys, site
from tests.unit.app.test_explaining import Day, told


@pytest.fixture
def day(tmp_path: Path) -> Day:
    """Anna has hung up, and the caller has answered twice."""
    day = Day.__new__(Day)
    day.folder, day._written, day._head = tmp_path, 0, b"null"
    Story.__init__(day, "anna", settings=site())
    to_sales(day)
    talk(day, "b1-2")
    day.say(ev.LegEnded("b1-2", "hangup"), after=60_000)
    day.say(comes(), after=10)
    day.say(keys("4"))
    day.say(keys("2"))
    day.say(ev.CallEnded("c1", "16"))
    day.cut()
    return day


def test_for_programs(day: Day, capsys: pytest.CaptureFixture[str]) -> None:
    found = told(capsys, day, "c1")["answers"]
    assert [(one["question"], one["value"], one["agent"]) for one in found] == [
        ("service", 4, "anna"), ("solved", 0, "anna"),
    ]  # fmt: skip


def test_for_people(day: Day, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "c1", "--journal", str(day.folder)]) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert "answered of anna in sales: service 4 of 5" in text
    assert "solved no" in text
