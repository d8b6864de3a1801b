"""`ctid check-config` on files that nobody should have written so, or that are no files at all."""

from __future__ import annotations

import argparse
import os
import shutil
from pathlib import Path

import pytest

from ctid.app import check_config
from ctid.core.errors import ConfigError
from ctid.settings.files import DEEPEST, LARGEST_FLOW, load, read_toml

CONFIG = Path(__file__).parents[3] / "config"
DEEP = "tables or lists stand more than 20 deep in one another; take the inner ones out"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(CONFIG / "flows", tmp_path / "flows")
    shutil.copy(CONFIG / "ctid.toml", tmp_path)
    return tmp_path


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, old
    path.write_text(text.replace(old, new), encoding="utf-8")


def told(folder: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """What the command says of files that are not in order, but for the last line."""
    parser = argparse.ArgumentParser()
    check_config.add_arguments(parser)
    assert check_config.run(parser.parse_args([str(folder / "ctid.toml")])) == 1
    return capsys.readouterr().err.splitlines()[:-1]


@pytest.mark.parametrize("section", ["site", "hours.office"])
def test_a_time_zone_that_there_is_not(
    section: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = folder / "ctid.toml"
    lines = [
        line
        for line in file.read_text(encoding="utf-8").splitlines()
        if not line.startswith("timezone")
    ]
    at = lines.index(f"[{section}]") + 1
    file.write_text("\n".join([*lines[:at], 'timezone = "Asia/Shanghia"', *lines[at:]]))
    [found] = told(folder, capsys)
    what = "there is no time zone 'Asia/Shanghia'; did you mean \"Asia/Shanghai\"?"
    assert found == f"ctid.toml: {section}.timezone: {what}"


@pytest.mark.parametrize("depth", [DEEPEST, 900, 5_000])
def test_tables_within_tables(depth: int, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bottomless = f"\n[prompts.q]\nen = {'[' * depth}{']' * depth}\n"
    with (folder / "flows/main.toml").open("a", encoding="utf-8") as file:
        file.write(bottomless)
    assert f"flows/main.toml: {DEEP}" in told(folder, capsys)
    with pytest.raises(ConfigError, match="deep in one another"):
        load(folder / "ctid.toml", {})


def test_a_key_of_many_parts(tmp_path: Path) -> None:
    file = tmp_path / "f.toml"
    problems: list[str] = []
    file.write_text(".".join("a" * (DEEPEST - 1)) + " = 1")
    assert read_toml(file, "f.toml", problems) is not None
    file.write_text(".".join("a" * 2_000) + " = 1")
    assert read_toml(file, "f.toml", problems) is None
    assert problems == [f"f.toml: {DEEP}"]


def test_a_byte_order_mark(folder: Path) -> None:
    """As Windows' editor writes it."""
    for file in (folder / "ctid.toml", folder / "flows/main.toml"):
        file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))
    assert load(folder / "ctid.toml", {}) == load(CONFIG / "ctid.toml", {})


def test_a_pipe_in_place_of_a_flow(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    os.mkfifo(folder / "flows/pipe.toml")
    (folder / "flows/null.toml").symlink_to("/dev/zero")
    assert told(folder, capsys) == [
        f"flows/{name}.toml: is no regular file; put one in its place, or take it away"
        for name in ("null", "pipe")
    ]


def test_a_flow_of_a_megabyte(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = folder / "flows/main.toml"
    text = file.read_bytes()
    file.write_bytes(text + b"#" * (LARGEST_FLOW - len(text)))
    load(folder / "ctid.toml", {})
    file.write_bytes(text + b"#" * (LARGEST_FLOW - len(text) + 1))
    what = f"has {LARGEST_FLOW + 1} bytes, more than {LARGEST_FLOW}; make it smaller"
    assert f"flows/main.toml: {what}" in told(folder, capsys)


def test_prompts_are_looked_at_beside_other_problems(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(folder / "flows/main.toml", 'kind = "hangup"', 'kind = "hangdown"')
    (folder / "flows/other.toml").write_text(
        'id = "other"\nstart = "a"\n[steps.a]\nkind = "hangup"\n'
        '[prompts.welcome]\nen = "Another."\n"zh-CN" = "你好"\nfr = "Bonjour"\n',
        encoding="utf-8",
    )
    found = "\n".join(told(folder, capsys))
    assert "flows/main.toml: steps.goodbye.kind: 'hangdown' is no kind of step" in found
    assert "flows/other.toml: prompts.welcome: flows/main.toml has another text for en/we" in found
    assert "flows/other.toml: prompts.welcome.fr: there is no voice for it; use en or zh" in found


OTHER = """
id = "other"
start = "a"
[steps.a]
kind = "branch"
on = "about"
cases = { x = "b" }
otherwise = "b"
[steps.b]
kind = "hangup"
"""
"""Reads what whoever calls it hands over."""


def test_a_flow_that_nothing_leads_to_is_told_beside_problems(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(folder / "flows/main.toml", 'kind = "hangup"', 'kind = "hangdown"')
    (folder / "flows/other.toml").write_text(OTHER.replace("about", "grade"))
    nothing = "warning: flows/other.toml: id: nothing leads to the flow 'other'"
    survey = (CONFIG / "examples/survey.toml").read_bytes()
    (folder / "flows/survey.toml").write_bytes(survey)
    found = "\n".join(told(folder, capsys))
    assert nothing in found
    assert "flows/survey.toml: id: nothing leads to the flow 'survey'" in found
    call = 'kind = "hangdown"\n[steps.there]\nkind = "call"\nflow = "other"\nnext = "goodbye"'
    edit(folder / "flows/main.toml", 'kind = "hangdown"', call)
    assert not any(line.startswith(nothing) for line in told(folder, capsys))


def test_a_file_that_cannot_be_read_makes_no_other_file_wrong(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It may hand over what the other one reads, and lead to it."""
    (folder / "flows/other.toml").write_text(OTHER)
    assert "flows/other.toml: steps.a: nobody sets 'about'" in "\n".join(told(folder, capsys))
    (folder / "flows/calls.toml").write_text('id = "calls"\nstart = ')
    [found] = told(folder, capsys)
    assert found.startswith("flows/calls.toml: ")
