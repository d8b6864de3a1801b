"""The machine as native code says what the machine of the sources says, byte for byte."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from sim.compiled.build import build
from tests.bench.row import Row
from tests.bench.simulator import Sizes
from tests.golden.scenarios import SCENARIOS, TRANSCRIPTS
from tests.parity.reports import ROOT, differing, written

pytestmark = pytest.mark.timeout(600)
SEEDS, CALLS = 12, 300
TELL_ALL = """
import json
from sim.compiled.build import is_native
from tests.golden.scenarios import SCENARIOS
assert is_native()
print(json.dumps({name: play() for name, play in SCENARIOS.items()}))
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("compiled") / "here"
    assert build(folder, effort=0) > 60
    return folder


def told(*words: str, built: Path | None = None, given: bytes = b"") -> bytes:
    """What another Python prints, with the packages of `built` in front of the sources."""
    paths = [built, ROOT] if built else [ROOT]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, paths))}
    done = subprocess.run(
        # -P: the folder in which it runs does not come first.
        [sys.executable, "-P", *words],
        cwd=ROOT, env=environment, input=given, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def test_every_transcript_is_the_same(built: Path) -> None:
    """They end and load the machine again too: its state is written and read."""
    found = json.loads(told("-c", TELL_ALL, built=built))
    assert sorted(found) == sorted(SCENARIOS)
    expected = {name: (TRANSCRIPTS / f"{name}.txt").read_text(encoding="utf-8") for name in found}
    assert [name for name in found if found[name] != expected[name]] == []


def test_journals_of_random_worlds_are_the_same_under_both_drivers(built: Path) -> None:
    words = ("-m", "tests.parity.digests", str(SEEDS), str(CALLS))
    assert told(*words, built=built) == told(*words)


def test_a_report_is_the_same(built: Path, tmp_path: Path) -> None:
    plain = written(tmp_path / "plain", jobs=2)
    assert differing(plain, written(tmp_path / "native", jobs=2, packages=built)) == []


def test_the_bench_measures_it(built: Path) -> None:
    """How fast it is, `make bench` says: this one was compiled without effort, to be quick."""
    sizes = msgspec.json.encode(Sizes(turns=4, customers=600))
    found = told("-m", "tests.bench.simulator", built=built, given=sizes)
    rows = msgspec.json.decode(found, type=list[Row])
    assert [(row.peer, row.note) for row in rows] == [("Ciw", ""), ("simpy", "")]
    assert all("native" in row.what for row in rows)
