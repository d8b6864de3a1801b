"""A recorded day through its own settings and through others: can the model be trusted, and what
would have been different. Both meet the same people, replication by replication.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import msgspec

from ctid.acd.channels import CALL
from ctid.centre.settings import CentreSettings
from ctid.core.instants import Duration, WallMs
from sim.run import figures
from sim.run.catalogue import BY_NAME, Figure, Slice, Unit
from sim.run.comparing import Difference, compare
from sim.run.figures import Named, tidy
from sim.run.outcome import Outcome
from sim.scenario.model import Scenario
from sim.whatif.changes import Change, changes, share
from sim.whatif.changes import pairs as pairs_of
from sim.whatif.draws import Draws
from sim.whatif.facts import Day, Note
from sim.whatif.play import INTERVAL, Played, recorded
from sim.whatif.playing import play_both
from sim.whatif.unshared import unshared
from sim.world.habits import WorldSettings
from sim.world.plan import is_door, with_doors

JUDGED = ("service_level", "asa", "abandonment", "occupancy")
"""Figures that the model must hit, or nobody should believe it."""
LEVEL_OF_TRUST = 0.99
"""Of the interval in which the recorded value must lie; four figures are looked at."""
ASKED = (
    "service_level", "asa", "abandonment", "occupancy", "jain", "jain_occupancy", "idle_gap",
    "queue_length", "moved", "blocked", "cost",
)  # fmt: skip
OF_QUEUES = ("service_level", "asa", "abandonment")


@dataclass(frozen=True)
class Prices:
    """What things cost, in whatever money; 0 where nobody has said."""

    hour: float = 0.0
    """Of each hour in which an agent is signed in."""
    abandoned: float = 0.0
    """Of each caller who gives up."""


FREE = Prices()


class Judgement(msgspec.Struct, frozen=True):
    """One figure of the day as it was, beside the model's under the same settings."""

    name: str
    unit: Unit
    recorded: float | None
    model: float | None
    """Mean over the replications."""
    low: float | None
    high: float | None
    """Where one more replication would lie, with LEVEL_OF_TRUST."""
    within: bool


class WhatIf(msgspec.Struct, frozen=True):
    """The document of `ctid-sim replay --json`; version 1."""

    journals: tuple[str, ...]
    config: str
    calls: int
    begins: WallMs
    lasts: Duration
    timezone: str
    """Of the site that day."""
    replications: int
    seed: int
    told: tuple[Note, ...]
    """What is not played, and what the two settings do not share."""
    faithful: bool
    """Each of JUDGED is where the model has it, or nearer than anybody cares."""
    judged: tuple[Judgement, ...]
    same_outcome: float
    """Share of callers who fare in the model, under the old settings, as they did."""
    differences: tuple[Difference, ...]
    """`first`: the old settings, `second`: the new ones, both in the model."""
    outcome_changed: float
    """Share of callers, old settings against new, in the same replication."""
    agent_changed: float
    """Of the callers who are answered under both."""
    changes: tuple[Change, ...]
    """The greatest first."""
    over_day: dict[str, tuple[float | None, ...]]
    """Service level in each half hour: `recorded`, `before`, `after`."""
    version: int = 1


def what_if(
    day: Day,
    new: CentreSettings,
    *,
    journals: Sequence[str],
    config: str,
    replications: int,
    seed: int,
    jobs: int = 1,
    level: float = figures.LEVEL,
    prices: Prices = FREE,
    most: int = 20,
    advance: Callable[[], None] = lambda: None,
) -> WhatIf:
    """All of it; at least two replications.

    Args:
        most: how many callers to name who fared differently.
        advance: called after each playing; there are two for each replication.

    Raises:
        CtidError: a playing fails; the text says which.
    """
    if any(is_door(caller.dialled) for caller in day.callers):
        new = with_doors(new)  # a day of a scenario whose callers came past the menus
    draws = Draws(day)
    before, after = play_both(day, new, seed, replications, jobs, advance)
    real = recorded(day)
    scenarios = (_scenario(day, day.settings, prices), _scenario(day, new, prices))
    outcomes = ([p.outcome for p in before], [p.outcome for p in after])
    judged = judge(scenarios[0], real, outcomes[0])
    guessed = sum(p.guessed for p in after) / replications
    told = [*day.told, *draws.told, *unshared(day, new, guessed)]
    pairs = list(pairs_of(before, after))
    both = [(a, b) for a, b in pairs if a.outcome == b.outcome == "answered"]
    names = list(_named(scenarios, prices))
    return WhatIf(
        tuple(journals), config, len(day.callers), day.wall_at_zero, day.lasts,
        day.settings.timezone, replications, seed,
        tuple(told), all(one.within for one in judged if one.name in JUDGED), tuple(judged),
        _as_recorded(day, before), tuple(compare(scenarios, outcomes, names, level)),
        share(a.outcome != b.outcome for a, b in pairs),
        share(a.agent != b.agent for a, b in both),
        tuple(changes(day, before, after)[:most]),
        {
            "recorded": _over_day(scenarios[0], [real]),
            "before": _over_day(scenarios[0], outcomes[0]),
            "after": _over_day(scenarios[1], outcomes[1]),
        },
    )  # fmt: skip


def _scenario(day: Day, settings: CentreSettings, prices: Prices) -> Scenario:
    """What figures need to know of the two; it is not played."""
    return Scenario(
        "day", settings, WorldSettings(), day.lasts, interval=INTERVAL, cost_per_hour=prices.hour
    )


def _named(scenarios: tuple[Scenario, Scenario], prices: Prices) -> Iterator[Named]:
    yield from (Named(BY_NAME[name]) for name in ASKED)
    if prices.abandoned:
        yield Named(with_lost(prices.abandoned))
    first, second = ([q.id for q in s.centre.acd.queues if q.channel == CALL] for s in scenarios)
    for queue in first if len(first) > 1 else ():
        if queue in second:
            yield from (Named(BY_NAME[name], queue) for name in OF_QUEUES)


def with_lost(price: float) -> Figure:
    """What agents cost, and what each caller who gives up costs."""

    def pair(part: Slice) -> tuple[float, float]:
        return BY_NAME["cost"].pair(part)[0] + price * part.calls.abandoned, 1

    return Figure(
        "cost_with_lost", "money", -1, 1.0, "Cost with lost callers", "成本(含流失来电)",
        "cost of agents + abandoned * their price", pair, of_queues=False,
    )  # fmt: skip


# -- trust --


def judge(scenario: Scenario, real: Outcome, model: Sequence[Outcome]) -> list[Judgement]:
    """Each figure of the day beside the model's, the same settings in both."""
    return [_judgement(Named(BY_NAME[name]), scenario, real, model) for name in ASKED[:-1]]


def _judgement(
    named: Named, scenario: Scenario, real: Outcome, model: Sequence[Outcome]
) -> Judgement:
    x, y = figures.pair(named, scenario, real)
    each = [x / y for x, y in (figures.pair(named, scenario, one) for one in model) if y]
    name, unit, value = named.name, named.figure.unit, x / y if y else None
    if value is None or len(each) < 2:
        return Judgement(name, unit, value, each[0] if each else None, None, None, value is None)
    n, mean = len(each), math.fsum(each) / len(each)
    # Where one more value lies: its own spread and that of the mean (Student).
    half = figures.student(LEVEL_OF_TRUST, n) * figures.standard_error(each) * (n + 1) ** 0.5
    near = abs(value - mean) <= max(half, named.figure.matters)
    low, high = max(mean - half, 0.0), mean + half
    high = min(high, 1.0) if unit == "share" else high
    return Judgement(name, unit, tidy(value), tidy(mean), tidy(low), tidy(high), near)


def _as_recorded(day: Day, before: Sequence[Played]) -> float:
    return share(
        end is not None and end.outcome == caller.outcome
        for played in before
        for caller, end in zip(day.callers, played.ends, strict=True)
    )


def _over_day(scenario: Scenario, outcomes: Sequence[Outcome]) -> tuple[float | None, ...]:
    named = Named(BY_NAME["service_level"])
    return tuple(one.value for one in figures.over_day(scenario, outcomes, named))
