"""Same seed, same report, byte for byte: whatever the hash seed, the number of processes, and the
Python. The other Pythons are those that `.ci/setup` made ready (build/other-pythons.json)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OTHERS = ROOT / "build" / "other-pythons.json"
SCENARIO = "config/scenarios/outage.toml"
CHANGED = (
    "lasts_h=0.3", "faults.trunks_full.at_s=[600]", "faults.trunks_full.lasts_s=60",
    "faults.engine_restart.at_s=[300]", "faults.clock_jump.at_s=[500]", "faults.doubled=0.02",
    "faults.late=0.02", "faults.phone_silent.every_s=300",
)  # fmt: skip
"""Short, and with more going wrong: what goes wrong is drawn too."""
ONE_COMMAND = """
import argparse, sys
if __name__ == "__main__":
    from sim.commands import run
    parser = argparse.ArgumentParser()
    run.add_arguments(parser)
    sys.exit(run.run(parser.parse_args()))
"""
"""`ctid-sim run`, without what other commands import: the other Pythons have no servers' and no
databases' packages."""


def written(
    folder: Path, python: str = sys.executable, *, hash_seed: int = 0, jobs: int = 1
) -> dict[str, bytes]:
    """What a run writes, by file name, and what it prints."""
    folder.mkdir()
    program = folder / "program.py"
    program.write_text(ONE_COMMAND)
    out = [folder / name for name in ("report.html", "day.journal", "why.csv")]
    done = subprocess.run(
        [
            python, str(program), SCENARIO, "--replications", "3", "--seed", "11",
            *(word for text in CHANGED for word in ("--set", text)), "--jobs", str(jobs), "--json",
            "--until", "service_level:0.5",
            "--out", str(out[0]), "--journal", str(out[1]), "--decisions", str(out[2]),
        ],
        cwd=ROOT, capture_output=True, check=False,
        env={
            **os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": str(hash_seed),
            # Another Python's byte code has no place in the checkout.
            "PYTHONDONTWRITEBYTECODE": "1",
        },
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    files = {path.name: path.read_bytes() for path in sorted(folder.iterdir())}
    del files["program.py"]
    return files | {"stdout": done.stdout}


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


def differing(one: dict[str, bytes], other: dict[str, bytes]) -> list[str]:
    """Files that are not the same, with the first bytes from where they differ."""
    return [
        f"{name}: {_from(one.get(name, b''), other.get(name, b''))}"
        for name in sorted({*one, *other})
        if one.get(name) != other.get(name)
    ]


def _from(one: bytes, other: bytes) -> str:
    pairs = enumerate(zip(one, other, strict=False))
    at = next((n for n, (a, b) in pairs if a != b), min(len(one), len(other)))
    return f"byte {at}: {one[at : at + 60]!r} and {other[at : at + 60]!r}"
