"""Small scenarios for the tests of replications."""

from __future__ import annotations

import msgspec

from ctid.acd.overflow import Overflow, Rule, ToCallback, ToMessage, ToQueue, ToVoicemail
from ctid.centre.settings import CentreSettings
from ctid.core.instants import HOUR, MINUTE, SECOND, Duration
from sim import site
from sim.scenario.model import Scenario
from sim.spreads import Exponential
from sim.world.habits import AgentHabits, CallerHabits, WorldSettings

MEAN_GAP = 15 * SECOND


def scenario(
    hours: float = 2, agents: int = 8, *, overflows: bool = False, warm_up: Duration = 0
) -> Scenario:
    """Two queues; calls every quarter of a minute, and as many as come in the time."""
    lasts = round(hours * HOUR)
    settings = site.settings(agents)
    world = WorldSettings(
        callers=CallerHabits(
            calls=lasts // MEAN_GAP, arrivals=Exponential(MEAN_GAP),
            keys_waiting=0.3 if overflows else 0.0,
        ),
        agents=AgentHabits(breaks=0.2),
        customers=site.customers(),
    )  # fmt: skip
    made = with_rules(settings) if overflows else settings
    return Scenario("small", made, world, lasts, warm_up, 15 * MINUTE, 30.0)


def with_rules(settings: CentreSettings) -> CentreSettings:
    """Callers go from sales to service, leave messages, hear messages, are called back."""
    rules = {
        "sales": Overflow((
            Rule(ToQueue("service"), "wait", waited=8 * SECOND),
            Rule(ToQueue("service"), "key", key="1"), Rule(ToMessage(()), length=4),
        )),
        "service": Overflow((
            Rule(ToVoicemail(), "wait", waited=40 * SECOND), Rule(ToMessage(()), length=6),
            Rule(ToCallback(), "key", key="1"),
        )),
    }  # fmt: skip
    replace = msgspec.structs.replace
    queues = tuple(replace(queue, overflow=rules[queue.id]) for queue in settings.acd.queues)
    return replace(settings, acd=replace(settings.acd, queues=queues))
