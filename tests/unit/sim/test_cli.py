"""`ctid-sim theory`: what it prints and its exit codes."""

import json
from pathlib import Path

import pytest

from sim import cli
from sim.erlang.queue import Queue
from sim.theory.system import Callers, Server, System

HEAD = "model,lambda,mu,theta,n,metric,value,source/how\n"
GOOD = f"M/M/n,1,1,,3,P(wait),{Queue(1, 1, 3).p_wait()},x\n"
WRONG = "M/M/n,1,1,,3,P(wait),0.9,x\n"


def run(tmp_path: Path, rows: str, *more: str) -> int:
    file = tmp_path / "rows.csv"
    file.write_text(HEAD + rows)
    return cli.main(
        [
            "theory",
            "--rows",
            str(file),
            "--calls",
            "200",
            "--replications",
            "6",
            "--jobs",
            "1",
            *more,
        ]
    )


def test_help_has_examples(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["--help"])
    assert ended.value.code == 0
    assert "ctid-sim theory --rows" in capsys.readouterr().out


def test_good_rows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, GOOD) == 0
    assert "0 beyond 3.5" in capsys.readouterr().out


def test_a_wrong_row_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, GOOD + WRONG) == 1
    assert "beyond chance" in capsys.readouterr().out


def test_rows_of_other_systems(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    full = System("k", (Callers("q", 2.0),), (Server(),) * 2, room=4).law()[-1]
    first = 0.3 / (1 - 0.2)  # Cobham: the work that is found, 0.2 + 0.1, over what is left
    rows = f"M/M/n/K K=4,2,1,,2,P(block),{full},x\n"
    rows += f"M/M/1 non-preemptive priority,0.2+0.1,1,,1,E[W class 1],{first},x\n"
    assert run(tmp_path, rows) == 0
    told = capsys.readouterr().out
    assert "0.2+0.1" in told
    assert "2 rows, 6 replications each" in told


def test_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, GOOD, "--json") == 0
    (verdict,) = json.loads(capsys.readouterr().out)
    assert (verdict["metric"], verdict["replications"]) == ("P(wait)", 6)
    assert 600 < verdict["calls"] < 1800


@pytest.mark.parametrize(
    "arguments",
    [
        ["--rows", "/nowhere.csv"],
        ["--rows", "x", "--replications", "4"],
        ["--rows", "x", "--jobs", "0"],
    ],
)
def test_bad_input(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["theory", *arguments]) == 2
    assert capsys.readouterr().err.startswith("theory: ")
