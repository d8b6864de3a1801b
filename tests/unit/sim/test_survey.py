"""Callers of a simulation who are asked after the talk: by scenario, and what becomes of them."""

from __future__ import annotations

from collections import Counter

import msgspec

from ctid.acd.survey import SurveyRules
from ctid.centre.settings import CentreSettings
from ctid.core.survey import SurveyAnswered
from ctid.ivr import flow
from ctid.ivr.survey_step import Survey
from ctid.settings.table import Problems, Table
from sim import site
from sim.scenario.callers import _menus
from sim.world.habits import CallerHabits, MenuHabits, WorldSettings
from tests.unit.sim.worlds import run

STEPS: dict[str, flow.AnyStep] = {
    "service": Survey("rate", next="solved", on_fail="bye"),
    "solved": Survey("solved", next="bye", on_fail="bye", answers="yes_no"),
    "bye": flow.HangUp(),
}


def asking() -> CentreSettings:
    """Every queue asks everybody."""
    made = site.settings()
    queues = tuple(
        msgspec.structs.replace(queue, survey=SurveyRules("survey")) for queue in made.acd.queues
    )
    return msgspec.structs.replace(
        made, acd=msgspec.structs.replace(made.acd, queues=queues),
        flows={**made.flows, "survey": flow.Flow("survey", "service", "en", STEPS, {})},
    )  # fmt: skip


def test_whose_agent_hangs_up_is_asked_and_answers_as_the_scenario_says() -> None:
    menus = {"rate": MenuHabits((("5", 1.0),)), "solved": MenuHabits((("2", 1.0),))}
    habits = CallerHabits(
        calls=30, ends_call=0.0, menus=menus, wrong_key=0, no_digits=0, menu_hang_up=0
    )
    ran = run(WorldSettings(callers=habits), settings=asking())
    said = Counter(
        (c.answer.question, c.answer.value)
        for line in ran.lines
        for c in line.c
        if isinstance(c, SurveyAnswered)
    )
    served = sum(record.outcome == "answered" for record in ran.records().values())
    assert served > 10
    assert said == {("service", 5): served, ("solved", 0): served}


def test_who_hangs_up_first_is_not_asked() -> None:
    ran = run(WorldSettings(callers=CallerHabits(calls=30, ends_call=1.0)), settings=asking())
    assert not [c for line in ran.lines for c in line.c if isinstance(c, SurveyAnswered)]


def test_a_scenario_names_the_questions_as_it_names_menus() -> None:
    problems = Problems("day.toml")
    table = Table({"service": {"5": 3, "1": 1}, "solved": {"3": 1}}, "keys", problems)
    found = _menus(table, {}, asking())
    assert found["rate"] == MenuHabits((("5", 0.75), ("1", 0.25)), "#")
    assert [line for line in problems.lines if "solved" in line]
    assert found["solved"].keys == (("1", 0.5), ("2", 0.5))
