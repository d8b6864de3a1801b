"""Files whole or not at all, numbers, tables, and a bar that nobody sees where nobody looks."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

import pytest

from sim.run.figures import Estimate
from sim.run.output import CannotWrite, may_write, table, told, whole_file, with_half
from sim.run.progress import progress


def test_a_file_appears_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("old")
    with whole_file(path) as file:
        file.write(b"new")
        assert path.read_text() == "old"
    assert path.read_text() == "new"
    assert os.listdir(tmp_path) == ["x.csv"]


def test_a_full_disk_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.csv"
    path.write_text("old")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CannotWrite, match=r"x\.csv: No space left"), whole_file(path) as file:
        file.write(b"new")
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["x.csv"]


def test_an_error_of_the_writer_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), whole_file(tmp_path / "x") as file:
        file.write(b"%d" % (1 // 0))
    assert os.listdir(tmp_path) == []


def test_where_nothing_can_be_written_is_found_out_before(tmp_path: Path) -> None:
    may_write(None, tmp_path / "new.html")
    with pytest.raises(CannotWrite, match="it is a folder"):
        may_write(tmp_path)
    with pytest.raises(CannotWrite, match="is not there"):
        may_write(tmp_path / "nowhere" / "x.html")
    with pytest.raises(CannotWrite, match="No such file"), whole_file(tmp_path / "no" / "x"):
        pass


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.81234, "share", "81.23 %"),
        (12_345, "ms", "12.35 s"),
        (3.14159, "number", "3.14"),
        (1234.5, "money", "1234.50"),
        (None, "share", "-"),
    ],
)
def test_numbers(value: float | None, unit: str, text: str) -> None:
    assert told(value, unit) == text
    if value is not None:
        assert told(value, unit, signed=True) == f"+{text}"


def test_with_its_interval() -> None:
    found = Estimate("asa", "ms", 12_345, 100, 250, 12_095, 12_595, 10, 0.95)
    assert with_half(found) == "12.35 s ± 0.25"
    assert with_half(Estimate("asa", "ms", 12_345, None, None, None, None, 1, 0.95)) == "12.35 s"


def test_columns() -> None:
    assert table(["", "all"], [["Service level", "80 %"], ["ASA", "-"]]) == (
        "                all\nService level  80 %\nASA               -"
    )


def test_no_bar_where_nobody_looks(capsys: pytest.CaptureFixture[str]) -> None:
    assert not sys.stderr.isatty()
    with progress("x", 2) as advance:
        advance()
    assert capsys.readouterr().err == ""
