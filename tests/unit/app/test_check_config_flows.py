"""Every kind of broken flow file, through the command: exit code 1, file, path, what to do."""

import argparse
import shutil
from pathlib import Path

import pytest

from ctid.app import check_config

CONFIG = Path(__file__).parents[3] / "config"
ROUND = """
[steps.round]
kind = "play"
prompt = "closed"
next = "tongue"

[steps.tongue]
kind = "language"
language = "en"
next = "round"
"""
CODE = '[steps.sales-code]\nkind = "collect"\nprompt = "code"\nmin = 6\nmax = 6\n'
MENU_FAILS = 'on_fail = "operator"\ninvalid = "invalid"\nsilence = "silence"\n'
KINDS = [
    ('start = "hours"\n', 'start = "huors"\n', "start: there is no step 'huors'; did"),
    ('start = "hours"\n', "", "start: is missing; write start ="),
    ('language = "zh-CN"\n\n[steps.hours]', 'language = "de"\n\n[steps.hours]', "use one of them"),
    ('id = "main"\n', 'id = "main"\ncolour = 1\n', "colour: unknown key"),
    ('kind = "hangup"', 'kind = "hangdown"', "steps.goodbye.kind: 'hangdown' is no kind"),
    ('kind = "hangup"', 'kind = "hangup"\nnow = true', "steps.goodbye.now: unknown key; "),
    ('queue = "support"', 'queue = "suport"', "steps.support.queue: there is no queue 'suport'"),
    ('hours = "always"', 'hours = "allways"', "steps.hours.hours: there are no opening hours"),
    ('open = "welcome"', 'open = "wellcome"', "steps.hours.open: there is no step 'wellcome'; did"),
    ('prompt = "welcome"', 'prompt = "hello"', "steps.welcome.prompt: there is no prompt 'hello'"),
    ('en = "Hello, and welcome."', "", "'welcome' has no text in en; write it under [prompts.w"),
    ('en = "Hello, and welcome."', "en = 5", "prompts.welcome.en: must be a text, not 5"),
    ("\ntries = 2", "\ntries = 20", "steps.choose-language.tries: must be 1 to 9, not 20; use 3"),
    ("\ntries = 2", "\nfirst_digit_s = -1", "first_digit_s: must be a positive number of seconds"),
    ("\ntries = 2", "\nfirst_digit_s = 1e9", "steps.choose-language.first_digit_s: "),
    (", 0 = ", ", 12 = ", "steps.menu.keys.12: one key only; collect asks for several"),
    (", 0 = ", ", A = ", "steps.menu.keys.A: not a telephone key; use 0 to 9, * or #"),
    (", 0 = ", ", 2 = ", "2 is there twice in this line's { }; keep one of them"),
    ("\ntries = 2", '\nkeys = { 3 = "menu" }', "keys is there twice, first in line "),
    ("[steps.goodbye]", "[steps.closed]", "[steps.closed] is there twice, first in line "),
    ("[steps.goodbye]", "[steps.goodby]", "steps.goodby: never reached; lead a step here, or take"),
    (CODE, CODE.replace("min = 6", "min = 7"), "steps.sales-code: min and max must satisfy"),
    (CODE, CODE + 'terminator = "9"\n', "steps.sales-code.terminator: must be '#', '*' or empty"),
    (CODE, CODE + 'check_digit = "mod11"\nterminator = "*"\n', "cannot end the input too; use '#'"),
    (CODE, CODE + 'pattern = "x{9}"\n', "steps.sales-code.pattern: no code of 6 to 6 figures can"),
    (MENU_FAILS, MENU_FAILS.replace("operator", "menu"), "steps.menu.on_fail: leads back to the s"),
    ("[steps.goodbye]", f'{ROUND}[steps.goodbye]', "(round → tongue → round); lead one of these"),
    ('next = "goodbye"', 'next = "closed"', "steps.closed: goes round without the caller doing"),
    ('id = "main"\n', 'id = "main"\nsteps = 5\n', "steps is there twice, as a value and as a"),
    ('id = "main"\n', 'id = "a b"\n', "id: 'a b' does not fit; use 1 to 40 of"),
    ('id = "main"\n', 'id = "main\n', "correct the TOML there"),
]  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(CONFIG / "flows", tmp_path / "flows")
    shutil.copy(CONFIG / "ctid.toml", tmp_path)
    return tmp_path


def check(folder: Path) -> int:
    parser = argparse.ArgumentParser()
    check_config.add_arguments(parser)
    return check_config.run(parser.parse_args([str(folder / "ctid.toml")]))


@pytest.mark.parametrize(("old", "new", "problem"), KINDS)
def test_a_broken_flow(
    old: str, new: str, problem: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = folder / "flows/main.toml"
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1, old
    file.write_text(text.replace(old, new), encoding="utf-8")
    assert check(folder) == 1
    out, err = capsys.readouterr()
    assert out == ""
    told = [line for line in err.splitlines() if line.startswith("flows/main.toml: ")]
    assert any(problem in line for line in told), err


def test_bytes_that_are_no_text(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "flows/main.toml").write_bytes('id = "主"'.encode("gb18030"))
    assert check(folder) == 1
    assert "flows/main.toml: byte 6 is not UTF-8; save the file as" in capsys.readouterr().err


def test_two_flows_of_one_name(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copy(folder / "flows/main.toml", folder / "flows/other.toml")
    assert check(folder) == 1
    told = "flows/other.toml: id: flows/main.toml has the id 'main' already; change one of them"
    assert told in capsys.readouterr().err
