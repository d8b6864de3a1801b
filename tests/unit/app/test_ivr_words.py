"""Words typed to `ctid ivr try`."""

import json
from pathlib import Path

import pytest

from ctid.app.cli import main
from ctid.app.ivr_words import are_words, understood

FLOW = """
id = "words"
start = "menu"
language = "en"
[steps.menu]
kind = "menu"
prompt = "which"
keys = { 1 = "code", 2 = "bye" }
words.en = { "customer service" = "1" }
unsure = "by-keys"
on_fail = "bye"
[steps.code]
kind = "collect"
prompt = "which"
min = 3
max = 4
speech = true
next = "bye"
on_fail = "bye"
[steps.bye]
kind = "hangup"
[prompts.which]
zh-CN = "请选择。"
en = "Which one?"
[prompts.by-keys]
zh-CN = "请按键。"
en = "Please press a key."
"""


@pytest.mark.parametrize("typed", ["", "1", "12#", "x", "1a", "a,b", "100 dollars"])
def test_what_is_pressed_or_a_slip(typed: str) -> None:
    assert not are_words(typed)


@pytest.mark.parametrize("typed", ["Sales", "customer  service", "one two", "销售"])
def test_what_is_said(typed: str) -> None:
    assert are_words(typed)


@pytest.mark.parametrize(
    ("typed", "line", "heard"),
    [
        ("Customer Service", "en words sales|customer service", "customer service"),
        ("banana", "en words sales|customer service", ""),
        ("one oh nine", "en digits 3 4", "109"),
        ("one two", "en digits 3 4", ""),
        ("one two many", "en digits 3 4", ""),
        ("一 零 九", "zh-CN digits 3 3", "109"),
    ],
)
def test_what_is_understood(typed: str, line: str, heard: str) -> None:
    assert understood(typed, line) == heard


def test_words_walk_a_flow(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "words.toml"
    file.write_text(FLOW)

    def walk(keys: str) -> str:
        assert main(["ivr", "try", str(file), "--language", "en", "--keys", keys]) == 0
        return " ".join(capsys.readouterr().out.split())

    told = walk("customer service,one two three")
    assert "says customer service code asks" in told
    assert "path menu=1 code bye" in told
    told = walk("banana,customer service,1")
    assert "says banana; not understood menu asks Please press a key. Which one?" in told
    assert "says customer service; nobody listens here" in told
    assert main(["ivr", "try", str(file), "--keys", "customer service", "--json"]) == 0
    turn = json.loads(capsys.readouterr().out)["turns"][0]
    assert (turn["said"], turn["understood"], turn["keys"]) == ("customer service", True, "")
