"""Priority, skills, speeds, strategies and a full house: the real router reaches what theory says.

As in test_router.py, seeds and number of the replications were chosen before the first run, their
length for the run time alone: 1,000 mean arrivals each, after the warm-up that
`sim.theory.catalogue` says.
"""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from sim.theory.hold import simulate
from sim.theory.measures import Sums
from sim.theory.row import Row
from sim.theory.system import Callers, Server, System
from sim.theory.table import table
from sim.theory.verdict import LIMIT, Verdict, judge
from tests.theory.rows import ROUTED as ROWS

pytestmark = pytest.mark.timeout(300)
"""Whichever test comes first waits for the replications."""
REPLICATIONS = 20
CALLS = 1_000
JOBS = 2
EQUAL = 4
"""Agents who are all alike, in the tests of equal shares."""

Runs = dict[str, list[Sums]]
"""Model and rates → its replications."""


@pytest.fixture(scope="module")
def runs() -> Runs:
    """Every system of the file, simulated once."""
    systems = {row.held.system for row in ROWS}
    metrics = {
        system: tuple(dict.fromkeys(r.held.measure for r in ROWS if r.held.system == system))
        for system in sorted(systems, key=lambda system: system.name)
    }
    found = simulate(metrics, REPLICATIONS, JOBS, calls=CALLS)
    return {system.name: sums for system, sums in found.items()}


def test_routing_against_theory(runs: Runs) -> None:
    verdicts = [judge(row, runs[row.held.system.name]) for row in ROWS]
    assert (len(verdicts), len(runs)) == (61, 12)
    assert beyond(verdicts) == [], table(verdicts)


@pytest.mark.parametrize(
    ("model", "metric", "wrong"),
    [
        ("heterogeneous LISF", "utilisation agent mu=0.5", "heterogeneous FSF"),
        ("heterogeneous FSF", "utilisation agent mu=1.5", "heterogeneous SSF"),
        ("heterogeneous SSF", "utilisation agent mu=0.5", "heterogeneous SISF"),
    ],
)
def test_another_strategy_is_found(runs: Runs, model: str, metric: str, wrong: str) -> None:
    """The test above has the power to fail: one strategy's values do not pass for another's."""
    row, other = row_of(model, metric), row_of(wrong, metric)
    assert abs(judge(row, runs[other.held.system.name]).z) > LIMIT


def test_the_first_class_without_its_priority_is_found(runs: Runs) -> None:
    """Cobham's values are not those of one line for all, which are M/M/1's 9."""
    row = row_of("M/M/1 non-preemptive", "E[W class 1]")
    assert abs(judge(replace(row, value=9.0), runs[row.held.system.name]).z) > LIMIT


@pytest.mark.parametrize("strategy", ["longest_idle", "shortest_idle", "random"])
def test_agents_who_are_alike_work_alike(strategy: str) -> None:
    assert abs(unequal(busy(strategy))) <= LIMIT


def test_unequal_work_is_found() -> None:
    """As many replications, a fixed order: the first agent has the most to do."""
    shares = busy("linear")
    assert unequal(shares) > LIMIT
    assert list(shares.mean(axis=0)) == sorted(shares.mean(axis=0), reverse=True)


def busy(strategy: str) -> "np.ndarray[tuple[int, int], np.dtype[np.float64]]":
    """The share of its time in which each agent talks: a row per replication."""
    servers = tuple(Server(f"server {n}") for n in range(EQUAL))
    # Half a load: with more there is seldom a choice between agents.
    system = System(strategy, (Callers("q", EQUAL / 2),), servers, strategy, warm_up=100)
    names = tuple(f"utilisation {server.name}" for server in servers)
    (sums,) = simulate({system: names}, REPLICATIONS, calls=400).values()
    return np.array([[one[name][0] for name in names] for one in sums])


def unequal(shares: "np.ndarray[tuple[int, int], np.dtype[np.float64]]") -> float:
    """Whether the means of the columns differ: Hotelling's T² of their differences, told as the
    normal z of equal probability, two-sided like that of a row of the file."""
    apart = shares[:, 1:] - shares[:, :1]
    n, p = apart.shape
    mean = apart.mean(axis=0)
    t2 = n * mean @ np.linalg.solve(np.cov(apart, rowvar=False), mean)
    tail = stats.f.sf(t2 * (n - p) / (p * (n - 1)), p, n - p)
    return float(stats.norm.isf(tail / 2))


def row_of(model: str, metric: str) -> Row:
    return next(row for row in ROWS if model in row.model and row.metric == metric)


def beyond(verdicts: list[Verdict]) -> list[Verdict]:
    return [v for v in verdicts if v.beyond]
