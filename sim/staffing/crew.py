"""A scenario with so many agents of one kind in each interval, all else unchanged.

The agents are copies of one of the scenario's, who replace all of that kind. They are there when
they are wanted: no breaks, no lateness, no rounding to shifts. Making shifts of it is rostering,
which is not done here.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from ctid.acd.settings import AgentSettings
from ctid.core.errors import ConfigError
from ctid.core.instants import HOUR, Duration
from ctid.settings.table import nearest
from sim.scenario.model import Scenario
from sim.world.habits import AgentPlan, Shift

STAYS: Duration = HOUR
"""How long the last interval's agents stay for those who are there at the end."""


def intervals(scenario: Scenario) -> int:
    """How many there are."""
    return -(-scenario.lasts // scenario.interval)


def template(scenario: Scenario, like: str) -> AgentSettings:
    """The agent whose copies are sought: `like`, or anyone where all agents are of one kind; an
    agent is of the kind of another who differs in name and phone only.

    Raises:
        ConfigError: no such agent, or several kinds and none is named.
    """
    agents = {agent.id: agent for agent in scenario.centre.acd.agents}
    if like:
        if like not in agents:
            problem = f"--like {like}: there is no such agent; {nearest(like, agents)}"
            raise ConfigError((problem,))
        return _serves(agents[like])
    first, *others = agents.values()
    if unlike := next((one for one in others if _kind(one) != _kind(first)), None):
        problem = (
            f"{first.id} and {unlike.id} differ in queues, skills or penalties; name with --like"
            " the agent of whose kind more or fewer are sought"
        )
        raise ConfigError((problem,))
    return _serves(first)


def _serves(one: AgentSettings) -> AgentSettings:
    if not one.queues:
        raise ConfigError((f"{one.id} serves no queue; name with --like an agent who does",))
    return one


def with_crew(
    scenario: Scenario, one: AgentSettings, counts: Sequence[int], *, alone: bool = False
) -> Scenario:
    """The scenario with `counts[i]` agents like `one` in interval i; alone, without any others."""
    replace = msgspec.structs.replace
    acd, world = scenario.centre.acd, scenario.world
    others = [agent for agent in acd.agents if not alone and _kind(agent) != _kind(one)]
    taken = {agent.id for agent in others}
    ids = [_free(f"{one.id}-{n}", taken) for n in range(1, max(counts) + 1)]
    crew = [
        replace(one, id=name, name=f"{one.name} {n}", phone=f"PJSIP/{name}")
        for n, name in enumerate(ids, 1)
    ]
    usual = world.staff.get(one.id) or AgentPlan(world.agents)
    all_along = AgentPlan(world.agents, (Shift(0, scenario.lasts),))
    plans = dict(world.staff) if world.staff else {agent.id: all_along for agent in others}
    plans = {name: plan for name, plan in plans.items() if name in taken}
    for n, name in enumerate(ids, 1):
        shifts = _shifts(scenario, [count >= n for count in counts])
        plans[name] = AgentPlan(usual.habits, shifts, usual.speed)
    made = replace(acd, agents=(*others, *crew))
    return replace(
        scenario,
        centre=replace(scenario.centre, acd=made),
        world=replace(world, staff=plans),
    )


def _free(name: str, taken: set[str]) -> str:
    return f"{name}-sought" if name in taken else name


def _shifts(scenario: Scenario, wanted: Sequence[bool]) -> tuple[Shift, ...]:
    """One for each run of intervals in a row."""
    found: list[Shift] = []
    for place, there in enumerate(wanted):
        if not there:
            continue
        begins, ends = place * scenario.interval, (place + 1) * scenario.interval
        if place == len(wanted) - 1:
            ends = scenario.lasts + STAYS
        if found and found[-1].ends == begins:
            begins = found.pop().begins
        found.append(Shift(begins, ends))
    return tuple(found)


def _kind(agent: AgentSettings) -> AgentSettings:
    return msgspec.structs.replace(agent, id="", name="", phone="")
