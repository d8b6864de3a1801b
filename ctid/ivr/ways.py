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
    counted: list[StepId] = []
    for knot in knots(leads):
        branches = [(name, step) for name in knot if isinstance(step := flow.steps[name], Branch)]
        changed = {one for name in knot for one in _set_by(flow.steps[name], back)}
        counted += [name for name, step in branches if step.on in changed]
    return {**leads, **dict.fromkeys(counted, ())}


def handed_to_the_silent(flows: Mapping[str, Flow], leads: Ways) -> Handed:
    """The flows out of which a caller who never presses a key may come back, each with the names
    that it sets then.

    Args:
        leads: flow → the flows that it calls; there is no circle.
    """
    back: dict[str, frozenset[str]] = {}
    for name in last_first(leads):
        called = flows[name]
        walked = reached(silent_ways_of(called, back), called.start)
        returns = [one for step in walked if isinstance(one := called.steps[step], Return)]
        if returns:
            back[name] = frozenset(given for one in returns for given in one.with_)
    return back


def _unasked(flow: Flow, step: AnyStep, back: Handed) -> tuple[StepId, ...]:
    if isinstance(step, Call) and step.flow not in back:
        return ()
    return tuple(
        target
        for field, target in targets(step)
        if target in flow.steps and (field in ("on_fail", "locked") or not asks(step))
    )


def _set_by(step: AnyStep, back: Handed) -> Collection[str]:
    match step:
        case Language() | LookUp():
            return ("language",)
        case Set():
            return (step.variable,)
        case Call():
            return back.get(step.flow, ())
        case _:
            return ()


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


def last_first(ways: Ways) -> list[StepId]:
    """All of them; each behind those that it leads to, but for circles."""
    found: list[StepId] = []
    seen: set[StepId] = set()
    for start in ways:
        if start in seen:
            continue
        seen.add(start)
        way = [(start, iter(ways[start]))]
        while way:
            name, rest = way[-1]
            if (target := next((one for one in rest if one not in seen), None)) is None:
                found.append(name)
                way.pop()
            else:
                seen.add(target)
                way.append((target, iter(ways[target])))
    return found


def knots(ways: Ways) -> list[list[StepId]]:
    """The steps that lie on circles, those together that can reach one another. In linear time, by
    Kosaraju's two walks."""
    back: dict[StepId, list[StepId]] = {name: [] for name in ways}
    for name, leads in ways.items():
        for target in leads:
            back[target].append(name)
    found: list[list[StepId]] = []
    seen: set[StepId] = set()
    for start in reversed(last_first(ways)):
        knot: list[StepId] = []
        todo = [start]
        while todo:
            name = todo.pop()
            if name not in seen:
                seen.add(name)
                knot.append(name)
                todo += back[name]
        if len(knot) > 1 or start in (ways[start] if knot else ()):
            found.append(knot)
    return found


def circles(ways: Ways) -> list[tuple[StepId, ...]]:
    """Ways that end where they began, the beginning told once; a step stands in one of them at
    most, so that one mistake is told once. Shortest first from each step, in the steps' order."""
    found: list[tuple[StepId, ...]] = []
    told: set[StepId] = set()
    knotted = {name: n for n, knot in enumerate(knots(ways)) for name in knot}
    within = {
        name: tuple(one for one in ways[name] if knotted.get(one) == knotted[name])
        for name in ways
        if name in knotted
    }
    ways = within
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
