"""Worlds with shifts, few lines and people who call again: nobody is lost, each counts once."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from ctid.core import events as ev
from ctid.core.instants import MINUTE, SECOND
from sim import site
from sim.spreads import LogNormal, Uniform, Weibull
from sim.world.habits import (
    AgentHabits,
    AgentPlan,
    Burst,
    CallerHabits,
    Inflow,
    RedialHabits,
    Rest,
    Shift,
    WorldSettings,
)
from sim.world.plan import PlannedCaller
from tests.unit.sim.worlds import run

LASTS = 20 * MINUTE
SHARES = st.sampled_from((0.0, 0.3, 1.0))
instants = st.integers(0, LASTS - 1)
shifts = st.builds(
    lambda begins, lasts, rest: Shift(
        begins, begins + lasts, (Rest(rest, 2 * MINUTE, "lunch"),) if rest < lasts else ()
    ),
    st.integers(-MINUTE, 15 * MINUTE), st.integers(SECOND, 10 * MINUTE), instants,
)  # fmt: skip
plans = st.builds(
    AgentPlan, habits=st.just(AgentHabits(breaks=0.3)), shifts=st.tuples(shifts),
    speed=st.sampled_from((0.5, 1.0, 3.0)), no_show=SHARES, late=SHARES,
)  # fmt: skip
habits = st.builds(
    CallerHabits,
    calls=st.just(0), patience=st.just(Weibull(0.7, 60_000.0)),
    talk=st.just(LogNormal(40_000.0, 1.0)), hidden=SHARES,
    redial=st.builds(
        RedialHabits, abandoned=SHARES, busy=SHARES, after=st.just(Uniform(SECOND, MINUTE)),
        tries=st.integers(1, 3),
    ),
)  # fmt: skip
inflows = st.builds(
    Inflow,
    id=st.just("a"), habits=habits, rates=st.just(((0, 30.0), (10 * MINUTE, 90.0))),
    bursts=st.lists(st.builds(Burst, instants, st.integers(1, 9), st.integers(0, MINUTE)),
                    max_size=2).map(tuple),
    queue=st.sampled_from(("", "sales", "service")), with_code=SHARES,
)  # fmt: skip
planned = st.builds(
    PlannedCaller, at=instants, queue=st.sampled_from(("", "sales")), keys=st.just(("1",)),
    code=st.sampled_from((None, "", "100003")), patience=st.sampled_from((None, 0, MINUTE)),
    talk=st.sampled_from((None, MINUTE)), inflow=st.sampled_from(("", "a")),
)  # fmt: skip
worlds = st.builds(
    WorldSettings,
    callers=habits, inflows=st.tuples(inflows),
    plan=st.lists(planned, max_size=6).map(tuple),
    staff=st.dictionaries(st.sampled_from(("agent0", "agent1", "agent2")), plans),
    trunks=st.integers(0, 6), lasts=st.just(LASTS), customers=st.just(site.customers()),
)  # fmt: skip


@given(worlds, st.integers(0, 10**6))
@settings(max_examples=40, deadline=None)
def test_everybody_who_came_is_told_of_once(world: WorldSettings, seed: int) -> None:
    ran = run(world, seed, site.settings(agents=3))
    tally, came = ran.world.tally, ran.arrivals()
    assert not ran.world.callers
    assert tally.arrived == len(came) == len({event.call for _, event in came})
    assert {event.call for _, event in came} == ran.records().keys()
    fresh = [event for _, event in came if "r" not in event.call]
    again = len(came) - len(fresh)
    assert again <= tally.redials
    assert tally.blocked >= tally.redials - again
    assert all(at < LASTS for at, _ in came)
    if not world.trunks:
        assert tally.blocked == 0
    at_work = {fact.agent for _, fact in ran.facts(ev.SignInAsked)}
    assert at_work <= (world.staff.keys() or {"agent0", "agent1", "agent2"})
