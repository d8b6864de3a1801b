"""Replications on several processes: the same outcomes, in the same order, whatever their number.

A few workers live as long as the pool. Each takes the scenarios once, and then only numbers; what
comes back is bytes. They begin anew (`spawn`), so nothing of this process can leak into a result.
"""

from __future__ import annotations

import os
import pickle
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack
from functools import partial
from types import TracebackType
from typing import NamedTuple

import msgspec

from ctid.core.errors import CtidError
from sim.run.outcome import Outcome
from sim.run.replication import replicate
from sim.run.workers import in_order, workers
from sim.scenario.model import Scenario

AHEAD = 3
"""Tasks for each worker that are on their way."""


class Task(NamedTuple):
    """One replication."""

    scenario: int
    """Place in the pool's list of scenarios."""
    number: int
    decisions: bool = False
    """Keep why calls went where they went."""


class ReplicationFailed(CtidError):
    """A replication came to no end; the text names its seed and how to see it again."""


Repeat = Callable[[Task], str]
"""The command line that repeats one replication."""
Run = Callable[[Sequence[Task], Callable[[], None]], list[Outcome]]
"""What runs tasks; it calls its second argument after each."""


def cores() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Pool:
    """Workers for some scenarios under one seed; a context manager.

    With one job all is done in this process.
    """

    def __init__(
        self,
        scenarios: Sequence[Scenario],
        seed: int,
        jobs: int,
        *,
        check: bool = False,
        repeat: Repeat | None = None,
    ) -> None:
        self._scenarios, self._seed, self._check = scenarios, seed, check
        self._repeat = repeat
        self._jobs = jobs
        self._stack = ExitStack()
        self._executor: ProcessPoolExecutor | None = None

    def __enter__(self) -> Pool:
        if self._jobs > 1:
            site = pickle.dumps(tuple(self._scenarios))
            begin = partial(_begin, site, self._seed, self._check)
            self._executor = self._stack.enter_context(workers(self._jobs, begin))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._executor = None
        self._stack.__exit__(kind, error, trace)

    def run(
        self, tasks: Sequence[Task], advance: Callable[[], None] = lambda: None
    ) -> list[Outcome]:
        """The outcomes, in the order of `tasks`; `advance` is called after each.

        Raises:
            ReplicationFailed: one of them; the others are given up.
        """
        found: list[Outcome] = []
        for outcome in self._each(tasks):
            found.append(outcome)
            advance()
        return found

    def _each(self, tasks: Sequence[Task]) -> Iterator[Outcome]:
        if self._executor is None:
            for task in tasks:
                yield self._opened(task, work(self._scenarios, self._seed, task, self._check))
            return
        submit = partial(self._submit, self._executor)
        for task, future in in_order(tasks, submit, AHEAD * self._jobs):
            yield self._await(task, future)

    def _submit(self, executor: ProcessPoolExecutor, task: Task) -> Future[Done]:
        try:
            return executor.submit(_work, task)
        except BrokenProcessPool:
            raise self._failed(task) from None

    def _await(self, task: Task, future: Future[Done]) -> Outcome:
        try:
            return self._opened(task, future.result())
        except BrokenProcessPool:
            raise self._failed(task) from None

    def _opened(self, task: Task, done: Done) -> Outcome:
        return opened(done, task, self._scenarios[task.scenario].name, self._seed, self._repeat)

    def _failed(self, task: Task) -> ReplicationFailed:
        name = self._scenarios[task.scenario].name
        return failed(GONE, task, name, self._seed, self._repeat)


def opened(done: Done, task: Task, name: str, seed: int, repeat: Repeat | None) -> Outcome:
    """What a worker has sent.

    Raises:
        ReplicationFailed: it is what went wrong.
    """
    if isinstance(done, str):
        raise failed(done, task, name, seed, repeat)
    return _decoder.decode(done) if isinstance(done, bytes) else done


def failed(why: str, task: Task, name: str, seed: int, repeat: Repeat | None) -> ReplicationFailed:
    """The error that names the replication and how to see it again."""
    again = f"\nto see it again: {repeat(task)}" if repeat else ""
    return ReplicationFailed(
        f"replication {task.number} of {name} with seed {seed} failed: {why}{again}"
    )


# -- in the workers --

Done = Outcome | bytes | str
"""An outcome, the same as bytes, or what went wrong."""
GONE = (
    "its process, or that of the one before, is gone without a word; was it killed, or out of"
    " memory? Fewer --jobs need less"
)

_decoder = msgspec.msgpack.Decoder(Outcome)
_encoder = msgspec.msgpack.Encoder()
_site: tuple[Sequence[Scenario], int, bool] = ((), 0, False)
"""Of this worker: scenarios, seed, whether to check."""


def _begin(scenarios: bytes, seed: int, check: bool) -> None:
    global _site
    _site = (pickle.loads(scenarios), seed, check)


def _work(task: Task) -> bytes | str:
    scenarios, seed, check = _site
    return packed(work(scenarios, seed, task, check))


def packed(done: Done) -> bytes | str:
    """As it travels."""
    return done if isinstance(done, bytes | str) else _encoder.encode(done)


def work(scenarios: Sequence[Scenario], seed: int, task: Task, check: bool = False) -> Done:
    """One replication, or what went wrong in it: an error of some other process's making may not
    be one that travels."""
    try:
        scenario = scenarios[task.scenario]
        return replicate(scenario, seed, task.number, check=check, decisions=task.decisions)
    except CtidError as error:
        return str(error)
    except Exception as error:
        where = "".join(traceback.format_exception(error))
        return f"{type(error).__name__}: {error}\n{where}"


def numbered(scenario: int, numbers: Iterable[int], *, decisions_of: int = -1) -> list[Task]:
    """Tasks for one scenario; replication `decisions_of` keeps its decisions."""
    return [Task(scenario, number, number == decisions_of) for number in numbers]
