"""Same seed, same report, byte for byte: whatever the hash seed, the number of processes, and the
Python. The other Pythons are those that `.ci/setup` made ready (build/other-pythons.json)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.parity.reports import ROOT, differing, written

OTHERS = ROOT / "build" / "other-pythons.json"


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    files = written(tmp_path_factory.mktemp("usual") / "run")
    assert sorted(files) == ["day.journal", "report.html", "report.json", "stdout", "why.csv"]
    assert all(len(content) > 1_000 for content in files.values())
    assert json.loads(files["report.json"])["figures"]["busy"]["value"] > 0, "the lines were full"
    return files


def test_the_hash_seed_and_the_number_of_processes_change_nothing(
    tmp_path: Path, usual: dict[str, bytes]
) -> None:
    assert differing(usual, written(tmp_path / "run", hash_seed=1, jobs=2)) == []


def others() -> dict[str, str]:
    return json.loads(OTHERS.read_text()) if OTHERS.exists() else {}


@pytest.mark.parametrize(
    "version",
    sorted(others())
    or [
        # Neither Debian 12 nor PyPI has another one, so the set-up cannot bring it: it makes an
        # environment for each that the machine has of itself.
        pytest.param(
            "none", marks=pytest.mark.skip(reason="no other Python is ready on this machine")
        )
    ],
)
def test_another_python_changes_nothing(
    version: str, tmp_path: Path, usual: dict[str, bytes]
) -> None:
    files = written(tmp_path / "run", others()[version], hash_seed=2, jobs=2)
    assert differing(usual, files) == []
