"""`ctid-sim erlang`: what it prints and its exit codes."""

import json

import pytest

from sim import cli

LOAD = ["erlang", "--calls", "200", "--per", "1800", "--aht", "240"]


def test_so_many_agents(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([*LOAD, "--agents", "30", "--patience", "90"]) == 0
    told = capsys.readouterr().out
    assert "load 26.67 erlang" in told
    assert "Erlang A, mean patience 90 s" in told
    (row,) = (line for line in told.splitlines() if line.startswith(" *"))
    assert row.split()[:3] == ["*", "30", "89.13%"]


def test_the_least_agents(capsys: pytest.CaptureFixture[str]) -> None:
    more = ["--service-level", "0.8", "--shrinkage", "0.3", "--json"]
    assert cli.main([*LOAD, *more]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["model"], answer["least_agents"], answer["rostered"]) == ("Erlang C", 32, 46)
    assert 32 in [row["agents"] for row in answer["table"]]


@pytest.mark.parametrize(("agents", "code", "told"), [("31", 1, "goals: no"), ("32", 0, "yes")])
def test_whether_they_meet_the_goal(
    agents: str, code: int, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main([*LOAD, "--service-level", "0.8", "--agents", agents]) == code
    assert told in capsys.readouterr().out


def test_patience_and_lines(capsys: pytest.CaptureFixture[str]) -> None:
    more = ["--agents", "30", "--gave-up", "0.0438654", "--blocking", "0.01", "--lines", "30"]
    assert cli.main([*LOAD, *more]) == 0
    told = capsys.readouterr().out
    assert "mean patience 89.96 s" in told
    assert "least lines for at most 1.00% busy tones: 37" in told
    assert "busy tones with 30 lines" in told


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ([], "say --agents, or a goal"),
        (["--agents", "26"], "26 servers cannot carry a load of 26.6667 erlang"),
        (["--agents", "0"], "0 agents"),
        (["--agents", "30", "--patience", "0"], "patience is 0"),
        (["--service-level", "80"], "service_level is 80"),
        (["--agents", "30", "--shrinkage", "1"], "--shrinkage is 1"),
        (["--agents", "30", "--gave-up", "0.9"], "whatever their patience"),
        (["--service-level", "0.8", "--gave-up", "0.1"], "--gave-up estimates"),
        (["--agents", "30", "--blocking", "2"], "blocking is 2"),
        (["--agents", "30", "--lines", "-1"], "servers >= 0"),
        (["--agents", "30", "--target", "nan"], "target is nan"),
    ],
)
def test_bad_input(more: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([*LOAD, *more]) == 2
    error = capsys.readouterr().err
    assert error.startswith("erlang: ")
    assert told in error
