"""A day for the tests of staffing: one queue, agents who are all alike, a morning with a peak."""

from __future__ import annotations

from ctid.core.instants import HOUR, MINUTE, SECOND
from sim.scenario.model import Scenario
from sim.spreads import Exponential, Fixed
from sim.theory.system import Callers, Server, System
from sim.world.habits import AgentHabits, CallerHabits, Inflow, PbxHabits, WorldSettings

RATES = (60.0, 240.0, 240.0, 30.0)
"""Calls an hour in each half of an hour."""
TALK = 3 * MINUTE


def day(agents: int = 4, rates: tuple[float, ...] = RATES) -> Scenario:
    centre = System("s", (Callers("q", 1.0),), (Server(),) * agents, theta=1.0).settings()
    none = Fixed(0)
    callers = CallerHabits(
        calls=0, patience=Exponential(2 * MINUTE), talk=Exponential(TALK), dialled=("q",),
        prompt=none, think=none, wrong_key=0, no_digits=0, menu_hang_up=0, strangers=1,
    )  # fmt: skip
    manners = AgentHabits(
        answer=Fixed(2 * SECOND), no_answer=0, reject=0, decline=0, breaks=0, private_call=0,
        unplugged=0, screen_lost=0,
    )  # fmt: skip
    half = 30 * MINUTE
    inflow = Inflow("all", callers, tuple((n * half, rate) for n, rate in enumerate(rates)))
    lasts = half * len(rates)
    world = WorldSettings(
        callers=callers, agents=manners, inflows=(inflow,), lasts=lasts,
        pbx=PbxHabits(setup=none, bridge=none, look_up=none, crm_silent=0),
    )  # fmt: skip
    return Scenario("day", centre, world, lasts, interval=half)


__all__ = ["HOUR", "RATES", "TALK", "day"]
