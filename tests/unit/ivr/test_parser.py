"""A flow file with one thing wrong says that thing, with its path; with many wrong, all of them."""

import copy
from typing import Any

import pytest

from ctid.ivr.flow import Collect, Menu
from ctid.ivr.parser import parse_flow

TEXT = {"en": "Hello", "zh-CN": "你好"}
GOOD: dict[str, Any] = {
    "id": "main",
    "start": "hours",
    "language": "zh-CN",
    "steps": {
        "hours": {"kind": "hours", "hours": "office", "open": "menu", "closed": "sorry"},
        "sorry": {"kind": "play", "prompt": "sorry", "next": "bye"},
        "menu": {
            "kind": "menu", "prompt": "which", "keys": {"1": "code", "2": "english"},
            "on_fail": "queue", "invalid": "wrong", "first_digit_s": 2.5,
        },
        "english": {"kind": "language", "language": "en", "next": "queue"},
        "code": {
            "kind": "collect", "prompt": "which", "next": "queue", "on_fail": "queue",
            "check": "customer", "min": 4, "max": 6, "inter_digit_s": 2,
        },
        "queue": {"kind": "queue", "queue": "sales"},
        "bye": {"kind": "hangup"},
    },
    "prompts": {"sorry": TEXT, "which": TEXT, "wrong": TEXT},
}  # fmt: skip


def parse(raw: dict[str, Any]) -> list[str]:
    flow, problems = parse_flow(raw, "main.toml", ["sales"], ["office"])
    assert (flow is None) == bool(problems)
    return problems


def changed(path: str, value: Any) -> dict[str, Any]:
    """GOOD with one value replaced, or taken out where `value` is None."""
    raw = copy.deepcopy(GOOD)
    *folders, name = path.split(".")
    place = raw
    for folder in folders:
        place = place[folder]
    if value is None:
        del place[name]
    else:
        place[name] = value
    return raw


def test_a_good_flow() -> None:
    flow, problems = parse_flow(GOOD, "main.toml", ["sales"], ["office"])
    assert problems == []
    assert flow is not None
    menu, code = flow.steps["menu"], flow.steps["code"]
    assert isinstance(menu, Menu)
    assert isinstance(code, Collect)
    assert (menu.first_digit, code.inter_digit, code.first_digit) == (2500, 2000, 6000)


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        ("start", "nowhere", "main.toml: start: there is no step 'nowhere'"),
        ("start", None, "main.toml: start: is missing; write start = …"),
        ("language", "de", "main.toml: language: 'de' is not one of en, zh-CN"),
        ("colour", "red", "main.toml: colour: unknown key"),
        ("steps.menu.kind", "jump", "main.toml: steps.menu.kind: 'jump' is no kind of step; known"),
        ("steps.menu.colour", 1, "main.toml: steps.menu.colour: unknown key; known"),
        ("steps.menu.prompt", None, "main.toml: steps.menu.prompt: is missing; write"),
        ("steps.menu.tries", "3", "main.toml: steps.menu.tries: must be a whole number, not a"),
        ("steps.menu.tries", 0, "main.toml: steps.menu.tries: must be 1 to 9"),
        ("steps.menu.keys.1", "nowhere", "main.toml: steps.menu.keys.1: there is no step"),
        ("steps.menu.keys.x", "queue", "main.toml: steps.menu.keys.x: not a telephone key"),
        ("steps.menu.keys.12", "queue", "main.toml: steps.menu.keys.12: one key only"),
        ("steps.menu.keys", {}, "main.toml: steps.menu.keys: a menu needs at least one key"),
        ("steps.menu.on_fail", "x", "main.toml: steps.menu.on_fail: there is no step 'x'"),
        ("steps.menu.invalid", "x", "main.toml: steps.menu.invalid: there is no prompt 'x'"),
        ("steps.menu.first_digit_s", 0, "steps.menu.first_digit_s: must be a positive number"),
        ("steps.menu.first_digit_s", True, "first_digit_s: must be a positive number of seconds"),
        ("steps.menu.first_digit_s", "5", "first_digit_s: must be a positive number of seconds"),
        ("steps.code.min", 7, "main.toml: steps.code: min and max must satisfy"),
        ("steps.code.max", 65, "main.toml: steps.code: min and max must satisfy"),
        ("steps.code.terminator", "9", "main.toml: steps.code.terminator: must be"),
        ("steps.code.check", "age", "main.toml: steps.code.check: 'age' is not known here; known"),
        ("steps.queue.queue", "x", "main.toml: steps.queue.queue: there is no queue 'x'"),
        ("steps.hours.hours", "x", "main.toml: steps.hours.hours: there are no opening hours 'x'"),
        ("steps.lonely", {"kind": "hangup"}, "main.toml: steps.lonely: never reached"),
        ("steps.menu", 5, "main.toml: steps.menu: is not a table; write it under"),
        ("steps", 5, "main.toml: steps: is not a table"),
        ("steps", ["menu"], "main.toml: steps: is not a table"),
        ("prompts", 5, "main.toml: prompts: is not a table; write each one under"),
        (
            "prompts.sorry.en",
            " ",
            "main.toml: steps.sorry.prompt: prompt 'sorry' has no text in en",
        ),
        ("prompts.sorry", None, "main.toml: steps.sorry.prompt: there is no prompt 'sorry'"),
    ],
)
def test_one_problem(path: str, value: Any, problem: str) -> None:
    problems = parse(changed(path, value))
    assert any(problem in found for found in problems), problems


def test_a_circle_without_a_way_out() -> None:
    raw = changed("steps.sorry.next", "again")
    raw["steps"]["again"] = {"kind": "play", "prompt": "sorry", "next": "sorry"}
    del raw["steps"]["bye"]
    assert parse(raw) == [
        "main.toml: steps.sorry: goes round without the caller doing anything"
        " (sorry → again → sorry); lead one of these steps elsewhere, or ask for a key in between"
    ]


def test_all_problems_at_once() -> None:
    raw = changed("start", "nowhere")
    raw["steps"]["queue"]["queue"] = "x"
    raw["steps"]["menu"]["tries"] = 99
    raw["colour"] = "red"
    assert len(parse(raw)) == 4


def test_nothing_at_all() -> None:
    assert parse({}) == [
        "main.toml: id: is missing; write id = …",
        "main.toml: start: is missing; write start = …",
    ]
