"""What `ctid ivr` makes of its options: parameters of flows, values, places for pictures."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from ctid.app import ivr
from ctid.app.cli import main
from ctid.app.ivr_answers import EXAMPLES
from ctid.app.ivr_try import entered
from ctid.ivr.actions import Ask, AskOutside
from tests.unit.test_settings import CONFIG

SELF_SERVICE = CONFIG / "examples/self-service.toml"
HEAD = 'id = "{}"\nstart = "a"\nlanguage = "en"\n[prompts.p]\nen = "Hello"\nzh-CN = "你好"\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The two flows that docs/ivr.md explains."""
    text = Path("docs/ivr.md").read_text("utf-8")
    for flow in re.findall(r"```toml\n(id = .*?)```", text, re.DOTALL):
        name = re.search(r'id = "(.*?)"', flow)
        assert name is not None
        (tmp_path / f"{name[1]}.toml").write_text(flow)
    return tmp_path


def walked(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    assert main(["ivr", "try", *words, "--json"]) == 0
    story: dict[str, Any] = json.loads(capsys.readouterr().out)
    return story


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    try:
        code = main(["ivr", *words])
    except SystemExit as left:  # of the parser of options
        code = 2 if left.code == 2 else 0
    assert code in (1, 2)
    return capsys.readouterr().err


def flow(folder: Path, name: str, steps: str) -> str:
    (folder / f"{name}.toml").write_text(HEAD.format(name) + steps)
    return str(folder / f"{name}.toml")


def test_a_flow_with_parameters_is_tried(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("yes-or-no", "--flows", str(folder), "--keys", "1")
    story = walked(capsys, *words, "--value", "about=shoes")
    assert (story["outcome"], story["handed"]) == ("returns", {"answer": "shoes:yes"})
    assert walked(capsys, *words)["handed"] == {"answer": ":yes"}
    assert main(["ivr", "try", *words]) == 0
    out = capsys.readouterr().out
    assert "the flow goes back to the one that called it" in out
    assert "returns     answer=:yes" in out


def test_a_flow_with_parameters_is_drawn(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = folder / "yes.svg"
    assert main(["ivr", "draw", "yes-or-no", "--flows", str(folder), "--out", str(out)]) == 0
    (folder / "shop.toml").unlink()
    assert main(["ivr", "draw", "yes-or-no", "--flows", str(folder), "--out", str(out)]) == 0
    capsys.readouterr()
    told = refused(capsys, "try", "yes-or-no", "--flows", str(folder), "--keys", "1")
    assert "nobody sets 'about'" in told
    assert "or give it here with --value" in told
    words = ("yes-or-no", "--flows", str(folder), "--keys", "2", "--value", "about=shoes")
    assert walked(capsys, *words)["handed"] == {"answer": "shoes:no"}


def test_a_name_that_nobody_sets_is_told_of_a_flow_that_does_not_return(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    steps = '[steps.a]\nkind = "say"\nas = "number"\nvalue = "{count}"\nnext = "b"\n'
    file = flow(tmp_path, "f", steps + '[steps.b]\nkind = "hangup"\n')
    assert "nobody sets 'count'" in refused(capsys, "draw", file)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--value", "foo=bar"], "no service tells 'foo', and the flow is not called with it"),
        (["--value", "order_statu=packed"], 'did you mean "order_status"?'),
        (["--service-none", "--value", "balance=1"], "services tell nothing here; take one"),
        (["--region", "QQQ"], "there is no country 'QQQ'; use two capital letters"),
        (["--grade", "Z"], "invalid choice: 'Z'"),
    ],
)
def test_what_nobody_can_mean(
    words: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert told in refused(capsys, "try", str(SELF_SERVICE), "--keys", "", *words)


def test_where_no_picture_can_stand(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for out, told in (
        (tmp_path / "none/x.svg", f"there is no folder {tmp_path / 'none'}; make it first"),
        (tmp_path, f"is a folder; name a file in it, {tmp_path / 'main.svg'}"),
        (tmp_path / "x.png", "the picture is an SVG; name it x.svg"),
    ):
        assert told in refused(capsys, "draw", "main", "--out", str(out))
    assert list(tmp_path.iterdir()) == []


def test_keys_after_a_pin_are_unseen() -> None:
    asked = Ask(("p",), 4, "#", 5000, 3000, secret=True)
    assert entered("123456", asked) == ("xxxx", "full", "xx")
    assert entered("12#456", asked) == ("xx", "terminator", "xxx")


def test_words_in_place_of_a_pin_are_unseen(capsys: pytest.CaptureFixture[str]) -> None:
    story = walked(capsys, str(SELF_SERVICE), "--keys", "2,100001,four seven one one")
    assert "seven" not in json.dumps(story)


def test_why_a_value_is_not_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = flow(
        tmp_path, "f",
        '[steps.a]\nkind = "set"\nvariable = "price"\nvalue = "cheap"\nnext = "b"\n'
        '[steps.b]\nkind = "say"\nas = "amount"\ncurrency = "EUR"\nvalue = "{price}"\n'
        'next = "c"\n[steps.c]\nkind = "hangup"\n',
    )  # fmt: skip
    (turn,) = walked(capsys, file, "--keys", "")["turns"]
    assert (turn["step"], turn["does"]) == ("b", "fails")
    assert "'cheap'" in turn["status"]
    assert main(["ivr", "try", file, "--keys", ""]) == 0
    assert "says  nothing: 'cheap'" in capsys.readouterr().out


def test_a_request_is_answered_by_the_names_of_its_variables() -> None:
    names = ("total", "shop_currency", "delivery_date", "order_status", "parcels")
    wanted = tuple((name, name) for name in names)
    told = EXAMPLES.to(AskOutside("shop", "GET /orders", (), wanted, 3000, ()))
    assert [value for _, value in told] == ["128.50", "CNY", "2026-10-01", "shipped", "1"]


def test_the_order_that_was_asked_for_is_told() -> None:
    (number, *_) = EXAMPLES.to(AskOutside("crm", "order", (("number", "77"),), (), 3000, ()))
    assert number == ("order_number", "77")
    (latest, *_) = EXAMPLES.to(AskOutside("crm", "order", (("number", ""),), (), 3000, ()))
    assert latest == ("order_number", "20261001")


def test_a_hidden_number_is_not_called_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    steps = '[steps.a]\nkind = "callback"\nqueue = "q"\non_fail = "b"\n'
    file = flow(tmp_path, "f", steps + '[steps.b]\nkind = "hangup"\n')
    assert walked(capsys, file, "--keys", "", "--number", "")["path"] == ["a!", "b"]
    assert walked(capsys, file, "--keys", "")["outcome"] == "callback"


def commands() -> list[str]:
    """All examples of the help, and those at the head of the example."""
    found = re.findall(r"^ +(ctid ivr .*?)(?:   .*)?$", ivr.__doc__ or "", re.MULTILINE)
    head = SELF_SERVICE.read_text("utf-8").partition("\nid = ")[0]
    return found + re.findall(r"^# +(ctid ivr .*)$", head, re.MULTILINE)


@pytest.mark.parametrize("command", commands())
def test_each_example_works(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    (tmp_path / "config").symlink_to(CONFIG.resolve())
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("builtins.input", lambda _: "h")
    assert main(shlex.split(command)[1:]) == 0
    capsys.readouterr()


@pytest.mark.parametrize("command", [one for one in commands() if one.endswith(("#", ",2"))])
def test_the_commands_of_the_example_reach_what_they_ask_for(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    story = walked(capsys, *shlex.split(command)[3:])
    assert [turn for turn in story["turns"] if turn["does"] == "requests"]


def test_the_help_of_each_is_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    for what, other in (("draw", "--keys it asks"), ("try", "one SVG")):
        with pytest.raises(SystemExit):
            main(["ivr", what, "--help"])
        out = capsys.readouterr().out
        assert other not in out
        assert "FLOW is the id" in out
