"""`ctid explain task:ID`: why a task went where it went, and how it moved up."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ctid.acd.escalation import Step
from ctid.app.cli import main
from ctid.core import events as ev
from ctid.core.instants import MINUTE
from ctid.core.tasks import TaskAccepted, TaskDone
from tests.golden.explanations import Story
from tests.golden.tasks import mail, office
from tests.unit.app.test_explaining import Day


class TaskDay(Day):
    """Nobody is there for five minutes, so the supervisors are told; then Anna, and she does it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._written = 0
        self._head = b"null"
        up = (Step("supervisor", after=5 * MINUTE),)
        Story.__init__(self, settings=office(escalate=up))


@pytest.fixture
def day(tmp_path: Path) -> TaskDay:
    day = TaskDay(tmp_path)
    mail(day, "m1")
    day.wait(5 * MINUTE)
    day.say(ev.SignInAsked("anna"), ev.ReadyAsked("anna"))
    day.cut()
    day.say(TaskAccepted("anna", "task:m1"), after=3_000)
    day.say(TaskDone("anna", "task:m1"), after=60_000)
    day.cut()
    return day


def test_a_task_for_people(day: TaskDay, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "task:m1", "--journal", str(day.folder)]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "Task m1: done, waited" in out
    assert "mail raised it to supervisor by step 1: waited 5 min 0 s" in out
    assert "anna was chosen: longest idle 0 s; mail" in out
    assert "accepted after 3.00 s, ended after 1 min 3 s (done)" in out


def test_a_task_for_programs(day: TaskDay, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "task:m1", "--journal", str(day.folder), "--json"]) == 0
    story = json.loads(capsys.readouterr().out)
    assert (story["outcome"], story["differs"]) == ("done", [])
    assert [moment["kind"] for moment in story["moments"]] == ["waiting", "raised", "decided"]
    assert story["moments"][1]["move"]["to"] == "supervisor"
    assert story["moments"][2]["ring"]["answered"] == 3_000
