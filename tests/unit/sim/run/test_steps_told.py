"""`ctid-sim run` tells at which steps of the flows callers hung up."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sim.cli import main

CONFIG = Path(__file__).parents[4] / "config/ctid.toml"


def told(folder: Path, hang_up: float, capsys: pytest.CaptureFixture[str]) -> str:
    path = folder / "day.toml"
    path.write_text(
        f'config = "{CONFIG}"\nlasts_h = 1\n[callers]\nmenu_hang_up = 0\nno_digits = 0\n'
        f"[callers.steps.menu]\nhang_up = {hang_up}\n"
        '[[streams]]\nid = "a"\nper_hour = 60\n',
        encoding="utf-8",
    )
    assert main(["run", str(path), "--replications", "3"]) == 0
    return capsys.readouterr().out


def test_the_table_is_not_taken_for_the_whole_flow(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = told(tmp_path, 0.5, capsys)
    (row,) = [line for line in out.splitlines() if line.startswith("main/menu ")]
    assert re.search(r" \d+(\.\d)?  +\d+\.\d\d %", row), "at most one figure after the point"
    assert re.search(r"^at \d+ more steps nobody hung up unserved$", out, re.MULTILINE)


def test_nothing_is_said_where_nobody_hung_up(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "hung up unserved" not in told(tmp_path, 0.0, capsys)
