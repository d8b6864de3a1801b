"""The command line: what each command says of itself, and what it says to a wrong call."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ctid import __version__
from ctid.app.cli import main

COMMANDS = (
    "run", "demo", "check-config", "doctor", "prompts", "ivr", "user", "pin", "explain", "replay",
)  # fmt: skip


def leaves(code: int, *argv: str) -> None:
    """Argparse ends by itself, with this exit code."""
    with pytest.raises(SystemExit) as ended:
        main(argv)
    assert ended.value.code == code


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_an_example(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    leaves(0, command, "--help")
    out = capsys.readouterr().out
    assert "example" in out
    assert f"  ctid {command}" in out


def test_the_commands_own_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    leaves(0, "--help")
    out = capsys.readouterr().out
    for command in COMMANDS:
        assert f"    {command}" in out
    assert "examples:" in out


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    leaves(0, "--version")
    assert capsys.readouterr().out == f"ctid {__version__}\n"


@pytest.mark.parametrize(
    ("argv", "text"),
    [
        ((), "COMMAND"),
        (("dance",), "invalid choice: 'dance'"),
        (("run", "--fast"), "unrecognized arguments: --fast"),
        (("replay",), "FILE"),
        (("demo", "--seconds", "soon"), "invalid float value: 'soon'"),
        (("explain",), "required"),
        (("explain", "c1", "--agent", "ann"), "not allowed with"),
        (("explain", "c1", "--config", "a", "--journal", "b"), "not allowed with"),
        (("user",), "ACTION"),
        (("pin",), "ACTION"),
        (("pin", "set"), "CODE"),
        (("user", "add", "x", "--role", "king"), "invalid choice: 'king'"),
    ],
)
def test_a_wrong_call(argv: tuple[str, ...], text: str, capsys: pytest.CaptureFixture[str]) -> None:
    leaves(2, *argv)
    assert text in capsys.readouterr().err


BROKEN = """
[site]
timezone = "Nowhere/Land"
colour = "red"

[pbx]
port = 70000
"""


@pytest.mark.parametrize("command", ["run", "demo", "user"])
def test_a_broken_config_has_all_its_problems_told_at_once(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "ctid.toml"
    config.write_text(BROKEN)
    argv = [command, *(["add", "x", "--agent", "x"] if command == "user" else [])]
    assert main([*argv, "--config", str(config)]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    problems = err.splitlines()
    for path in ("site.timezone", "site.colour", "pbx.port", "agi"):
        assert any(f"ctid.toml: {path}" in problem for problem in problems), path
    assert problems[-1] == f"{len(problems) - 1} problem(s) in the config; nothing was started"


@pytest.mark.parametrize("role", ["agent", "supervisor"])
def test_a_sign_in_for_an_agent_who_is_not_configured_is_refused(
    role: str, capsys: pytest.CaptureFixture[str]
) -> None:
    argv = ["user", "add", "x", "--role", role, "--agent", "nobody"]
    assert main([*argv, "--config", "config/ctid.toml"]) == 1
    assert "--agent 'nobody': no such agent" in capsys.readouterr().err


def test_a_missing_config_says_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", "--config", str(tmp_path / "none.toml")]) == 1
    err = capsys.readouterr().err
    assert "none.toml" in err
    assert "Traceback" not in err


def test_a_folder_that_cannot_be_written_is_said_plainly(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also what a broken disk looks like; the example config writes to var/."""
    text = Path("config/ctid.toml").read_text()
    (tmp_path / "flows").symlink_to(Path("config/flows").absolute())
    (tmp_path / "file").touch()
    config = tmp_path / "ctid.toml"
    config.write_text(text.replace('"var/journal"', f'"{tmp_path}/file/journal"'))
    assert main(["run", "--config", str(config)]) == 1
    err = capsys.readouterr().err
    assert err.startswith("ctid: [Errno 20] Not a directory")
    assert "Traceback" not in err


def test_whoever_stops_reading_hears_no_complaint() -> None:
    reads, writes = os.pipe()
    os.close(reads)
    with os.fdopen(writes, "wb") as closed:
        ended = subprocess.run(
            [sys.executable, "-m", "ctid.app.cli", "prompts", "list"],
            stdout=closed, stderr=subprocess.PIPE, check=False, timeout=60,
        )  # fmt: skip
    assert (ended.returncode, ended.stderr) == (0, b"")
