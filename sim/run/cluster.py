"""Replications on a Dask cluster, for sweeps that one machine would take too long for.

Dask is an extra (`pip install ctid[sim-dask]`); its workers need the same ctid installed. Results
come back in the order of the tasks and are the same bytes as here.
"""

from __future__ import annotations

import pickle
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from ctid.core.errors import CtidError
from sim.run.outcome import Outcome
from sim.run.pool import Repeat, ReplicationFailed, Run, Task, opened, packed, work
from sim.run.workers import in_order
from sim.scenario.model import Scenario

_ADDRESS = re.compile(r"(tcp|tls|ws|wss|ucx)://.+:[0-9]+")
CONNECT_WITHIN = 15
"""Seconds for the scheduler to answer."""
AHEAD = 4
"""Tasks for each of the cluster's threads that are on their way."""


class NoCluster(CtidError):
    """Dask is not installed, or there is no scheduler at that address."""


@contextmanager
def cluster(
    address: str, scenarios: Sequence[Scenario], seed: int, *, check: bool, repeat: Repeat
) -> Iterator[Run]:
    """What runs tasks on the cluster at `address`, as `tcp://10.0.0.5:8786`.

    Raises:
        NoCluster: see the text.
        ReplicationFailed: from running, as `sim.run.pool.Pool.run` does.
    """
    if not _ADDRESS.fullmatch(address):
        raise NoCluster(f"--dask {address}: want the scheduler's address, as tcp://10.0.0.5:8786")
    with _connected(address) as client:
        threads = sum(client.nthreads().values())
        if not threads:
            raise NoCluster(f"the Dask scheduler at {address} has no workers; start dask worker")
        site = client.scatter(pickle.dumps(tuple(scenarios)), broadcast=True)

        def run(tasks: Sequence[Task], advance: Callable[[], None]) -> list[Outcome]:
            def submit(task: Task) -> Any:
                return client.submit(_work, site, seed, task, check, pure=False)

            found: list[Outcome] = []
            for task, future in in_order(tasks, submit, AHEAD * threads):
                found.append(_result(task, future, scenarios, seed, repeat))
                advance()
            return found

        yield run


def _connected(address: str) -> Any:
    """Dask's own client, which has no types."""
    try:
        from distributed import Client
    except ImportError:
        raise NoCluster(
            "--dask needs Dask, which is an extra: pip install 'ctid[sim-dask]'"
        ) from None
    connect: Any = Client
    try:
        return connect(address, timeout=CONNECT_WITHIN, set_as_default=False)
    except (OSError, ValueError) as error:
        raise NoCluster(f"no Dask scheduler answers at {address}: {error}") from None


def _work(site: bytes, seed: int, task: Task, check: bool) -> bytes | str:
    return packed(work(pickle.loads(site), seed, Task(*task), check))


def _result(
    task: Task, future: Any, scenarios: Sequence[Scenario], seed: int, repeat: Repeat
) -> Outcome:
    name = scenarios[task.scenario].name
    try:
        return opened(future.result(), task, name, seed, repeat)
    except ReplicationFailed:
        raise
    except Exception as error:  # whatever Dask calls the loss of a worker
        raise ReplicationFailed(
            f"replication {task.number} of {name} was lost on the cluster: {error}"
        ) from None
