"""The flows in a report: they add up, and the page shows where callers were lost."""

from __future__ import annotations

import msgspec
import pytest

from sim.report.content import Report, report
from sim.report.ivr import Ivr, ivr
from sim.report.page import html
from sim.run.outcome import Outcome
from sim.run.visits import StaySums, VisitSums
from tests.unit.sim.report.small import HOSTILE, SEED, content, outcomes, scenario


def made(*visits: VisitSums) -> Ivr:
    return ivr([msgspec.structs.replace(outcomes()[0], visits=one) for one in visits])


ONE = VisitSums(
    {"main": {"contained": 30, "hung_up": 10, "queue/asked": 50, "queue/failed": 10}},
    {
        "main/menu": StaySums({"1": 30, "0": 60, "hung_up": 10}, 5, 7, 400_000),
        "main/order": StaySums({"ended": 30}, 0, 0, 60_000),
    },
)
OTHER = VisitSums({"main": {"hung_up": 20}}, {"main/menu": StaySums({"hung_up": 20}, 0, 0, 8_000)})


def test_shares_are_of_all_visits_and_of_all_who_came_to_a_step() -> None:
    found = made(ONE, OTHER)
    [flow] = found.flows
    assert (flow.flow, flow.visits) == ("main", 60)
    assert flow.outcomes == {"contained": 15, "hung_up": 15, "queue/asked": 25, "queue/failed": 5}
    values = {name: one.value for name, one in flow.figures.items()}
    assert values == pytest.approx({"containment": 0.25, "drop_off": 0.25, "to_agents": 0.5})
    assert [one.name for one in flow.figures.values()] == [
        "containment[main]", "drop_off[main]", "to_agents[main]",
    ]  # fmt: skip
    menu, order = found.steps
    assert (menu.step, menu.entered, menu.wrong, menu.silent, menu.spent) == (
        "main/menu", 60, 2.5, 3.5, 3_400,
    )  # fmt: skip
    assert menu.drop_off.value == pytest.approx(0.25)
    assert menu.drop_off.half is not None
    assert (order.entered, order.ways, order.drop_off.value) == (15, {"ended": 15}, 0)


def test_without_visits_there_is_nothing_to_tell() -> None:
    assert made(VisitSums()) == Ivr([], [])
    assert "Nobody came into a flow." in html(bare(VisitSums()))


def bare(visits: VisitSums) -> Report:
    outcome: Outcome = msgspec.structs.replace(outcomes()[0], visits=visits)
    return report(scenario(), [outcome], seed=SEED, command="ctid-sim run")


def test_a_simulated_day_adds_up() -> None:
    found = content().ivr
    assert found.flows
    for step in found.steps:
        assert sum(step.ways.values()) == pytest.approx(step.entered)
    ended = sum(step.ways.get("hung_up", 0) for step in found.steps)
    assert ended == pytest.approx(sum(flow.outcomes.get("hung_up", 0) for flow in found.flows))


def test_the_page_shows_the_worst_step_first_and_names_stay_names() -> None:
    hostile = VisitSums(
        {HOSTILE: {"hung_up": 3, "contained": 1}},
        {
            f"{HOSTILE}/menu": StaySums({"hung_up": 1, "1": 3}),
            f"{HOSTILE}/code": StaySums({"hung_up": 2, "next": 1}),
        },
    )
    page = html(bare(hostile))
    assert "The worst step is" in page
    assert HOSTILE not in page
    plot = page[page.index('id="ivr-lost-title"') :]
    assert plot.index("/code") < plot.index("/menu")
    assert "自助完成" in page
