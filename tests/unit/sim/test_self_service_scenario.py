"""The scenario of callers who serve themselves: flows that production does not have yet, and what
callers key in at their steps."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
import simpy

from ctid.centre.centre import Centre
from ctid.core.commands import CallClosed
from ctid.core.errors import ConfigError
from ctid.core.journal import Line
from ctid.core.visits import FlowEnded
from sim.driver import SimDriver
from sim.scenario.files import load
from sim.world.world import World

FILE = Path("config/scenarios/self-service.toml")
FORTH = ("order=done", "balance=done", "appointment=done", "complaint=done", "number=done")


def test_callers_are_served_by_each_step_and_nobody_is_lost() -> None:
    scenario = load(FILE, {"lasts_h": 3.0})
    lines: list[Line] = []
    world = World(scenario.world, scenario.centre.acd, 7)
    env, centre = simpy.Environment(), Centre(scenario.centre)
    SimDriver(env, centre, world, lines.append, check=True).run()
    said = [command for line in lines for command in line.c]
    records = [command.record for command in said if isinstance(command, CallClosed)]
    passed = Counter(step for record in records for step in record.path)
    assert len(records) > 150
    assert all(passed[step] for step in FORTH)
    assert passed["pin!"], "some have no PIN at hand"
    assert passed["order!timeout"] + passed["balance!timeout"] + passed["complaint!timeout"]
    ends = Counter(command.visit.outcome for command in said if isinstance(command, FlowEnded))
    assert ends["contained"] > ends["queue"] > 0
    assert set(ends) <= {"contained", "queue", "hung_up", "unserved"}
    assert world.callers == {}


def scenario_with(tmp_path: Path, more: str) -> Path:
    config = Path("config/ctid.toml").absolute()
    (tmp_path / "s.toml").write_text(
        f'config = "{config}"\n{more}\n[[streams]]\nid = "a"\nper_hour = 5\ndialled = ["4000"]\n'
    )
    return tmp_path / "s.toml"


@pytest.mark.parametrize(
    ("more", "what"),
    [
        ('flows = ["nowhere.toml"]', "nowhere.toml: there is no file"),
        ("flows = [1]", "s.toml: flows: is a list; write a list of texts"),
        ('[entries]\n4800 = "own"', "ctid.toml: entries.4800: there is no flow 'own'"),
        ('[callers.steps.sales-code]\nkeyed = ["a"]', "callers.steps.sales-code.keyed: 'a' does"),
    ],
)
def test_what_is_wrong_with_flows_of_a_scenario(tmp_path: Path, more: str, what: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(scenario_with(tmp_path, more), {})
    assert any(what in line for line in caught.value.problems), caught.value.problems


def test_services_that_cannot_all_be(tmp_path: Path) -> None:
    more = "[services]\nsilent = 0.5\nbroken = 0.4\nnone = 0.2"
    with pytest.raises(ConfigError, match="adds up with silent and broken to more than 1"):
        load(scenario_with(tmp_path, more), {})
