"""What `check-config` warns of: flows that nothing leads to, texts that name missing keys."""

import argparse
import json
import shutil
from pathlib import Path

import pytest

from ctid.app import check_config
from ctid.settings.doubts import flow_doubts
from ctid.settings.files import load

CONFIG = Path(__file__).parents[2] / "config"
OTHER = """
id = "other"
start = "bye"
prompts = {}

[steps.bye]
kind = "hangup"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(CONFIG / "flows", tmp_path / "flows")
    shutil.copy(CONFIG / "ctid.toml", tmp_path)
    (tmp_path / "flows/other.toml").write_text(OTHER)
    return tmp_path


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert text.count(old) == 1
    path.write_text(text.replace(old, new))


def check(*words: str) -> int:
    parser = argparse.ArgumentParser()
    check_config.add_arguments(parser)
    return check_config.run(parser.parse_args(words))


def doubts(folder: Path) -> list[str]:
    return flow_doubts(load(folder / "ctid.toml").centre, {"other": "flows/other.toml"})


def test_a_flow_that_nothing_leads_to(folder: Path) -> None:
    assert doubts(folder) == [
        "flows/other.toml: id: nothing leads to the flow 'other'; name it under [entries], or take"
        " the file out"
    ]


def test_an_entry_leads_to_a_flow(folder: Path) -> None:
    edit(folder / "ctid.toml", "\n[entries]\n", '\n[entries]\n"777" = "other"\n')
    assert doubts(folder) == []


def test_an_overflow_rule_leads_to_a_flow(folder: Path) -> None:
    text = (folder / "ctid.toml").read_text()
    assert text.count('\nto = "queue:fallback"\n') == 1
    edit(folder / "ctid.toml", '\nto = "queue:fallback"\n', '\nto = "menu:other"\n')
    assert doubts(folder) == []


def test_a_survey_leads_to_a_flow(folder: Path) -> None:
    survey = (CONFIG / "examples/survey.toml").read_text(encoding="utf-8")
    other = survey.replace('\nid = "survey"\n', '\nid = "other"\n')
    (folder / "flows/other.toml").write_text(other, encoding="utf-8")
    edit(folder / "ctid.toml", '\n#flow = "survey"\n', '\nflow = "other"\n')
    assert doubts(folder) == []


def test_another_flow_leads_to_a_flow(folder: Path) -> None:
    edit(
        folder / "flows/main.toml",
        '[steps.chinese]\nkind = "language"\nlanguage = "zh-CN"\nnext = "menu"',
        '[steps.chinese]\nkind = "call"\nflow = "other"\nnext = "menu"',
    )
    assert doubts(folder) == []


def test_a_warning_is_said_and_passes(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "flows/other.toml").unlink()
    edit(folder / "flows/main.toml", "For sales, press 1.", "For sales, press 7.")
    assert check(str(folder / "ctid.toml")) == 0
    out, err = capsys.readouterr()
    warning = "flows/main.toml: steps.menu.prompt: its text in en names the key 7"
    assert err.startswith(f"warning: {warning}, which the menu does not have; ")
    assert "in order" in out
    assert check(str(folder / "ctid.toml"), "--json") == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["ok"] is True
    assert [line.startswith(warning) for line in answer["warnings"]] == [True]


def test_a_warning_is_said_beside_a_problem(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(folder / "flows/main.toml", "For sales, press 1.", "For sales, press 7.")
    edit(folder / "ctid.toml", 'fallback_queue = "fallback"', 'fallback_queue = "nowhere"')
    assert check(str(folder / "ctid.toml")) == 1
    warning, nothing, problem, count = capsys.readouterr().err.splitlines()
    assert warning.startswith("warning: flows/main.toml: steps.menu.prompt: its text in en names")
    assert nothing.startswith("warning: flows/other.toml: id: nothing leads to the flow 'other'")
    assert problem.startswith("ctid.toml: routing.fallback_queue: ")
    assert count.endswith(": 1 problem")
    assert check(str(folder / "ctid.toml"), "--json") == 1
    answer = json.loads(capsys.readouterr().out)
    assert (answer["ok"], len(answer["problems"]), len(answer["warnings"])) == (False, 1, 2)


def test_a_file_that_cannot_be_read_may_lead_to_any_flow(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "flows/more.toml").write_text("= =")
    assert check(str(folder / "ctid.toml")) == 1
    assert "nothing leads to" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("file", "text"),
    [("ctid.toml", "queues = 5"), ("ctid.toml", "= ="), ("flows/main.toml", "steps = 5"),
     ("flows/main.toml", "= ="), ("ctid.toml", "")],
)  # fmt: skip
def test_files_that_are_broken_through_and_through(file: str, text: str, folder: Path) -> None:
    (folder / file).write_text(text)
    assert check(str(folder / "ctid.toml")) == 1


def test_the_files_that_we_ship_raise_no_warning(capsys: pytest.CaptureFixture[str]) -> None:
    assert check(str(CONFIG / "ctid.toml")) == 0
    assert capsys.readouterr().err == ""


PIN = """
id = "other"
start = "pin"

[steps.pin]
kind = "collect"
prompt = "welcome"
class = "pin"
check = "pin"
next = "bye"
on_fail = "bye"

[steps.bye]
kind = "hangup"
[prompts.welcome]
en = "Your PIN, please."
zh-CN = "请输入密码。"
"""


def test_a_pin_of_no_code(folder: Path) -> None:
    """Whoever calls the flow may have asked for the code."""
    (folder / "flows/other.toml").write_text(PIN.replace("welcome", "pin"), encoding="utf-8")
    edit(folder / "ctid.toml", "\n[entries]\n", '\n[entries]\n"777" = "other"\n')
    [found] = doubts(folder)
    assert found.startswith("flows/other.toml: steps.pin.check: no step before this one takes the")
    call = '[steps.chinese]\nkind = "call"\nflow = "other"\nnext = "menu"'
    main = '[steps.chinese]\nkind = "language"\nlanguage = "zh-CN"\nnext = "menu"'
    edit(folder / "flows/main.toml", main, call)
    assert doubts(folder) == []
