"""The rules by themselves: which one holds, when to look again, and what can be told beforehand."""

import msgspec
import pytest

from ctid.acd.overflow import (
    Circle,
    Kind,
    Match,
    Overflow,
    Rule,
    Seen,
    ToExternal,
    ToHangUp,
    ToMessage,
    ToQueue,
    ToVoicemail,
    circles,
    first_match,
    next_look,
    shadowed,
)

AWAY = ToQueue("other")
CALM = Seen(0, 0, 3, 3, 3, lambda hours: True, lambda: 0)
"""Nothing waits, three agents are free, it is open."""


def matched(rule: Rule, **seen: object) -> Match | None:
    return first_match(Overflow((rule,)), rule.at, CALM._replace(**seen))


@pytest.mark.parametrize(
    ("rule", "below", "enough", "reason"),
    [
        (Rule(AWAY, "wait", waited=30_000), {"waited": 29_999}, {"waited": 30_000}, "waited 30 s"),
        (Rule(AWAY, length=5), {"others": 4}, {"others": 5}, "5 wait already"),
        (Rule(AWAY, ratio=2_000), {"others": 5}, {"others": 6}, "7 waiting for 3 agents"),
        (Rule(AWAY, ratio=2_000), {}, {"ready": 0}, "1 waiting for 0 agents"),
        (Rule(AWAY, no_agent="signed_in"), {"signed_in": 1}, {"signed_in": 0},
         "nobody is signed in"),
        (Rule(AWAY, no_agent="ready"), {"ready": 1}, {"ready": 0}, "nobody is ready"),
        (Rule(AWAY, no_agent="free"), {"free": 1}, {"free": 0}, "nobody is free"),
        (Rule(AWAY, closed="office"), {}, {"is_open": lambda hours: hours != "office"},
         "closed (office)"),
        (Rule(AWAY, expected=60_000), {"expected": lambda: 59_999}, {"expected": lambda: 60_000},
         "expected wait 1 min 0 s"),
        (Rule(AWAY, expected=60_000), {"expected": lambda: None}, {"expected": lambda: 10**9},
         "expected wait 16666 min 40 s"),
    ],
)  # fmt: skip
def test_each_condition_holds_from_its_threshold_on(
    rule: Rule, below: dict[str, object], enough: dict[str, object], reason: str
) -> None:
    assert matched(rule, **below) is None
    assert matched(rule, **enough) == Match(1, rule, reason)


def test_all_conditions_must_hold_and_all_are_told() -> None:
    rule = Rule(AWAY, "wait", waited=30_000, no_agent="ready")
    assert matched(rule, waited=60_000) is None
    assert matched(rule, ready=0) is None
    both = matched(rule, waited=60_000, ready=0)
    assert both is not None
    assert both.reason == "waited 1 min 0 s; nobody is ready"


def test_the_first_rule_that_holds_wins_and_says_its_number() -> None:
    rules = (Rule(AWAY, length=9), Rule(ToVoicemail(), length=2), Rule(ToHangUp(), length=1))
    found = first_match(Overflow(rules), "join", CALM._replace(others=3))
    assert found is not None
    assert (found.number, found.rule.to) == (2, ToVoicemail())


@pytest.mark.parametrize(("at", "moments"), [("join", "j"), ("wait", "w"), ("both", "jw")])
def test_a_rule_counts_at_its_moment_only(at: str, moments: str) -> None:
    rule = msgspec.structs.replace(Rule(AWAY, length=1), at=at)
    seen = CALM._replace(others=1)
    for moment in ("join", "wait"):
        found = first_match(Overflow((rule,)), moment, seen)
        assert (found is not None) == (moment[0] in moments)


def test_a_rule_that_had_its_turn_is_passed_over() -> None:
    rules = (Rule(ToExternal("+49301234"), length=1), Rule(ToVoicemail(), length=1))
    seen = CALM._replace(others=1)
    found = first_match(Overflow(rules), "join", seen, passed_over=(1,))
    assert found is not None
    assert found.number == 2


def test_after_the_last_hop_only_the_ends_of_the_way_are_open() -> None:
    seen = CALM._replace(others=1)
    for target, open_ in (
        (AWAY, False), (ToExternal("110"), False), (ToVoicemail(), True),
        (ToMessage(("sorry",)), True), (ToHangUp(), True),
    ):  # fmt: skip
        overflow = Overflow((Rule(target, length=1),), hops=2)
        assert first_match(overflow, "join", seen, hops=1) is not None
        assert (first_match(overflow, "join", seen, hops=2) is not None) == open_


@pytest.mark.parametrize(
    ("conditions", "kind"),
    [
        ({"closed": "office", "no_agent": "ready", "length": 3, "waited": 1}, "closed"),
        ({"no_agent": "ready", "length": 3, "waited": 1}, "no_agent"),
        ({"length": 3, "waited": 1}, "full"),
        ({"ratio": 3_000}, "full"),
        ({"waited": 1}, "timed_out"),
        ({"expected": 1}, "timed_out"),
    ],
)
def test_what_a_move_counts_as(conditions: dict[str, object], kind: Kind) -> None:
    assert msgspec.structs.replace(Rule(AWAY), **conditions).kind == kind


@pytest.mark.parametrize(
    ("rules", "waited", "look"),
    [
        ((), 0, None),
        ((Rule(AWAY, "join", length=3),), 0, None),
        ((Rule(AWAY, "wait", waited=30_000),), 0, 30_000),
        ((Rule(AWAY, "wait", waited=30_000),), 12_000, 18_000),
        ((Rule(AWAY, "wait", waited=30_000),), 30_000, None),
        ((Rule(AWAY, "wait", waited=30_000, no_agent="ready"),), 30_000, 5_000),
        ((Rule(AWAY, "both", no_agent="ready"),), 0, 5_000),
        ((Rule(AWAY, "both", no_agent="ready"), Rule(AWAY, "wait", waited=3_000)), 0, 3_000),
        ((Rule(AWAY, "wait", waited=60_000), Rule(AWAY, "wait", waited=90_000)), 59_999, 1),
    ],
)
def test_when_to_look_again(rules: tuple[Rule, ...], waited: int, look: int | None) -> None:
    assert next_look(Overflow(rules), waited) == look


def to(*queues: str) -> Overflow:
    return Overflow(tuple(Rule(ToQueue(queue), length=1) for queue in queues))


def test_a_circle_is_found_from_each_of_its_rules() -> None:
    assert circles({"a": to("a")}) == [Circle("a", 1, ("a", "a"))]
    assert circles({"a": to("d", "b"), "b": to("c"), "c": to("a"), "d": Overflow()}) == [
        Circle("a", 2, ("a", "b", "c", "a")),
        Circle("b", 1, ("b", "c", "a", "b")),
        Circle("c", 1, ("c", "a", "b", "c")),
    ]


def test_a_way_that_ends_is_none() -> None:
    assert circles({"a": to("b", "c"), "b": to("c"), "c": to("nowhere")}) == []


@pytest.mark.parametrize(
    ("rules", "found"),
    [
        ([Rule(AWAY, length=3), Rule(ToHangUp(), length=5)], [(2, 1)]),
        ([Rule(AWAY, length=5), Rule(ToHangUp(), length=3)], []),
        ([Rule(AWAY, "both", no_agent="ready"), Rule(AWAY, "wait", no_agent="ready")], [(2, 1)]),
        ([Rule(AWAY, "wait", no_agent="ready"), Rule(AWAY, "both", no_agent="ready")], []),
        ([Rule(AWAY, no_agent="ready"), Rule(AWAY, no_agent="signed_in")], [(2, 1)]),
        ([Rule(AWAY, no_agent="signed_in"), Rule(AWAY, no_agent="ready")], []),
        ([Rule(AWAY, closed="a"), Rule(AWAY, closed="b")], []),
        ([Rule(AWAY, ratio=2_000), Rule(AWAY, ratio=1_000)], []),
        ([Rule(AWAY, expected=2), Rule(AWAY, expected=3, closed="a")], [(2, 1)]),
        ([Rule(ToExternal("110"), length=3), Rule(AWAY, length=5)], []),
    ],
)
def test_a_rule_that_never_has_its_turn(rules: list[Rule], found: list[tuple[int, int]]) -> None:
    assert shadowed(rules) == found
