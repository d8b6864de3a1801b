"""All playings of a day, on several processes: the same results for any number of them."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from functools import partial

from ctid.centre.settings import CentreSettings
from sim.run.pool import GONE, ReplicationFailed
from sim.run.workers import workers
from sim.whatif.draws import Draws
from sim.whatif.facts import Day
from sim.whatif.play import Played, play

Task = tuple[int, int]
"""Which settings, 0 for the day's own and 1 for the new ones; number of the replication."""


def play_both(
    day: Day, new: CentreSettings, seed: int, count: int, jobs: int, advance: Callable[[], None]
) -> tuple[list[Played], list[Played]]:
    """The old settings and the new ones, `count` times each; `advance` is called after each.

    Raises:
        ReplicationFailed: a process is gone.
        CtidError: from a playing.
    """
    tasks = [(place, number) for number in range(count) for place in (0, 1)]
    site = pickle.dumps((day, (day.settings, new), seed))
    found: list[Played] = []
    for played in _run(tasks, site, jobs):
        found.append(played)
        advance()
    return found[::2], found[1::2]


def _run(tasks: Sequence[Task], site: bytes, jobs: int) -> Iterator[Played]:
    if jobs == 1:
        _load(site)
        yield from map(_one, tasks)
        return
    with workers(min(jobs, len(tasks)), partial(_load, site)) as pool:
        try:
            yield from pool.map(_one, tasks)
        except BrokenProcessPool:
            raise ReplicationFailed(f"a playing failed: {GONE}") from None


_site: tuple[Day, tuple[CentreSettings, CentreSettings], int, Draws] | None = None
"""Of this process."""


def _load(site: bytes) -> None:
    global _site
    day, settings, seed = pickle.loads(site)
    _site = (day, settings, seed, Draws(day))


def _one(task: Task) -> Played:
    assert _site is not None, "_load comes first"
    day, settings, seed, draws = _site
    place, number = task
    return play(day, settings[place], seed, number, draws=draws)
