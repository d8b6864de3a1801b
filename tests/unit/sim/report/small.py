"""A small centre that was simulated three times, with names that want to be markup."""

from __future__ import annotations

from functools import cache

import msgspec

from ctid.core.instants import HOUR, MINUTE
from sim import site
from sim.report.content import Report, report
from sim.run.outcome import Outcome
from sim.run.replication import replicate
from sim.scenario.model import Scenario
from sim.spreads import Exponential
from sim.world.habits import CallerHabits, WorldSettings

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>'\""
SEED = 7


@cache
def scenario() -> Scenario:
    centre = site.settings(6)
    queues, agents = list(centre.acd.queues), list(centre.acd.agents)
    queues[0] = msgspec.structs.replace(queues[0], name=HOSTILE)
    agents[1] = msgspec.structs.replace(agents[1], name=HOSTILE)
    acd = msgspec.structs.replace(centre.acd, queues=tuple(queues), agents=tuple(agents))
    callers = CallerHabits(calls=90, arrivals=Exponential(35_000))
    return Scenario(
        name=f"small {HOSTILE}",
        centre=msgspec.structs.replace(centre, acd=acd),
        world=WorldSettings(callers=callers, customers=site.customers()),
        lasts=HOUR,
        warm_up=10 * MINUTE,
        interval=15 * MINUTE,
    )


@cache
def outcomes() -> tuple[Outcome, ...]:
    return tuple(replicate(scenario(), SEED, n, decisions=n == 0) for n in range(3))


@cache
def content() -> Report:
    return report(scenario(), outcomes(), seed=SEED, command=f"ctid-sim run '{HOSTILE}'")
