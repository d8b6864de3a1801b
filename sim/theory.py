"""The real router against queueing theory: `python -m sim.theory --rows FILE --replications 20`.

Each replication begins in the stationary law and lasts a fixed time, so its sums have exactly the
expectations that theory gives: E[X - value * Y] = 0 for each measure X / Y. That is what is tested,
by Student's t over the replications, told as the normal z of equal probability.
"""

from __future__ import annotations

import argparse
import math
import multiprocessing
import statistics
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import msgspec
from scipy import stats

from ctid.core.errors import ConfigError
from ctid.core.records import CallRecord
from sim import straight
from sim.erlang import Queue
from sim.oracle import Row, bound, read

LIMIT = 3.5
"""A |z| above this is no longer chance."""
CALLS = 2_500
CALLS_PER_SERVER = 5
"""A replication's mean number of arrivals is CALLS + CALLS_PER_SERVER * n unless it is given."""
FEWEST = 5
"""Replications below which there is no honest standard error."""

Sums = dict[str, tuple[float, float]]
"""Metric → (X, Y) of one replication; the measured value is X / Y."""


class Verdict(msgspec.Struct, frozen=True):
    """One row held against the simulation."""

    model: str
    lam: float
    mu: float
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
    """One replication of one queue."""

    queue: Queue
    metrics: tuple[str, ...]
    calls: int
    seed: str
    law: tuple[float, ...]


def replicate(task: Task) -> Sums:
    """Run one replication and sum up what the metrics need."""
    queue = task.queue
    horizon = round(task.calls / queue.lam * queue.mu * straight.SERVICE)
    records = straight.run(queue, horizon, task.law, task.seed)
    unit = straight.SERVICE * queue.mu  # milliseconds per unit of time of the row
    # Instants are wall times here; those who were there at instant 0 count for time averages only.
    counted = [r for r in records if r.queued_at > 0]
    waits = [r.waited / unit for r in counted]
    served = [r.waited / unit for r in counted if r.outcome == "answered"]
    arrivals, waited, total = len(waits), sum(w > 0 for w in waits), math.fsum(waits)
    held = sum(min(r.queued_at + r.waited, horizon) - r.queued_at for r in records)
    sums: Sums = {
        "arrivals": (arrivals, 1),
        "P(wait)": (waited, arrivals),
        "E[W] (ASA)": (total, arrivals),
        "E[W] (all)": (total, arrivals),
        "E[W|W>0]": (total, waited),
        "E[W|served] (ASA)": (math.fsum(served), len(served)),
        "P(abandon)": (arrivals - len(served), arrivals),
        "E[Lq]": (held / horizon, 1),
        "rho": (_busy(records, horizon) / horizon / queue.servers, 1),
    }
    sums["utilisation"] = sums["rho"]
    for metric in task.metrics:
        if (law := bound(metric)) is not None:
            longer = sum(w > law[1] for w in waits)
            sums[metric] = (longer if law[0] == ">" else arrivals - longer, arrivals)
    return {name: sums[name] for name in ("arrivals", *task.metrics)}


def _busy(records: Iterable[CallRecord], horizon: int) -> int:
    """Milliseconds of talk before `horizon`, over all servers."""
    busy = 0
    for r in records:
        if r.outcome == "answered":
            bridged = r.queued_at + r.waited
            busy += max(min(r.ended_at, horizon) - min(bridged, horizon), 0)
    return busy


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
    queue = row.queue
    return Verdict(
        row.model, queue.lam, queue.mu, queue.theta, queue.servers, row.metric, row.value,
        measured, se / mean_y if mean_y else math.nan, t, z, len(sums),
        round(sum(s["arrivals"][0] for s in sums)),
    )  # fmt: skip


def hold(
    rows: Sequence[Row], replications: int, jobs: int = 1, seed: int = 1, calls: int = 0
) -> list[Verdict]:
    """All rows, each queue simulated once; `jobs` processes, the same numbers for any `jobs`.

    Args:
        calls: mean number of arrivals in a replication; 0 chooses by the number of servers.
    """
    metrics: dict[Queue, tuple[str, ...]] = {}
    for row in rows:
        known = metrics.get(row.queue, ())
        metrics[row.queue] = known if row.metric in known else (*known, row.metric)
    tasks = [
        Task(
            queue, names, calls or CALLS + CALLS_PER_SERVER * queue.servers,
            f"{seed}/{queue.lam}/{queue.mu}/{queue.servers}/{queue.theta}/{number}",
            tuple(queue.law().tolist()),
        )
        for queue, names in sorted(metrics.items(), key=lambda item: -item[0].servers)
        for number in range(replications)
    ]  # fmt: skip
    found: dict[Queue, list[Sums]] = {queue: [] for queue in metrics}
    for task, sums in zip(tasks, _run(tasks, jobs), strict=True):
        found[task.queue].append(sums)
    return [judge(row, found[row.queue]) for row in rows]


def _run(tasks: Sequence[Task], jobs: int) -> list[Sums]:
    if jobs == 1:
        return [replicate(task) for task in tasks]
    with ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn")) as pool:
        return list(pool.map(replicate, tasks))


def table(verdicts: Sequence[Verdict]) -> str:
    """For people."""
    head = f"{'model':8} {'lambda':>8} {'mu':>8} {'theta':>7} {'n':>5}  {'metric':18}"
    lines = [f"{head} {'theory':>12} {'measured':>12} {'s.e.':>10} {'t':>6} {'z':>6}"]
    for v in verdicts:
        mark = "" if abs(v.z) <= LIMIT else "  <-- beyond chance"
        lines.append(
            f"{v.model:8} {v.lam:8.4g} {v.mu:8.4g} {v.theta:7.4g} {v.n:5}  {v.metric:18}"
            f" {v.theory:12.6g} {v.measured:12.6g} {v.se:10.3g} {v.t:6.2f} {v.z:6.2f}{mark}"
        )
    worst = max(verdicts, key=lambda v: abs(v.z))
    beyond = sum(abs(v.z) > LIMIT for v in verdicts)
    lines.append(
        f"{len(verdicts)} rows, {worst.replications} replications each, largest |z|"
        f" {abs(worst.z):.2f}; {beyond} beyond {LIMIT}"
    )
    return "\n".join(lines)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options, for this module and for `ctid-sim theory`."""
    parser.add_argument(
        "--rows", type=Path, required=True, metavar="FILE",
        help="CSV: model,lambda,mu,theta,n,metric,value; rows of M/M/n and M/M/n+M are taken",
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


def main() -> int:
    """`python -m sim.theory`."""
    parser = argparse.ArgumentParser(prog="sim.theory", description=__doc__.splitlines()[0])
    add_arguments(parser)
    return run(parser.parse_args())


if __name__ == "__main__":
    sys.exit(main())
