"""Surveys in the settings: what is read, and every bad value with its path."""

from __future__ import annotations

import copy
import tomllib
from typing import Any

import pytest

from ctid.acd.survey import SurveyRules
from ctid.core.errors import ConfigError
from ctid.settings import parse
from tests.unit.test_settings import CONFIG, FLOW, MAIN

SURVEY = tomllib.loads((CONFIG / "examples/survey.toml").read_text())
FILES = {"flows/main.toml": FLOW, "flows/survey.toml": SURVEY}


def site(queue: int = 0, **survey: Any) -> dict[str, Any]:
    """The example, with a survey in one of its queues."""
    main = copy.deepcopy(MAIN)
    main["queues"][queue]["survey"] = survey
    return main


def problems(main: dict[str, Any]) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as caught:
        parse(main, FILES)
    return caught.value.problems


def test_nobody_is_asked_where_nothing_is_said() -> None:
    assert [queue.survey for queue in parse(MAIN, FILES).centre.acd.queues] == [None] * 4


def test_everything_that_can_be_said() -> None:
    main = site(
        flow="survey", share=0.3, rules=["vip"], low=2, task_queue="mail",
        task_link="https://crm.example/{call}?n={number}", callbacks=True,
    )  # fmt: skip
    assert parse(main, FILES).centre.acd.queues[0].survey == SurveyRules(
        "survey", 3_000, ("vip",), 2, "mail", "https://crm.example/{call}?n={number}",
        callbacks=True,
    )  # fmt: skip


def test_the_flow_alone_asks_everybody() -> None:
    assert parse(site(flow="survey"), FILES).centre.acd.queues[0].survey == SurveyRules("survey")


@pytest.mark.parametrize(
    ("wrong", "path", "what"),
    [
        ({"share": 1}, "flow", "is missing"),
        ({"flow": "surfey"}, "flow", "there is no flow 'surfey'; did you mean \"survey\"?"),
        ({"flow": 3}, "flow", "is a number"),
        ({"share": 1.2}, "share", "1.2 does not fit; use a number from 0 to 1"),
        ({"share": -0.1}, "share", "does not fit"),
        ({"share": "30 %"}, "share", "does not fit"),
        ({"share": True}, "share", "does not fit"),
        ({"share": float("nan")}, "share", "does not fit"),
        ({"rules": ["vipp"]}, "rules", "there is no routing rule 'vipp'; did you mean \"vip\"?"),
        ({"low": 6}, "low", "6 is out of range"),
        ({"low": 2}, "task_queue", "is missing"),
        ({"task_queue": "mail"}, "low", "is 0, so no score opens a task"),
        ({"low": 2, "task_queue": "sales"}, "task_queue", "there is no queue 'sales' for tasks"),
        ({"task_link": "javascript:alert(1)"}, "task_link", "does not fit"),
        ({"task_link": "https://x/{id}"}, "task_link", "{id} stands for nothing; known are {call}"),
        ({"callbacks": "yes"}, "callbacks", "is a text"),
        ({"shares": 1}, "shares", "unknown key"),
    ],
)
def test_bad_values(wrong: dict[str, Any], path: str, what: str) -> None:
    given = {"flow": "survey", **wrong} if path != "flow" else wrong
    [found] = problems(site(**given))
    assert found.startswith(f"ctid.toml: queues[1].survey.{path}: ")
    assert what in found


def test_a_flow_that_is_no_survey() -> None:
    [found] = problems(site(flow="main"))
    assert found == (
        "ctid.toml: queues[1].survey.flow: 'main' asks nothing; give it a step of kind survey, or"
        " name another flow"
    )
    back = copy.deepcopy(SURVEY)
    name = next(name for name, step in back["steps"].items() if step["kind"] == "hangup")
    back["steps"][name] = {"kind": "return"}
    with pytest.raises(ConfigError, match=r"queues\[1\]\.survey\.flow: 'survey' returns at step"):
        parse(site(flow="survey"), {**FILES, "flows/survey.toml": back})


def test_a_flow_that_calls_a_survey_is_one() -> None:
    back = copy.deepcopy(SURVEY) | {"id": "asks"}
    name = next(name for name, step in back["steps"].items() if step["kind"] == "hangup")
    back["steps"][name] = {"kind": "return"}
    steps = {"a": {"kind": "call", "flow": "asks", "next": "b"}, "b": {"kind": "hangup"}}
    calls = {"id": "survey", "start": "a", "steps": steps}
    parse(site(flow="survey"), {**FILES, "flows/survey.toml": calls, "flows/asks.toml": back})


def test_a_queue_of_tasks_has_nobody_to_ask() -> None:
    found = problems(site(queue=3, flow="survey"))
    assert any("queues[4].survey: means nothing for tasks" in line for line in found)
