"""The scenarios of docs/compare.md: they load, and differ in nothing but what is asked about."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.scenario import files
from sim.scenario.model import Scenario

FOLDER = Path(__file__).parents[3] / "config" / "scenarios" / "compare"
NAMES = ("one_queue", "skills", "strategy")


def loaded(name: str) -> Scenario:
    return files.load(FOLDER / f"{name}.toml")


def test_these_are_all() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.toml")) == list(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_each_has_callers_and_agents(name: str) -> None:
    scenario = loaded(name)
    assert scenario.world.inflows
    assert len(scenario.centre.acd.agents) >= 20


def test_one_queue_and_skills_have_the_same_callers_and_as_many_agents() -> None:
    one, two = loaded("one_queue"), loaded("skills")
    assert (one.lasts, one.warm_up, one.interval) == (two.lasts, two.warm_up, two.interval)
    assert _working(one) == _working(two) == 20
    for a, b in zip(one.world.inflows, two.world.inflows, strict=True):
        assert (a.id, a.rates, a.habits) == (b.id, b.rates, b.habits)


def _working(scenario: Scenario) -> int:
    return sum(bool(plan.shifts) for plan in scenario.world.staff.values())
