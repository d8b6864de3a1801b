"""The flows in a report, as data: how visits ended, and step by step where callers were lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import msgspec

from sim.run.catalogue import BY_NAME, Pair
from sim.run.figures import LEVEL, Estimate, Named, estimate, tidy
from sim.run.outcome import Outcome
from sim.run.visits import StaySums, VisitSums

OF_FLOWS = ("containment", "drop_off", "to_agents")
_ENDS = {"containment": "contained", "drop_off": "hung_up", "to_agents": "queue"}
_NOBODY = StaySums()


class FlowReport(msgspec.Struct, frozen=True):
    """One flow that callers entered; numbers are those of a mean replication."""

    flow: str
    visits: float
    outcomes: dict[str, float]
    """By outcome, `OUTCOME/WAY` where there is a way."""
    figures: dict[str, Estimate]
    """`containment`, `drop_off` and `to_agents`, as shares of the visits."""


class StepReport(msgspec.Struct, frozen=True):
    """One step; numbers are those of a mean replication."""

    step: str
    """`FLOW/STEP`."""
    entered: float
    ways: dict[str, float]
    """How often it was left by each way; these add up to `entered`."""
    wrong: float
    silent: float
    spent: float | None
    """Mean length of a stay, in milliseconds."""
    drop_off: Estimate
    """Hung up here unserved / entered."""


class Ivr(msgspec.Struct, frozen=True):
    """All flows, and all steps, each in the order of their names."""

    flows: list[FlowReport]
    steps: list[StepReport]


def ivr(outcomes: Sequence[Outcome], level: float = LEVEL) -> Ivr:
    """What these replications say of the flows."""
    visits = [outcome.visits for outcome in outcomes]
    flows = sorted({flow for one in visits for flow in one.flows})
    steps = sorted({step for one in visits for step in one.steps})
    return Ivr(
        [_flow(flow, visits, level) for flow in flows],
        [_step(step, visits, level) for step in steps],
    )


def _flow(flow: str, visits: Sequence[VisitSums], level: float) -> FlowReport:
    outcomes: Counter[str] = Counter()
    for one in visits:
        outcomes.update(one.flows.get(flow, {}))
    n = len(visits)
    return FlowReport(
        flow,
        tidy(sum(outcomes.values()) / n),
        {name: tidy(outcomes[name] / n) for name in sorted(outcomes)},
        {name: _share(name, flow, visits, level) for name in OF_FLOWS},
    )


def _share(name: str, flow: str, visits: Sequence[VisitSums], level: float) -> Estimate:
    pairs: list[Pair] = [(one.ended(_ENDS[name], flow), one.all(flow)) for one in visits]
    return estimate(Named(BY_NAME[name], flow), pairs, level)


def _step(step: str, visits: Sequence[VisitSums], level: float) -> StepReport:
    parts = [one.steps.get(step, _NOBODY) for one in visits]
    ways: Counter[str] = Counter()
    for part in parts:
        ways.update(part.ways)
    n, entered = len(visits), sum(ways.values())
    pairs: list[Pair] = [(part.ways.get("hung_up", 0), part.entered) for part in parts]
    return StepReport(
        step,
        entered=tidy(entered / n),
        ways={way: tidy(ways[way] / n) for way in sorted(ways)},
        wrong=tidy(sum(part.wrong for part in parts) / n),
        silent=tidy(sum(part.silent for part in parts) / n),
        spent=tidy(sum(part.spent for part in parts) / entered) if entered else None,
        drop_off=estimate(Named(BY_NAME["drop_off"], step), pairs, level),
    )
