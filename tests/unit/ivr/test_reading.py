"""One step's table: times only with `_s`, every problem at once, each with its key's path."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from ctid.ivr.flow import Collect
from ctid.ivr.parser import MOST_STEPS, parse_flow
from ctid.ivr.reading import KINDS, read_step

TEXT = {"en": "Hello", "zh-CN": "你好"}
COLLECT = {"kind": "collect", "prompt": "p", "next": "q", "on_fail": "q"}
MENU = {"kind": "menu", "prompt": "p", "keys": {"1": "q"}, "on_fail": "q"}
RECORD = {"kind": "record", "prompt": "p", "next": "q", "on_fail": "q"}
ORDER = {"kind": "order_status", "next": "q", "none": "q", "on_fail": "q"}


def parsed(**steps: Any) -> list[str]:
    whole = {**steps, "q": {"kind": "queue", "queue": "sales"}}
    raw = {"id": "f", "start": next(iter(whole)), "steps": whole, "prompts": {"p": TEXT}}
    return parse_flow(raw, "f.toml", ["sales"], [])[1]


@pytest.mark.parametrize(
    ("step", "key", "meant"),
    [
        (MENU, "first_digit", "first_digit_s"),
        (COLLECT, "inter_digit", "inter_digit_s"),
        (COLLECT, "total", "total_s"),
        (ORDER, "time_out", "time_out_s"),
        (RECORD, "min", "min_s"),
        (MENU, "tries_s", "tries"),
        (COLLECT, "min_s", "min"),
        (COLLECT, "totals_s", "total_s"),
        (COLLECT, "on_fial", "on_fail"),
        (COLLECT, "class_", "class"),
    ],
)
def test_a_key_that_is_nearly_right(step: dict[str, Any], key: str, meant: str) -> None:
    found = parsed(s=step | {key: 2})
    assert found[0].startswith(f"f.toml: steps.s.{key}: unknown key; ")
    assert f'"{meant}"' in found[0] or key == "class_"
    assert len(found) == 1


def test_both_ways_of_writing_a_time_are_not_one_too_many() -> None:
    assert parsed(s=MENU | {"first_digit": 5, "first_digit_s": 7}) == [
        'f.toml: steps.s.first_digit: unknown key; did you mean "first_digit_s"?'
    ]


def test_every_time_is_written_in_seconds() -> None:
    """Of all kinds: what the model counts in milliseconds has no key without `_s`."""
    told = read_step("steps.s", {"kind": "collect"} | COLLECT | {"first_digit_s": 2.5}).step
    assert isinstance(told, Collect)
    assert told.first_digit == 2_500
    for kind in KINDS:
        for key in ("first_digit", "inter_digit", "total", "time_out", "silence_s", "tries_s"):
            lines = read_step("s", {"kind": kind, key: 3}).problems
            seconds = kind == "record" and key == "silence_s"
            assert seconds or any(line.startswith(f"s.{key}: unknown key") for line in lines)


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({"next": "q"}, 'steps.s.kind: is missing; write kind = "play", or another one'),
        ({"kind": "tranfser"}, "steps.s.kind: 'tranfser' is no kind of step; did you mean \"tran"),
        ({"kind": ["play"]}, "steps.s.kind: a list is no kind of step; known are: appointment"),
        (
            COLLECT | {"total_s": date(2026, 1, 1)},
            "steps.s.total_s: must be a positive number of seconds, not a date or time; write a",
        ),
        (COLLECT | {"total_s": float("nan")}, "seconds, at most 604800, not nan; write another"),
        (COLLECT | {"total_s": -1}, "seconds, at most 604800, not -1; write another one"),
        (COLLECT | {"into": date(2026, 1, 1)}, "steps.s.into: must be a text, not a date; write"),
        (MENU | {"keys": {"1": 2}}, "steps.s.keys: must be a text, not a whole number; write it"),
    ],
)
def test_what_to_do_is_told(body: dict[str, Any], problem: str) -> None:
    assert any(problem in line for line in parsed(s=body)), parsed(s=body)


def test_one_wrong_key_hides_nothing_of_its_step() -> None:
    wrong = MENU | {"colour": 1, "tries": "3", "keys": {"1": "x"}, "prompt": "y"}
    del wrong["on_fail"]
    assert [line.partition(";")[0] for line in parsed(s=wrong)] == [
        "f.toml: steps.s.colour: unknown key",
        "f.toml: steps.s.tries: must be a whole number, not a text",
        "f.toml: steps.s.on_fail: is missing",
        "f.toml: steps.s.keys.1: there is no step 'x'",
        "f.toml: steps.s.prompt: there is no prompt 'y'",
    ]


def test_what_could_not_be_read_has_no_problems_of_its_own() -> None:
    """The default that stands in for `max` is below `min`, which is no mistake of the file's."""
    assert len(parsed(s=COLLECT | {"min": 30, "max": "40"})) == 1


@pytest.mark.parametrize("name", ["", "a b", "a\nb", "~", "=", "!", "a/b", "x" * 61])
def test_a_name_that_does_not_fit(name: str) -> None:
    lines = parsed(**{name: COLLECT | {"\x1b[2J": 1}})
    assert all(line.isprintable() for line in lines)
    found = next(line for line in lines if ": steps." in line)
    assert "does not fit as a name; use 1 to 60 letters" in found
    assert len(found) < 200


@pytest.mark.parametrize("name", ["a-b_c.1", "主菜单", "Ä", "x" * 60])
def test_a_name_that_fits(name: str) -> None:
    assert parsed(**{name: COLLECT}) == []


def test_a_flow_has_so_many_steps() -> None:
    chain = {f"s{n}": {"kind": "play", "prompt": "p", "next": f"s{n + 1}"} for n in range(1_998)}
    last = {"s1998": {"kind": "play", "prompt": "p", "next": "q"}}
    assert parsed(**chain, **last) == []
    assert parsed(**chain, **last, more={"kind": "hangup"}) == [
        f"f.toml: steps: {MOST_STEPS + 1} are more than {MOST_STEPS}; split the flow, and lead on"
        " with a step call"
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("x" * 2_001, "has 2001 characters; make it 2000 at most"),
        ("a\u0000", "has the control character '\\x00'; take it out"),
        ("a\u0007b", "has the control character '\\x07'; take it out"),
        ("x" * 2_000, ""),
        ("two\tlines\r\nof text", ""),
    ],
)
def test_texts_of_prompts(text: str, problem: str) -> None:
    steps = {"s": {"kind": "play", "prompt": "p", "next": "q"}, "q": {"kind": "hangup"}}
    raw = {"id": "f", "start": "s", "steps": steps, "prompts": {"p": TEXT | {"en": text}}}
    found = parse_flow(raw, "f.toml", (), ())[1]
    assert found == ([f"f.toml: prompts.p.en: {problem}"] if problem else [])
