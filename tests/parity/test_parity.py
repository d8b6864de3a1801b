"""The same facts give the same journal, byte by byte, under simpy and the daemon's driver."""

import json
import os
import subprocess
import sys

import pytest

from ctid.core.commands import Overflowed
from ctid.core.journal import Line, decode
from tests.parity.runs import under_asyncio, under_simpy

SEEDS = 50
CALLS = 400


def start(hash_seed: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.parity.digests", str(SEEDS), str(CALLS)]
    environment = {**os.environ, "PYTHONHASHSEED": str(hash_seed)}
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE)


@pytest.mark.timeout(300)
def test_journals_are_equal_under_both_drivers_and_both_hash_seeds() -> None:
    running = [start(hash_seed) for hash_seed in (0, 1)]
    outputs = [process.communicate(timeout=280)[0] for process in running]
    assert [process.returncode for process in running] == [0, 0]
    first, second = (json.loads(output) for output in outputs)
    assert len(first) == SEEDS
    assert [seed for seed, (simpy, loop) in first.items() if simpy != loop] == []
    assert first == second
    assert len({simpy for simpy, _ in first.values()}) == SEEDS, "the seeds make no difference"


@pytest.mark.parametrize("seed", [1, 2, 3, 6])
def test_the_simulator_looks_at_the_invariants_and_is_the_same_with_them(seed: int) -> None:
    assert under_simpy(seed, 150, check=True) == under_simpy(seed, 150)


def test_first_difference() -> None:
    """One seed in this process: when the digests above differ, this says where."""
    ours, theirs = under_simpy(1, CALLS), under_asyncio(1, CALLS)
    for number, (mine, other) in enumerate(zip(ours, theirs, strict=True), 1):
        assert decode(mine, number) == decode(other, number)
    entries = [decode(line, number) for number, line in enumerate(ours, 1)]
    kinds = {type(entry.e).__name__ for entry in entries if isinstance(entry, Line)}
    assert {"Inventory", "LinkLost", "ScreenLost", "CallBridged", "NoneType"} <= kinds
    moves = {c.move.to for entry in entries if isinstance(entry, Line) for c in entry.c
             if isinstance(c, Overflowed)}  # fmt: skip
    assert {"queue:service", "external:+49301234", "callback"} <= moves
    assert {"CustomerDialled", "CallHeld", "ConsultBridged"} <= kinds
