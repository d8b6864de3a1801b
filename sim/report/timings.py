"""How long the machine took for each kind of fact, measured on the first replication played once
more. Another run measures otherwise, so this stands in a report only where somebody asks for it.
"""

from __future__ import annotations

import time
from array import array
from collections import defaultdict
from collections.abc import Callable

from ctid.core.commands import Command
from ctid.core.events import Event
from sim.report.content import Took
from sim.run.replication import replicate
from sim.scenario.model import Scenario

DEADLINES = "deadlines"
"""What falls due by itself: the other way in which the machine is called."""
_MICRO = 1_000
"""Nanoseconds of a microsecond."""


class StopWatch:
    """Stands before the machine, and before the one that takes over from it."""

    def __init__(self) -> None:
        self.spans: defaultdict[str, array[int]] = defaultdict(lambda: array("q"))
        """Kind of fact → nanoseconds of each."""

    def watch(self, event: Event | None, reckon: Callable[[], list[Command]]) -> list[Command]:
        """See `sim.driver.Watch`."""
        begun = time.perf_counter_ns()
        commands = reckon()
        took = time.perf_counter_ns() - begun
        self.spans[DEADLINES if event is None else type(event).__name__].append(took)
        return commands


def measure(scenario: Scenario, seed: int, number: int) -> list[Took]:
    """Play that replication once more and measure; the kind that took longest in all first."""
    stop_watch = StopWatch()
    replicate(scenario, seed, number, watch=stop_watch.watch)
    ordered = sorted(stop_watch.spans.items(), key=lambda item: -sum(item[1]))
    return [_took(kind, sorted(spans)) for kind, spans in ordered]


def _took(kind: str, spans: list[int]) -> Took:
    mean = sum(spans) / len(spans) / _MICRO
    p99 = spans[min(len(spans) * 99 // 100, len(spans) - 1)] / _MICRO
    return Took(kind, len(spans), mean, p99, spans[-1] / _MICRO)
