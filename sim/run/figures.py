"""Figures out of replications, and how far they can be trusted.

A figure is a ratio of means over independent replications, R = mean(x) / mean(y): a mean of ratios
would weigh a quiet day as much as a busy one. Its interval is Student's t on the residuals
x - R y (the linearised ratio: W. G. Cochran, Sampling Techniques, 3rd ed. 1977, section 6.4).
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from operator import add

import msgspec
from scipy import special

from ctid.core.errors import ConfigError
from ctid.core.records import QueueId
from sim.run.catalogue import BY_NAME, FIGURES, Figure, Pair, Slice, Unit
from sim.run.outcome import AgentSums, Outcome, QueueSums
from sim.scenario.model import Scenario

LEVEL = 0.95
"""Of intervals, where nobody asks for another."""
_SUFFIXES = {"ms": 1.0, "min": 60_000.0, "s": 1_000.0}


class Named(msgspec.Struct, frozen=True):
    """A figure of the whole centre, or of one queue."""

    figure: Figure
    queue: QueueId = ""

    @property
    def name(self) -> str:
        """`service_level`, or `service_level[sales]`."""
        return f"{self.figure.name}[{self.queue}]" if self.queue else self.figure.name


class Estimate(msgspec.Struct, frozen=True):
    """What replications say of one figure; None where they say nothing."""

    name: str
    unit: Unit
    value: float | None
    se: float | None
    """Standard error; None with fewer than two replications."""
    half: float | None
    """Half of the interval's width, before it is cut off at 0 and, for shares, at 1."""
    low: float | None
    high: float | None
    replications: int
    level: float


# -- names --


def all_of(scenario: Scenario) -> Iterator[Named]:
    """Every figure: of the whole centre first, then of each queue."""
    yield from (Named(figure) for figure in FIGURES)
    for queue in scenario.centre.acd.queues:
        yield from (Named(figure, queue.id) for figure in FIGURES if figure.of_queues)


def find(name: str, scenario: Scenario) -> Named:
    """The figure of that name.

    Raises:
        ConfigError: there is none; the text names the nearest.
    """
    known = {named.name: named for named in all_of(scenario)}
    if name in known:
        return known[name]
    near = difflib.get_close_matches(name, known, 1)
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(BY_NAME)}"
    raise ConfigError((f"figure {name!r} is unknown; {hint}",))


# -- sums --


def pair(named: Named, scenario: Scenario, outcome: Outcome, interval: int | None = None) -> Pair:
    """x and y of one figure in one replication, or in one of its intervals."""
    return named.figure.pair(_part(scenario, outcome, named.queue, interval))


def pairs_of(
    scenario: Scenario, outcome: Outcome, names: Iterable[Named], interval: int | None = None
) -> list[Pair]:
    """The same of many figures."""
    parts: dict[QueueId, Slice] = {}
    found: list[Pair] = []
    for named in names:
        if named.queue not in parts:
            parts[named.queue] = _part(scenario, outcome, named.queue, interval)
        found.append(named.figure.pair(parts[named.queue]))
    return found


def _part(scenario: Scenario, outcome: Outcome, queue: QueueId, interval: int | None) -> Slice:
    queues = [outcome.queues[queue]] if queue else list(outcome.queues.values())
    agents = [
        outcome.agents[agent.id]
        for agent in scenario.centre.acd.agents
        if not queue or queue in agent.queues
    ]
    chosen = slice(None) if interval is None else slice(interval, interval + 1)
    begins, ends = outcome.begins, outcome.ends
    if interval is not None:
        begins = max(begins, interval * outcome.interval)
        ends = min(ends, (interval + 1) * outcome.interval)
    return Slice(
        _calls(sums for one in queues for sums in one[chosen]),
        [_agent(one[chosen]) for one in agents],
        max(ends - begins, 0),
        outcome,
        scenario.cost_per_hour,
    )


def _calls(parts: Iterable[QueueSums]) -> QueueSums:
    return QueueSums(*_added(parts, QueueSums()))


def _agent(parts: Iterable[AgentSums]) -> AgentSums:
    return AgentSums(*_added(parts, AgentSums()))


def _added(parts: Iterable[msgspec.Struct], empty: msgspec.Struct) -> Sequence[int]:
    """Field by field; the longest wait of all is no sum and no figure uses it."""
    rows = [msgspec.structs.astuple(part) for part in parts]
    if not rows:
        return msgspec.structs.astuple(empty)
    return [reduce(add, column) for column in zip(*rows, strict=True)]


# -- estimates --


def measure(
    scenario: Scenario,
    outcomes: Sequence[Outcome],
    names: Iterable[Named] | None = None,
    level: float = LEVEL,
) -> dict[str, Estimate]:
    """Figures by name; all of them unless `names` says which."""
    asked = list(all_of(scenario) if names is None else names)
    rows = [pairs_of(scenario, outcome, asked) for outcome in outcomes]
    return {
        named.name: estimate(named, [row[place] for row in rows], level)
        for place, named in enumerate(asked)
    }


def over_day(
    scenario: Scenario, outcomes: Sequence[Outcome], named: Named, level: float = LEVEL
) -> list[Estimate]:
    """One figure in each interval."""
    count = len(next(iter(outcomes[0].queues.values())))
    return [
        estimate(named, [pair(named, scenario, o, place) for o in outcomes], level)
        for place in range(count)
    ]


def estimate(named: Named, pairs: Sequence[Pair], level: float = LEVEL) -> Estimate:
    """R, its standard error and its interval."""
    n, unit = len(pairs), named.figure.unit
    found = ratio(pairs)
    if found is None:
        return Estimate(named.name, unit, None, None, None, None, None, n, level)
    value, residuals = found
    if n < 2:
        return Estimate(named.name, unit, tidy(value), None, None, None, None, n, level)
    se = standard_error(residuals)
    half = student(level, n) * se
    high = value + half if unit != "share" else min(value + half, 1.0)
    low = max(value - half, 0.0)
    return Estimate(
        named.name, unit, tidy(value), tidy(se), tidy(half), tidy(low), tidy(high), n, level
    )


def ratio(pairs: Sequence[Pair]) -> tuple[float, list[float]] | None:
    """R, and what each replication adds to it: (x - R y) / mean(y). None where all y are 0."""
    total = math.fsum(y for _, y in pairs)
    if total == 0:
        return None
    value = math.fsum(x for x, _ in pairs) / total
    mean = total / len(pairs)
    return value, [(x - value * y) / mean for x, y in pairs]


def standard_error(values: Sequence[float]) -> float:
    """Of the mean of at least two values."""
    n = len(values)
    mean = math.fsum(values) / n
    return math.sqrt(math.fsum((v - mean) ** 2 for v in values) / (n - 1) / n)


def without_unit(text: str, unit: Unit) -> tuple[str, float]:
    """A number as written without its unit, and by how much to multiply it; a time without a unit
    is in seconds."""
    if unit != "ms":
        return text, 1.0
    for suffix, scale in _SUFFIXES.items():
        if text.endswith(suffix):
            return text.removesuffix(suffix), scale
    return text, 1_000.0


def student(level: float, n: int) -> float:
    """How many standard errors the interval of `level` reaches to each side, with n values."""
    return float(special.stdtrit(n - 1, (1 + level) / 2))


def tidy(value: float) -> float:
    """To ten significant digits: beyond these, mathematical libraries may differ, and reports must
    not."""
    return float(f"{value:.10g}")
