"""Which agents a contact reaches: members of a queue, skills, groups, and how that widens.

A queue's ladder is a list of rungs in order of preference. A contact stands on the first one from
the start and on each further one from a moment of its wait on (bullseye routing); it keeps those
that it has, so that the agents preferred first are preferred as long as it waits.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from ctid.acd.need import Need
from ctid.acd.settings import AgentSettings, QueueSettings
from ctid.core.instants import Duration
from ctid.core.records import AgentId, QueueId


class Reach(msgspec.Struct, frozen=True):
    """A set of agents, told by what they are. Equal reaches share one line of agents."""

    queue: QueueId
    """The queue whose strategy orders them, and whose members they are."""
    penalty: int = 0
    """Members with a higher penalty in that queue are not meant."""
    groups: tuple[str, ...] = ()
    """Members of these agent groups are meant too."""
    needs: tuple[Need, ...] = ()
    """Skills that each of them must have."""
    agent: AgentId = ""
    """This one agent and nobody else."""

    def holds(self, agent: AgentSettings) -> bool:
        """Whether that agent is one of them."""
        if self.agent:
            return agent.id == self.agent
        member = self.queue in agent.queues and penalty_of(agent, self.queue) <= self.penalty
        if not member and not any(group in self.groups for group in agent.groups):
            return False
        return all(agent.skills.get(need.skill, 0) >= need.level for need in self.needs)

    def told(self) -> str:
        """What is asked for beyond membership, for reasons that people read; empty for nothing."""
        if self.agent:
            return "the preferred agent"
        parts = [f"{need.skill} {need.level}" for need in self.needs]
        if self.groups:
            parts.append(f"with {', '.join(self.groups)}")
        if self.penalty:
            parts.append(f"penalty {self.penalty}")
        return ", ".join(parts)


class Rung(msgspec.Struct, frozen=True):
    """From this age of a contact on, these agents may take it too."""

    after: Duration
    reach: Reach


def penalty_of(agent: AgentSettings, queue: QueueId) -> int:
    """The agent's penalty in that queue; 0 where none is named."""
    return agent.penalties.get(queue, 0)


def penalties(agents: Sequence[AgentSettings], queue: QueueId) -> tuple[int, ...]:
    """The penalties that the queue's members have, rising, 0 always among them."""
    return tuple(sorted({0, *(penalty_of(a, queue) for a in agents if queue in a.queues)}))


def ladder(
    queue: QueueSettings, levels: Sequence[int], more: tuple[Need, ...] = ()
) -> tuple[Rung, ...]:
    """All rungs of a queue: by the moment at which they open, then by preference.

    Args:
        levels: the penalties of the queue's members, see `penalties`.
        more: needs of the contact's own, which no step drops.
    """
    rungs: dict[Reach, Duration] = {}
    for after, highest, groups, needs in _steps(queue, more):
        for level in levels:
            if level > highest:
                break
            # Groups help once all members that may be asked were asked.
            last = level == max(one for one in levels if one <= highest)
            reach = Reach(queue.id, level, groups if last else (), needs)
            if queue.prefers:
                wished = msgspec.structs.replace(reach, needs=needs + queue.prefers)
                rungs.setdefault(wished, after)
            rungs.setdefault(reach, after)
    return tuple(Rung(after, reach) for reach, after in rungs.items())


Step = tuple[Duration, int, tuple[str, ...], tuple[Need, ...]]


def _steps(queue: QueueSettings, more: tuple[Need, ...]) -> Iterator[Step]:
    """(from which age, highest penalty, groups, needs), the queue's own first."""
    groups: tuple[str, ...] = ()
    highest, needs = queue.max_penalty, queue.needs
    yield 0, highest, groups, needs + more
    for step in queue.relax:
        highest = highest if step.max_penalty is None else step.max_penalty
        groups += tuple(group for group in step.groups if group not in groups)
        needs = needs if step.needs is None else step.needs
        yield step.after, highest, groups, needs + more
