"""Our own formulas against the file's 60-digit values."""

from pathlib import Path

import pytest

from ctid.core.errors import ConfigError
from sim.erlang.queue import Queue, blocked, waits
from sim.theory.measures import bound
from sim.theory.oracle import Row, expected, read

FILE = Path(__file__).parent / "queueing.csv"
ROWS = read(FILE)
OURS = [(row, row.queue) for row in ROWS if isinstance(row.queue, Queue)]


@pytest.mark.parametrize(
    ("row", "queue"), OURS, ids=[f"{r.model}-{q.servers}-{r.metric}" for r, q in OURS]
)
def test_formula(row: Row, queue: Queue) -> None:
    law = bound(row.metric)
    # The file names the bound 1/3 by six digits, its value is that of 1/3.
    rounded = law is not None and law[1] == 0.333333
    assert expected(queue, row.metric) == pytest.approx(row.value, rel=5e-6 if rounded else 1e-9)


def test_all_rows_of_both_models_are_there() -> None:
    assert (len(OURS), len({queue for _, queue in OURS})) == (90, 16)


@pytest.mark.parametrize(
    ("load", "servers", "share"),
    [(10, 12, 0.119739188444825), (20, 20, 0.158891961541972), (100, 110, 0.0274634484498229)],
)
def test_erlang_b(load: float, servers: int, share: float) -> None:
    assert blocked(load, servers) == pytest.approx(share, rel=1e-12)


def test_erlang_b_of_many_servers_stays_a_number() -> None:
    assert 0 < blocked(5_000, 5_000) < 0.02
    assert blocked(1, 3_000) == 0.0


@pytest.mark.parametrize("queue", [queue for _, queue in OURS[::7]], ids=str)
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
    edges = [n / 2000 for n in range(12_000)]
    left = [1 - queue.p_abandon() - queue.served_within(t) for t in edges]
    mean = sum(left) / 2000 / (1 - queue.p_abandon())
    assert mean == pytest.approx(queue.mean_wait_served(), rel=1e-3)


def test_overload_without_abandonment() -> None:
    with pytest.raises(ValueError, match="cannot carry"):
        waits(12, 12)


HEAD = "model,lambda,mu,theta,n,metric,value,source/how\n"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (HEAD + "M/M/n,ten,1,,12,P(wait),0.4,x\n", "line 2"),
        (HEAD + "M/M/n,10,1,,12,P(joy),0.4,x\n", "P(joy)"),
        (HEAD + "M/M/n,10,1,0.5,12,P(wait),0.4,x\n", "theta"),
        (HEAD + "M/M/n,13,1,,12,P(wait),0.4,x\n", "cannot carry"),
        (HEAD + "M/G/1,13,1,,12,P(wait),0.4,x\n", "no row"),
        (HEAD + "M/M/3 heterogeneous LISF,1,1/2,,3,E[W],1,x\n", "2 servers"),
        (HEAD + "M/M/3 heterogeneous LISF,9,1/2/3,,3,E[W],1,x\n", "cannot carry"),
        (HEAD + "M/M/3 heterogeneous OLDEST,1,1/2/3,,3,E[W],1,x\n", "OLDEST"),
        (HEAD + "M/M/1 non-preemptive priority,0.2+0.3,1/1/1,,1,E[W class 1],1,x\n", "line 2"),
        (HEAD + "M/M/1 non-preemptive priority,0.2+0.3,1,,1,E[W class 3],1,x\n", "class 3"),
        (HEAD + "Skill-based FCFS-ALIS N-model,a=x,1/1,,2,E[W type a],1,x\n", "line 2"),
        (HEAD + "M/M/n/K K=ten,1,1,,2,P(block),1,x\n", "K="),
        (HEAD + "M/M/n/K K=2,1,1,,2,P(block),1,x\n", "no place to wait"),
        ("a,b\n1,2\n", "no row"),
    ],
)
def test_bad_file(tmp_path: Path, text: str, problem: str) -> None:
    file = tmp_path / "rows.csv"
    file.write_text(text)
    with pytest.raises(ConfigError) as caught:
        read(file)
    assert problem in str(caught.value)


def test_all_problems_at_once(tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_text(HEAD + "M/M/n,ten,1,,12,P(wait),1,x\nM/M/n,1,1,,2,P(joy),1,x\n")
    with pytest.raises(ConfigError) as caught:
        read(file)
    assert len(caught.value.problems) == 2
