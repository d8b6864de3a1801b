"""`ctid explain` tells how each flow ended that the caller was in."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from ctid.app.cli import main
from ctid.app.explaining_visits import OUTCOMES, WAYS
from ctid.core import events as ev
from ctid.core.visits import VisitOutcome, VisitWay
from tests.golden.explanations import Story
from tests.golden.site import arrive, settings
from tests.unit.app.test_explaining import Day, told


@pytest.fixture
def day(tmp_path: Path) -> Day:
    """A caller keys one wrong code, and hangs up."""
    day = Day.__new__(Day)
    day.folder, day._written, day._head = tmp_path, 0, b"null"
    Story.__init__(day, "anna", settings=settings())
    arrive(day, number="")
    day.say(ev.DigitsCollected("c1", "1", "full"))
    day.say(ev.DigitsCollected("c1", "12", "timeout"), after=4_000)
    day.say(ev.CallEnded("c1", "16"), after=2_500)
    day.cut()
    return day


def test_for_programs(day: Day, capsys: pytest.CaptureFixture[str]) -> None:
    [visit] = told(capsys, day, "c1")["visits"]
    assert (visit["outcome"], visit["last"], visit["lasted"]) == ("hung_up", "main/code", 7_500)
    assert visit["stays"][-1] == ["main", "code", "hung_up", 1, 0, 6_500, False]


def test_for_people(day: Day, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "c1", "--journal", str(day.folder)]) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert (
        "flow main: hung up before being served, at main/code after 7.5 s (1 wrong there)" in text
    )


def test_every_end_and_every_way_has_words() -> None:
    assert set(OUTCOMES) == set(get_args(VisitOutcome))
    assert set(WAYS) == set(get_args(VisitWay))
