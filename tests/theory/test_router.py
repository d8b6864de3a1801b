"""The real router reaches what queueing theory says, over many replications of each queue.

Seeds and number of the replications were chosen before the first run; their length was set
afterwards, for the run time alone. By chance alone one of the 106 rows lies beyond 3.5 with one
choice of seeds in twenty. The seeds being fixed, a red run is a change's doing.
"""

import pytest

from sim.erlang.queue import Queue
from sim.theory import straight
from sim.theory.hold import hold
from sim.theory.row import Held, Row
from sim.theory.system import SERVICE, erlang
from sim.theory.table import table
from sim.theory.verdict import Verdict
from tests.theory.rows import PLAIN

REPLICATIONS = 20
CALLS = 1_500
JOBS = 2


@pytest.mark.timeout(600)
def test_router_against_theory() -> None:
    verdicts = hold(PLAIN, REPLICATIONS, JOBS, calls=CALLS)
    assert len(verdicts) == 106
    assert beyond(verdicts) == [], table(verdicts)


def test_a_wrong_value_is_found() -> None:
    """The test above has the power to fail: 3 % off is seen with as many replications."""
    queue = Queue(1, 1, 1, theta=1.0)
    rows = [row(queue, queue.p_wait() * 1.03), row(queue, queue.p_wait())]
    assert [v.theory for v in beyond(hold(rows, REPLICATIONS))] == [rows[0].value]


def test_a_gap_is_what_the_value_is_moved_by() -> None:
    queue = Queue(1, 1, 1, theta=1.0)
    off = [row(queue, queue.p_wait() - 0.2, 0.2), row(queue, queue.p_wait(), 0.2)]
    assert [v.gap for v in beyond(hold(off, REPLICATIONS, calls=500))] == [0.2]
    assert [v.theory for v in beyond(hold(off, REPLICATIONS, calls=500))] == [off[1].value]


def test_replications_are_the_same_again_and_with_other_jobs() -> None:
    rows = [Row("M/M/n", "E[W] (ASA)", 0.5, Held(erlang(Queue(3, 1, 4)), "E[W] (ASA)"))]
    once = hold(rows, replications=6, calls=200)
    assert hold(rows, replications=6, calls=200, jobs=2) == once
    assert hold(rows, replications=6, calls=200, seed=2) != once


def test_every_caller_is_recorded_and_served_in_order() -> None:
    system = erlang(Queue(3, 1, 4))
    records = straight.run(system, 100 * SERVICE, system.law(), "seed")
    assert {r.outcome for r in records} == {"answered"}
    bridged = sorted(records, key=lambda r: (r.queued_at, int(r.call[1:])))
    starts = [r.queued_at + r.waited for r in bridged]
    assert starts == sorted(starts)


def row(queue: Queue, value: float, gap: float = 0.0) -> Row:
    return Row("M/M/n+M", "P(wait)", value, Held(erlang(queue), "P(wait)", gap))


def beyond(verdicts: list[Verdict]) -> list[Verdict]:
    return [v for v in verdicts if v.beyond]
