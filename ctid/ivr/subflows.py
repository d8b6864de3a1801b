"""What is wrong with flows together: one calls another that is not there, or in the end itself."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from ctid.core.text import nearest
from ctid.ivr import services, ways
from ctid.ivr.flow import Flow
from ctid.ivr.leaving_steps import CallBack
from ctid.ivr.look_up_step import LookUp
from ctid.ivr.problems import circle_problem
from ctid.ivr.service_steps import Asking
from ctid.ivr.steps import AnyStep, Branch, Call, Collect, Hours, Return, Say, Set
from ctid.ivr.variables import BUILT_IN, OPENS, names_in
from ctid.ivr.walker import MAX_DEPTH

_RETURNS: Final = "cannot be entered from outside; lead calls to a flow without a step return"


def problems_between(
    flows: Mapping[str, Flow], known: Collection[str], given: Mapping[str, Collection[str]] = {}
) -> list[tuple[str, str]]:
    """(id of the flow, ``path: what; what to do``) for each.

    Args:
        flows: those that are well-formed by themselves.
        known: the ids of all, broken ones among them.
        given: names by flow that callers hand over who are not among `flows`.
    """
    found: list[tuple[str, str]] = []
    leads = {name: _called(flow, flows) for name, flow in flows.items()}
    circles = ways.circles(leads)
    for circle in circles:
        path, told = circle[0], " → ".join((*circle, circle[0]))
        step = next(name for name, call in _calls(flows[path]) if call.flow == (*circle, path)[1])
        what = f"flows call each other in a circle ({told})"
        found.append((path, f"steps.{step}.flow: {what}; return to a flow instead of calling it"))
    for name, flow in flows.items():
        for step, call in _calls(flow):
            if call.flow not in known:
                what = f"there is no flow {call.flow!r}"
                found.append((name, f"steps.{step}.flow: {what}; {nearest(call.flow, known)}"))
    if not circles:
        found += _too_deep(leads)
        back = ways.handed_to_the_silent(flows, leads)
        found += [(name, line) for name, flow in flows.items() for line in _rounds(flow, back)]
    # A flow that is broken may set, or hand over, whatever others read.
    return found + (_unset(flows, given) if set(known) <= set(flows) else [])


def entry_problem(flow: Flow) -> str:
    """Why callers cannot begin in that flow, or empty."""
    returns = [name for name, step in flow.steps.items() if isinstance(step, Return)]
    return f"{flow.id!r} returns at step {returns[0]!r} and so {_RETURNS}" if returns else ""


def parameters(flow: Flow) -> set[str]:
    """Names that the flow reads and sets nowhere itself: it is called with them."""
    return {read for _, read in _reads(flow)} - {*BUILT_IN, *_set_in(flow)}


def _calls(flow: Flow) -> list[tuple[str, Call]]:
    return [(name, step) for name, step in flow.steps.items() if isinstance(step, Call)]


def _called(flow: Flow, flows: Mapping[str, Flow]) -> tuple[str, ...]:
    return tuple(call.flow for _, call in _calls(flow) if call.flow in flows)


def _rounds(flow: Flow, back: ways.Handed) -> list[str]:
    """Circles of the silent that go through a call; the others are told with the flow itself."""
    silent = ways.silent_ways_of(flow, back)
    calls = {step for step, _ in _calls(flow)}
    return [circle_problem(flow, way) for way in ways.circles(silent) if calls & set(way)]


def _too_deep(leads: Mapping[str, tuple[str, ...]]) -> list[tuple[str, str]]:
    """Told of the flows where it begins, those that nobody calls. There is no circle."""
    depth: dict[str, int] = {}
    for name in ways.last_first(leads):
        depth[name] = max((1 + depth[called] for called in leads[name]), default=0)
    called = {other for others in leads.values() for other in others}
    advice = f"make it {MAX_DEPTH} or less"
    return [
        (name, f"steps: flows that call flows are {depth[name]} deep from here; {advice}")
        for name in leads
        if depth[name] > MAX_DEPTH and name not in called
    ]


def _unset(
    flows: Mapping[str, Flow], given: Mapping[str, Collection[str]]
) -> list[tuple[str, str]]:
    """Names that a flow reads and that nobody can have set."""
    found: list[tuple[str, str]] = []
    handed: dict[str, set[str]] = {name: set() for name in flows}
    for flow in flows.values():
        for _, call in _calls(flow):
            handed.get(call.flow, set()).update(call.with_)
    for name, flow in flows.items():
        known = {*BUILT_IN, *_set_in(flow), *handed[name], *given.get(name, ())}
        for _, call in _calls(flow):
            if (called := flows.get(call.flow)) is not None:
                known.update(_handed_by(called))
        for step, read in _reads(flow):
            if read not in known:
                what = f"nobody sets {read!r}"
                found.append((name, f"steps.{step}: {what}; {nearest(read, known)}"))
    return found


def _set_in(flow: Flow) -> set[str]:
    names = {step.variable for step in flow.steps.values() if isinstance(step, Set)}
    if any(isinstance(step, Hours) for step in flow.steps.values()):
        names.update(OPENS)
    for step in flow.steps.values():
        if isinstance(step, Asking):
            names.update(services.sets(step))
    return names | {step.into for step in flow.steps.values() if isinstance(step, Collect)}


def _handed_by(flow: Flow) -> set[str]:
    steps = flow.steps.values()
    return {name for step in steps if isinstance(step, Return) for name in step.with_}


def _reads(flow: Flow) -> list[tuple[str, str]]:
    """(step, name) for every value that a step reads."""
    return [(name, read) for name, step in flow.steps.items() for read in _read_by(step)]


def _read_by(step: AnyStep) -> list[str]:
    match step:
        case Set():
            return names_in(step.value)
        case Say():
            return names_in(step.value) + names_in(step.currency)
        case CallBack():
            return names_in(step.number)
        case LookUp():
            return names_in(step.value)
        case Branch():
            return [step.on]
        case Asking():
            return services.reads(step)
        case Call() | Return():
            return [name for text in step.with_.values() for name in names_in(text)]
        case _:
            return []
