"""Callers in menus as a scenario has them: which key, which error, how fast, and when they ask for
an agent."""

from __future__ import annotations

import tomllib
from collections import Counter
from pathlib import Path

import msgspec
import pytest

from ctid.centre.settings import CentreSettings
from ctid.core.visits import FlowEnded, Visit
from ctid.ivr import flow
from ctid.ivr.parser import parse_flow
from ctid.settings.table import Problems, Table
from sim import site
from sim.scenario.callers import ORDINARY, habits
from sim.spreads import Fixed
from sim.world.habits import CallerHabits, MenuHabits, PbxHabits, StepHabits, WorldSettings
from tests.unit.sim.worlds import run

MENU = flow.Menu("which", {"1": "bye", "2": "code", "0": "desk"}, on_fail="desk", tries=9)
STEPS: dict[str, flow.AnyStep] = {
    "menu": MENU,
    "code": flow.Collect(
        "code", next="bye", on_fail="desk", min=6, max=6, tries=9, check="customer"
    ),
    "bye": flow.HangUp(serves=True),
    "desk": flow.Queue("sales"),
}
SURE = CallerHabits(
    calls=300, prompt=Fixed(4_000), think=Fixed(2_000), wrong_key=0, wrong_code=0, no_digits=0,
    menu_hang_up=0, menus={"which": MenuHabits((("1", 1.0),), wrong="9")},
)  # fmt: skip
"""Everybody presses 1 two seconds after the prompt, which is right."""


def centre() -> CentreSettings:
    made = site.settings()
    return msgspec.structs.replace(
        made, flows={"main": flow.Flow("main", "menu", "en", STEPS, {})}, entries={"4000": "main"}
    )


def visits(callers: CallerHabits) -> list[Visit]:
    pbx = PbxHabits(crm_silent=0)
    ran = run(WorldSettings(callers=callers, pbx=pbx), settings=centre())
    return [c.visit for line in ran.lines for c in line.c if isinstance(c, FlowEnded)]


def changed(**changes: object) -> CallerHabits:
    return msgspec.structs.replace(SURE, **changes)


def test_sure_callers() -> None:
    found = visits(SURE)
    assert len(found) == 300
    assert {(one.outcome, one.lasted >= 6_000) for one in found} == {("contained", True)}
    assert all(one.lasted < 6_200 for one in found), "the PBX's delays come on top"


def test_what_a_step_has_of_its_own_goes_before_what_all_have() -> None:
    own = StepHabits(wrong=0.5, silent=0.2, hang_up=0.1, think=Fixed(9_000))
    found = visits(changed(steps={"which": own}, calls=1_000))
    asked = Counter[str]()
    for one in found:
        stay = one.stays[0]
        asked["all"] += stay.wrong + stay.silent + 1
        asked["wrong"] += stay.wrong
        asked["silent"] += stay.silent
        asked["hung_up"] += stay.way == "hung_up"
    answered = asked["all"] - asked["hung_up"]
    assert asked["hung_up"] / asked["all"] == pytest.approx(0.1, abs=0.03)
    assert asked["silent"] / answered == pytest.approx(0.2, abs=0.04)
    assert asked["wrong"] / (answered - asked["silent"]) == pytest.approx(0.5, abs=0.05)
    once = [one.lasted for one in found if len(one.stays) == 2 and not one.stays[0].wrong]
    assert min(lasted for lasted in once if lasted) >= 13_000


def test_who_knows_the_menu_keys_ahead() -> None:
    lengths = [one.lasted for one in visits(changed(type_ahead=1.0))]
    assert max(lengths) < 4_200, "nobody waits for the prompt's end"
    assert 1_500 < sum(lengths) / len(lengths) < 2_500


@pytest.mark.parametrize(("share", "asks"), [(0.0, 0.0), (1.0, 1.0), (0.4, 0.4)])
def test_who_fails_twice_asks_for_an_agent(share: float, asks: float) -> None:
    """All answers are wrong until they press 0; the others go on till the last try."""
    lost = StepHabits(wrong=1.0)
    found = visits(changed(steps={"which": lost}, zero_out=share, calls=500))
    ends = Counter(one.way for one in found)
    assert ends["asked"] / len(found) == pytest.approx(asks, abs=0.07)
    assert ends["asked"] + ends["failed"] == len(found)
    for one in found:
        assert one.stays[0].wrong == (2 if one.way == "asked" else 9)


def test_wrong_codes_count_as_failures_and_by_step() -> None:
    menus = {"which": MenuHabits((("2", 1.0),), wrong="9")}
    always = changed(menus=menus, steps={"code": StepHabits(wrong=1.0)}, calls=50)
    found = visits(always)
    assert {(one.outcome, one.way, one.stays[1].wrong) for one in found} == {("queue", "failed", 9)}


def read(raw: dict[str, object]) -> tuple[CallerHabits, list[str]]:
    problems = Problems("day.toml")
    table = Table(raw, "callers", problems)
    return habits(table, ORDINARY, centre(), Path()), problems.lines


def test_a_scenario_says_what_is_different_at_a_step() -> None:
    found, problems = read(
        {"zero_out": 0.5, "zero_out_after": 3, "zero_out_key": "*", "type_ahead": 0.25,
         "steps": {"menu": {"wrong": 0.1, "think": 7}, "main/code": {"silent": 0.3}}}
    )  # fmt: skip
    assert problems == []
    assert found.steps == {
        "which": StepHabits(wrong=0.1, think=Fixed(7_000)), "code": StepHabits(silent=0.3)
    }  # fmt: skip
    assert (found.zero_out, found.zero_out_after, found.zero_out_key) == (0.5, 3, "*")
    assert found.type_ahead == 0.25


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        ({"steps": {"meun": {}}}, "no flow says anything at a step 'meun'; did you mean"),
        ({"steps": {"menu": {"wrong": 2}}}, "callers.steps.menu.wrong: 2 is no share"),
        ({"steps": {"menu": {"wrongs": 0.1}}}, "callers.steps.menu.wrongs: unknown key"),
        ({"steps": {"desk": {}}}, "no flow says anything at a step 'desk'"),
        ({"zero_out_key": "12"}, "'12' is no key of a telephone"),
        ({"zero_out_after": 0}, "zero_out_after"),
    ],
)
def test_what_is_wrong_is_said(raw: dict[str, object], problem: str) -> None:
    _, problems = read(raw)
    assert any(problem in line for line in problems), problems


def test_callers_of_the_example_serve_themselves() -> None:
    """Nearly all who are customers and make no mistakes need no agent, and the steps say why."""
    raw = tomllib.loads(Path("config/examples/self-service.toml").read_text("utf-8"))
    raw["steps"]["operator"]["queue"] = "sales"
    made, problems = parse_flow(raw, "self-service.toml", ("sales",), ())
    assert made is not None, problems
    centre = msgspec.structs.replace(
        site.settings(), flows={made.id: made}, entries={"4000": made.id}
    )
    sure = CallerHabits(
        calls=150, hidden=0, wrong_key=0, wrong_code=0, wrong_pin=0, no_digits=0, menu_hang_up=0,
        menus={
            step.prompt: MenuHabits(
                tuple((key, 1 / (len(step.keys) - 1)) for key in step.keys if key != "0")
            )
            for step in made.steps.values()
            if isinstance(step, flow.Menu)
        },
        steps={"own-more": StepHabits(silent=1.0)},
    )  # fmt: skip
    world = WorldSettings(callers=sure, customers=site.customers(), pbx=PbxHabits(crm_silent=0))
    ran = run(world, settings=centre)
    found = [c.visit for line in ran.lines for c in line.c if isinstance(c, FlowEnded)]
    ends = Counter(one.outcome for one in found)
    assert ends["contained"] > 100
    served = Counter(stay.step for one in found for stay in one.stays if stay.served)
    assert set(served) >= {"order", "balance", "appointment", "complaint"}
