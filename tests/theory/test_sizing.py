"""Quick sizing: the formulas against the file's rows, against each other, and in the limits."""

import math
from collections.abc import Callable

import pytest

from sim.erlang.queue import Queue, blocked
from sim.erlang.sizing import (
    Demand,
    Goals,
    figures,
    least,
    least_agents,
    least_lines,
    patience,
    patience_of,
)
from tests.theory.rows import ALL

DEMAND = Demand(calls=200, per=1800, aht=240, patience=90)


def value(model: str, lam: float, n: int, metric: str) -> float:
    (row,) = (
        row
        for row in ALL.rows
        if (row.model, row.held.system.lam, len(row.held.system.servers), row.metric)
        == (model, lam, n, metric)
    )
    return row.value


def test_erlang_c_of_the_file() -> None:
    """360 calls in half an hour, 240 s each, 55 agents, 15 s."""
    found = figures(Demand(360, 1800, 240), 55, 15)
    assert found.service_level == pytest.approx(value("M/M/n", 0.2, 55, "P(W<=15.0)"))
    assert found.asa == found.mean_wait == pytest.approx(value("M/M/n", 0.2, 55, "E[W] (ASA)"))
    assert found.queue == pytest.approx(value("M/M/n", 0.2, 55, "E[Lq]"))
    assert found.occupancy == pytest.approx(value("M/M/n", 0.2, 55, "rho"))
    assert found.abandonment == 0
    assert found.service_level == found.of_answered == found.without_short


def test_erlang_a_of_the_file() -> None:
    found = figures(Demand(48, 60, 60, patience=120), 50, 20)
    assert found.abandonment == pytest.approx(value("M/M/n+M", 48, 50, "P(abandon)"))
    assert found.asa == pytest.approx(60 * value("M/M/n+M", 48, 50, "E[W|served] (ASA)"))
    assert found.mean_wait == pytest.approx(60 * value("M/M/n+M", 48, 50, "E[W] (all)"))
    assert found.occupancy == pytest.approx(value("M/M/n+M", 48, 50, "utilisation"))


def test_the_three_service_levels_count_the_same_calls() -> None:
    found = figures(DEMAND, 28, 20)
    queue = DEMAND.queue(28)
    gone = 1 - queue.p_wait_longer(20) - queue.served_within(20)
    assert found.service_level < found.without_short < found.of_answered
    assert found.of_answered * (1 - found.abandonment) == pytest.approx(found.service_level)
    assert found.without_short * (1 - gone) == pytest.approx(found.service_level)
    # With a target that nobody waits for all who are lost were lost in time.
    late = figures(DEMAND, 28, 1e5)
    assert (late.of_answered, late.without_short) == pytest.approx((1, 1))


@pytest.mark.parametrize("agents", [28, 35])
def test_endless_patience_is_erlang_c(agents: int) -> None:
    patient = figures(Demand(200, 1800, 240), agents, 20)
    nearly = figures(Demand(200, 1800, 240, patience=1e9), agents, 20)
    assert nearly.service_level == pytest.approx(patient.service_level, rel=1e-4)
    assert nearly.asa == pytest.approx(patient.asa, rel=1e-4)


@pytest.mark.parametrize("agents", [20, 35])
def test_no_patience_at_all_is_erlang_b(agents: int) -> None:
    found = figures(Demand(200, 1800, 240, patience=1e-7), agents, 20)
    lost = blocked(DEMAND.load, agents)
    assert found.abandonment == pytest.approx(lost, rel=1e-5)
    assert found.service_level == pytest.approx(1 - lost, rel=1e-5)


def test_patience_like_the_service_is_a_poisson_number() -> None:
    """theta = mu: as many servers as there are callers, and some of them are queueing places."""
    found = figures(Demand(600, 3600, 60, patience=60), 10, 5)
    none_free = 1 - math.fsum(math.exp(-10) * 10**j / math.factorial(j) for j in range(10))
    assert found.waits == pytest.approx(none_free)


@pytest.mark.parametrize(
    ("goals", "better"),
    [
        (Goals(service_level=0.8), lambda f: f.service_level >= 0.8),
        (Goals(abandonment=0.02), lambda f: f.abandonment <= 0.02),
        (Goals(asa=3), lambda f: f.asa <= 3),
        (Goals(occupancy=0.8), lambda f: f.occupancy <= 0.8),
        (Goals(abandonment=0.02, asa=3), lambda f: f.abandonment <= 0.02 and f.asa <= 3),
    ],
)
def test_one_agent_fewer_is_too_few(goals: Goals, better: Callable[..., bool]) -> None:
    for demand in (DEMAND, Demand(3, 1800, 240, 90), Demand(20_000, 1800, 240, 90)):
        agents = least_agents(demand, 20, goals)
        assert better(figures(demand, agents, 20))
        assert agents == 1 or not better(figures(demand, agents - 1, 20))


def test_patient_callers_need_more_agents_than_the_load() -> None:
    demand = Demand(200, 1800, 240)
    agents = least_agents(demand, 20, Goals(service_level=0.8))
    assert (agents, least_agents(demand, 20, Goals(occupancy=0.999))) == (32, 27)
    assert figures(demand, 31, 20).service_level < 0.8 <= figures(demand, 32, 20).service_level


def test_thousands_of_agents() -> None:
    demand = Demand(75_000, 1800, 240, patience=120)
    agents = least_agents(demand, 20, Goals(service_level=0.8))
    found = figures(demand, agents, 20)
    assert 0.8 * demand.load < agents < demand.load
    assert 0.8 <= found.service_level < 0.81
    # Little's law, and what comes in is what goes out.
    assert found.queue == pytest.approx(demand.rate * found.mean_wait)
    assert found.occupancy * agents == pytest.approx(demand.load * (1 - found.abandonment))
    assert figures(demand, 15_000, 20).service_level == 1


def test_lines() -> None:
    lines = least_lines(10, 0.12)
    assert lines == 12
    assert blocked(10, 12) <= 0.12 < blocked(10, 11)
    assert least_lines(5_000, 0.01) > 4_900
    assert least_lines(0.001, 0.5) == 1


def test_patience_is_found_again() -> None:
    lost = figures(DEMAND, 28, 20).abandonment
    assert patience_of(DEMAND, 28, lost) == pytest.approx(90, rel=1e-6)
    assert patience(abandoned=40, waited=3_600) == 90


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        (lambda: Demand(0, 1, 1), "calls is 0"),
        (lambda: Demand(1, 1, math.nan), "aht is nan"),
        (lambda: Demand(1, math.inf, 1), "per is inf"),
        (lambda: Demand(1, 1, 1, -5), "patience is -5"),
        (lambda: figures(DEMAND, 0, 20), "0 agents"),
        (lambda: figures(DEMAND, 30, -1), "target is -1"),
        (lambda: figures(Demand(200, 1800, 240), 26, 20), "cannot carry"),
        (lambda: least_agents(DEMAND, 20, Goals(service_level=1)), "service_level is 1"),
        (lambda: least_agents(DEMAND, 20, Goals(asa=0)), "asa is 0"),
        (lambda: least_lines(0, 0.1), "load of 0"),
        (lambda: least_lines(1, 1), "blocking is 1"),
        (lambda: patience(0, 5), "somebody who gave up"),
        (lambda: patience_of(DEMAND, 30, 0.5), "whatever their patience"),
        (lambda: patience_of(DEMAND, 30, 0), "share"),
        (lambda: least(lambda n: False, 1, "agents"), "not even"),
    ],
)
def test_what_cannot_be_told(wrong: Callable[[], object], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        wrong()


def test_queues_in_one_unit_or_another() -> None:
    hours = Queue(400, 15, 30, 40)
    assert figures(DEMAND, 30, 20).service_level == pytest.approx(hours.served_within(20 / 3600))
