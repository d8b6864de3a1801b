"""One run of `ctid-sim run` in a process of its own, and all that it writes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
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
    folder: Path, python: str = sys.executable, *, hash_seed: int = 0, jobs: int = 1,
    packages: Path = ROOT,
) -> dict[str, bytes]:  # fmt: skip
    """What a run writes, by file name, and what it prints. `packages`: the folder of ctid's own."""
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
            **os.environ, "PYTHONPATH": str(packages), "PYTHONHASHSEED": str(hash_seed),
            # Another Python's byte code has no place in the checkout.
            "PYTHONDONTWRITEBYTECODE": "1",
        },
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    files = {path.name: path.read_bytes() for path in sorted(folder.iterdir())}
    del files["program.py"]
    return files | {"stdout": done.stdout}


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
