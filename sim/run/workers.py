"""Worker processes that begin anew, and leave with their parent however it ends."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import TypeVar

Task = TypeVar("Task")
Promise = TypeVar("Promise")


@contextmanager
def workers(jobs: int, begin: Callable[[], None] | None = None) -> Iterator[ProcessPoolExecutor]:
    """`jobs` processes, each of which calls `begin` first.

    They are spawned, so that nothing of this process can leak into a result. Whatever ends the
    block before its time ends them where they are.
    """
    context = multiprocessing.get_context("spawn")
    executor = ProcessPoolExecutor(jobs, context, partial(_begin, begin))
    try:
        yield executor
    except BaseException:
        executor.shutdown(wait=False, cancel_futures=True)
        # A signal may come while one is being started: the executor then knows nothing of it, and
        # this process would wait for it at its end. They are the only children of a command.
        for child in multiprocessing.active_children():
            child.terminate()
        raise
    executor.shutdown(wait=True, cancel_futures=True)


def in_order(
    tasks: Iterable[Task], submit: Callable[[Task], Promise], ahead: int
) -> Iterator[tuple[Task, Promise]]:
    """Each task with what `submit` gave for it, in their order, while `ahead` others are on their
    way, so that no worker waits for its next."""
    pending: deque[tuple[Task, Promise]] = deque()
    for task in tasks:
        pending.append((task, submit(task)))
        if len(pending) > ahead:
            yield pending.popleft()
    while pending:
        yield pending.popleft()


def _begin(begin: Callable[[], None] | None) -> None:
    # Ctrl-C goes to the whole group: end without a word, the parent says what that means.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    if begin is not None:
        begin()


def _leave_with_parent() -> None:
    """A parent that was killed cannot say goodbye, and its workers would wait for ever."""
    parent = multiprocessing.parent_process()
    assert parent is not None, "a worker was started by somebody"
    parent.join()
    os._exit(1)
