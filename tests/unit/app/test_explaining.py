"""`ctid explain` on journal files: what it finds, where, and what it says when it finds nothing."""

from __future__ import annotations

import json
import zlib
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ctid.app.cli import main
from ctid.centre.centre import Centre
from ctid.centre.witness import CallWitness
from ctid.core import events as ev
from ctid.core.instants import SECOND
from ctid.core.journal import FORMAT, Header, decode, encode
from tests.golden import site
from tests.golden.explanations import Story

BEGAN = "2026-01-05 12:00:00.000"


class Day(Story):
    """A story whose journal is on disk, in as many files as it is cut into."""

    def __init__(self, folder: Path, *ready: str) -> None:
        self.folder = folder
        self._written = 0
        self._head = b"null"
        super().__init__(*ready, settings=site.settings())

    def cut(self) -> Path:
        """End a file here; what follows goes to the next one."""
        lines = self.journal[self._written :]
        settings = msgspec.json.encode(self.settings)
        head = Header(FORMAT, "9.9", msgspec.Raw(settings), msgspec.Raw(self._head))
        path = self.folder / f"{lines[0].n:012d}.ctid"
        path.write_bytes(b"".join(map(encode, (head, *lines))))
        self._written = len(self.journal)
        self._head = msgspec.json.encode(self.centre.dump())
        return path


@pytest.fixture
def day(tmp_path: Path) -> Day:
    """Anna talks to c1, Bob is called for c2 right over a change of files and does not answer; c3
    hangs up in the menu."""
    day = Day(tmp_path, "anna", "bob")
    site.to_sales(day, "c1")
    site.talk(day, "b1-2")
    site.to_sales(day, "c2")
    day.cut()
    day.say(ev.AgentRinging("b1-4"), after=30)
    day.say(ev.LegEnded("b1-4", "no_answer"), after=20_000)
    site.arrive(day, "c3")
    day.say(ev.CallEnded("c3", "16"), after=SECOND)
    day.say(ev.CallEnded("c2", "16"), after=SECOND)
    day.cut()
    return day


def told(capsys: pytest.CaptureFixture[str], day: Day, *argv: str) -> Any:
    assert main(["explain", *argv, "--journal", str(day.folder), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def refused(capsys: pytest.CaptureFixture[str], *argv: str) -> str:
    assert main(["explain", *argv]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "Traceback" not in err
    return err


def test_a_call(day: Day, capsys: pytest.CaptureFixture[str]) -> None:
    story = told(capsys, day, "c1")
    assert (story["call"], story["outcome"], story["differs"]) == ("c1", "", [])
    [moment] = story["moments"]
    assert (moment["kind"], moment["decision"]["agent"]) == ("decided", "anna")
    assert moment["decision"]["reason"].startswith("longest idle")
    assert [(a["agent"], a["code"]) for a in moment["agents"]] == [
        ("anna", "chosen"), ("bob", "later_turn"),
    ]  # fmt: skip
    ring = moment["ring"]
    assert (ring["rang"], ring["answered"], ring["bridged"]) == (30, 2030, 2035)


def test_a_call_over_two_files(day: Day, capsys: pytest.CaptureFixture[str]) -> None:
    story = told(capsys, day, "c2")
    assert story["outcome"] == "abandoned"
    decided, left = story["moments"]
    assert decided["decision"]["agent"] == "bob"
    assert (decided["ring"]["rang"], decided["ring"]["cause"]) == (30, "no_answer")
    assert decided["agents"][0]["code"] == "on_call"
    assert left["kind"] == "left"
    assert [a["code"] for a in left["agents"]] == ["on_call", "not_ready"]
    assert left["agents"][1]["text"].startswith("not ready: no_answer")
    assert story["waited"] == left["waited"]


def test_the_id_of_a_pop_is_an_id_of_its_call(day: Day, capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys, day, "b1-4") == told(capsys, day, "c2")


def test_a_call_that_never_waited(day: Day, capsys: pytest.CaptureFixture[str]) -> None:
    story = told(capsys, day, "c3")
    assert (story["outcome"], story["moments"]) == ("ivr_hangup", [])
    assert main(["explain", "c3", "--journal", str(day.folder)]) == 0
    assert "never waited in a queue" in capsys.readouterr().out


def test_a_table_for_people(day: Day, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "c1", "--journal", str(day.folder)]) == 0
    out = capsys.readouterr().out
    assert "2026-01-05 12:00:03.050  anna was chosen: longest idle" in out
    assert "later_turn" in out


def test_no_such_call(day: Day, capsys: pytest.CaptureFixture[str]) -> None:
    err = refused(capsys, "c9", "--journal", str(day.folder))
    assert "there is no call c9 in the journal: 2 file(s) of " in err
    assert f"from {BEGAN} to 2026-01-05 12:00:2" in err
    assert "--journal" in err


def test_a_part_of_an_id_is_no_id(day: Day, capsys: pytest.CaptureFixture[str]) -> None:
    assert "there is no call c in" in refused(capsys, "c", "--journal", str(day.folder))


def test_no_journal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for folder in (tmp_path, tmp_path / "missing"):
        err = refused(capsys, "c1", "--journal", str(folder))
        assert f"there is no journal in {folder}" in err
    (tmp_path / "000000000001.ctid").write_bytes(b"torn")
    assert "there is no journal in" in refused(capsys, "c1", "--journal", str(tmp_path))


def test_the_folder_comes_from_the_config(
    day: Day, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CTID_AMI_SECRET", "x")
    text = Path("config/ctid.toml").read_text()
    (tmp_path / "flows").symlink_to(Path("config/flows").absolute())
    config = tmp_path / "ctid.toml"
    config.write_text(text.replace('"var/journal"', f'"{tmp_path}"'))
    code = main(["explain", "c1", "--config", str(config), "--json"])
    out, err = capsys.readouterr()
    assert (code, err) == (0, "")
    assert json.loads(out)["journal"] == str(tmp_path)


def test_a_torn_last_line_is_said_and_what_is_before_it_told(
    day: Day, capsys: pytest.CaptureFixture[str]
) -> None:
    last = sorted(day.folder.glob("*.ctid"))[-1]
    last.write_bytes(last.read_bytes()[:-5])
    story = told(capsys, day, "c2")
    assert (story["outcome"], story["moments"][-1]["kind"]) == ("", "now")
    assert len(story["damage"]) == 1
    assert main(["explain", "c2", "--journal", str(day.folder)]) == 0
    assert "could not be read to its end: " in capsys.readouterr().out


def test_another_decision_than_the_journals_is_said(
    day: Day, capsys: pytest.CaptureFixture[str]
) -> None:
    """As if another version of ctid, with another strategy, had written it."""
    first = sorted(day.folder.glob("*.ctid"))[0]
    bodies = [raw.rpartition(b"\t")[0] for raw in first.read_bytes().splitlines()]
    bodies = [body.replace(b"longest idle", b"drawn by lot") for body in bodies]
    first.write_bytes(b"".join(b"%b\t%08x\n" % (body, zlib.crc32(body)) for body in bodies))
    story = told(capsys, day, "c1")
    assert len(story["differs"]) == 1
    assert main(["explain", "c1", "--journal", str(day.folder)]) == 0
    assert "this version of ctid would decide otherwise" in capsys.readouterr().out


def change_settings(path: Path, old: bytes, new: bytes) -> None:
    head, *lines = path.read_bytes().splitlines(keepends=True)
    header = decode(head, 1)
    assert isinstance(header, Header)
    assert old in bytes(header.settings)
    settings = msgspec.Raw(bytes(header.settings).replace(old, new))
    changed = encode(msgspec.structs.replace(header, settings=settings))
    path.write_bytes(b"".join([changed, *lines]))


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        (b'"acd":', b'"cda":', "was written by ctid 9.9, whose settings"),
        (b'"fallback_queue":"service"', b'"fallback_queue":"x"', "line 6 cannot be run through"),
        (b'"timezone":"UTC"', b'"timezone":"No/Where"', "there is no journal in"),
    ],
)
def test_a_journal_that_this_version_cannot_follow(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], old: bytes, new: bytes, text: str
) -> None:
    day = Day(tmp_path, "anna")
    site.arrive(day)
    site.wait_in(day, "c1", queue="unknown")
    change_settings(day.cut(), old, new)
    err = refused(capsys, "c1", "--journal", str(tmp_path))
    assert text in err
    assert "9.9" in err or "--journal" in err


# -- an agent --


def test_an_agent_at_the_end(day: Day, capsys: pytest.CaptureFixture[str]) -> None:
    story = told(capsys, day, "--agent", "bob")
    assert (story["standing"]["code"], story["standing"]["state"]) == ("not_ready", "not_ready")
    assert story["standing"]["text"].startswith("not ready: no_answer, for ")
    assert main(["explain", "--agent", "bob", "--journal", str(day.folder)]) == 0
    assert "bob: not ready: no_answer" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("at", "code", "went"),
    [
        ("12:00:02", "nobody_waits", []),
        ("12:00:04", "nobody_waits", [("c1", "anna", "later_turn")]),
        ("2026-01-05T12:00:04", "nobody_waits", [("c1", "anna", "later_turn")]),
        ("2026-01-05T13:00:04+01:00", "nobody_waits", [("c1", "anna", "later_turn")]),
        ("12:00:10", "reserved", []),
        ("2026-01-05T12:01", "not_ready", []),
    ],
)
def test_an_agent_at_a_time(
    day: Day, capsys: pytest.CaptureFixture[str], at: str, code: str, went: list[tuple[str, ...]]
) -> None:
    """The decisions are those of the journal file that holds the time."""
    story = told(capsys, day, "--agent", "bob", "--at", at)
    assert story["standing"]["code"] == code
    assert [(p["call"], p["to"], p["code"]) for p in story["passed"]] == went


def test_idle_time_is_that_of_the_time_asked_for(
    day: Day, capsys: pytest.CaptureFixture[str]
) -> None:
    one, two = (
        told(capsys, day, "--agent", "bob", "--at", f"2026-01-05T12:00:{at}")["standing"]["idle"]
        for at in ("02.500", "02.900")
    )
    assert two - one == 400


@pytest.mark.parametrize(
    ("argv", "text"),
    [
        (("--agent", "zoe"), "there was no agent 'zoe' in the settings; known: anna, bob"),
        (("--agent", "bob", "--at", "noon"), "write 14:05, 14:05:30 or 2026-01-05T14:05"),
        (("--agent", "bob", "--at", "12:61"), "write 14:05"),
        (("--agent", "bob", "--at", "2026-01-05T11:00"), f"begins at {BEGAN}"),
        (("--agent", "bob", "--at", "23:00"), "that is 2026-01-04 23:00:00.000"),
        (("c1", "--at", "12:00"), "--at goes with --agent"),
    ],
)
def test_what_cannot_be_told(
    day: Day, capsys: pytest.CaptureFixture[str], argv: tuple[str, ...], text: str
) -> None:
    assert text in refused(capsys, *argv, "--journal", str(day.folder))


def test_a_machine_that_explains_decides_the_same(day: Day) -> None:
    """Looking changes nothing: the watched machine says what the unwatched one said."""
    witness = CallWitness("c1")
    watched = Centre(day.settings)
    witness.attend(watched)
    for line in day.journal:
        witness.line(line)
    assert witness.story.differs == ()
    assert watched.dump() == day.centre.dump()
