"""Replications on a Dask cluster: a scheduler and a worker of our own on loopback."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from sim.run import cluster as clusters
from sim.run.cluster import NoCluster, cluster
from sim.run.pool import Pool, ReplicationFailed, Task, numbered
from tests.unit.sim.run.small import scenario
from tests.unit.sim.run.test_pool import failing

LOOPBACK = "127.0.0.1"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A scheduler with one worker; both are ended by us, by their own process."""
    pytest.importorskip("distributed", reason="the extra sim-dask is not installed")
    folder = tmp_path_factory.mktemp("dask")
    with ExitStack() as stack:
        scheduler = stack.enter_context(
            _started(folder, "scheduler", "--host", LOOPBACK, "--port", "0", "--no-dashboard",
                     "--no-show")
        )  # fmt: skip
        where = _said(scheduler, r"Scheduler at:\s+(tcp://\S+)")
        worker = stack.enter_context(
            _started(folder, "worker", where, "--host", LOOPBACK, "--nworkers", "1", "--nthreads",
                     "1", "--no-dashboard", "--local-directory", str(folder))
        )  # fmt: skip
        _said(worker, r"Registered to:\s+(tcp://\S+)")
        yield where


class _started(subprocess.Popen[str]):
    """`dask scheduler` or `dask worker`, ended at the end."""

    def __init__(self, folder: Path, *words: str) -> None:
        super().__init__(
            [sys.executable, "-m", "dask", *words], cwd=Path(__file__).parents[4],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def __exit__(self, *_: object) -> None:
        self.terminate()
        if self.stderr is not None:
            self.stderr.close()
        self.wait()


def _said(process: subprocess.Popen[str], pattern: str) -> str:
    assert process.stderr is not None
    heard = ""
    for line in process.stderr:
        heard += line
        if (found := re.search(pattern, line)) is not None:
            return found[1]
    raise AssertionError(heard)


def test_a_cluster_says_what_one_process_says(address: str) -> None:
    made = [scenario(hours=0.1), scenario(hours=0.1, agents=4)]
    tasks = [*numbered(0, range(4), decisions_of=0), *numbered(1, range(3))]
    with Pool(made, 9, 1) as pool:
        alone = pool.run(tasks)
    done: list[int] = []
    with cluster(address, made, 9, check=False, repeat=str) as run:
        assert run(tasks, lambda: done.append(1)) == alone
    assert len(done) == len(tasks)


def test_a_failure_there_says_how_to_see_it_again(address: str) -> None:
    with (
        cluster(address, [failing()], 5, check=False, repeat=lambda _: "ctid-sim run x") as run,
        pytest.raises(ReplicationFailed, match="replication 2 of broken") as failed,
    ):
        run([Task(0, 2)], lambda: None)
    assert "to see it again: ctid-sim run x" in str(failed.value)


def test_nobody_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed", reason="the extra sim-dask is not installed")
    monkeypatch.setattr(clusters, "CONNECT_WITHIN", 0.3)
    with (
        pytest.raises(NoCluster, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:9"),
        cluster("tcp://127.0.0.1:9", [], 1, check=False, repeat=str),
    ):
        pass


def test_what_is_no_address() -> None:
    with (
        pytest.raises(NoCluster, match=r"--dask nonsense: want .* as tcp://"),
        cluster("nonsense", [], 1, check=False, repeat=str),
    ):
        pass


def test_without_the_extra_the_error_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with (
        pytest.raises(NoCluster, match=r"pip install 'ctid\[sim-dask\]'"),
        cluster("tcp://127.0.0.1:9", [], 1, check=False, repeat=str),
    ):
        pass
