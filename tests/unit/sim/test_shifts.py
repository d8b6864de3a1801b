"""Agents come and go by their shifts, rest at set times, and each works at their own speed."""

from __future__ import annotations

import msgspec
import pytest

from ctid.core import events as ev
from ctid.core.commands import AgentChanged
from ctid.core.instants import HOUR, MINUTE, SECOND
from sim import site
from sim.spreads import Fixed
from sim.world.habits import (
    AgentHabits,
    AgentPlan,
    CallerHabits,
    Inflow,
    Rest,
    Shift,
    WorldSettings,
)
from sim.world.plan import PlannedCaller
from tests.unit.sim.worlds import Ran, run

NOBODY = CallerHabits(calls=0, hidden=0.0, ends_call=1.0, patience=Fixed(HOUR))
STEADY = AgentHabits(
    answer=Fixed(SECOND), no_answer=0.0, reject=0.0, decline=0.0, breaks=0.0, private_call=0.0,
    unplugged=0.0, screen_lost=0.0, early_wrap_up=0.0,
)  # fmt: skip


def day(staff: dict[str, AgentPlan], *plan: PlannedCaller, seed: object = 1) -> Ran:
    habits = WorldSettings(
        callers=NOBODY, agents=STEADY, lasts=HOUR, staff=staff, plan=plan,
        inflows=(Inflow("x", NOBODY),),
    )  # fmt: skip
    return run(habits, seed, settings=site.settings(agents=3))


def states(ran: Ran, agent: str) -> list[tuple[int, str, str]]:
    """(instant, state, reason)."""
    return [
        (line.t, command.state, command.reason)
        for line in ran.lines
        for command in line.c
        if isinstance(command, AgentChanged) and command.agent == agent and command.since == line.t
    ]


def test_an_agent_without_a_shift_never_signs_in() -> None:
    ran = day({"agent0": AgentPlan(STEADY, (Shift(0, HOUR),))})
    assert [fact.agent for _, fact in ran.facts(ev.SignInAsked)] == ["agent0"]
    assert ran.facts(ev.SignOutAsked)[0][0] == HOUR


def test_two_shifts_and_a_rest_that_lasts_as_long_as_planned() -> None:
    rest = Rest(10 * MINUTE, 5 * MINUTE, "lunch")
    shifts = (Shift(MINUTE, 20 * MINUTE, (rest,)), Shift(30 * MINUTE, 40 * MINUTE))
    ran = day({"agent0": AgentPlan(STEADY, shifts)})
    assert states(ran, "agent0") == [
        (MINUTE, "not_ready", "sign_in"),
        (MINUTE, "ready", ""),
        (11 * MINUTE, "not_ready", "lunch"),
        (16 * MINUTE, "ready", ""),
        (20 * MINUTE, "signed_out", ""),
        (30 * MINUTE, "not_ready", "sign_in"),
        (30 * MINUTE, "ready", ""),
        (40 * MINUTE, "signed_out", ""),
    ]


def test_whoever_talks_at_the_end_of_the_shift_ends_the_talk_first_and_then_goes() -> None:
    long = PlannedCaller(at=MINUTE, queue="sales", talk=10 * MINUTE, number="")
    late = PlannedCaller(at=6 * MINUTE, queue="sales", talk=MINUTE, number="", patience=HOUR)
    ran = day({"agent0": AgentPlan(STEADY, (Shift(0, 5 * MINUTE),))}, long, late)
    first, second = ran.records().values()
    assert first.talked == 10 * MINUTE
    assert second.outcome == "abandoned"
    assert states(ran, "agent0")[-1][1] == "signed_out"
    assert states(ran, "agent0")[-1][0] > 11 * MINUTE


def test_a_rest_waits_for_the_end_of_the_talk_and_then_has_its_whole_length() -> None:
    rest = Rest(2 * MINUTE, 5 * MINUTE, "lunch")
    talk = PlannedCaller(at=MINUTE, queue="sales", talk=4 * MINUTE, number="")
    ran = day({"agent0": AgentPlan(STEADY, (Shift(0, HOUR, (rest,)),))}, talk)
    began = next(at for at, state, why in states(ran, "agent0") if why == "lunch")
    assert began > 5 * MINUTE
    assert (began + 5 * MINUTE, "ready", "") in states(ran, "agent0")


def test_who_stays_away_and_who_is_late_does_not_depend_on_what_happens() -> None:
    shifts = tuple(Shift(n * MINUTE, n * MINUTE + 30 * SECOND) for n in range(1, 60))
    plan = AgentPlan(STEADY, shifts, no_show=0.3, late=0.5, late_by=Fixed(7 * SECOND))
    quiet, busy = day({"agent0": plan}), day({"agent0": plan}, *(
        PlannedCaller(at=n * MINUTE, queue="sales", number="") for n in range(1, 50, 7)
    ))  # fmt: skip
    came = [at for at, _ in quiet.facts(ev.SignInAsked)]
    assert came == [at for at, _ in busy.facts(ev.SignInAsked)]
    assert len(came) + quiet.world.tally.no_shows == 59
    assert 5 < quiet.world.tally.no_shows < 30
    assert {at % MINUTE for at in came} == {0, 7 * SECOND}


@pytest.mark.parametrize(("speed", "talks"), [(1.0, 60_000), (2.0, 30_000), (0.5, 120_000)])
def test_a_fast_agent_needs_less_time_for_a_talk(speed: float, talks: int) -> None:
    callers = msgspec.structs.replace(NOBODY, talk=Fixed(MINUTE))
    habits = WorldSettings(
        callers=callers, agents=STEADY, lasts=HOUR,
        staff={"agent0": AgentPlan(STEADY, (Shift(0, HOUR),), speed)},
        plan=(PlannedCaller(at=MINUTE, queue="sales", number=""),),
    )  # fmt: skip
    record = run(habits, settings=site.settings(agents=3)).records()["sim.1"]
    assert record.talked == talks
