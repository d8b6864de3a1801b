"""The replications of queueing systems, and rows held against them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec

from sim.run.workers import workers
from sim.theory import straight
from sim.theory.measures import Sums, measure
from sim.theory.row import Row
from sim.theory.system import System
from sim.theory.verdict import Verdict, judge

CALLS = 2_500
CALLS_PER_SERVER = 5
RELAXATIONS = 10
LONGEST = 7_500
"""A replication's mean number of arrivals: CALLS + CALLS_PER_SERVER * n, or so many relaxation
times of the system where they are more, up to the longest. Any length gives the right expectation;
in a longer one the sums are nearer to normal."""


class Task(msgspec.Struct, frozen=True):
    """One replication of one system."""

    system: System
    metrics: tuple[str, ...]
    calls: int
    seed: str
    law: tuple[float, ...]


def replicate(task: Task) -> Sums:
    """Run one replication and sum up what the metrics need."""
    system = task.system
    arrival = system.unit / system.lam
    begin = round(system.warm_up * arrival)
    end = begin + round(task.calls * arrival)
    records = straight.run(system, end, task.law, task.seed)
    return measure(system, records, begin, end, task.metrics)


def hold(
    rows: Sequence[Row],
    replications: int,
    jobs: int = 1,
    seed: int = 1,
    calls: int = 0,
    advance: Callable[[], None] = lambda: None,
) -> list[Verdict]:
    """All rows, each system simulated once; the arguments are those of `simulate`."""
    metrics: dict[System, tuple[str, ...]] = {}
    for row in rows:
        known, wanted = metrics.get(row.held.system, ()), row.held.measure
        metrics[row.held.system] = known if wanted in known else (*known, wanted)
    found = simulate(metrics, replications, jobs, seed, calls, advance)
    return [judge(row, found[row.held.system]) for row in rows]


def simulate(
    metrics: Mapping[System, tuple[str, ...]],
    replications: int,
    jobs: int = 1,
    seed: int = 1,
    calls: int = 0,
    advance: Callable[[], None] = lambda: None,
) -> dict[System, list[Sums]]:
    """The replications of each system; `jobs` processes, the same numbers for any `jobs`.

    Args:
        calls: mean number of arrivals in a replication; 0 chooses by the system.
        advance: called after each replication.
    """
    laws = {system: tuple(system.law()) for system in metrics}
    tasks = [
        Task(
            system, names, calls or enough(system), f"{seed}/{system.name}/{number}", laws[system]
        )
        for system, names in sorted(metrics.items(), key=lambda item: -len(item[0].servers))
        for number in range(replications)
    ]  # fmt: skip
    found: dict[System, list[Sums]] = {system: [] for system in metrics}
    for task, sums in zip(tasks, _run(tasks, jobs), strict=True):
        found[task.system].append(sums)
        advance()
    return found


def enough(system: System) -> int:
    """Mean arrivals in a replication where nobody says how many."""
    settled = min(math.ceil(RELAXATIONS * system.relaxation), LONGEST)
    return max(CALLS + CALLS_PER_SERVER * len(system.servers), settled)


def _run(tasks: Sequence[Task], jobs: int) -> Iterator[Sums]:
    if jobs == 1:
        yield from map(replicate, tasks)
        return
    with workers(jobs) as pool:
        yield from pool.map(replicate, tasks)
