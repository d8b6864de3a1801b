"""From a scenario and a target to a number of agents for each interval, tried out and verified."""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec

from ctid.acd.settings import AgentSettings
from ctid.core.instants import HOUR, Instant
from sim.run import figures
from sim.run.figures import Estimate
from sim.run.outcome import Outcome
from sim.run.pool import Pool, numbered
from sim.run.progress import progress
from sim.scenario.model import Scenario
from sim.staffing.crew import intervals, with_crew
from sim.staffing.goal import Goal
from sim.staffing.search import NotReached, Search
from sim.staffing.start import Start, start

TRIALS = 4
"""Replications with the scenario's own staff: what comes in, and how long it takes."""
FRESH = 10_000
"""Number of the first replication that verifies; the search has none of these."""
REPAIRS = 5
"""How often staff that did not hold with fresh chance may be raised and verified anew."""


class Asked(msgspec.Struct, frozen=True):
    """What is to be found, and how."""

    goal: Goal
    per_interval: bool
    replications: int
    seed: int
    jobs: int
    level: float
    fewest: int
    most: int
    alone: bool = False
    """Whether all other agents are left out."""
    check: bool = False


class Interval(msgspec.Struct, frozen=True):
    """One interval of the plan. Times are ms."""

    begins: Instant
    calls: float
    """That come in it, in one replication."""
    load: float
    """Erlang: the modified offered load."""
    erlang: int
    """Agents by Erlang A."""
    agents: int
    """The least that the simulation found enough."""
    found: Estimate
    """The target's figure in it, with these agents and fresh chance."""
    unsure: bool
    """Whether its calls are too few for its confidence interval to reach the target with any staff;
    then the figure itself was judged."""


class Plan(msgspec.Struct, frozen=True):
    """What was found."""

    goal: Goal
    per_interval: bool
    start: Start
    intervals: list[Interval]
    whole: Estimate
    """The target's figure over the whole run, with fresh chance."""
    verified: bool
    """Whether what was asked for was reached with fresh chance too."""
    played: int
    """Replications of the search."""

    def hours(self, scenario: Scenario) -> float:
        """Agent hours within the run."""
        ends = [*(one.begins for one in self.intervals[1:]), scenario.lasts]
        spans = (
            one.agents * (end - one.begins) for one, end in zip(self.intervals, ends, strict=True)
        )
        return sum(spans) / HOUR


class _Trials:
    """Plays crews; what was played once is not played again."""

    def __init__(self, scenario: Scenario, one: AgentSettings, asked: Asked) -> None:
        self._scenario, self._one, self._asked = scenario, one, asked
        self._count = intervals(scenario)
        self._known: dict[tuple[int, ...], list[Estimate]] = {}
        self.played = 0

    def own(self) -> list[Outcome]:
        """With the scenario's own staff."""
        return self._play(self._scenario, range(TRIALS), "the scenario's own staff")

    def play(self, counts: Sequence[int]) -> list[Estimate]:
        """See `sim.staffing.search.Play`."""
        key = tuple(counts)
        if key not in self._known:
            self._known[key] = self._judged(key, range(self._asked.replications))[0]
        return self._known[key]

    def verify(self, counts: Sequence[int], again: int) -> tuple[list[Estimate], Estimate]:
        """What was asked for, and the whole run's, with chance that nothing saw before."""
        first = FRESH + again * self._asked.replications
        return self._judged(counts, range(first, first + self._asked.replications), fresh=True)

    def each(self, counts: Sequence[int]) -> list[int]:
        """One number for all is a number for each."""
        return list(counts) if self._asked.per_interval else [counts[0]] * self._count

    def _judged(
        self, counts: Sequence[int], numbers: range, *, fresh: bool = False
    ) -> tuple[list[Estimate], Estimate]:
        each = self.each(counts)
        made = with_crew(self._scenario, self._one, each, alone=self._asked.alone)
        what = "verified" if fresh else "tried"
        outcomes = self._play(made, numbers, f"{sum(each) / len(each):.1f} agents are {what}")
        named, level = self._asked.goal.named, self._asked.level
        whole = figures.measure(made, outcomes, [named], level)[named.name]
        if self._asked.per_interval or fresh:
            return figures.over_day(made, outcomes, named, level), whole
        return [whole], whole

    def _play(self, scenario: Scenario, numbers: range, what: str) -> list[Outcome]:
        asked = self._asked
        pool = Pool([scenario], asked.seed, asked.jobs, check=asked.check)
        with pool, progress(f"{scenario.name}: {what}", len(numbers)) as advance:
            self.played += len(numbers)
            return pool.run(numbered(0, numbers), advance)


def plan(scenario: Scenario, one: AgentSettings, asked: Asked) -> Plan:
    """Search, then verify, and raise where it does not hold.

    The warm-up counts like any other time: staff is needed then too.

    Raises:
        NotReached: `most` agents are not enough.
        NothingToGoBy: nobody is answered with the scenario's own staff.
        ReplicationFailed: see `sim.run.pool`.
    """
    scenario = msgspec.structs.replace(scenario, warm_up=0)
    trials = _Trials(scenario, one, asked)
    begin = start(scenario, one, asked.goal, trials.own(), asked.fewest)
    counts, unsure = _search(begin, trials, asked)
    played = trials.played
    for again in range(REPAIRS):
        found, whole = trials.verify(counts, again)
        judged = found if asked.per_interval else [whole]
        lacking = [place for place, got in enumerate(judged) if not asked.goal.reached(got)]
        if not lacking:
            break
        if again + 1 < REPAIRS and all(counts[place] < asked.most for place in lacking):
            counts = [count + (place in lacking) for place, count in enumerate(counts)]
    return Plan(
        asked.goal, asked.per_interval, begin,
        _rows(scenario, begin, trials.each(counts), found, unsure), whole, not lacking, played,
    )  # fmt: skip


def _search(begin: Start, trials: _Trials, asked: Asked) -> tuple[list[int], set[int]]:
    plenty = [min(_plenty(load), asked.most) for load in begin.load]
    if asked.per_interval:
        search = Search(trials.play, asked.goal, asked.fewest, plenty)
        return search.each(begin.agents), search.unsure
    middle = sorted(begin.agents)[len(begin.agents) // 2]
    search = Search(trials.play, asked.goal, asked.fewest, [max(plenty)])
    found = [search.one(middle)]
    return found, set(range(len(begin.agents))) if search.unsure else set()


def _plenty(load: float) -> int:
    """Agents with whom next to nobody waits: a Poisson number of busy ones with half as much again
    as its mean, and four of its standard deviations more."""
    return math.ceil(1.5 * load + 4 * math.sqrt(load)) + 3


def _rows(
    scenario: Scenario,
    begin: Start,
    counts: Sequence[int],
    found: Sequence[Estimate],
    unsure: set[int],
) -> list[Interval]:
    columns = zip(begin.calls, begin.load, begin.agents, counts, found, strict=True)
    return [
        Interval(place * scenario.interval, *cells, place in unsure)
        for place, cells in enumerate(columns)
    ]


__all__ = ["Asked", "Interval", "NotReached", "Plan", "plan"]
