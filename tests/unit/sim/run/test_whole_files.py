"""Both files or none."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from sim.run.output import CannotWrite, write_page, write_whole


def test_written_whole(tmp_path: Path) -> None:
    one, two = tmp_path / "a.html", tmp_path / "a.json"
    write_whole({one: b"1", two: b"2"})
    write_whole({one: b"3", two: b"4"})
    assert (one.read_bytes(), two.read_bytes()) == (b"3", b"4")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.html", "a.json"]


def test_a_page_with_its_json_beside_it(tmp_path: Path) -> None:
    write_page(tmp_path / "a.html", "<p>中文", {"of": ["a", 1]})
    assert (tmp_path / "a.html").read_text("utf-8") == "<p>中文"
    assert (tmp_path / "a.json").read_bytes() == b'{\n "of": [\n  "a",\n  1\n ]\n}\n'


def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(CannotWrite, match="No such file or directory"):
        write_whole({tmp_path / "none" / "a.html": b"1"})


FULL = """
import resource, signal, sys
from pathlib import Path
from sim.run.output import CannotWrite, write_whole
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
folder = Path(sys.argv[1])
try:
    write_whole({folder / "a.html": b"x" * 900, folder / "a.json": b"y" * 5000})
except CannotWrite as error:
    print(error)
"""


def test_no_room_for_the_second_leaves_the_first_as_it_was(tmp_path: Path) -> None:
    """A limit on the size of files is as a disk that is full in the midst of writing."""
    (tmp_path / "a.html").write_bytes(b"of yesterday")
    told = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert told.stdout.startswith(f"cannot write {tmp_path / 'a.json'}: File too large")
    assert [p.name for p in tmp_path.iterdir()] == ["a.html"]
    assert (tmp_path / "a.html").read_bytes() == b"of yesterday"
