"""`python -m tests.bench.jobs`: how much faster are two processes than one?

The same replications with one process and with two, in turns; starting the processes is in it. It
wants a quiet machine with two processors: what else runs takes from two more than from one. Exit
code 0 when the median is 1.8 or more, 1 when not.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from sim.run.pool import Pool, numbered
from sim.scenario.files import load

SCENARIO = Path(__file__).parents[2] / "config" / "scenarios" / "small.toml"
TARGET = 1.8


def seconds(jobs: int, replications: int) -> float:
    """Wall time of all of it."""
    scenario = load(SCENARIO)
    began = time.perf_counter()
    with Pool([scenario], 1, jobs) as pool:
        pool.run(numbered(0, range(replications)))
    return time.perf_counter() - began


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.jobs", description=__doc__)
    parser.add_argument("--replications", type=int, default=150)
    parser.add_argument("--turns", type=int, default=3)
    asked = parser.parse_args(argv)
    print(f"load of the machine: {os.getloadavg()[0]:.1f}", flush=True)
    found: list[float] = []
    for _ in range(asked.turns):
        one, two = (seconds(jobs, asked.replications) for jobs in (1, 2))
        found.append(one / two)
        print(f"one {one:6.2f} s, two {two:6.2f} s: {found[-1]:.2f}x", flush=True)
    median = statistics.median(found)
    print(f"two processes are {median:.2f} times as fast as one; {TARGET} is wanted")
    return int(median < TARGET)


if __name__ == "__main__":
    sys.exit(main())
