"""Customers a second: the production router in the simulator against Ciw and a plain simpy model.

All three play M/M/10 with patience (lambda = 10, mu = 1, theta = 0.5). Ours decides each call as
production does, with all commands, texts and pops, and writes no journal; the simpy model is the
textbook's, a Resource and `request | timeout`. Each also says P(abandon) and E[W], which must be
the theory's: seeds are fixed, so that is the same on every machine.

Measured twice: ours from the sources, and as native code (`ctid-sim compile`) in a process of its
own, with the same peers beside it.
"""

from __future__ import annotations

import gc
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from random import Random
from typing import NamedTuple

import ciw
import msgspec
import simpy
from scipy.stats import t as student

from ctid.centre.centre import Centre
from ctid.core.records import CallRecord
from sim.compiled.build import ROOT, build, is_native
from sim.driver import SimDriver
from sim.erlang.queue import Queue
from sim.theory.straight import StraightWorld
from sim.theory.system import erlang
from tests.bench.row import Pair, Row, row_of

QUEUE = Queue(10.0, 1.0, 10, 0.5)
UNLIKELY = 1e-4
"""A figure that lies further from the theory's than this chance allows is wrong."""


class Sizes(msgspec.Struct, frozen=True):
    """How much is measured."""

    turns: int = 8
    customers: int = 10_000
    """Mean number in each run."""


SMALL = Sizes(2, 300)


class Played(NamedTuple):
    """One run."""

    customers: int
    abandoned: int
    waited: float
    """Sum over all of them, in mean services."""
    seconds: float
    """Of processor time: other processes of the machine are not in it."""

    @property
    def rate(self) -> float:
        """Customers a second."""
        return self.customers / self.seconds


Play = Callable[[int, int], Played]
"""About so many customers, with this seed."""


class _Sums:
    def __init__(self) -> None:
        self.customers = self.abandoned = 0
        self.waited = 0.0

    def record(self, record: CallRecord) -> None:
        self.leaves(record.waited, record.outcome == "abandoned")

    def leaves(self, waited: float, abandoned: bool) -> None:
        self.customers += 1
        self.abandoned += abandoned
        self.waited += waited


def ctid(customers: int, seed: int) -> Played:
    """The production router, in the simulator's driver."""
    system, sums = erlang(QUEUE), _Sums()
    horizon = round(customers * system.unit / system.lam)
    world = StraightWorld(system, horizon, system.law(), f"bench/{seed}", sums.record)
    driver = SimDriver(simpy.Environment(), Centre(system.settings()), world)
    began = time.process_time()
    driver.run()
    took = time.process_time() - began
    return Played(sums.customers, sums.abandoned, sums.waited / system.unit, took)


def ciw_model(customers: int, seed: int) -> Played:
    """Ciw's own way to say it."""
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(QUEUE.lam)],
        service_distributions=[ciw.dists.Exponential(QUEUE.mu)],
        reneging_time_distributions=[ciw.dists.Exponential(QUEUE.theta)],
        number_of_servers=[QUEUE.servers],
    )
    ciw.seed(seed)
    simulation = ciw.Simulation(network)
    began = time.process_time()
    simulation.simulate_until_max_time(customers / QUEUE.lam)
    took = time.process_time() - began
    sums = _Sums()
    for one in simulation.get_all_records():
        sums.leaves(one.waiting_time, one.record_type == "renege")
    return Played(sums.customers, sums.abandoned, sums.waited, took)


def simpy_model(customers: int, seed: int) -> Played:
    """Processes and a Resource."""
    env, sums, draw = simpy.Environment(), _Sums(), Random(seed).expovariate
    desk = simpy.Resource(env, QUEUE.servers)

    def customer() -> Iterator[simpy.Event]:
        came = env.now
        with desk.request() as turn:
            came_to = yield turn | env.timeout(draw(QUEUE.theta))
            sums.leaves(env.now - came, turn not in came_to)
            if turn in came_to:
                yield env.timeout(draw(QUEUE.mu))

    def source() -> Iterator[simpy.Event]:
        while True:
            yield env.timeout(draw(QUEUE.lam))
            if env.now > customers / QUEUE.lam:
                return
            env.process(customer())

    env.process(source())
    began = time.process_time()
    env.run()
    return Played(sums.customers, sums.abandoned, sums.waited, time.process_time() - began)


PEERS: dict[str, Play] = {"Ciw": ciw_model, "simpy": simpy_model}
LEAST = {True: {"Ciw": 0.5, "simpy": 0.3}, False: {"Ciw": 0.2, "simpy": 0.14}}
"""Least ratio of ours to theirs: as native code the floor that is asked for, and from the sources
what they have come to, so that they stay there."""


def all_rows(sizes: Sizes, say: Callable[[str], None]) -> Iterator[Row]:
    """The sources in this process, then the native build in another; makes the build anew."""
    yield from rows(sizes, say)
    say("compiling, which takes two to four minutes")
    with tempfile.TemporaryDirectory(prefix="ctid-bench-") as folder:
        built = Path(folder) / "compiled"
        build(built)
        say(f"customers a second as native code, {sizes.turns} turns")
        done = subprocess.run(
            # -P: the folder in which it runs does not come first.
            [sys.executable, "-P", "-m", "tests.bench.simulator"],
            input=msgspec.json.encode(sizes), stdout=subprocess.PIPE, check=True,
            env={**os.environ, "PYTHONPATH": f"{built}{os.pathsep}{ROOT}"},
        )  # fmt: skip
    yield from msgspec.json.decode(done.stdout, type=list[Row])


def rows(sizes: Sizes, say: Callable[[str], None]) -> Iterator[Row]:
    """One row for each peer, with the machine of this process; ours runs before each of them."""
    pairs: dict[str, list[Pair]] = {peer: [] for peer in PEERS}
    played: dict[str, list[Played]] = {name: [] for name in ("ctid", *PEERS)}
    ctid(min(sizes.customers, 1_000), -1)  # warm
    for turn in range(sizes.turns):
        say(f"customers a second, {turn + 1} of {sizes.turns}")
        for peer, play in PEERS.items():
            gc.collect()
            theirs = play(sizes.customers, turn)
            ours = ctid(sizes.customers, turn)
            pairs[peer].append(Pair(ours.rate, theirs.rate))
            played[peer].append(theirs)
        played["ctid"].append(ours)
    native = is_native()
    for peer in PEERS:
        note = "; ".join(untrue(name, played[name]) for name in ("ctid", peer)).strip("; ")
        what = "M/M/10 with patience: customers a second, " + ("native" if native else "sources")
        yield row_of(what, "1/s", peer, pairs[peer], "at least", LEAST[native][peer], note)


def untrue(name: str, runs: Sequence[Played]) -> str:
    """What these runs say that the theory does not; empty where they agree.

    All models but ours begin empty, which a run of thousands of customers does not show.
    """
    said = {
        "P(abandon)": ([run.abandoned / run.customers for run in runs], QUEUE.p_abandon()),
        "E[W]": ([run.waited / run.customers for run in runs], QUEUE.mean_wait()),
    }
    beyond = float(student.isf(UNLIKELY / 2, len(runs) - 1))
    wrong = []
    for what, (values, truth) in said.items():
        error = statistics.stdev(values) / math.sqrt(len(values))
        z = (statistics.fmean(values) - truth) / error
        if abs(z) > beyond:
            wrong.append(f"{name}: {what} {statistics.fmean(values):.4f}, not {truth:.4f}")
    return "; ".join(wrong)


if __name__ == "__main__":
    wanted = msgspec.json.decode(sys.stdin.buffer.read(), type=Sizes)
    sys.stdout.buffer.write(msgspec.json.encode(list(rows(wanted, lambda _: None))))
