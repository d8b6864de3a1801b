"""One real run held against many simulated ones, and against the simulator with the same people."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import msgspec
import numpy as np

from ctid.core.instants import SECOND
from ctid.core.journal import Line
from sim.load.callers import rehearse, stage
from sim.run.replication import replicate
from sim.scenario.model import Scenario
from sim.world.plan import PlannedCaller
from tests.real_pbx.reality.measures import Measures, closed, measures

LEVEL = 0.95
NUMBERS = "+86138{:08}"
HELD = {
    "wait": "mean wait, s",
    "abandoned": "abandoned, share",
    "in_target": "answered within 20 s, share",
    "occupancy": "occupancy, share",
}


def plan_of(scenario: Scenario, seed: int, dialled: str) -> list[PlannedCaller]:
    """The callers of replication 0 under that seed, each with a number of their own."""
    return [
        PlannedCaller(
            at=at, number=NUMBERS.format(n), dialled=dialled, patience=caller.draw_patience(),
            talk=caller.draw_talk(caller.queue, 1.0),
        )
        for n, (at, caller) in enumerate(rehearse(scenario, seed, 0))
    ]  # fmt: skip


def picks_of(scenario: Scenario, seed: int) -> dict[str, Iterator[float]]:
    """Extension -> the seconds after which its agent picks up, ring by ring, as simulated."""
    phones = stage(scenario, seed, 0).phones.values()

    def seconds(agent: str) -> Iterator[float]:
        person = people[agent]
        stream = person.dice.of("answers")
        while True:
            stream.random()  # whether they answer at all; here all do
            yield person.habits.answer.draw(stream) / SECOND

    people = {phone.agent: phone for phone in phones}
    return {phone.name.removeprefix("PJSIP/"): seconds(phone.agent) for phone in phones}


def with_plan(scenario: Scenario, plan: Sequence[PlannedCaller]) -> Scenario:
    """The same agents, and these callers in place of the drawn ones."""
    replace = msgspec.structs.replace
    callers = replace(scenario.world.callers, calls=0)
    world = replace(scenario.world, inflows=(), plan=tuple(plan), callers=callers)
    return replace(scenario, world=world)


def simulated(scenario: Scenario, seed: int, number: int) -> list[Line]:
    """The journal of one replication."""
    lines: list[Line] = []
    replicate(scenario, seed, number, write=lines.append)
    return lines


class Row(msgspec.Struct, frozen=True):
    """One measure."""

    what: str
    real: float
    twin: float
    """The simulator with the very same callers and agents."""
    mean: float
    """Over replications with other callers."""
    low: float
    high: float
    """Within which LEVEL of single runs lie."""

    @property
    def inside(self) -> bool:
        return self.low <= self.real <= self.high


def rows(real: Measures, twin: Measures, many: Sequence[Measures]) -> list[Row]:
    """One row for each measure of HELD."""
    return [_row(key, what, real, twin, many) for key, what in HELD.items()]


def _row(key: str, what: str, real: Measures, twin: Measures, many: Sequence[Measures]) -> Row:
    values = [getattr(one, key) for one in many]
    low, high = interval(values)
    mean = math.fsum(values) / len(values)
    return Row(what, getattr(real, key), getattr(twin, key), mean, low, high)


def interval(values: Sequence[float]) -> tuple[float, float]:
    """Prediction interval for one more value like these: the order statistics between which it lies
    with the probability LEVEL whatever the law (n values and one more are equally likely in each
    order; S. S. Wilks, Ann. Math. Stat. 12 (1941) 91). Raises ValueError for too few."""
    ordered, n = sorted(values), len(values)
    rank = math.floor((n + 1) * (1 - LEVEL) / 2)
    if rank < 1:
        raise ValueError(f"{n} replications are too few for a {LEVEL:.0%} interval; use 39")
    return ordered[rank - 1], ordered[n - rank]


class Alike(msgspec.Struct, frozen=True):
    """How far the two went the same way, caller by caller."""

    callers: int
    same_end: int
    """Answered here and there, or given up here and there."""
    same_agent: int
    """Of those with the same end: and by the same agent."""
    wait_apart_p50: float
    """Difference of the waits, in ms, over those with the same end."""
    wait_apart_p95: float


def alike(real: Sequence[Line], twin: Sequence[Line]) -> Alike:
    """Over the callers of the plan, who are known by their numbers."""
    here, there = ({r.number: r for r in closed(lines)} for lines in (real, twin))
    pairs = [(one, there[number]) for number, one in here.items() if number in there]
    same = [(a, b) for a, b in pairs if a.outcome == b.outcome]
    apart = [abs(a.waited - b.waited) for a, b in same]
    p50, p95 = np.percentile(apart, (50, 95), method="inverted_cdf") if apart else (0, 0)
    agents = sum(a.agent == b.agent for a, b in same)
    return Alike(len(pairs), len(same), agents, float(p50), float(p95))


def of(lines: Sequence[Line], begin: int, scenario: Scenario) -> Measures:
    """The measures of a run whose first caller may come at `begin`."""
    return measures(lines, begin, begin + scenario.lasts)
