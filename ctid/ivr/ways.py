"""Where a flow can lead, as a graph: what is reached, where nobody gets out, who goes round."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Final

from ctid.ivr.flow import (
    AnyStep,
    Branch,
    Call,
    Flow,
    Language,
    LookUp,
    Return,
    Set,
    StepId,
    asks,
    targets,
)

Ways = Mapping[StepId, tuple[StepId, ...]]
"""Step → the steps that it may lead to."""
Handed = Mapping[str, frozenset[str]]
"""Flow → the names that it sets in the flow that called it."""
NOTHING: Final[Handed] = {}


def ways_of(flow: Flow) -> dict[StepId, tuple[StepId, ...]]:
    """All of them, whatever the caller does."""
    return {
        name: tuple(target for _, target in targets(step) if target in flow.steps)
        for name, step in flow.steps.items()
    }


def silent_ways_of(flow: Flow, back: Handed = NOTHING) -> dict[StepId, tuple[StepId, ...]]:
    """Those that a caller who never presses a key may walk again and again.

    None out of a branch on what a step of its own circle sets: such a circle counts its rounds.

    Args:
        back: the flows that a silent caller comes back from, see `handed_to_the_silent`; any other
            one may end the call.
    """
    leads = {name: _unasked(flow, step, back) for name, step in flow.steps.items()}
    counted = [name for name, step in flow.steps.items() if _counts(flow, leads, name, step, back)]
    return {**leads, **dict.fromkeys(counted, ())}


def handed_to_the_silent(flows: Mapping[str, Flow], flow: str) -> Handed:
    """The flows that `flow` calls, and those that they call, out of which a caller who never
    presses a key may come back, each with the names that it sets then. There is no circle of
    calls."""
    back: dict[str, frozenset[str]] = {}
    for step in flows[flow].steps.values():
        if isinstance(step, Call) and step.flow in flows and step.flow not in back:
            below = handed_to_the_silent(flows, step.flow)
            back.update(below)
            called = flows[step.flow]
            walked = reached(silent_ways_of(called, below), called.start)
            returns = [one for name in walked if isinstance(one := called.steps[name], Return)]
            if returns:
                back[step.flow] = frozenset(name for one in returns for name in one.with_)
    return back


def _unasked(flow: Flow, step: AnyStep, back: Handed) -> tuple[StepId, ...]:
    if isinstance(step, Call) and step.flow not in back:
        return ()
    return tuple(
        target
        for field, target in targets(step)
        if target in flow.steps and (field in ("on_fail", "locked") or not asks(step))
    )


def _counts(flow: Flow, leads: Ways, name: StepId, step: AnyStep, back: Handed) -> bool:
    return isinstance(step, Branch) and any(
        _sets(flow.steps[other], step.on, back) and name in reached(leads, other)
        for other in reached(leads, name)
    )


def _sets(step: AnyStep, variable: str, back: Handed) -> bool:
    match step:
        case Language() | LookUp():
            return variable == "language"
        case Set():
            return step.variable == variable
        case Call():
            return variable in back.get(step.flow, ())
        case _:
            return False


def reached(ways: Ways, start: StepId) -> set[StepId]:
    """`start`, and all that it leads to."""
    found: set[StepId] = set()
    todo = [start] if start in ways else []
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo += ways[name]
    return found


def trapped(ways: Ways, ends: Collection[StepId]) -> list[StepId]:
    """Steps from which none of `ends` can be reached, in their own order."""
    back: dict[StepId, list[StepId]] = {name: [] for name in ways}
    for name, leads in ways.items():
        for target in leads:
            back[target].append(name)
    safe: set[StepId] = set()
    todo = list(ends)
    while todo:
        name = todo.pop()
        if name not in safe:
            safe.add(name)
            todo += back[name]
    return [name for name in ways if name not in safe]


def circles(ways: Ways) -> list[tuple[StepId, ...]]:
    """Ways that end where they began, the beginning told once; a step stands in one of them at
    most, so that one mistake is told once. Shortest first from each step, in the steps' order."""
    found: list[tuple[StepId, ...]] = []
    told: set[StepId] = set()
    for name in ways:
        if name not in told and (circle := _shortest(ways, name)) and not told & set(circle):
            told.update(circle)
            found.append(circle)
    return found


def _shortest(ways: Ways, start: StepId) -> tuple[StepId, ...]:
    """The shortest way from `start` to itself, or nothing."""
    came: dict[StepId, StepId] = {}
    todo: Iterable[StepId] = (start,)
    while todo:
        after: list[StepId] = []
        for name in todo:
            for target in ways[name]:
                if target == start:
                    return _walked(came, start, name)
                if target not in came:
                    came[target] = name
                    after.append(target)
        todo = after
    return ()


def _walked(came: Mapping[StepId, StepId], start: StepId, last: StepId) -> tuple[StepId, ...]:
    way = [last]
    while way[-1] != start:
        way.append(came[way[-1]])
    return tuple(reversed(way))
