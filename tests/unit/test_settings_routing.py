"""Skills, steps and rules of the settings: what is read, and each mistake with its path."""

from __future__ import annotations

from typing import Any

import pytest

from ctid.acd.need import Need
from ctid.acd.settings import RelaxStep
from tests.unit.test_settings import changed, problems, read

STEP = {"after_s": 30, "needs": []}


def test_all_of_it_is_read() -> None:
    main = changed("queues.0.needs", ["german:3", "english"])
    main["agents"][0] |= {"skills": {"german": 4, "english": 5}, "weight": 7}
    main["queues"][0] |= {"prefers": ["german:4"], "sticky_s": 20, "weight": 3, "priority": 2}
    main["queues"][0]["relax"] = [STEP, {"after_s": 45.5, "max_penalty": 2}]
    acd = read(main).centre.acd
    queue, agent = acd.queues[0], acd.agents[0]
    assert queue.needs == (Need("german", 3), Need("english", 1))
    assert queue.prefers == (Need("german", 4),)
    assert queue.relax == (RelaxStep(30_000, needs=()), RelaxStep(45_500, max_penalty=2))
    assert (queue.sticky, queue.weight, queue.priority) == (20_000, 3, 2)
    assert (agent.skills, agent.weight) == ({"german": 4, "english": 5}, 7)
    assert (acd.age_every, acd.urgency_cap, acd.rank_budget) == (60_000, 600_000, 300)


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        ("queues.0.needs", ["german:6"], "queues[1].needs: 'german:6' does not fit; use a skill"),
        ("queues.0.needs", ["german", "german:2"], "queues[1].needs: names a skill twice"),
        (
            "queues.0.needs", ["sanskrit"],
            "queues[1].needs: no agent has the skill 'sanskrit' at level 1 or above; give it",
        ),
        ("queues.0.prefers", ["german:5"], "queues[1].needs: no agent has the skill 'german' at"),
        ("queues.1.needs", ["german"], None),
        ("queues.0.relax", [{"needs": []}], "queues[1].relax[1].after_s: is missing"),
        ("queues.0.relax", [{"after_s": 0, "needs": []}], "queues[1].relax[1].after_s: 0 is out"),
        ("queues.0.relax", [STEP, STEP], "queues[1].relax[2].after_s: is not later than the step"),
        ("queues.0.relax", [{"after_s": 9}], "queues[1].relax[1]: changes nothing; give needs"),
        (
            "queues.0.relax", [{"after_s": 9, "groups": ["nobody"]}],
            "queues[1].relax[1].groups: no agent is in the group 'nobody'",
        ),
        ("queues.0.priority", 10, "queues[1].priority: 10 is out of range; use 0 to 9"),
        ("queues.0.weight", 0, "queues[1].weight: 0 is out of range; use 1 to 1000"),
        ("agents.0.skills", {"german": 6}, "agents[1].skills.german: 6 does not fit; use a whole"),
        ("agents.0.skills", ["german"], "agents[1].skills: is not a table; write skills = { name"),
        ("agents.0.skills", {"ger man": 1}, "agents[1].skills.ger man: is no id"),
        ("agents.1.penalties", {"support": 1}, "agents[2].penalties.support: 'support' is no"),
        ("routing.age_every_s", 0, "routing.age_every_s: 0 is out of range; use more than 0"),
        ("rules.0.queues", ["sale"], "rules[1].queues: there is no queue 'sale'; did you mean"),
        ("rules.0.grades", ["F"], "rules[1].grades: 'F' does not fit; use A to E"),
        ("rules.0.during", ["ofice"], "rules[1].during: there are no opening hours 'ofice'; did"),
        ("rules.0.order_value", -1, "rules[1].order_value: -1 is out of range; use 0 to"),
        ("rules.0.expected_s", 0, "rules[1].expected_s: 0 is out of range; use more than 0"),
        ("rules.0.vip", 1, "rules[1].vip: is a number; write true or false"),
        ("rules.1.priority", ..., "rules[2].priority: the rule does nothing; give priority or"),
        ("rules.0", {"id": "all", "priority": 1}, "rules[2].id: this rule can never match: the"),
        ("rules.0.known", False, "rules[1].id: this rule can never match: asks for a caller who"),
        ("rules.1.id", "upset", "rules[2].id: a rule with id 'upset' stands at rules[1] already"),
    ],
)  # fmt: skip
def test_each_mistake_is_named_with_its_path(path: str, value: Any, problem: str | None) -> None:
    if problem is None:
        read(changed(path, value))
        return
    found = problems(changed(path, value))
    assert any(problem in line for line in found), found


def test_a_queue_that_asks_for_what_no_one_agent_has() -> None:
    main = changed("queues.0.needs", ["german", "dance"])
    main["agents"][1]["skills"] = {"dance": 3}
    main["queues"][0]["relax"] = []
    (problem,) = problems(main)
    assert "no agent of this queue has all that it asks for, at no step" in problem
    main["queues"][0]["relax"] = [STEP]
    read(main)
