"""`ctid replay` and a restart's own replay, on journals that the real driver wrote."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from ctid.app.cli import main
from ctid.app.recover import begin
from ctid.centre.centre import Centre
from ctid.core import events as ev
from ctid.core.commands import RingAgent
from ctid.core.journal import FORMAT, Header, Line, decode, encode
from ctid.store.journal import JournalFile, recover
from tests.fakes.engine import HandClock
from tests.fakes.machine_room import A_CALL, AGENT, BOOT, OPENING, SETTINGS, MachineRoom


@pytest.fixture
async def journal(tmp_path: Path) -> Path:
    """A day with one call and an agent in wrap-up at its end."""
    return write_day(tmp_path)


def write_day(folder: Path) -> Path:
    file = JournalFile(folder, "test", lambda text: None)
    path = file.begin(msgspec.json.encode(SETTINGS), b"null", 1)
    clock = HandClock()
    room = MachineRoom(clock, file)
    for event in (*OPENING, *A_CALL):
        clock.move(100)
        room.submit(event)
    room.driver.stop()
    file.close()
    return path


def edit(path: Path, change: Callable[[Line], Line]) -> None:
    """Change lines, and their checksums with them."""
    entries = [decode(raw, 0) for raw in path.read_bytes().splitlines(keepends=True)]
    changed = [change(entry) if isinstance(entry, Line) else entry for entry in entries]
    path.write_bytes(b"".join(encode(entry) for entry in changed))


def another_agent(line: Line) -> Line:
    commands = tuple(
        msgspec.structs.replace(c, agent="somebody else") if isinstance(c, RingAgent) else c
        for c in line.c
    )
    return msgspec.structs.replace(line, c=commands)


def ringing_line(path: Path) -> int:
    lines = [decode(raw, 0) for raw in path.read_bytes().splitlines(keepends=True)]
    return next(e.n for e in lines if isinstance(e, Line)
                and any(isinstance(c, RingAgent) for c in e.c))  # fmt: skip


async def test_the_same(journal: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replay", str(journal)]) == 0
    assert capsys.readouterr().out == f"{journal}: 10 lines, no difference\n"
    assert main(["replay", "--json", str(journal)]) == 0
    assert msgspec.json.decode(capsys.readouterr().out) == {
        "lines": 10, "difference": None, "damage": "",
    }  # fmt: skip


async def test_a_difference(journal: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(journal, another_agent)
    number = ringing_line(journal)
    assert main(["replay", str(journal)]) == 1
    out = capsys.readouterr().out
    assert re.search(rf"line {number} at \d+ ms differs", out)
    assert '"type":"CallWaiting"' in out
    assert re.search('recorded  .*"agent":"somebody else"', out)
    assert re.search(f'replayed  .*"agent":"{AGENT}"', out)
    assert main(["replay", "--json", str(journal)]) == 1
    found = msgspec.json.decode(capsys.readouterr().out)
    assert (found["lines"], found["difference"]["line"]) == (number, number)


async def test_a_machine_that_raises_is_a_difference(
    journal: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = msgspec.structs.replace(SETTINGS, timezone="Nowhere/Land")
    lines = journal.read_bytes().splitlines(keepends=True)
    lines[0] = header(settings=msgspec.Raw(msgspec.json.encode(settings)))
    journal.write_bytes(b"".join(lines))
    assert main(["replay", str(journal)]) == 1
    assert "replayed  raised ZoneInfoNotFoundError" in capsys.readouterr().out


@pytest.mark.parametrize("kind", ["torn", "changed", "missing"])
async def test_damage(journal: Path, capsys: pytest.CaptureFixture[str], kind: str) -> None:
    lines = journal.read_bytes().splitlines(keepends=True)
    match kind:
        case "torn":
            lines[-1] = lines[-1][:-3]
        case "changed":
            lines[5] = lines[5].replace(b"c1", b"c2")
        case "missing":
            del lines[5]
    journal.write_bytes(b"".join(lines))
    assert main(["replay", str(journal)]) == 1
    out = capsys.readouterr().out
    assert "no difference" in out, "what is before the damage is still checked"
    assert "stopped before the end: line " in out
    assert main(["replay", "--json", str(journal)]) == 1
    assert msgspec.json.decode(capsys.readouterr().out)["damage"].startswith("line ")


def header(**changes: object) -> bytes:
    made = Header(FORMAT, "9.9", msgspec.Raw(msgspec.json.encode(SETTINGS)))
    return encode(msgspec.structs.replace(made, **changes))


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"", "the file is empty"),
        (b"#!/bin/sh\necho\n", "the line is torn"),
        (encode(Line(1, 0, ev.Started(BOOT, 0))), "there is no header"),
        (header(format=99), "format 99, but this ctid reads format 1"),
        (header(settings=msgspec.Raw(b'{"acd":1}')), "written by ctid 9.9"),
    ],
)
def test_what_is_no_journal_of_ours(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes, text: str
) -> None:
    path = tmp_path / "x.ctid"
    path.write_bytes(content)
    assert main(["replay", str(path)]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert text in err
    assert "Traceback" not in err


def test_files_that_cannot_be_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for path in (tmp_path / "missing.ctid", tmp_path):
        assert main(["replay", str(path)]) == 1
        assert "name a journal file" in capsys.readouterr().err


# -- a restart --


async def test_a_restart_goes_on_where_the_journal_ends(journal: Path) -> None:
    beginning = begin(journal.parent, SETTINGS)
    assert (beginning.next_line, beginning.wall_at_zero) == (11, 1_790_000_000_000)
    state = beginning.centre.snapshot(beginning.last).agents[0]
    assert (state.agent, state.state) == (AGENT, "wrap_up")
    assert state.until > beginning.last
    kinds = {type(fact.command).__name__ for fact in beginning.unwritten}
    assert {"CallClosed", "LegClosed", "AgentTimed", "Decided"} <= kinds
    assert {fact.boot for fact in beginning.unwritten} == {BOOT}
    places = [(fact.line, fact.index) for fact in beginning.unwritten]
    assert len(places) == len(set(places))


async def test_a_continued_journal_replays_by_itself(
    journal: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    beginning = begin(journal.parent, SETTINGS)
    file = JournalFile(journal.parent, "test", lambda text: None)
    state = msgspec.json.encode(beginning.centre.dump())
    second = file.begin(msgspec.json.encode(SETTINGS), state, beginning.next_line)
    at = beginning.last + 5_000
    events = (ev.Started("b2", 1_790_000_000_000), ev.WrapUpDone(AGENT), ev.BreakAsked(AGENT, "x"))
    for number, event in enumerate(events, beginning.next_line):
        file.write(Line(number, at, event, tuple(beginning.centre.handle(event, at))))
    file.close()
    assert main(["replay", str(second)]) == 0
    assert "3 lines, no difference" in capsys.readouterr().out
    found = recover(journal.parent)
    assert found is not None
    assert found.path == second


async def test_damage_costs_what_is_behind_it_and_no_more(journal: Path) -> None:
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(lines[:8]) + b"torn")
    beginning = begin(journal.parent, SETTINGS)
    assert beginning.next_line == 8
    assert beginning.centre.snapshot(beginning.last).agents[0].state == "reserved"


async def test_a_journal_that_this_version_cannot_follow_does_not_keep_ctid_from_starting(
    journal: Path,
) -> None:
    lines = journal.read_bytes().splitlines(keepends=True)
    lines[0] = header(settings=msgspec.Raw(b"{}"))
    journal.write_bytes(b"".join(lines))
    beginning = begin(journal.parent, SETTINGS)
    assert beginning.centre.dump() == Centre(SETTINGS).dump()
    assert beginning.next_line == 11, "line numbers go on, so that no two files share one"


async def test_what_an_earlier_process_left_unwritten_is_offered_again(journal: Path) -> None:
    first = begin(journal.parent, SETTINGS)
    file = JournalFile(journal.parent, "test", lambda text: None)
    state = msgspec.json.encode(first.centre.dump())
    file.begin(msgspec.json.encode(SETTINGS), state, first.next_line)
    file.write(Line(first.next_line, first.last, ev.Started("b2", 1_790_000_000_000)))
    file.close()  # killed before the store had anything
    again = begin(journal.parent, SETTINGS)
    assert [f for f in again.unwritten if f.boot == BOOT] == first.unwritten
    assert again.centre.boot == "b2"
