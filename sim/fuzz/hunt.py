"""Many seeds on several processes: what was found, in the order of the seeds, however many jobs."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from functools import partial

import msgspec

from sim.fuzz.case import case
from sim.fuzz.play import play
from sim.fuzz.steps import Violation
from sim.run.workers import in_order, workers
from sim.scenario.model import Scenario

AGAIN_EVERY = 10
"""Each seed that this divides is also held against its own replay."""
AHEAD = 4
"""Seeds for each worker that are on their way."""


class Seen(msgspec.Struct, frozen=True):
    """One seed."""

    seed: int
    lines: int
    """Of its journal."""
    violation: Violation | None


def look(seed: int, scenario: Scenario | None) -> Seen:
    """Plays one seed."""
    played = play(case(seed, scenario), again=seed % AGAIN_EVERY == 0)
    return Seen(seed, len(played.lines), played.violation)


def hunt(seeds: range, jobs: int, scenario: Scenario | None) -> Iterator[Seen]:
    """All seeds in order, each as soon as it is known."""
    if jobs == 1:
        for seed in seeds:
            yield look(seed, scenario)
        return
    with workers(jobs, partial(_begin, pickle.dumps(scenario))) as executor:
        promised = in_order(seeds, lambda seed: executor.submit(_look, seed), AHEAD * jobs)
        for _, future in promised:
            yield future.result()


_scenario: Scenario | None = None
"""Of this worker."""


def _begin(scenario: bytes) -> None:
    global _scenario
    _scenario = pickle.loads(scenario)


def _look(seed: int) -> Seen:
    return look(seed, _scenario)
