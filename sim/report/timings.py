"""How long the machine took for each kind of fact, measured on the first replication played once
more. Another run measures otherwise, so this stands in a report only where somebody asks for it.
"""

from __future__ import annotations

import time
from array import array
from collections import defaultdict

from ctid.centre.centre import Centre
from ctid.core.commands import Command
from ctid.core.events import Event
from ctid.core.instants import Instant
from sim.report.content import Took
from sim.run.replication import replicate
from sim.scenario.model import Scenario

DEADLINES = "deadlines"
"""What falls due by itself: the other way in which the machine is called."""
_MICRO = 1_000
"""Nanoseconds of a microsecond."""


class TimedCentre(Centre):
    """The machine, with a stop-watch beside it."""

    def __init__(self, scenario: Scenario) -> None:
        super().__init__(scenario.centre)
        self.spans: defaultdict[str, array[int]] = defaultdict(lambda: array("q"))
        """Kind of fact → nanoseconds of each."""

    def handle(self, event: Event, now: Instant) -> list[Command]:
        begun = time.perf_counter_ns()
        commands = super().handle(event, now)
        self.spans[type(event).__name__].append(time.perf_counter_ns() - begun)
        return commands

    def advance(self, now: Instant) -> list[Command]:
        begun = time.perf_counter_ns()
        commands = super().advance(now)
        self.spans[DEADLINES].append(time.perf_counter_ns() - begun)
        return commands


def measure(scenario: Scenario, seed: int, number: int) -> list[Took]:
    """Play that replication once more and measure; the kind that took longest in all first. Where
    the scenario restarts the machine, up to then."""
    centre = TimedCentre(scenario)
    replicate(scenario, seed, number, centre=centre)
    ordered = sorted(centre.spans.items(), key=lambda item: -sum(item[1]))
    return [_took(kind, sorted(spans)) for kind, spans in ordered]


def _took(kind: str, spans: list[int]) -> Took:
    mean = sum(spans) / len(spans) / _MICRO
    p99 = spans[min(len(spans) * 99 // 100, len(spans) - 1)] / _MICRO
    return Took(kind, len(spans), mean, p99, spans[-1] / _MICRO)
