"""Our own formulas against the file's 60-digit values, and against each other."""

from collections.abc import Callable

import pytest

from sim.erlang.limited import Limited
from sim.erlang.limits import garnett, halfin_whitt
from sim.erlang.queue import Queue, blocked, waits
from sim.erlang.single import cobham, pollaczek_khinchine
from sim.theory import exact
from sim.theory.formulas import expected
from sim.theory.measures import bound
from sim.theory.row import Row
from tests.theory.rows import ALL

OURS = [
    Queue(row.held.system.lam, row.held.system.mu, len(row.held.system.servers),
          row.held.system.theta)
    for row in ALL.rows
    if row.model in ("M/M/n", "M/M/n+M")
]  # fmt: skip


@pytest.mark.parametrize("row", ALL.rows, ids=[f"{r.model}-{r.metric}" for r in ALL.rows])
def test_formula(row: Row) -> None:
    law = bound(row.held.measure)
    # The file names the bound 1/3 by six digits, its value is that of 1/3.
    rounded = law is not None and law[1] == 0.333333
    value = expected(row.held.system, row.held.measure) - row.held.gap
    assert value == pytest.approx(row.value, rel=5e-6 if rounded else 1e-9)


def test_all_rows_that_are_not_about_dialing_are_there() -> None:
    assert (len(ALL.rows), len({row.held.system for row in ALL.rows})) == (167, 39)
    assert len(OURS) == 90
    assert all(model.startswith("Predictive dialer") for model in ALL.passed_over)


@pytest.mark.parametrize(
    ("load", "servers", "share"),
    [(10, 12, 0.119739188444825), (20, 20, 0.158891961541972), (100, 110, 0.0274634484498229)],
)
def test_erlang_b(load: float, servers: int, share: float) -> None:
    assert blocked(load, servers) == pytest.approx(share, rel=1e-12)


def test_erlang_b_of_many_servers_stays_a_number() -> None:
    assert 0 < blocked(5_000, 5_000) < 0.02
    assert blocked(1, 3_000) == 0.0


@pytest.mark.parametrize("queue", OURS[::7], ids=str)
def test_the_law_is_a_law(queue: Queue) -> None:
    law = queue.law()
    assert law.min() >= 0
    assert law.sum() == pytest.approx(1)
    assert law[queue.servers :].sum() == pytest.approx(queue.p_wait(), rel=1e-9)


def test_little_impatience_is_nearly_none() -> None:
    patient, impatient = Queue(10, 1, 12), Queue(10, 1, 12, theta=1e-7)
    assert impatient.mean_wait() == pytest.approx(patient.mean_wait(), rel=1e-4)
    assert impatient.p_wait_longer(0.5) == pytest.approx(patient.p_wait_longer(0.5), rel=1e-4)


def test_abandonment_carries_an_overload() -> None:
    queue = Queue(150, 1, 100, theta=2)
    assert queue.p_abandon() == pytest.approx(1 - 100 / 150, rel=1e-3)
    assert queue.p_wait_longer(0) == pytest.approx(queue.p_wait())


@pytest.mark.parametrize("arguments", [(0, 1, 1), (1, 0, 1), (1, 1, 0), (2, 1, 2), (1, 1, 1, -1)])
def test_impossible_queue(arguments: tuple[float, float, int, float]) -> None:
    with pytest.raises(ValueError, match=r"servers|rates"):
        Queue(*arguments)


@pytest.mark.parametrize("queue", [Queue(10, 1, 12, 0.5), Queue(10, 1, 9, 2), Queue(10, 1, 12)])
def test_service_level_from_no_wait_to_any(queue: Queue) -> None:
    assert queue.served_within(0) == pytest.approx(1 - queue.p_wait(), abs=1e-12)
    assert queue.served_within(100) == pytest.approx(1 - queue.p_abandon(), abs=1e-12)


def test_service_level_is_the_law_of_the_wait_of_the_served() -> None:
    queue = Queue(10, 1, 10, 0.7)
    middles = [(n + 0.5) / 100 for n in range(600)]
    left = [1 - queue.p_abandon() - queue.served_within(t) for t in middles]
    mean = sum(left) / 100 / (1 - queue.p_abandon())
    assert mean == pytest.approx(queue.mean_wait_served(), rel=1e-3)


def test_overload_without_abandonment() -> None:
    with pytest.raises(ValueError, match="cannot carry"):
        waits(12, 12)


def test_room_for_ever_more_is_room_without_end() -> None:
    queue, wide = Queue(9, 1, 10), Limited(9, 1, 10, room=600)
    assert wide.p_wait() == pytest.approx(queue.p_wait())
    assert wide.mean_wait() == pytest.approx(queue.mean_wait())
    assert Limited(9, 1, 10, 600, theta=0.5).p_abandon() == pytest.approx(
        Queue(9, 1, 10, 0.5).p_abandon()
    )


def test_no_room_to_wait_is_erlang_b() -> None:
    assert Limited(100, 1, 110, room=110).p_block() == pytest.approx(blocked(100, 110))
    assert Limited(4_990, 1, 5_000, room=5_000).p_block() == pytest.approx(blocked(4_990, 5_000))


def test_one_class_of_cobham_is_erlang_c() -> None:
    assert cobham([0.7], [1]) == [pytest.approx(pollaczek_khinchine(0.7, 1, 1))]
    assert cobham([7], [1], 9) == [pytest.approx(Queue(7, 1, 9).mean_wait())]


def test_classes_wait_as_long_as_one_line_on_average() -> None:
    """The waiting work is the same whoever goes first (Kleinrock's conservation law)."""
    first, second = cobham([2, 5], [1, 1], 8)
    assert (2 * first + 5 * second) / 7 == pytest.approx(Queue(7, 1, 8).mean_wait())


@pytest.mark.parametrize("beta", [0.3, 1.0, 2.5])
def test_many_servers_come_near_the_limit(beta: float) -> None:
    apart = [
        Queue(n - beta * n**0.5, 1, n).p_wait() - halfin_whitt(beta) for n in (100, 400, 1_600)
    ]
    # The gap falls like 1 / sqrt(n).
    assert apart[1] / apart[0] == pytest.approx(0.5, abs=0.06)
    assert apart[2] / apart[1] == pytest.approx(0.5, abs=0.06)


@pytest.mark.parametrize("beta", [-1.0, 0.0, 1.0])
def test_many_servers_with_patience(beta: float) -> None:
    queue = Queue(10_000 - beta * 100, 1, 10_000, theta=0.5)
    assert queue.p_wait() == pytest.approx(garnett(beta, 1, 0.5), abs=0.004)


def test_endless_patience_of_garnett_is_halfin_and_whitt() -> None:
    assert garnett(1.0, 1, 1e-9) == pytest.approx(halfin_whitt(1.0), rel=1e-3)


def test_servers_who_are_alike_are_one_queue() -> None:
    queue, everyone = Queue(2.5, 1, 4), frozenset({0})
    for found in (exact.alis([2.5], [1] * 4, [everyone] * 4), exact.in_order(2.5, [1] * 4)):
        assert found.p_wait == (pytest.approx(queue.p_wait()),)
        assert found.queue == (pytest.approx(queue.queue_length()),)
        assert sum(found.busy) == pytest.approx(2.5)


def test_servers_with_their_own_callers_are_queues_of_their_own() -> None:
    found = exact.alis([0.5, 0.8], [1, 1], [frozenset({0}), frozenset({1})])
    assert found.queue == pytest.approx([0.5, 3.2])


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: exact.alis([1.2, 0.1], [1, 1], [frozenset({1}), frozenset({0, 1})]),
        lambda: exact.alis([1], [1] * 8, [frozenset({0})] * 8),
        lambda: exact.alis([2], [1], [frozenset({0})]),
        lambda: exact.in_order(3, [1, 1]),
        lambda: exact.in_order(3, [1] * 11),
        lambda: cobham([0.5, 0.6], [1, 1]),
        lambda: cobham([0.5, 0.6], [1, 2], 2),
        lambda: pollaczek_khinchine(1, 1, 0),
        lambda: pollaczek_khinchine(0.5, 1, -1),
        lambda: halfin_whitt(0),
        lambda: garnett(1, 1, 0),
        lambda: Limited(1, 1, 3, 2),
        lambda: Limited(0, 1, 1, 2),
    ],
)
def test_what_has_no_value(wrong: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=r"carry|servers|scv|rates|beta|theta|formula"):
        wrong()
