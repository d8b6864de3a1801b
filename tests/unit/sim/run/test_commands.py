"""`ctid-sim run`, `compare` and `sweep`: what they print, write and answer."""

from __future__ import annotations

import csv
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ctid.core.journal import Header, read
from sim import cli
from sim.run import replication

SMALL = Path(__file__).parents[4] / "config" / "scenarios" / "small.toml"
SHORT = ["--set", "lasts_h=0.25", "--set", "warm_up_s=0", "--jobs", "1", "--seed", "3"]


def sim(command: str, *words: str) -> int:
    return cli.main([command, str(SMALL), *SHORT, *words])


def document(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


# -- run --


def test_run_tells_each_queue_with_intervals(capsys: pytest.CaptureFixture[str]) -> None:
    assert sim("run", "--replications", "3") == 0
    told = capsys.readouterr().out
    assert "small: 3 replications, " in told
    assert "with lasts_h=0.25, warm_up_s=0" in told
    assert "Service level" in told
    head = next(line for line in told.splitlines() if line.strip().startswith("all"))
    assert head.split()[:2] == ["all", "sales"]
    assert "±" in told


def test_one_replication_has_no_intervals(capsys: pytest.CaptureFixture[str]) -> None:
    assert sim("run", "--replications", "1") == 0
    told = capsys.readouterr().out
    assert "one replication has no intervals" in told
    assert "±" not in told


def test_run_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    assert sim("run", "--replications", "2", "--json") == 0
    found = document(capsys)
    assert found["schema"].startswith("ctid-sim-report/")
    assert found["figures"]["service_level"]["replications"] == 2
    assert found["until"] == []


def test_the_command_in_the_report_makes_it_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, again = tmp_path / "a.html", tmp_path / "b.html"
    words = ["--replications", "2", "--set", "callers.talk.mean_s=100"]
    assert sim("run", *words, "--out", str(first)) == 0
    command = json.loads((tmp_path / "a.json").read_text())["about"]["command"]
    program, *rest = shlex.split(command)
    assert program == "ctid-sim"
    assert cli.main([*rest, "--jobs", "1", "--out", str(again)]) == 0
    assert first.read_bytes() == again.read_bytes()
    assert sorted(os.listdir(tmp_path)) == ["a.html", "a.json", "b.html", "b.json"]


def test_it_goes_on_until_it_is_known_well_enough(capsys: pytest.CaptureFixture[str]) -> None:
    until = ["--until", "service_level:0.2", "--until", "asa:1min"]
    assert sim("run", "--replications", "60", "--json", *until) == 0
    found = document(capsys)
    assert found["about"]["replications"] % 10 == 0
    assert [one["met"] for one in found["until"]] == [True, True]
    assert found["figures"]["service_level"]["half"] <= 0.2


def test_not_known_well_enough_is_exit_code_1(capsys: pytest.CaptureFixture[str]) -> None:
    assert sim("run", "--replications", "3", "--until", "service_level:0.0001") == 1
    told = capsys.readouterr().out
    assert "service_level is known to ± " in told
    assert "replications would do" in told


def test_the_first_replication_in_full(tmp_path: Path) -> None:
    journal, why = tmp_path / "day.journal", tmp_path / "why.csv"
    words = ["--replications", "2", "--journal", str(journal), "--decisions", str(why)]
    assert sim("run", *words) == 0
    with journal.open("rb") as file:
        header, *lines = read(file)
    assert isinstance(header, Header)
    assert len(lines) > 200
    with why.open() as text:
        rows = list(csv.DictReader(text))
    assert len(rows) > 5
    assert rows[0]["reason"]
    again = tmp_path / "again.journal"
    words = ["--first", "1", "--replications", "1", "--journal", str(again)]
    assert sim("run", *words) == 0
    assert again.read_bytes() != journal.read_bytes()


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--replications", "0"], "--replications 0: must be 1 or more"),
        (["--replications", "1", "--until", "asa:1s"], "must be 2 or more"),
        (["--until", "service_levl:0.1"], "did you mean service_level?"),
        (["--jobs", "0"], "--jobs 0"),
        (["--level", "95"], "--level 95"),
        (["--set", "lasts_h"], "want PATH=VALUE"),
        (["--set", "lasts_hours=3"], "lasts_hours"),
        (["--set", "config.queues.sales.strategy=best"], "strategy"),
        (["--out", "/nowhere/report.html"], "cannot write /nowhere/report.html"),
        (["--out", "/tmp"], "it is a folder"),
        (["--journal", "/nowhere/j"], "cannot write /nowhere/j"),
    ],
)
def test_bad_input_of_run(words: list[str], why: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert sim("run", *words) == 2
    printed = capsys.readouterr()
    assert printed.err.startswith("run: ")
    assert why in printed.err
    assert not printed.out


def test_a_scenario_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["run", "/nowhere.toml"]) == 2
    assert "nowhere.toml" in capsys.readouterr().err


def test_a_scenario_without_end_is_named_and_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(replication, "AT_ONCE", 2)
    assert sim("run", "--replications", "2", "--out", str(tmp_path / "r.html")) == 2
    told = capsys.readouterr().err
    assert "replication 0 of small with seed 3 failed" in told
    assert "--seed 3 --first 0 --replications 1" in told
    assert not os.listdir(tmp_path)


@pytest.mark.parametrize("option", ["--out", "--journal", "--decisions"])
def test_a_disk_that_takes_no_more_leaves_what_was_there(option: str, tmp_path: Path) -> None:
    """The kernel refuses to let files grow, as a full disk does."""
    target = tmp_path / "kept"
    target.write_text("from yesterday")
    limited = (
        "import resource, sys; from sim import cli;"
        " resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000)); sys.exit(cli.main(sys.argv[1:]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", limited, "run", str(SMALL), *SHORT, "--replications", "1", option,
         str(target)],
        cwd=SMALL.parents[2], capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert re.search("cannot (be written|write).*File too large", done.stderr)
    assert target.read_text() == "from yesterday"
    assert os.listdir(tmp_path) == ["kept"]


# -- compare --


def test_compare_says_which_is_better(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "c.html"
    words = ["--replications", "8", "--set", "callers.talk.mean_s=60", "--figures",
             "occupancy,offered", "--out", str(page), "--matters", "offered:30"]  # fmt: skip
    words += ["--both", "lasts_h=0.5", "--jobs", "1"]
    assert cli.main(["compare", str(SMALL), *words]) == 0
    told = capsys.readouterr().out
    assert "8 replications of each, the same callers" in told
    assert "B is lower in occupancy" in told
    assert sorted(os.listdir(tmp_path)) == ["c.html", "c.json"]


def test_compare_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--replications", "2", "--json", "--independent", "--jobs", "1", "--seed", "3"]
    assert cli.main(["compare", str(SMALL), str(SMALL), *words, "--figures", "asa"]) == 0
    found = document(capsys)
    assert found["schema"] == "ctid-sim-compare/1"
    assert (found["independent"], found["seed"]) == (True, 3)
    (one,) = found["differences"]
    assert one["verdict"] in ("unclear", "same", "better", "worse")
    assert one["first"]["value"] != one["second"]["value"], "other callers"


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ([], "compare with what?"),
        (["--set", "lasts_h=1"], "the two last for different times"),
        (["--set", "lasts_h=1", "--replications", "1"], "must be 2 or more"),
        (["--set", "lines=9", "--figures", "asa,asa"], "stands there twice"),
        (["--set", "lines=9", "--figures", "nothing"], "figure 'nothing' is unknown"),
        (["--set", "lines=9", "--matters", "asa:5%"], "want a size"),
        (["/nowhere.toml"], "nowhere.toml"),
    ],
)
def test_bad_input_of_compare(
    words: list[str], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["compare", str(SMALL), *words, "--jobs", "1"]) == 2
    assert why in capsys.readouterr().err


# -- sweep --


def test_sweep_plays_every_combination(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = tmp_path / "sweep.csv"
    words = ["--vary", "config.queues.sales.strategy=longest_idle,fewest_contacts",
             "--vary", "callers.talk.mean_s=60..120..60", "--replications", "2"]  # fmt: skip
    assert sim("sweep", *words, "--csv", str(table), "--figures", "occupancy,asa[sales]") == 0
    told = capsys.readouterr().out
    assert "4 combinations, 2 replications of each" in told
    lines = told.splitlines()[3:]
    assert [line.split()[:2] for line in lines] == [
        [strategy, talk] for strategy in ("longest_idle", "fewest_contacts")
        for talk in ("60", "120")
    ]  # fmt: skip
    with table.open() as text:
        rows = list(csv.DictReader(text))
    assert float(rows[0]["occupancy"]) < float(rows[1]["occupancy"])
    assert {"asa[sales]", "asa[sales] low", "asa[sales] high"} < set(rows[0])


def test_sweep_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    assert sim("sweep", "--vary", "callers.talk.mean_s=60,90", "--replications", "1", "--json") == 0
    found = document(capsys)
    assert found["schema"] == "ctid-sim-sweep/1"
    assert [p["overrides"]["callers.talk.mean_s"] for p in found["points"]] == [60, 90]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--vary", "lasts_h=1..2"], "lasts_h is set twice"),
        (["--vary", "callers.talk.mean_s=-5,60"], "with lasts_h=0.25"),
        (["--vary", "callers.talk.mean_s=60", "--figures", "x"], "figure 'x' is unknown"),
        (["--vary", "callers.talk.mean_s=60", "--csv", "/nowhere/x"], "cannot write /nowhere/x"),
    ],
)
def test_bad_input_of_sweep(words: list[str], why: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert sim("sweep", *words) == 2
    assert why in capsys.readouterr().err
