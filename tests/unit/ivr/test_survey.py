"""The questions of a survey: keys that answer, keys that do not, and none."""

from __future__ import annotations

import pytest

from ctid.ivr import flow
from ctid.ivr.actions import Action, Ask, End
from ctid.ivr.parser import parse_flow
from ctid.ivr.session import Session
from ctid.ivr.survey import Answer
from ctid.ivr.survey_step import Survey
from ctid.ivr.walker import Walker

STEPS: dict[str, flow.AnyStep] = {
    "service": Survey("rate", next="solved", on_fail="bye", invalid="wrong", silence="nothing"),
    "solved": Survey("solved", next="bye", on_fail="bye", answers="yes_no", tries=1),
    "bye": flow.HangUp(),
}


def asked() -> tuple[Walker, Session, Action]:
    walker = Walker({"s": flow.Flow("s", "service", "en", STEPS, {})}, {})
    return walker, *walker.begin("s", 0)


@pytest.mark.parametrize("key", "12345")
def test_a_score(key: str) -> None:
    walker, session, action = asked()
    assert action == Ask(("rate",), 1, "", 5000, 5000)
    assert walker.awaits(session) == "collected"
    assert walker.collected(session, key, "full", 0) == Ask(("solved",), 1, "", 5000, 5000)
    assert session.answers == [Answer("service", "score", int(key))]
    assert session.path == [f"service={key}", "solved"]


@pytest.mark.parametrize(("key", "value"), [("1", 1), ("2", 0)])
def test_yes_and_no(key: str, value: int) -> None:
    walker, session, _ = asked()
    walker.collected(session, "4", "full", 0)
    assert walker.collected(session, key, "full", 0) == End()
    assert session.answers[-1] == Answer("solved", "yes_no", value)


def test_a_wrong_key_and_none_are_asked_again_and_then_no_more() -> None:
    walker, session, _ = asked()
    again = walker.collected(session, "9", "full", 0)
    assert again == Ask(("wrong", "rate"), 1, "", 5000, 5000)
    assert walker.collected(session, "", "timeout", 0) == End()
    assert session.answers == []
    assert session.path == ["service!", "bye"]


def test_the_hash_key_is_no_answer() -> None:
    walker, session, _ = asked()
    again = walker.collected(session, "", "terminator", 0)
    assert again == Ask(("nothing", "rate"), 1, "", 5000, 5000)


@pytest.mark.parametrize("key", ["3", "0", "5"])
def test_yes_and_no_have_two_keys(key: str) -> None:
    walker, session, _ = asked()
    walker.collected(session, "4", "full", 0)
    assert walker.collected(session, key, "full", 0) == End()
    assert [answer.question for answer in session.answers] == ["service"]


def test_what_may_be_wrong_with_a_question() -> None:
    raw = {
        "id": "s", "start": "service",
        "steps": {
            "service": {"kind": "survey", "prompt": "rate", "next": "nowhere", "on_fail": "bye",
                        "tries": 10},
            "other": {"kind": "survey", "prompt": "rate", "next": "bye", "on_fail": "bye",
                      "answers": "stars"},
            "bye": {"kind": "hangup"},
        },
        "prompts": {},
    }  # fmt: skip
    made, problems = parse_flow(raw, "s.toml", (), ())
    assert made is None
    assert [problem.split(";")[0] for problem in problems if "steps.service" in problem] == [
        "s.toml: steps.service.next: there is no step 'nowhere'",
        "s.toml: steps.service.prompt: there is no prompt 'rate'",
        "s.toml: steps.service.tries: must be 1 to 9, not 10",
    ]
    assert any("steps.other" in problem and "'stars'" in problem for problem in problems)
