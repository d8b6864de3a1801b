"""Site settings with skills, groups, penalties, steps, levels and all strategies, by a seed."""

from __future__ import annotations

from random import Random

import msgspec

from ctid.acd.need import Need
from ctid.acd.ringing import MODES, Ringing
from ctid.acd.settings import AcdSettings, AgentSettings, QueueSettings, RelaxStep
from ctid.acd.strategies import STRATEGIES

SKILLS = ("german", "billing", "cars")
GROUPS = ("reserve", "experts")

replace = msgspec.structs.replace


def schooled(acd: AcdSettings, seed: int) -> AcdSettings:
    """The same queues and agents with abilities; seed 0 leaves them plain.

    Times are short, so that steps open, levels rise and caps are reached while callers wait.
    """
    if seed == 0:
        return acd
    random = Random(f"school {seed}")
    return replace(
        acd,
        queues=tuple(_queue(queue, random) for queue in acd.queues),
        agents=tuple(_agent(agent, random) for agent in acd.agents),
        age_every=random.choice((2_000, 10_000)),
        urgency_cap=random.choice((5_000, 60_000)),
    )


def _agent(agent: AgentSettings, random: Random) -> AgentSettings:
    queues = tuple(queue for queue in agent.queues if random.random() < 0.8)
    return replace(
        agent,
        queues=queues,
        skills={skill: random.randint(1, 5) for skill in SKILLS if random.random() < 0.6},
        groups=tuple(group for group in GROUPS if random.random() < 0.4),
        penalties={queue: random.randint(0, 3) for queue in queues if random.random() < 0.4},
        weight=random.randint(1, 5),
    )


def _queue(queue: QueueSettings, random: Random) -> QueueSettings:
    return replace(
        queue,
        strategy=random.choice(sorted(STRATEGIES)),
        weight=random.randint(1, 3),
        priority=random.randint(0, 3),
        needs=_needs(random),
        prefers=_needs(random),
        max_penalty=random.choice((0, 1, 10)),
        relax=(
            RelaxStep(1_500, needs=_needs(random)),
            RelaxStep(3_000, max_penalty=2, groups=GROUPS[:1]),
            RelaxStep(6_000, needs=(), max_penalty=10, groups=GROUPS),
        ),
        sticky=random.choice((0, 2_500)),
        ringing=Ringing(random.choice(MODES), random.choice((500, 2_000)), random.choice((2, 20))),
    )


def _needs(random: Random) -> tuple[Need, ...]:
    chosen = random.sample(SKILLS, random.choice((0, 0, 1, 1, 2)))
    return tuple(Need(skill, random.randint(1, 4)) for skill in chosen)
