"""One step with one thing wrong says that thing, with its path, and what to do."""

from __future__ import annotations

from typing import Any

import pytest

from ctid.ivr.parser import parse_flow

TEXT = {"en": "Hello", "zh-CN": "你好"}
COLLECT = {"kind": "collect", "prompt": "p", "next": "q", "on_fail": "q"}
SAY = {"kind": "say", "as": "number", "value": "12", "next": "q"}
BRANCH = {"kind": "branch", "on": "grade", "cases": {"A": "q"}, "otherwise": "q"}
SET = {"kind": "set", "variable": "a", "value": "{a}", "next": "q"}
PIN = COLLECT | {"class": "pin"}
BACK = {"kind": "callback", "queue": "sales", "on_fail": "q"}
AWAY = {"kind": "transfer", "to": "+49301234", "on_fail": "q"}
RECORD = {"kind": "record", "prompt": "p", "next": "q", "on_fail": "q"}
WHO = {"kind": "look_up", "found": "q", "none": "q", "on_fail": "q"}
MESSAGE = {"kind": "voicemail", "queue": "sales"}


def problems(step: dict[str, Any]) -> list[str]:
    steps = {"s": step, "q": {"kind": "queue", "queue": "sales"}}
    raw = {"id": "f", "start": "s", "steps": steps, "prompts": {"p": TEXT}}
    return parse_flow(raw, "f.toml", ["sales"], [])[1]


@pytest.mark.parametrize(
    "step",
    [
        COLLECT | {"total_s": 30, "check_digit": "luhn", "pattern": "1x{5}|2x{3}", "again": ["p"],
                   "confirm": "p", "read_back": "p", "class": "code", "check": "customer"},
        COLLECT | {"into": "order"}, PIN | {"min": 4, "max": 6},
        PIN | {"check": "pin"}, PIN | {"check": "pin", "locked": "q"},
        BRANCH | {"on": "identity", "cases": {"verified": "q", "claimed": "q"}},
        SET | {"value": "x" * 80 + "{a}"},
        SAY, SAY | {"value": "{grade}", "before": "p", "after": "p", "on_fail": "q"},
        SAY | {"as": "amount", "value": "3050.20", "currency": "CNY"},
        BRANCH, BRANCH | {"on": "code_status", "cases": {"found": "q", "unknown": "q"}}, SET,
        {"kind": "call", "flow": "other", "next": "q", "with": {"a": "{code}"}},
        {"kind": "menu", "prompt": "p", "keys": {"1": "q"}, "on_fail": "q", "again": ["p", "p"]},
        RECORD, RECORD | {"max_s": 300, "min_s": 1, "short": "p", "confirm": "p", "terminator": "*",
                          "link": "https://pbx.example/{file}?{call}{number}"},
        WHO, WHO | {"many": "q", "language": True}, WHO | {"by": "code", "value": "{code}1"},
        BACK, BACK | {"number": "{code}", "prompt": "p"}, AWAY, AWAY | {"to": "0800"},
        AWAY | {"to": "Head office", "queue": "sales"},
    ],
)  # fmt: skip
def test_good(step: dict[str, Any]) -> None:
    assert problems(step) == []


@pytest.mark.parametrize(
    ("step", "problem"),
    [
        (SET | {"value": "x" * 81}, "steps.s.value: has 81 characters beside names, and values"),
        (SAY | {"value": "{a}" + "1" * 90}, "steps.s.value: has 90 characters beside names, and"),
        (COLLECT | {"check_digit": "mod12"}, "steps.s.check_digit: 'mod12' is not known here; did"),
        (COLLECT | {"check_digit": "mod11", "terminator": "*"}, "steps.s.terminator: a number by"),
        (COLLECT | {"pattern": "(1|2)+"}, "steps.s.pattern: '(1' cannot be read"),
        (COLLECT | {"pattern": "x{6}", "max": 5}, "steps.s.pattern: no code of 1 to 5 figures"),
        (COLLECT | {"again": ["x"]}, "steps.s.again[1]: there is no prompt 'x'"),
        (COLLECT | {"again": "p"}, "steps.s.again: must be a list, not a text; write it as"),
        (COLLECT | {"confirm": "x"}, "steps.s.confirm: there is no prompt 'x'"),
        (COLLECT | {"read_back": "p"}, "steps.s.read_back: is played before a question; name"),
        (COLLECT | {"confirm": "p", "max": 41}, "steps.s.confirm: a code of 41 figures cannot"),
        (COLLECT | {"total_s": 1}, "steps.s.total_s: is less than first_digit_s"),
        (COLLECT | {"total_s": 0}, "steps.s.total_s: must be a positive number of seconds"),
        (COLLECT | {"class": "secret"}, "steps.s.class: 'secret' is not known here; known are: c"),
        (COLLECT | {"class_": "pin"}, "steps.s.class_: unknown key; did you mean"),
        (COLLECT | {"into": "Order"}, "steps.s.into: 'Order' is no name"),
        (COLLECT | {"into": "grade"}, "steps.s.into: 'grade' can be read but not set"),
        (COLLECT | {"into": "o", "check": "customer"}, "steps.s.check: is for the customer code"),
        (COLLECT | {"into": "o", "class": "code"}, "steps.s.class: is for the customer code"),
        (PIN | {"pattern": "xxxx"}, "steps.s.pattern: only the number of figures of a PIN"),
        (PIN | {"check_digit": "luhn"}, "steps.s.check_digit: only the number of figures"),
        (PIN | {"confirm": "p"}, "steps.s.confirm: only the number of figures"),
        (PIN | {"check": "customer"}, "steps.s.check: only the number of figures"),
        (PIN | {"into": "pin"}, "steps.s.into: only the number of figures"),
        (COLLECT | {"check": "pin"}, 'steps.s.check: a PIN is never kept; write class = "pin"'),
        (PIN | {"locked": "q"}, "steps.s.locked: is for the check of a PIN; write check ="),
        (PIN | {"check": "pin", "locked": "x"}, "steps.s.locked: there is no step 'x'"),
        (SET | {"variable": "identity"}, "steps.s.variable: 'identity' can be read but not set"),
        (BRANCH | {"on": "identity", "cases": {"proved": "q"}}, "identity is never 'proved'"),
        (RECORD | {"max_s": 301}, "steps.s.max_s: is more than 300 s; make it shorter"),
        (RECORD | {"max_s": 2, "min_s": 2}, "steps.s.min_s: is not less than max_s, so nothing"),
        (RECORD | {"terminator": "1"}, "steps.s.terminator: must be '#', '*' or empty; use '#'"),
        (RECORD | {"link": "javascript:1"}, "steps.s.link: must be an address that begins with"),
        (RECORD | {"link": "https://x/{name}"}, "steps.s.link: {name} stands for nothing; known"),
        (RECORD | {"short": "x"}, "steps.s.short: there is no prompt 'x'"),
        (RECORD | {"confirm": "x"}, "steps.s.confirm: there is no prompt 'x'"),
        (RECORD | {"tries": 0}, "steps.s.tries: must be 1 to 9, not 0; use 3"),
        (WHO | {"by": "name"}, "steps.s.by: 'name' is not known here; did you mean"),
        (WHO | {"value": "{caller}"}, 'steps.s.value: is of a code; write by = "code", or take it'),
        (WHO | {"by": "code", "value": "{x"}, "steps.s.value: '{x' has a brace that names nothing"),
        (WHO | {"many": "x"}, "steps.s.many: there is no step 'x'"),
        (WHO | {"found": "x"}, "steps.s.found: there is no step 'x'"),
        (BACK | {"queue": "sale"}, "steps.s.queue: there is no queue 'sale' of callers; did you"),
        (BACK | {"number": "{x"}, "steps.s.number: '{x' has a brace that names nothing"),
        (BACK | {"prompt": "x"}, "steps.s.prompt: there is no prompt 'x'"),
        (BACK | {"on_fail": "x"}, "steps.s.on_fail: there is no step 'x'"),
        (AWAY | {"to": "+49&30"}, "steps.s.to: '+49&30' is no number; write 2 to 20 digits"),
        (AWAY | {"to": "1"}, "steps.s.to: '1' is no number; write 2 to 20 digits"),
        (AWAY | {"to": ""}, "steps.s.to: is empty; write a number, or a name of one"),
        (AWAY | {"queue": "sale"}, "steps.s.queue: there is no queue 'sale' of callers; did you"),
        (MESSAGE | {"queue": ""}, "steps.s.queue: there is no queue '' of callers; known are"),
        (MESSAGE | {"prompt": "x"}, "steps.s.prompt: there is no prompt 'x'"),
        (MESSAGE | {"next": "q"}, "steps.s.next: unknown key; known are"),
        (SET | {"variable": "code"}, "steps.s.variable: 'code' can be read but not set"),
        (SET | {"value": "{a"}, "steps.s.value: '{a' has a brace that names nothing"),
        (SET | {"value": 5}, "steps.s.value: must be a text, not a whole number"),
        (BRANCH | {"on": "{grade}"}, "steps.s.on: '{grade}' is no name of a variable"),
        (BRANCH | {"cases": {}}, "steps.s.cases: a branch needs at least one case"),
        (BRANCH | {"cases": {"A": "x"}}, "steps.s.cases.A: there is no step 'x'"),
        ({k: v for k, v in BRANCH.items() if k != "otherwise"}, "steps.s.otherwise: is missing"),
        (BRANCH | {"on": "code_status", "cases": {"fond": "q"}}, 'did you mean "found"?'),
        (BRANCH | {"on": "language", "cases": {"de": "q"}}, "steps.s.cases.de: language is never"),
        (SAY | {"as": "numbers"}, "steps.s.as: 'numbers' is no kind of value; did you mean \"num"),
        (SAY | {"value": "twelve"}, "steps.s.value: cannot be said in en: "),
        (SAY | {"before": "x"}, "steps.s.before: there is no prompt 'x'"),
        (SAY | {"on_fail": "x"}, "steps.s.on_fail: there is no step 'x'"),
        ({"kind": "return", "with": {"A": "1"}}, "steps.s.with.A: 'A' is no name"),
        ({"kind": "return", "with": {"a": "}"}}, "steps.s.with.a: '}' has a brace"),
        ({"kind": "call", "next": "q"}, "steps.s.flow: is missing; write flow = …"),
    ],
)
def test_one_problem(step: dict[str, Any], problem: str) -> None:
    found = problems(step)
    assert any(problem in line for line in found), found
    assert all(line.startswith("f.toml: ") for line in found)


def test_a_wrong_range_is_no_mistake_of_the_pattern() -> None:
    assert problems(COLLECT | {"min": 9, "max": 8, "pattern": "x{8}"}) == [
        "f.toml: steps.s: min and max must satisfy 1 <= min <= max <= 64, not 9, 8; change one of"
        " them"
    ]
