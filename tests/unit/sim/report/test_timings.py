"""Measured times, and theory's verdicts from a file."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from ctid.core.errors import ConfigError
from sim.report.timings import DEADLINES, measure
from sim.report.verdicts import read
from sim.theory.verdict import Verdict
from tests.unit.sim.report.small import SEED, outcomes, scenario


def test_every_fact_of_the_first_replication_is_measured() -> None:
    found = measure(scenario(), SEED, 0)
    facts = sum(took.count for took in found if took.what != DEADLINES)
    assert facts == outcomes()[0].events
    for took in found:
        assert 0 < took.mean <= took.longest
        assert took.p99 <= took.longest


def test_verdicts_come_back_as_they_were_printed(tmp_path: Path) -> None:
    rows = [Verdict("M/M/n", "1", "1", 0.0, 2, "rho", 0.5, 0.0, 0.5, 0.01, 0.0, 0.0, 20, 9, "")]
    file = tmp_path / "theory.json"
    file.write_bytes(msgspec.json.encode(rows))
    assert read(file) == rows


@pytest.mark.parametrize("text", ["", "[", "{}", '[{"model": 1}]', "[]", "\x00\xff"])
def test_another_file_is_told(tmp_path: Path, text: str) -> None:
    file = tmp_path / "theory.json"
    file.write_text(text, "latin-1")
    with pytest.raises(ConfigError, match=r"theory\.json: "):
        read(file)
