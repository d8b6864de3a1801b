"""Supervisors in the random centre: who they are and what they do."""

from __future__ import annotations

from msgspec.structs import replace

from ctid.acd.settings import AcdSettings, AgentSettings
from ctid.centre.supervision import SupervisionRules
from ctid.core.supervision import Supervisor
from sim.spreads import Uniform
from sim.world.habits import SupervisorHabits

SUE, BOSS = Supervisor("sue", "Sue"), Supervisor("boss", "Boss", "boss")
"""The boss is an agent too, of no queue."""
NOBODY = Supervisor("zoe", "Zoe")
"""Has no phone."""
RULES = SupervisionRules(phones={"sue": "PJSIP/1999"})


def with_supervisors(acd: AcdSettings) -> AcdSettings:
    """The boss among the agents, and queues whose callers may be pulled."""
    boss = AgentSettings("boss", "Boss", "PJSIP/1998", ())
    queues = tuple(replace(queue, pull=True) for queue in acd.queues)
    return replace(acd, queues=queues, agents=(*acd.agents, boss))


def habits(supervisors: bool) -> SupervisorHabits:
    people = (SUE, BOSS, BOSS, NOBODY) if supervisors else ()
    return SupervisorHabits(people, listens=0.6, between=Uniform(100, 2500))
