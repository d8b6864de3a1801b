"""The real router against queueing theory: `ctid-sim theory --rows FILE`.

Each replication begins in the stationary law, or measures after a warm-up that leads there, and
lasts a fixed time, so its sums have the expectations that theory gives: E[X - value * Y] = 0 for
each measure X / Y. That is what is tested, by Student's t over the replications, told as the normal
z of equal probability.
"""

from __future__ import annotations

import argparse
import math
import multiprocessing
import statistics
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import msgspec
from scipy import stats

from ctid.core.errors import ConfigError
from sim.theory import straight
from sim.theory.measures import Sums, measure
from sim.theory.oracle import Row, read
from sim.theory.system import System

LIMIT = 3.5
"""A |z| above this is no longer chance."""
CALLS = 2_500
CALLS_PER_SERVER = 5
"""A replication's mean number of arrivals is CALLS + CALLS_PER_SERVER * n unless it is given."""
FEWEST = 5
"""Replications below which there is no honest standard error."""


class Verdict(msgspec.Struct, frozen=True):
    """One row held against the simulation."""

    model: str
    lam: str
    """One rate per class of callers, `0.2+0.3`."""
    mu: str
    """Services of each class, or by each server, per unit of time, `1.5/1`; one for all alike."""
    theta: float
    n: int
    metric: str
    theory: float
    measured: float
    se: float
    t: float
    z: float
    replications: int
    calls: int
    """Measured arrivals over all replications."""


class Task(msgspec.Struct, frozen=True):
    """One replication of one system."""

    system: System
    metrics: tuple[str, ...]
    calls: int
    seed: str
    law: tuple[float, ...]


def replicate(task: Task) -> Sums:
    """Run one replication and sum up what the metrics need."""
    system = task.system
    arrival = system.unit / system.lam
    begin = round(system.warm_up * arrival)
    end = begin + round(task.calls * arrival)
    records = straight.run(system, end, task.law, task.seed)
    return measure(system, records, begin, end, task.metrics)


def judge(row: Row, sums: Sequence[Sums]) -> Verdict:
    """The row's value against its replications."""
    pairs = [s[row.metric] for s in sums]
    mean_y = statistics.fmean(y for _, y in pairs)
    errors = [x - row.value * y for x, y in pairs]
    se = statistics.stdev(errors) / math.sqrt(len(errors))
    mean = statistics.fmean(errors)
    t = mean / se if se else math.copysign(math.inf, mean) if mean else 0.0
    z = math.copysign(stats.norm.isf(stats.t.sf(abs(t), len(errors) - 1)), t)
    measured = statistics.fmean(x for x, _ in pairs) / mean_y if mean_y else math.nan
    lam, mu = _rates(row.system)
    return Verdict(
        row.model, lam, mu, row.system.theta, len(row.system.servers), row.metric, row.value,
        measured, se / mean_y if mean_y else math.nan, t, z, len(sums),
        round(sum(s["arrivals"][0] for s in sums)),
    )  # fmt: skip


def _rates(system: System) -> tuple[str, str]:
    """What tells a system's rates, for people; equal ones once."""
    lam = "+".join(f"{c.rate:.5g}" for c in system.callers)
    classes = [c.mu for c in system.callers]
    alike = len(set(classes)) == 1
    mus = [classes[0] * server.speed for server in system.servers] if alike else classes
    return lam, "/".join(f"{mu:.5g}" for mu in (mus if len(set(mus)) > 1 else mus[:1]))


def hold(
    rows: Sequence[Row], replications: int, jobs: int = 1, seed: int = 1, calls: int = 0
) -> list[Verdict]:
    """All rows, each system simulated once; the arguments are those of `simulate`."""
    metrics: dict[System, tuple[str, ...]] = {}
    systems = [row.system for row in rows]
    for row, system in zip(rows, systems, strict=True):
        known = metrics.get(system, ())
        metrics[system] = known if row.metric in known else (*known, row.metric)
    found = simulate(metrics, replications, jobs, seed, calls)
    return [judge(row, found[system]) for row, system in zip(rows, systems, strict=True)]


def simulate(
    metrics: Mapping[System, tuple[str, ...]],
    replications: int,
    jobs: int = 1,
    seed: int = 1,
    calls: int = 0,
) -> dict[System, list[Sums]]:
    """The replications of each system; `jobs` processes, the same numbers for any `jobs`.

    Args:
        calls: mean number of arrivals in a replication; 0 chooses by the number of servers.
    """
    laws = {system: tuple(system.law()) for system in metrics}
    tasks = [
        Task(
            system, names, calls or CALLS + CALLS_PER_SERVER * len(system.servers),
            f"{seed}/{system.name}/{number}", laws[system],
        )
        for system, names in sorted(metrics.items(), key=lambda item: -len(item[0].servers))
        for number in range(replications)
    ]  # fmt: skip
    found: dict[System, list[Sums]] = {system: [] for system in metrics}
    for task, sums in zip(tasks, _run(tasks, jobs), strict=True):
        found[task.system].append(sums)
    return found


def _run(tasks: Sequence[Task], jobs: int) -> list[Sums]:
    if jobs == 1:
        return [replicate(task) for task in tasks]
    with ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn")) as pool:
        return list(pool.map(replicate, tasks))


def table(verdicts: Sequence[Verdict]) -> str:
    """For people."""
    about = [
        ("model", "lambda", "mu", "theta", "n", "metric"),
        *((v.model, v.lam, v.mu, f"{v.theta:.4g}", str(v.n), v.metric) for v in verdicts),
    ]
    wide = [max(len(text) for text in column) for column in zip(*about, strict=True)]
    head, *rest = (
        "  ".join(text.ljust(n) for text, n in zip(row, wide, strict=True)) for row in about
    )
    lines = [f"{head} {'theory':>12} {'measured':>12} {'s.e.':>10} {'t':>6} {'z':>6}"]
    for v, left in zip(verdicts, rest, strict=True):
        mark = "" if abs(v.z) <= LIMIT else "  <-- beyond chance"
        lines.append(
            f"{left} {v.theory:12.6g} {v.measured:12.6g} {v.se:10.3g} {v.t:6.2f} {v.z:6.2f}{mark}"
        )
    worst = max(verdicts, key=lambda v: abs(v.z))
    beyond = sum(abs(v.z) > LIMIT for v in verdicts)
    lines.append(
        f"{len(verdicts)} rows, {worst.replications} replications each, largest |z|"
        f" {abs(worst.z):.2f}; {beyond} beyond {LIMIT}"
    )
    return "\n".join(lines)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `ctid-sim theory`."""
    parser.add_argument(
        "--rows", type=Path, required=True, metavar="FILE",
        help="CSV: model,lambda,mu,theta,n,metric,value; rows of other models are passed over",
    )  # fmt: skip
    parser.add_argument("--replications", type=int, default=20, help="at least 5; default 20")
    parser.add_argument("--calls", type=int, default=0, help="mean arrivals in a replication")
    parser.add_argument("--jobs", type=int, default=1, help="processes; default 1")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")


def run(options: argparse.Namespace) -> int:
    """Exit code 0 when every row lies within |z| <= 3.5, 1 when not, 2 for bad input."""
    if options.replications < FEWEST or options.jobs < 1 or options.calls < 0:
        print("theory: --replications must be >= 5, --jobs >= 1, --calls >= 0", file=sys.stderr)
        return 2
    try:
        rows = read(options.rows)
    except (ConfigError, OSError) as error:
        print(f"theory: {error}", file=sys.stderr)
        return 2
    verdicts = hold(rows, options.replications, options.jobs, options.seed, options.calls)
    print(msgspec.json.encode(verdicts).decode() if options.json else table(verdicts))
    return int(any(abs(v.z) > LIMIT for v in verdicts))
