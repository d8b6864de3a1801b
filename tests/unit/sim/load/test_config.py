"""The config of a throwaway ctid: production's, pointed at loopback, in time with the callers."""

from __future__ import annotations

from pathlib import Path

import pytest

from ctid.settings.files import load
from sim.load.config import Place, Table, doors, staffed, throwaway, write
from sim.scenario.files import load as load_scenario
from sim.scenario.model import Scenario

SMALL = Path(__file__).parents[4] / "config/scenarios/small.toml"
EXAMPLES = sorted(
    path for path in SMALL.parent.glob("**/*.toml") if "[[streams]]" in path.read_text("utf-8")
)
"""Scenarios, without the configs that they name."""


def made(tmp_path: Path, speed: float, scenario: Scenario) -> Table:
    place = Place(tmp_path, 15038, "ami-secret", 14573, "agi-token")
    files = scenario.files
    main, flows = throwaway(files.main, files.flows, scenario.centre, place, speed)
    write(tmp_path, main, flows)
    return main


def test_everything_of_this_machine_is_replaced(tmp_path: Path) -> None:
    made(tmp_path, 1.0, load_scenario(SMALL))
    settings = load(tmp_path / "ctid.toml")
    assert (settings.pbx.host, settings.pbx.port, settings.pbx.secret) == (
        "127.0.0.1", 15038, "ami-secret",
    )  # fmt: skip
    assert (settings.agi.port, settings.agi.token) == (14573, "agi-token")
    assert settings.web.port == 0
    for url in (settings.store.url, settings.crm.url, settings.journal.folder):
        assert str(tmp_path) in url
    assert settings.crm.demo


def test_routing_is_production_s(tmp_path: Path) -> None:
    scenario = load_scenario(SMALL)
    made(tmp_path, 1.0, scenario)
    settings = load(tmp_path / "ctid.toml").centre
    assert settings.acd.queues == scenario.centre.acd.queues
    assert settings.acd.agents == scenario.centre.acd.agents
    assert settings.acd.rules == scenario.centre.acd.rules
    assert settings.flows["main"] == scenario.centre.flows["main"]


def test_callers_come_at_any_hour(tmp_path: Path) -> None:
    scenario = load_scenario(SMALL)
    scenario.files.main["hours"]["office"] |= {
        "holidays": "CN", "years": [2026, 2027], "makeup": "fri", "days": {"2026-10-10": []},
        "closed_on": ["2026-10-11"],
    }  # fmt: skip
    made(tmp_path, 1.0, scenario)
    for hours in load(tmp_path / "ctid.toml").centre.hours.values():
        assert hours.week == (((0, 24 * 60),),) * 7
        assert (hours.closed_on, hours.days, hours.calendar) == ((), {}, "")


def test_what_people_feel_runs_with_the_speed(tmp_path: Path) -> None:
    scenario = load_scenario(SMALL)
    made(tmp_path, 10.0, scenario)
    fast, slow = load(tmp_path / "ctid.toml").centre, scenario.centre
    for quick, usual in zip(fast.acd.queues, slow.acd.queues, strict=True):
        if usual.channel == "call":
            assert quick.ring_for == usual.ring_for // 10
            assert quick.wrap_up == usual.wrap_up // 10
            assert quick.target == usual.target // 10
    assert fast.look_up_budget == slow.look_up_budget  # a machine's time, which is no faster
    assert fast.ivr_limit == slow.ivr_limit


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_ctid_takes_every_example_at_great_speed_too(path: Path, tmp_path: Path) -> None:
    made(tmp_path, 500.0, load_scenario(path))
    load(tmp_path / "ctid.toml")


def test_in_a_ramp_everybody_can_take_every_call(tmp_path: Path) -> None:
    scenario = load_scenario(SMALL)
    more = staffed(scenario.centre, 15)
    made(tmp_path, 1.0, Scenario("x", more, scenario.world, 1, files=scenario.files))
    agents = load(tmp_path / "ctid.toml").centre.acd.agents
    assert len(agents) == 15
    calls = tuple(q.id for q in more.acd.queues if q.channel == "call")
    assert {agent.queues for agent in agents} == {calls}
    assert all(level == 5 for agent in agents for level in agent.skills.values())
    assert len(staffed(scenario.centre, 3).acd.agents) == len(scenario.centre.acd.agents)


def test_each_queue_of_calls_has_a_number_of_its_own(tmp_path: Path) -> None:
    scenario = load_scenario(SMALL)
    made(tmp_path, 1.0, scenario)
    settings = load(tmp_path / "ctid.toml").centre
    for queue, number in doors(scenario.centre).items():
        steps = settings.flows[settings.entries[number]].steps
        assert [step.queue for step in steps.values()] == [queue]
