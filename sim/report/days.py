"""The day over all replications: for each interval the middle, and where nine of ten days lie."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise
from operator import add

import msgspec

from ctid.core.records import QueueId
from sim.run.catalogue import BY_NAME, Pair, Slice
from sim.run.figures import tidy
from sim.run.outcome import Outcome, QueueSums

SHARE = 0.9
"""Of the simulated days lie within a band."""
STATES = ("talking", "working", "ringing", "wrap_up", "ready", "away")
"""What agents do, in the order in which plots pile it up; fields of `AgentSums`."""


class Band(msgspec.Struct, frozen=True):
    """One quantity, interval by interval; None where no replication has a value."""

    mean: list[float | None]
    """Of shares and means the sum over all replications above the sum below the line, so that
    busy days count as much more as they have more calls; else the mean of the replications."""
    low: list[float | None]
    """Nine of ten replications lie between `low` and `high`."""
    high: list[float | None]


class Day(msgspec.Struct, frozen=True):
    """One queue, or all together, over the simulated time. Durations are milliseconds."""

    offered: Band
    """Calls that joined, in one replication."""
    answered: Band
    abandoned: Band
    elsewhere: Band
    """Moved, turned away, or ended in another way."""
    service_level: Band
    asa: Band
    abandonment: Band
    queue_length: Band


_OF_CALLS = ("service_level", "asa", "abandonment", "queue_length")
"""Figures of `sim.run.catalogue` that need nothing of the agents."""


def day(outcomes: Sequence[Outcome], queues: Iterable[QueueId]) -> Day:
    """The day of these queues taken together."""
    names = list(queues)
    columns = [
        [
            Slice(added(outcome.queues[q][place] for q in names), (), length, outcome, 0)
            for outcome in outcomes
        ]
        for place, length in zip(places(outcomes[0]), stretches(outcomes[0]), strict=True)
    ]
    figures = {
        name: _band([[BY_NAME[name].pair(part) for part in column] for column in columns])
        for name in _OF_CALLS
    }
    return Day(
        offered=_band([[(s.calls.offered, 1) for s in c] for c in columns]),
        answered=_band([[(s.calls.answered, 1) for s in c] for c in columns]),
        abandoned=_band([[(s.calls.abandoned, 1) for s in c] for c in columns]),
        elsewhere=_band([[(elsewhere(s.calls), 1) for s in c] for c in columns]),
        **figures,
    )


def elsewhere(calls: QueueSums) -> int:
    """Calls that were neither answered nor given up."""
    return calls.offered - calls.answered - calls.abandoned


def staffing(outcomes: Sequence[Outcome]) -> dict[str, list[float]]:
    """For each of STATES the mean number of agents in it, interval by interval."""
    places_and_lengths = list(zip(places(outcomes[0]), stretches(outcomes[0]), strict=True))
    return {
        state: [
            tidy(
                sum(
                    getattr(sums[place], state)
                    for outcome in outcomes
                    for sums in outcome.agents.values()
                )
                / (length * len(outcomes))
            )
            for place, length in places_and_lengths
        ]
        for state in STATES
    }


def places(outcome: Outcome) -> range:
    """The intervals that are counted."""
    return range(outcome.begins // outcome.interval, -(-outcome.ends // outcome.interval))


def stretches(outcome: Outcome) -> list[int]:
    """How many milliseconds of each of these are counted: the first and last may be cut."""
    cuts = edges(outcome)
    return [end - begin for begin, end in pairwise(cuts)]


def edges(outcome: Outcome) -> list[int]:
    """The instants between these, from the first that is counted to the end."""
    inner = [place * outcome.interval for place in places(outcome)][1:]
    return [outcome.begins, *inner, outcome.ends]


def added(parts: Iterable[QueueSums]) -> QueueSums:
    """All together."""
    rows = list(parts)
    total = QueueSums()
    for row in rows:
        total = QueueSums(*map(add, msgspec.structs.astuple(total), msgspec.structs.astuple(row)))
    total.longest = max((row.longest for row in rows), default=0)
    return total


def _band(columns: Sequence[Sequence[Pair]]) -> Band:
    tail = (1 - SHARE) / 2
    means: list[float | None] = []
    ordered: list[list[float]] = []
    for column in columns:
        below = math.fsum(y for _, y in column)
        means.append(tidy(math.fsum(x for x, _ in column) / below) if below else None)
        ordered.append(sorted(x / y for x, y in column if y))
    lows, highs = ([quantile(values, q) for values in ordered] for q in (tail, 1 - tail))
    return Band(means, lows, highs)


def quantile(ordered: Sequence[float], share: float) -> float | None:
    """The value below which `share` of the values lie, between two neighbours by the straight line
    (R. J. Hyndman and Y. Fan (1996), "Sample quantiles in statistical packages", type 7)."""
    if not ordered:
        return None
    place = share * (len(ordered) - 1)
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return tidy(ordered[low] + (place - low) * (ordered[high] - ordered[low]))
