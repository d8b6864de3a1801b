"""Overflow in the settings: what is read, and every mistake with its path and what to do."""

from typing import Any

import pytest

from ctid.acd.overflow import (
    Overflow,
    Rule,
    ToExternal,
    ToHangUp,
    ToMenu,
    ToMessage,
    ToQueue,
    ToVoicemail,
)
from tests.unit.test_settings import changed, problems, read


def with_rules(*rules: dict[str, Any], queue: int = 1) -> dict[str, Any]:
    """The shipped file with these rules in the queue `support`."""
    return changed(f"queues.{queue}.overflow", list(rules))


def rules_of(*rules: dict[str, Any]) -> tuple[Rule, ...]:
    return read(with_rules(*rules)).centre.acd.queues[1].overflow.rules


def test_a_queue_without_rules_keeps_everybody() -> None:
    assert read().centre.acd.queues[1].overflow == Overflow()


def test_the_shipped_rule() -> None:
    sales = read().centre.acd.queues[0].overflow
    assert sales == Overflow((Rule(ToQueue("fallback"), "wait", waited=300_000),))


def test_every_target_is_read() -> None:
    found = rules_of(
        {"to": "queue:fallback", "length": 9},
        {"to": "external:+49301234", "length": 8},
        {"to": "voicemail", "prompts": ["voicemail"], "length": 7},
        {"to": "message", "prompts": ["sorry"], "length": 6},
        {"to": "hang_up", "length": 5},
        {"to": "menu:main", "length": 4},
    )
    assert [rule.to for rule in found] == [
        ToQueue("fallback"), ToExternal("+49301234"), ToVoicemail(("voicemail",)),
        ToMessage(("sorry",)), ToHangUp(),
        ToMenu("main"),
    ]  # fmt: skip


def test_every_condition_is_read() -> None:
    [rule] = rules_of({
        "to": "hang_up", "waited_s": 30, "expected_s": 0.5, "length": 2, "ratio": 1.5,
        "no_agent": "ready", "closed": "office", "rounds": 3,
    })  # fmt: skip
    assert rule == Rule(ToHangUp(), "wait", 30_000, 2, 1_500, "ready", "office", 500, rounds=3)


def test_a_key_is_a_moment_of_its_own() -> None:
    found = rules_of(
        {"to": "voicemail", "key": "2"},
        {"to": "queue:fallback", "key": "#", "waited_s": 30},
    )
    assert found == (
        Rule(ToVoicemail(), "key", key="2"),
        Rule(ToQueue("fallback"), "key", waited=30_000, key="#"),
    )


def test_keys_that_cannot_be() -> None:
    bad = with_rules(
        {"to": "voicemail", "key": "12"},
        {"to": "voicemail", "key": "1", "at": "wait"},
        {"to": "voicemail", "key": "3"},
        {"to": "hang_up", "key": "3"},
    )
    found = "\n".join(problems(bad))
    assert "queues[2].overflow[1].key: '12' does not fit; use one of 0-9, * and #" in found
    assert "queues[2].overflow[2].at: does not go with key" in found
    assert "queues[2].overflow[4]: never has its turn: rule 3 holds" in found
    assert found.count("queues[2]") == 3


def test_queues_that_callers_leave_by_keys_may_lead_back() -> None:
    back = changed("queues.0.overflow", [{"to": "queue:support", "key": "1"}])
    back["queues"][1]["overflow"] = [{"to": "queue:sales", "key": "1"}]
    assert read(back).centre.acd.queues[1].overflow.rules[0].key == "1"


def test_how_often() -> None:
    main = changed("queues.1.overflow_hops", 7)
    main["queues"][1]["overflow_look_s"] = 0.5
    overflow = read(main).centre.acd.queues[1].overflow
    assert (overflow.hops, overflow.look_every) == (7, 500)


@pytest.mark.parametrize(
    ("rule", "key", "problem"),
    [
        ({"to": "menu:mian", "length": 1}, "to", "there is no flow 'mian'; did you mean \"main\"?"),
        ({"to": "hang_up", "rounds": 0}, "rounds", "0 is out of range; use 1 to 100"),
        ({"to": "hang_up", "rounds": 2, "at": "join"}, "at", "no phone has rung for who joins"),
        ({"to": "hang_up", "waited_s": 0}, "waited_s", "0 is out of range; use more than 0"),
        ({"to": "hang_up", "expected_s": 0}, "expected_s", "0 is out of range; use more than 0"),
        ({"to": "hang_up", "length": 0}, "length", "0 is out of range; use 1 to 100000"),
        ({"to": "hang_up", "ratio": 0}, "ratio", "0 does not fit; use a number above 0"),
        ({"to": "hang_up", "ratio": float("nan")}, "ratio", "nan does not fit"),
        ({"to": "hang_up", "ratio": True}, "ratio", "True does not fit"),
        ({"to": "hang_up"}, "to", "has no condition, so nobody would ever wait in this queue"),
        ({"length": 3}, "to", "is missing"),
        ({"to": "pigeon", "length": 3}, "to", "'pigeon' does not fit; use queue:ID, external:"),
        ({"to": "external:110,P", "length": 3}, "to", "does not fit"),
        ({"to": "queue:suport", "length": 3}, "to", "there is no queue 'suport'; did you mean"),
        ({"to": "queue:support", "length": 3}, "to",
         "leads in a circle without end, support → support; end it at voicemail"),
        ({"to": "hang_up", "at": "never", "length": 3}, "at", "'never' is not known; use 'join'"),
        ({"to": "hang_up", "at": "both", "waited_s": 30}, "at",
         "is 'both', but nobody who joins has waited 30 s"),
        ({"to": "hang_up", "no_agent": "awake"}, "no_agent", "'awake' is not known; use"),
        ({"to": "hang_up", "closed": "offices"}, "closed", "there are no opening hours 'offices'"),
        ({"to": "message", "length": 3}, "prompts", "is missing; a message needs one"),
        ({"to": "hang_up", "prompts": ["sorry"], "length": 3}, "prompts", "are played by"),
        ({"to": "voicemail", "prompts": ["sory"], "length": 3}, "prompts",
         "no flow has the prompt 'sory'; did you mean \"sorry\"?"),
        ({"to": "voicemail", "prompts": ["../x"], "length": 3}, "prompts", "does not fit"),
        ({"to": "voicemail", "prompts": ["sorry"] * 9, "length": 3}, "prompts",
         "names 9 prompts; use at most 8"),
        ({"to": "hang_up", "length": 3, "lenght": 4}, "lenght", "unknown key; did you mean"),
    ],
)  # fmt: skip
def test_one_mistake_in_a_rule(rule: dict[str, Any], key: str, problem: str) -> None:
    [line] = problems(with_rules(rule))
    assert line.startswith(f"ctid.toml: queues[2].overflow[1].{key}: "), line
    assert problem in line


def test_a_circle_over_several_queues_is_told_at_each_rule() -> None:
    main = with_rules({"to": "queue:sales", "length": 3}, queue=2)
    assert problems(main) == (
        "ctid.toml: queues[1].overflow[1].to: leads in a circle without end, "
        "sales → fallback → sales; end it at voicemail, a message, a number or another queue",
        "ctid.toml: queues[3].overflow[1].to: leads in a circle without end, "
        "fallback → sales → fallback; end it at voicemail, a message, a number or another queue",
    )


def test_a_rule_that_never_has_its_turn() -> None:
    main = with_rules({"to": "voicemail", "length": 3}, {"to": "hang_up", "length": 5})
    assert problems(main) == (
        "ctid.toml: queues[2].overflow[2]: never has its turn: rule 1 holds whenever this one "
        "does; put it before that one, or take it out",
    )
