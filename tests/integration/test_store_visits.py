"""Visits of flows in every store: kept by call, and summed up by flow and step."""

from __future__ import annotations

from ctid.core.instants import HOUR
from ctid.core.visits import (
    FlowEnded,
    FlowFigures,
    Stay,
    StepFigures,
    Visit,
    VisitOutcome,
    VisitWay,
)
from ctid.store.intervals import INTERVAL
from tests.integration.stores import T0, AnyStore, lines


def visit(
    call: str,
    outcome: VisitOutcome,
    *stays: Stay,
    way: VisitWay = "",
    at: int = T0,
    number: int = 1,
    flow: str = "main",
) -> Visit:
    last, lasted = f"{stays[-1].flow}/{stays[-1].step}", sum(stay.spent for stay in stays)
    return Visit(call, number, flow, outcome, way, last, at, lasted, stays)


SERVED = visit(
    "c1", "contained",
    Stay("main", "menu", "1", spent=2_000), Stay("shop", "order", "next", 1, 1, 40_000, True),
    Stay("main", "bye", "ended"),
)  # fmt: skip
GONE = visit(
    "c2", "hung_up", Stay("main", "menu", "hung_up", silent=1, spent=9_000), at=T0 + INTERVAL - 1
)
ASKED = visit(
    "c1", "queue", Stay("main", "menu", "0", spent=2_001), Stay("main", "desk", "queue"),
    way="asked", at=T0 + INTERVAL, number=2,
)  # fmt: skip


async def test_visits_are_kept_by_call_and_summed_up_by_flow_and_step(store: AnyStore) -> None:
    batch = lines(*(FlowEnded(one) for one in (ASKED, GONE, SERVED)))
    await store.write(batch)
    await store.write(batch)
    assert await store.visits("c1") == [SERVED, ASKED]
    assert await store.visits("c9") == []
    whole = await store.ivr_figures(T0, T0 + HOUR)
    outcomes = {"contained": 1, "hung_up": 1, "queue/asked": 1}
    lasted = SERVED.lasted + GONE.lasted + ASKED.lasted
    assert whole.flows == [FlowFigures("main", 3, 1, 1, lasted, outcomes)]
    assert whole.steps == [
        StepFigures("main", "bye", 1, {"ended": 1}, 0, 0, 0, 1_000, 1_000),
        StepFigures("main", "desk", 1, {"queue": 1}, 0, 0, 0, 1_000, 1_000),
        StepFigures("main", "menu", 3, {"0": 1, "1": 1, "hung_up": 1}, 0, 1, 13_001, 5_000, 10_000),
        StepFigures("shop", "order", 1, {"next": 1}, 1, 1, 40_000, 60_000, 60_000),
    ]
    first = await store.ivr_figures(T0, T0 + 1)
    assert [(flow.visits, flow.outcomes) for flow in first.flows] == [
        (2, {"contained": 1, "hung_up": 1})
    ]
    assert (await store.ivr_figures(T0 + HOUR, 2**53)).flows == []


async def test_a_visit_counts_once_whichever_journal_tells_of_its_end(store: AnyStore) -> None:
    await store.write(lines(FlowEnded(GONE), boot="b1"))
    broken = visit("c2", "broken", Stay("main", "menu", "broken"), way="restarted")
    await store.write(lines(FlowEnded(broken), boot="b2"))
    assert await store.visits("c2") == [GONE]
    [flow] = (await store.ivr_figures(0, 2**53)).flows
    assert flow.outcomes == {"hung_up": 1}
    [step] = (await store.ivr_figures(0, 2**53)).steps
    assert (step.entered, step.ways) == (1, {"hung_up": 1})


async def test_a_stay_longer_than_all_edges_is_told_as_that(store: AnyStore) -> None:
    long = visit("c1", "hung_up", Stay("main", "menu", "hung_up", spent=2**40))
    await store.write(lines(FlowEnded(long)))
    [step] = (await store.ivr_figures(0, 2**53)).steps
    assert (step.spent, step.half_within, step.most_within) == (2**40, 0, 0)
