"""The short version of `python -m tests.bench.memory`: calls that are over leave nothing behind."""

from __future__ import annotations

import gc
import sys

from tests.bench.memory import per_call, watch

CALLS = 1_500


def test_a_replication_keeps_nothing_of_calls_that_are_over() -> None:
    """In blocks of the allocator: one record that stayed would be ten of them or more."""

    def look() -> int:
        gc.collect()
        return sys.getallocatedblocks()

    seen = watch(CALLS, look, lambda *_: None)
    assert len(seen) == 10
    assert per_call(seen, CALLS) < 1


def test_the_measure_sees_a_leak() -> None:
    assert per_call([100_000 + 600 * 100 * n for n in range(10)], 1_000) == 600
    assert per_call([900_000, *[500_000] * 9], 1_000) == 0
