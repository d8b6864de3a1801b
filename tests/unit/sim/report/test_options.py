"""The options of `ctid-sim` that are about pages."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from sim.cli import main
from sim.theory.verdict import Verdict

SMALL = str(Path(__file__).parents[4] / "config" / "scenarios" / "small.toml")


def test_theory_and_timings_come_into_the_report(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [Verdict("M/M/n", "1", "1", 0.0, 2, "rho", 0.5, 0.0, 0.5, 0.01, 0.0, 0.0, 20, 9, "")]
    theory, page = tmp_path / "theory.json", tmp_path / "r.html"
    theory.write_bytes(msgspec.json.encode(rows))
    asked = ["--theory", str(theory), "--timings", "--level", "0.9", "--out", str(page)]
    assert main(["run", SMALL, "--replications", "2", "--jobs", "1", *asked]) == 0
    capsys.readouterr()
    found = json.loads(page.with_suffix(".json").read_bytes())
    assert found["verdicts"][0]["metric"] == "rho"
    assert {took["what"] for took in found["took"]} >= {"CallArrived", "deadlines"}
    assert found["about"]["level"] == found["figures"]["asa"]["level"] == 0.9
    assert f"--level 0.9 --theory {theory} --timings" in found["about"]["command"]
    assert "All 1 values agree" in page.read_text("utf-8")


def test_a_sweep_has_a_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "s.html"
    asked = ["--vary", "load=0.5,1", "--replications", "2", "--jobs", "1", "--out", str(page)]
    assert main(["sweep", SMALL, *asked]) == 0
    capsys.readouterr()
    assert len(json.loads(page.with_suffix(".json").read_bytes())["points"]) == 2
    assert "--vary load=0.5,1 --replications 2" in page.read_text("utf-8")
