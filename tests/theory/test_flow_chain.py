"""Callers in a flow against the exact values of an absorbing Markov chain: the production walker
with the simulator's callers must end, and come to each step, as often as the chain says."""

from __future__ import annotations

import math
from functools import cache

import msgspec
import numpy as np
import pytest

from ctid.centre.settings import CentreSettings
from ctid.core.visits import FlowEnded
from ctid.ivr import flow
from sim import site
from sim.run import figures
from sim.run.visits import VisitSums
from sim.spreads import Fixed
from sim.theory.flow_chain import Expected, expected
from sim.world.habits import CallerHabits, MenuHabits, PbxHabits, StepHabits, WorldSettings
from tests.unit.sim.worlds import run

FLOW = flow.Flow("main", "welcome", "en", {
    "welcome": flow.Play("welcome", next="menu"),
    "menu": flow.Menu(
        "which", {"1": "news", "2": "code", "3": "menu", "0": "desk"}, on_fail="desk", tries=3
    ),
    "news": flow.Play("news", next="more", serves=True),
    "more": flow.Menu("more", {"1": "menu", "2": "bye"}, on_fail="bye", tries=2),
    "code": flow.Collect("code", next="order", on_fail="sorry", min=6, max=6, check="customer"),
    "order": flow.Play("order", next="bye", serves=True),
    "sorry": flow.Play("sorry", next="bye"),
    "bye": flow.HangUp(),
    "desk": flow.Queue("sales"),
}, {})  # fmt: skip
HABITS = CallerHabits(
    calls=250, prompt=Fixed(1_000), think=Fixed(500), hidden=0, strangers=0,
    wrong_key=0.12, wrong_code=0.35, no_digits=0.08, menu_hang_up=0.03,
    menus={
        "which": MenuHabits((("0", 0.15), ("1", 0.45), ("2", 0.3), ("3", 0.1)), wrong="9"),
        "more": MenuHabits((("1", 0.4), ("2", 0.6)), wrong="9"),
    },
    steps={"more": StepHabits(hang_up=0.3), "code": StepHabits(silent=0.2)},
)  # fmt: skip
THEORY = expected(FLOW, HABITS)
REPLICATIONS = 24


def centre() -> CentreSettings:
    return msgspec.structs.replace(site.settings(), flows={"main": FLOW}, entries={"4000": "main"})


@cache
def outcomes() -> list[VisitSums]:
    world = WorldSettings(
        callers=HABITS, customers=site.customers(), pbx=PbxHabits(crm_silent=0)
    )  # fmt: skip
    found = []
    for number in range(REPLICATIONS):
        sums = VisitSums()
        for line in run(world, settings=centre(), seed=f"chain/{number}").lines:
            for command in line.c:
                if isinstance(command, FlowEnded):
                    sums.note(command.visit)
        found.append(sums)
    return found


def z_of(value: float, counts: list[int]) -> float:
    errors = [count - value * sums.all() for count, sums in zip(counts, outcomes(), strict=True)]
    return math.fsum(errors) / len(errors) / figures.standard_error(errors)


def test_a_chain_by_hand() -> None:
    """One menu: hangs up with h, answers right with p of the others, two tries."""
    one = flow.Flow("one", "ask", "en", {
        "ask": flow.Menu("q", {"1": "bye"}, on_fail="desk", tries=2),
        "bye": flow.HangUp(serves=True), "desk": flow.Queue("sales"),
    }, {})  # fmt: skip
    habits = CallerHabits(
        wrong_key=0.25, no_digits=0.2, menu_hang_up=0.1,
        menus={"q": MenuHabits((("1", 1.0),), wrong="9")},
    )  # fmt: skip
    right, wrong = 0.9 * 0.8 * 0.75, 0.9 * (1 - 0.8 * 0.75)
    found = expected(one, habits)
    assert found.ends == pytest.approx(
        {"contained": right * (1 + wrong), "hung_up": 0.1 * (1 + wrong), "queue": wrong**2}
    )
    assert found.entered == pytest.approx({"ask": 1, "bye": right * (1 + wrong), "desk": wrong**2})
    assert found.lost == pytest.approx({"ask": 0.1 * (1 + wrong), "bye": 0, "desk": 0})


def test_ends_add_up() -> None:
    assert sum(THEORY.ends.values()) == pytest.approx(1)
    assert sum(THEORY.lost.values()) == pytest.approx(THEORY.ends["hung_up"])


@pytest.mark.parametrize("end", THEORY.ends)
def test_visits_end_as_often_as_the_chain_says(end: str) -> None:
    counts = [sums.ended(end) for sums in outcomes()]
    assert sum(counts) > 100
    assert abs(z_of(THEORY.ends[end], counts)) < 3.5


@pytest.mark.parametrize("step", THEORY.entered)
def test_steps_are_entered_as_often_as_the_chain_says(step: str) -> None:
    counts = [sums.steps[f"main/{step}"].entered for sums in outcomes()]
    if step == "welcome":
        assert counts == [sums.all() for sums in outcomes()]
    else:
        assert abs(z_of(THEORY.entered[step], counts)) < 3.5


@pytest.mark.parametrize("step", [step for step, chance in THEORY.lost.items() if chance])
def test_callers_are_lost_where_the_chain_says(step: str) -> None:
    counts = [sums.steps[f"main/{step}"].ways.get("hung_up", 0) for sums in outcomes()]
    assert abs(z_of(THEORY.lost[step], counts)) < 3.5


def test_a_chain_that_is_wrong_by_a_few_points_is_told_from_the_right_one() -> None:
    """What these tests can see: 5 % who hang up at each prompt in place of 3 %."""
    other: Expected = expected(FLOW, msgspec.structs.replace(HABITS, menu_hang_up=0.05))
    counts = [sums.ended("hung_up") for sums in outcomes()]
    assert abs(z_of(other.ends["hung_up"], counts)) > 4
    assert np.isclose(sum(other.ends.values()), 1)
