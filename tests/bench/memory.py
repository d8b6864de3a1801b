"""`python -m tests.bench.memory`: does one replication keep anything of calls that are over?

Plays one long day, with a menu, wrap-up, breaks and abandoned calls, and looks at the memory after
each tenth of the calls. Exit code 0 when what is added after the first fifth is under 2 bytes a
call, 1 when not. `--plain` plays M/M/10 with patience, which is four times as fast: ten million
calls in a quarter of an hour.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import simpy

from ctid.centre.centre import Centre
from ctid.core.commands import CallClosed
from ctid.core.instants import SECOND
from ctid.core.journal import Line
from sim import site
from sim.driver import SimDriver
from sim.run.replication import replicate
from sim.scenario.model import Scenario
from sim.spreads import Exponential, Uniform
from sim.theory.straight import StraightWorld
from sim.theory.system import erlang
from sim.world.habits import AgentHabits, CallerHabits, WorldSettings
from tests.bench.simulator import QUEUE

LIMIT = 2.0
"""Bytes a call."""
GAP = 600
"""Mean time between callers, in milliseconds."""


def busy(calls: int) -> Scenario:
    """Forty agents with short calls, all day and all night."""
    settings = site.settings(40)
    world = WorldSettings(
        callers=CallerHabits(
            calls=calls, arrivals=Exponential(GAP), talk=Exponential(8 * SECOND),
            patience=Exponential(20 * SECOND),
        ),
        agents=AgentHabits(wrap_up=Uniform(200, 2_000), back=Uniform(1_000, 3_000)),
        customers=site.customers(),
    )  # fmt: skip
    lasts = calls * GAP
    return Scenario("memory", settings, world, lasts, interval=lasts)


Play = Callable[[int, Callable[[], None]], None]
"""About so many calls; the second is called as each of them ends."""


def whole(calls: int, over: Callable[[], None]) -> None:
    """The world of scenarios."""

    def write(line: Line) -> None:
        for command in line.c:
            if isinstance(command, CallClosed):
                over()

    replicate(busy(calls), 1, 0, write=write)


def plain(calls: int, over: Callable[[], None]) -> None:
    """The queueing system of the bench."""
    system = erlang(QUEUE)
    horizon = round(calls * system.unit / system.lam)
    world = StraightWorld(system, horizon, system.law(), "memory", lambda _: over())
    SimDriver(simpy.Environment(), Centre(system.settings()), world).run()


def watch(
    calls: int, look: Callable[[], int], say: Callable[[int, int], None], play: Play = whole
) -> list[int]:
    """What `look` says after each tenth of the calls of one replication."""
    closed, seen = 0, []

    def over() -> None:
        nonlocal closed
        closed += 1
        if closed % (calls // 10) == 0:
            seen.append(look())
            say(closed, seen[-1])

    play(calls, over)
    return seen


def per_call(seen: Sequence[int], calls: int) -> float:
    """Bytes that each call leaves behind, the first fifth left out: tables find their size there.
    The straight line through what is left, by least squares."""
    rest = seen[1:]
    middle, mean = (len(rest) - 1) / 2, sum(rest) / len(rest)
    top = sum((n - middle) * (y - mean) for n, y in enumerate(rest))
    return top / sum((n - middle) ** 2 for n in range(len(rest))) / (calls / 10)


def resident() -> int:
    """Bytes of this process in memory."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGESIZE")


def main(argv: Sequence[str] | None = None) -> int:
    """Play, print, judge."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.memory", description=__doc__)
    parser.add_argument("--calls", type=int, default=1_000_000)
    parser.add_argument("--plain", action="store_true", help="M/M/10 with patience")
    options = parser.parse_args(argv)
    calls, play = options.calls, plain if options.plain else whole
    began = time.monotonic()

    def say(closed: int, size: int) -> None:
        passed = time.monotonic() - began
        print(f"{closed:>12,} calls  {size / 2**20:8.2f} MB  {passed:8.1f} s", flush=True)

    slope = per_call(watch(calls, resident, say, play), calls)
    print(f"each call leaves {slope:.3f} bytes behind; {LIMIT:g} is the most")
    return int(slope > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
