"""Intervals, bands and states over the day, reckoned by hand."""

from __future__ import annotations

import pytest

from sim.report.days import day, edges, quantile, staffing, stretches
from sim.run.outcome import AgentSums, Outcome, QueueSums


def an_outcome(number: int, *sums: QueueSums, ready: int = 0) -> Outcome:
    agents = {"a": [AgentSums(ready=ready, talking=100) for _ in sums]}
    return Outcome(
        number, {"q": list(sums)}, agents, [], begins=200, ends=200 + 1000 * (len(sums) - 1),
        interval=1000,
    )  # fmt: skip


def test_the_first_and_the_last_interval_may_be_cut() -> None:
    outcome = an_outcome(0, QueueSums(), QueueSums(), QueueSums())
    assert edges(outcome) == [200, 1000, 2000, 2200]
    assert stretches(outcome) == [800, 1000, 200]


def test_busy_days_count_as_they_have_calls() -> None:
    quiet = QueueSums(offered=1, answered=1, in_target=1, waited_answered=10, waiting=80)
    busy = QueueSums(offered=9, answered=8, in_target=2, waited_answered=800, abandoned=1, moved=0)
    found = day([an_outcome(0, quiet, QueueSums()), an_outcome(1, busy, QueueSums())], ["q"])
    assert found.service_level.mean == [0.3, None]
    assert found.asa.mean == [90.0, None]
    assert found.abandonment.mean == [0.1, None]
    assert found.queue_length.mean == [0.05, 0.0]
    assert found.offered.mean == [5.0, 0.0]
    low, high = found.service_level.low[0], found.service_level.high[0]
    assert low == pytest.approx(2 / 9 + 0.05 * 7 / 9)
    assert high == pytest.approx(2 / 9 + 0.95 * 7 / 9)
    assert found.service_level.low[1] is None


def test_agents_by_state_are_means_over_time_and_days() -> None:
    found = staffing(
        [
            an_outcome(0, QueueSums(), QueueSums(), ready=700),
            an_outcome(1, QueueSums(), QueueSums()),
        ]
    )
    assert found["ready"] == [700 / 1600, 700 / 400]
    assert found["talking"] == [0.125, 0.5]


def test_quantiles_lie_between_neighbours() -> None:
    assert quantile([], 0.5) is None
    assert quantile([3.0], 0.05) == 3.0
    assert quantile([0.0, 10.0, 20.0], 0.25) == 5.0
