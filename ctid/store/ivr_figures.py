"""Visits of flows folded into counts per quarter of an hour, and these into figures. Pure.

Sums and no shares: whoever reads a year of them adds up some thousand rows, however many called.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from ctid.core.instants import Duration, WallMs
from ctid.core.visits import EARLY, STAY_EDGES, FlowFigures, IvrFigures, StepFigures, Visit
from ctid.store.intervals import interval_of

UPTO: Final = tuple(f"upto_{edge // 1000}s" for edge in STAY_EDGES)
"""Columns that count stays by their length, in the order of the edges; `longer` has the others."""


class FlowInterval(msgspec.Struct):
    """Visits of one flow that began in one interval and ended in one way."""

    began_at: WallMs
    flow: str
    outcome: str
    way: str
    visits: int = 0
    early: int = 0
    """Hung up unserved within `EARLY`."""
    lasted: Duration = 0
    """Sum, in milliseconds."""


class StepInterval(msgspec.Struct):
    """Stays at one step, on visits that began in one interval, that ended in one way."""

    began_at: WallMs
    flow: str
    step: str
    way: str
    stays: int = 0
    wrong: int = 0
    silent: int = 0
    spent: Duration = 0
    """Sum, in milliseconds."""
    upto_1s: int = 0
    upto_2s: int = 0
    upto_5s: int = 0
    upto_10s: int = 0
    upto_20s: int = 0
    upto_30s: int = 0
    upto_60s: int = 0
    upto_120s: int = 0
    longer: int = 0

    def lengths(self) -> list[int]:
        """How many stays were of which length, by `STAY_EDGES`."""
        return [getattr(self, name) for name in (*UPTO, "longer")]


def fold(visits: Iterable[Visit]) -> tuple[list[FlowInterval], list[StepInterval]]:
    """The intervals that `visits` fall into, in the order of their keys."""
    flows: dict[tuple[WallMs, str, str, str], FlowInterval] = {}
    steps: dict[tuple[WallMs, str, str, str], StepInterval] = {}
    for visit in visits:
        began = interval_of(visit.began_at)
        key = (began, visit.flow, visit.outcome, visit.way)
        flow = flows.setdefault(key, FlowInterval(*key))
        flow.visits += 1
        flow.early += visit.outcome == "hung_up" and visit.lasted <= EARLY
        flow.lasted += visit.lasted
        for stay in visit.stays:
            at = (began, stay.flow, stay.step, stay.way)
            step = steps.setdefault(at, StepInterval(*at))
            step.stays += 1
            step.wrong += stay.wrong
            step.silent += stay.silent
            step.spent += stay.spent
            name = (*UPTO, "longer")[bisect_left(STAY_EDGES, stay.spent)]
            setattr(step, name, getattr(step, name) + 1)
    return [flows[key] for key in sorted(flows)], [steps[at] for at in sorted(steps)]


def figures(flows: Iterable[FlowInterval], steps: Iterable[StepInterval]) -> IvrFigures:
    """What the intervals add up to, by flow, and by flow and step."""
    return IvrFigures(list(_flows(flows)), list(_steps(steps)))


def _flows(parts: Iterable[FlowInterval]) -> Iterator[FlowFigures]:
    found: dict[str, list[FlowInterval]] = {}
    for part in parts:
        found.setdefault(part.flow, []).append(part)
    for flow, mine in sorted(found.items()):
        outcomes: dict[str, int] = {}
        for one in mine:
            name = f"{one.outcome}/{one.way}" if one.way else one.outcome
            outcomes[name] = outcomes.get(name, 0) + one.visits
        yield FlowFigures(
            flow,
            visits=sum(one.visits for one in mine),
            contained=outcomes.get("contained", 0),
            early=sum(one.early for one in mine),
            lasted=sum(one.lasted for one in mine),
            outcomes=dict(sorted(outcomes.items())),
        )


def _steps(parts: Iterable[StepInterval]) -> Iterator[StepFigures]:
    found: dict[tuple[str, str], list[StepInterval]] = {}
    for part in parts:
        found.setdefault((part.flow, part.step), []).append(part)
    for (flow, step), mine in sorted(found.items()):
        ways: dict[str, int] = {}
        for one in mine:
            ways[one.way] = ways.get(one.way, 0) + one.stays
        lengths = [sum(column) for column in zip(*(one.lengths() for one in mine), strict=True)]
        yield StepFigures(
            flow, step, sum(ways.values()), dict(sorted(ways.items())),
            wrong=sum(one.wrong for one in mine),
            silent=sum(one.silent for one in mine),
            spent=sum(one.spent for one in mine),
            half_within=_within(lengths, 50),
            most_within=_within(lengths, 95),
        )  # fmt: skip


def _within(lengths: list[int], percent: int) -> Duration:
    """The first edge up to which so many of a hundred lie; 0 where that is beyond the last."""
    total, below = sum(lengths), 0
    for edge, count in zip(STAY_EDGES, lengths, strict=False):
        below += count
        if below * 100 >= total * percent:
            return edge
    return 0
