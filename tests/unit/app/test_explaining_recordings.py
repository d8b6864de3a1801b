"""`ctid explain` tells what the caller said in the menu."""

from __future__ import annotations

from pathlib import Path

import pytest

from ctid.app.cli import main
from ctid.core import events as ev
from ctid.core.recording import CallerRecorded
from tests.golden.explanations import Story
from tests.golden.recording import FILE, site
from tests.unit.app.test_explaining import Day, told


@pytest.fixture
def day(tmp_path: Path) -> Day:
    """A caller has said a name, and hangs up at the question whether it is right."""
    day = Day.__new__(Day)
    day.folder, day._written, day._head = tmp_path, 0, b"null"
    Story.__init__(day, "anna", settings=site())
    day.say(ev.CallArrived("c1", "PJSIP/trunk-c1", "", "", "4000"))
    day.say(CallerRecorded("c1", FILE.format(1), 2_300, "silence"), after=6_000)
    day.say(ev.CallEnded("c1", "16"))
    day.cut()
    return day


def test_for_programs(day: Day, capsys: pytest.CaptureFixture[str]) -> None:
    [found] = told(capsys, day, "c1")["recordings"]
    assert (found["step"], found["file"]) == ("name", FILE.format(1))


def test_for_people(day: Day, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "c1", "--journal", str(day.folder)]) == 0
    assert "said at name for 2.30 s: https://pbx.example/c1-1.wav?of=c1" in capsys.readouterr().out
