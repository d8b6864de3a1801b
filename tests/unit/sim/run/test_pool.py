"""Replications on processes: the order, the same results, and what a failure says."""

from __future__ import annotations

import msgspec
import pytest

from sim.run.pool import Pool, ReplicationFailed, Task, numbered
from sim.scenario.model import Scenario
from tests.unit.sim.run.small import scenario


def failing() -> Scenario:
    """Callers who dial nothing at all."""
    made = scenario(hours=0.1)
    callers = msgspec.structs.replace(made.world.callers, dialled=())
    return msgspec.structs.replace(
        made, name="broken", world=msgspec.structs.replace(made.world, callers=callers)
    )


def test_two_processes_say_what_one_says_in_the_same_order() -> None:
    made = [scenario(hours=0.2), scenario(hours=0.2, agents=4)]
    tasks = [*numbered(1, range(9), decisions_of=0), *numbered(0, range(2))]
    done = 0

    def advance() -> None:
        nonlocal done
        done += 1

    with Pool(made, 11, 1) as one, Pool(made, 11, 2) as two:
        alone = one.run(tasks)
        shared = two.run(tasks, advance)
        again = two.run(tasks[2:4])
    assert shared == alone
    assert again == alone[2:4]
    assert msgspec.json.encode(shared) == msgspec.json.encode(alone)
    assert [outcome.replication for outcome in shared] == [*range(9), 0, 1]
    assert [bool(outcome.decisions) for outcome in shared] == [True] + 10 * [False]
    assert done == len(tasks)


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_replication_that_fails_says_how_to_see_it_again(jobs: int) -> None:
    made = [scenario(hours=0.1), failing()]

    def repeat(task: Task) -> str:
        return f"ctid-sim run broken.toml --seed 5 --first {task.number} --replications 1"

    with (
        Pool(made, 5, jobs, repeat=repeat) as pool,
        pytest.raises(ReplicationFailed, match="replication 3 of broken with seed 5") as failed,
    ):
        pool.run([Task(0, 0), Task(1, 3)])
    assert "IndexError" in str(failed.value)
    assert "--seed 5 --first 3 --replications 1" in str(failed.value)


def test_a_process_that_dies_is_an_error_and_no_wait() -> None:
    """A scenario that cannot be read in the worker ends the worker."""
    made = msgspec.structs.replace(scenario(hours=0.1), name=Explosive())
    with (
        Pool([made], 5, 2) as pool,
        pytest.raises(ReplicationFailed, match="gone without a word"),
    ):
        pool.run([Task(0, 0)])


class Explosive(str):
    """Ends the process that unpickles it."""

    def __reduce__(self) -> tuple[object, tuple[int]]:
        import os

        return os._exit, (3,)
