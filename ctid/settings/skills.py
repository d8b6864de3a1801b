"""Skills, penalties and the steps of queues: who may take what, and from when on."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import msgspec

from ctid.acd.need import Need
from ctid.acd.reach import ladder, penalties
from ctid.acd.settings import AgentSettings, QueueSettings, RelaxStep
from ctid.core.instants import SECOND
from ctid.settings.channels import read_capacity
from ctid.settings.table import ID, Table, nearest

NEED = rf"{ID.pattern}?(:[1-5])?"
FORM = 'a skill, or a skill and its lowest level from 1 to 5: "german", "german:3"'
HIGHEST_PENALTY = 10


def read_reach(table: Table, queue: QueueSettings) -> QueueSettings:
    """The queue with what it asks of agents and of the order of its contacts."""
    return msgspec.structs.replace(
        queue,
        weight=table.whole("weight", 1, 1, 1000),
        priority=table.whole("priority", 0, 0, 9),
        needs=read_needs(table, "needs"),
        prefers=read_needs(table, "prefers"),
        max_penalty=table.whole("max_penalty", HIGHEST_PENALTY, 0, HIGHEST_PENALTY),
        relax=_steps(table),
        sticky=table.seconds("sticky_s", 0, zero=True),
    )


def read_abilities(table: Table, agent: AgentSettings, queues: Collection[str]) -> AgentSettings:
    """The agent with skills, groups, penalties and weight."""
    able = msgspec.structs.replace(
        agent,
        skills=_numbers(table, "skills", 1, 5),
        groups=table.texts("groups", (), pattern=ID.pattern, form="1 to 40 of A-Z a-z 0-9 _ . -"),
        penalties=_numbers(table, "penalties", 0, HIGHEST_PENALTY),
        weight=table.whole("weight", 1, 1, 1000),
        capacity=read_capacity(table),
    )
    for queue in able.penalties:
        if queue not in able.queues:
            what = f"{queue!r} is no queue of this agent; {nearest(queue, queues)}"
            table.wrong(f"penalties.{queue}", what)
    return able


def check_reach(
    main: Table, queues: Sequence[QueueSettings], agents: Sequence[AgentSettings]
) -> None:
    """What a queue asks for and nobody has, told at the queue: its callers would wait for ever."""
    groups = {group for agent in agents for group in agent.groups}
    for n, queue in enumerate(queues, start=1):
        at = f"queues[{n}]"
        for step, group in (
            (s, group) for s, one in enumerate(queue.relax, 1) for group in one.groups
        ):
            if group not in groups:
                what = f"no agent is in the group {group!r}; {nearest(group, groups)}"
                main.wrong(f"{at}.relax[{step}].groups", what)
        lacking = [need for need in _asked(queue) if not any(_has(a, need) for a in agents)]
        for need in lacking:
            what = f"no agent has the skill {need.skill!r} at level {need.level} or above"
            main.wrong(f"{at}.needs", f"{what}; give it to somebody or ask for less")
        if lacking or not any(queue.id in agent.queues for agent in agents):
            continue  # a queue without members may be meant: its rules send everybody on
        rungs = ladder(queue, penalties(agents, queue.id))
        if not any(rung.reach.holds(agent) for rung in rungs for agent in agents):
            what = "no agent of this queue has all that it asks for, at no step"
            main.wrong(f"{at}.needs", f"{what}; ask for less in a step under [[queues.relax]]")


def _has(agent: AgentSettings, need: Need) -> bool:
    return agent.skills.get(need.skill, 0) >= need.level


def _asked(queue: QueueSettings) -> list[Need]:
    asked = [*queue.needs, *queue.prefers]
    for step in queue.relax:
        asked += step.needs or ()
    return list(dict.fromkeys(asked))


def _steps(queue: Table) -> tuple[RelaxStep, ...]:
    found: list[RelaxStep] = []
    for table in queue.tables("relax"):
        highest = table.any("max_penalty", None)
        step = RelaxStep(
            after=table.seconds("after_s", 30 * SECOND),
            needs=read_needs(table, "needs") if "needs" in table.raw else None,
            max_penalty=None if highest is None else table.whole("max_penalty", 0, 0, 10),
            groups=table.texts("groups", ()),
        )
        table.any("needs", None)
        if "after_s" not in table.raw:
            table.wrong("after_s", "is missing; say after how many seconds of waiting")
        if found and step.after <= found[-1].after:
            table.wrong("after_s", "is not later than the step before; put the steps in order")
        if step.needs is None and step.max_penalty is None and not step.groups:
            what = "changes nothing; give needs, max_penalty or groups, or take it out"
            table.problems.add(table.path, what)
        table.close()
        found.append(step)
    return tuple(found)


def read_needs(table: Table, key: str) -> tuple[Need, ...]:
    """A list of skills with their lowest levels."""
    needs = []
    for text in table.texts(key, (), pattern=NEED, form=FORM):
        skill, _, least = text.partition(":")
        needs.append(Need(skill, int(least or 1)))
    if len({need.skill for need in needs}) < len(needs):
        table.wrong(key, "names a skill twice; name it once, with the level that you mean")
    return tuple(needs)


def _numbers(table: Table, name: str, low: int, high: int) -> dict[str, int]:
    raw = table.any(name, {})
    if not isinstance(raw, Mapping):
        table.wrong(name, f"is not a table; write {name} = {{ name = {high} }}")
        return {}
    found: dict[str, int] = {}
    for word, value in raw.items():
        key = f"{name}.{word}"
        if not ID.fullmatch(word):
            table.wrong(key, "is no id; use 1 to 40 of A-Z a-z 0-9 _ . -")
        elif isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            table.wrong(key, f"{value!r} does not fit; use a whole number from {low} to {high}")
        else:
            found[word] = value
    return found
