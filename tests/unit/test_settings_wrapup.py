"""Wrap-up, pauses and breaks in the settings: what loads, and what contradicts itself."""

from typing import Any

import pytest

from ctid.acd.absence import AbsenceRules
from ctid.acd.wrapup import WrapUpRule
from tests.unit.test_settings import changed, problems, read


def queue(**keys: object) -> dict[str, Any]:
    """The shipped file with these keys in its first queue; ... takes one out."""
    main = changed("queues.0.name", "Q")
    first = main["queues"][0]
    for key in ("wrap_up_s", "wrap_up_extend_s", "wrap_up_max_s", "dispositions"):
        del first[key]
    first |= keys
    return main


def test_nothing_said_is_ten_seconds_that_may_be_ended() -> None:
    first = read(queue(wrap_up="timed")).centre.acd.queues[0]
    assert (first.wrap_up, first.wrap_up_rule) == (10_000, WrapUpRule())


@pytest.mark.parametrize(
    ("keys", "rule"),
    [
        ({"wrap_up": "none"}, WrapUpRule("none")),
        ({"wrap_up": "optional", "wrap_up_max_s": 600}, WrapUpRule("optional", most=600_000)),
        ({"wrap_up": "timed_full", "wrap_up_extend_s": 20, "wrap_up_max_s": 60},
         WrapUpRule("timed_full", 20_000, 60_000)),
        ({"wrap_up": "disposition", "wrap_up_max_s": 60, "dispositions": ["已解决 Solved", "no"]},
         WrapUpRule("disposition", 0, 60_000, ("已解决 Solved", "no"))),
        ({"dispositions": ["sold"]}, WrapUpRule(codes=("sold",))),
    ],
)  # fmt: skip
def test_every_mode_can_be_said(keys: dict[str, object], rule: WrapUpRule) -> None:
    assert read(queue(**keys)).centre.acd.queues[0].wrap_up_rule == rule


CODES = {"wrap_up": "disposition", "wrap_up_max_s": 60, "dispositions": ["sold"]}


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        ({"wrap_up": "timd"}, "wrap_up: there is no mode 'timd'; did you mean \"timed\"?"),
        ({"wrap_up": 10}, "wrap_up: is a number; write a text in quotes"),
        ({"wrap_up_extend_s": 20}, "wrap_up_max_s: must be there with wrap_up_extend_s"),
        ({"wrap_up_max_s": 5}, "wrap_up_max_s: is less than wrap_up_s; make it longer"),
        ({"wrap_up_extend_s": -1}, "wrap_up_extend_s: -1 is out of range; use 0 to"),
        ({"wrap_up": "none", "wrap_up_s": 3}, 'wrap_up_s: is of no use with wrap_up = "none"'),
        ({"wrap_up": "none", "wrap_up_max_s": 3}, "wrap_up_max_s: is of no use with"),
        ({"wrap_up": "optional", "wrap_up_extend_s": 3}, "wrap_up_extend_s: is of no use with"),
        (CODES | {"wrap_up_s": 3}, "wrap_up_s: is of no use with"),
        (CODES | {"wrap_up_max_s": 0}, "wrap_up_max_s: must be there with wrap_up = "),
        (CODES | {"dispositions": []}, "dispositions: is empty with wrap_up = "),
        (CODES | {"dispositions": ["a", "a"]}, "dispositions: names a code twice"),
        (CODES | {"dispositions": ["a", " b"]}, "dispositions: ' b' does not fit; use 1 to 40"),
        (CODES | {"dispositions": ["a\nb"]}, "dispositions: 'a\\nb' does not fit; use 1 to 40"),
    ],
)
def test_what_contradicts_itself(keys: dict[str, object], problem: str) -> None:
    found = problems(queue(**keys))
    assert [line for line in found if line.startswith(f"ctid.toml: queues[1].{problem}")], found


def test_causes_without_a_pause_of_their_own_take_the_general_one() -> None:
    main = changed("routing.back_off_s", 7)
    main["routing"]["back_off_no_answer_s"] = 30
    main["break_max_s"] = {"lunch": 1_800}
    acd = read(main).centre.acd
    assert acd.back_off == 7_000
    assert acd.absence == AbsenceRules(7_000, 30_000, 1, {"lunch": 1_800_000})


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        ("routing.no_answers", 0, "routing.no_answers: 0 is out of range; use 1 to 20"),
        ("routing.back_off_rejected_s", 0, "routing.back_off_rejected_s: 0 is out of range"),
        ("break_max_s.lunch", 0, "break_max_s.lunch: 0 is out of range; use more than 0"),
        ("break_max_s.lunch", "1 h", "break_max_s.lunch: is a text; write a number of seconds"),
        ("break_max_s.lnch", 60, "break_max_s.lnch: there is no break reason 'lnch' in"),
        ("break_max_s", [60], "break_max_s: is a list; write it as a table, [break_max_s]"),
    ],
)
def test_mistakes_about_absence(path: str, value: object, problem: str) -> None:
    found = problems(changed(path, value))
    assert [line for line in found if line.startswith(f"ctid.toml: {problem}")], found
