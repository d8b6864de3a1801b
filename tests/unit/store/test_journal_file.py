"""The journal on disk: what a restart finds after a clean stop, a crash, damage or a full disk."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ctid.core.errors import CtidError
from ctid.core.events import CallEnded
from ctid.core.journal import Line
from ctid.store.journal import JournalFile, prune, recover


def line(number: int) -> Line:
    return Line(number, number * 10, CallEnded(f"c{number}", "16"))


class Desk:
    """A journal in a folder, and what it complained of."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.trouble: list[str] = []
        self.file = JournalFile(folder, "test", self.trouble.append)

    def begin(self, first: int = 1) -> Path:
        return self.file.begin(b'{"settings":1}', b'{"state":%d}' % first, first)

    def write(self, *numbers: int) -> None:
        for number in numbers:
            self.file.write(line(number))

    def found(self) -> list[int]:
        recovered = recover(self.folder)
        assert recovered is not None
        return [entry.n for entry in recovered.lines]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path / "journal")
    yield made
    made.file.close()


def test_there_and_back_while_it_is_still_open(desk: Desk) -> None:
    path = desk.begin()
    desk.write(1, 2, 3)
    found = recover(desk.folder)  # as after kill -9: nothing was closed
    assert found is not None
    assert (found.path, found.damage) == (path, "")
    assert bytes(found.header.state) == b'{"state":1}'
    assert found.lines == [line(1), line(2), line(3)]


def test_the_newest_file_counts_and_old_ones_are_pruned(desk: Desk) -> None:
    for first in (1, 4, 7):
        desk.begin(first)
        desk.write(first, first + 1, first + 2)
    assert desk.found() == [7, 8, 9]
    (desk.folder / "notes.ctid").write_text("a person's")
    prune(desk.folder, 2)
    names = sorted(path.name for path in desk.folder.glob("*.ctid"))
    assert names == ["000000000004.ctid", "000000000007.ctid", "notes.ctid"]
    assert desk.found() == [7, 8, 9]


def test_nothing_there(tmp_path: Path) -> None:
    assert recover(tmp_path / "missing") is None
    (tmp_path / "000000000001.ctid").touch()
    assert recover(tmp_path) is None


def damage(path: Path, kind: str) -> None:
    lines = path.read_bytes().splitlines(keepends=True)
    match kind:
        case "torn":
            lines[-1] = lines[-1][:-7]
        case "changed":
            lines[2] = lines[2].replace(b"c2", b"c9")
        case "missing":
            del lines[2]
        case "first missing":
            del lines[1]
        case "garbage":
            lines[2:] = [b"\x00" * 4096]
    path.write_bytes(b"".join(lines))


@pytest.mark.parametrize(
    ("kind", "good"),
    [("torn", [1, 2]), ("changed", [1]), ("missing", [1]), ("first missing", []), ("garbage", [1])],
)
def test_reading_stops_at_the_first_bad_line(desk: Desk, kind: str, good: list[int]) -> None:
    path = desk.begin()
    desk.write(1, 2, 3)
    damage(path, kind)
    found = recover(desk.folder)
    assert found is not None
    assert [entry.n for entry in found.lines] == good
    assert found.damage.startswith("000000000001.ctid: line ")


@pytest.mark.parametrize("header", [b"", b"not a journal\n", b'{"type":"header"'])
def test_an_unreadable_header_falls_back_to_the_file_before(desk: Desk, header: bytes) -> None:
    desk.begin()
    desk.write(1, 2)
    desk.begin(3).write_bytes(header)
    found = recover(desk.folder)
    assert found is not None
    assert found.path.name == "000000000001.ctid"
    assert "000000000003.ctid" in found.damage


@contextmanager
def disk_of(size: int) -> Iterator[None]:
    """No file may grow beyond `size` bytes: what a full disk does to a writer."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("room_for", [0, 5])
def test_a_full_disk_is_an_alarm_once_and_a_new_file_mends_it(desk: Desk, room_for: int) -> None:
    path = desk.begin()
    desk.write(1, 2)
    with disk_of(path.stat().st_size + room_for):
        desk.write(3, 4, 5)
        assert len(desk.trouble) == 1
        assert "calls go on" in desk.trouble[0]
    desk.write(6)
    assert desk.found() == [1, 2], "nothing behind the gap, and no half line before it"
    assert recover(desk.folder).damage == ""
    assert (desk.file.full, desk.file.lost) == (True, 4)
    desk.begin(7)
    desk.write(7)
    assert (desk.found(), desk.file.full) == ([7], False)
    assert "4 line(s) are missing" in desk.trouble[-1]


def test_a_disk_without_room_for_a_new_file_keeps_the_old_one(desk: Desk) -> None:
    desk.begin()
    desk.write(1)
    descriptors = len(os.listdir("/proc/self/fd"))
    with disk_of(10), pytest.raises(OSError, match=r"File too large|only a part"):
        desk.begin(2)
    assert len(os.listdir("/proc/self/fd")) == descriptors
    assert [path.name for path in desk.folder.iterdir()] == ["000000000001.ctid"]
    desk.write(2)
    assert desk.found() == [1, 2]


def test_a_defect_asks_for_a_new_file(desk: Desk) -> None:
    desk.begin()
    assert not desk.file.full
    desk.file.outdate()
    assert desk.file.full
    desk.begin(2)
    assert not desk.file.full


def test_one_writer_per_folder(desk: Desk) -> None:
    desk.file.lock()
    other = Desk(desk.folder)
    with pytest.raises(CtidError, match=r"another ctid writes there; .* journal\.folder"):
        other.file.lock()
    desk.file.close()
    other.file.lock()
    other.file.close()


def test_only_the_owner_may_read_it(desk: Desk) -> None:
    assert desk.begin().stat().st_mode & 0o077 == 0, "it holds callers' numbers"
