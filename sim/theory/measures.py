"""What one replication says about each metric: sums over the calls' own records.

Instants are wall times here. Calls count that arrived after `begin` and up to `end`, with all of
their wait; time averages are over that window and over every call that was there in it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence

from ctid.core.instants import Instant
from ctid.core.records import CallRecord
from sim.theory.system import System

Sums = dict[str, tuple[float, float]]
"""Metric → (X, Y) of one replication; the measured value is X / Y."""

METRICS = frozenset(
    {
        *("P(wait)", "P(abandon)", "E[Lq]", "rho", "utilisation"),
        *("E[W]", "E[W] (ASA)", "E[W] (all)", "E[W|W>0]", "E[W|served] (ASA)"),
    }
)
"""What can be measured of any system, besides `bound`."""
ADMITTED = frozenset({"P(block)", "P(wait|admitted)", "E[W|admitted]"})
"""What can be measured besides where there is limited room."""
_LAW = re.compile(r"P\(W(<=|>)([0-9.eE+-]+)\)")
"""P(W<=t) and P(W>t)."""


def known(system: System, metric: str) -> bool:
    """Whether that can be measured of this system."""
    return (
        metric in METRICS
        or metric in own(system)
        or bound(metric) is not None
        or (system.room > 0 and metric in ADMITTED)
    )


def bound(metric: str) -> tuple[str, float] | None:
    """(`<=` or `>`, t) of a metric about the law of the wait, else None."""
    found = _LAW.fullmatch(metric.replace(" ", ""))
    return (found[1], float(found[2])) if found else None


def own(system: System) -> frozenset[str]:
    """The names of what is measured of each class and of each server of this system."""
    classes = {name for c in system.callers for name in _of_class(c.name)}
    return frozenset(classes | {_of_server(s.name) for s in system.servers if s.name})


def _of_class(name: str) -> tuple[str, str]:
    return (f"E[W {name}]", f"P(wait {name})")


def _of_server(name: str) -> str:
    return f"utilisation {name}"


def measure(
    system: System,
    records: Sequence[CallRecord],
    begin: Instant,
    end: Instant,
    metrics: Iterable[str],
) -> Sums:
    """The sums of `metrics`, and of `arrivals`.

    Raises:
        KeyError: a metric that this system does not have.
    """
    counted = [r for r in records if begin < r.queued_at <= end]
    sums: Sums = {"arrivals": (len(counted), 1)}
    sums |= _waits(counted, system.unit) | _classes(system, counted)
    held = sum(_within(r.queued_at, r.queued_at + r.waited, begin, end) for r in records)
    sums["E[Lq]"] = (held / (end - begin), 1)
    sums |= _servers(system, records, begin, end)
    waits = [r.waited / system.unit for r in counted]
    for metric in metrics:
        if (law := bound(metric)) is not None:
            longer = sum(w > law[1] for w in waits)
            sums[metric] = (longer if law[0] == ">" else len(waits) - longer, len(waits))
    return {name: sums[name] for name in ("arrivals", *metrics)}


def _waits(counted: Sequence[CallRecord], unit: float) -> Sums:
    """Over all callers, whichever their class."""
    served = [r.waited / unit for r in counted if r.outcome == "answered"]
    blocked = sum(r.outcome == "turned_away" for r in counted)
    arrivals, waited = len(counted), sum(r.waited > 0 for r in counted)
    total = math.fsum(r.waited / unit for r in counted)
    lost = arrivals - len(served) - blocked
    return {
        "P(wait)": (waited, arrivals),
        "E[W]": (total, arrivals),
        "E[W] (ASA)": (total, arrivals),
        "E[W] (all)": (total, arrivals),
        "E[W|W>0]": (total, waited),
        "E[W|served] (ASA)": (math.fsum(served), len(served)),
        "P(abandon)": (lost, arrivals),
        "P(block)": (blocked, arrivals),
        "P(wait|admitted)": (waited, arrivals - blocked),
        "E[W|admitted]": (total, arrivals - blocked),
    }


def _classes(system: System, counted: Sequence[CallRecord]) -> Sums:
    sums: Sums = {}
    waits: dict[str, list[float]] = {c.name: [] for c in system.callers}
    for r in counted:
        waits[r.queue].append(r.waited / system.unit)
    for name, of_class in waits.items():
        mean, share = _of_class(name)
        sums[mean] = (math.fsum(of_class), len(of_class))
        sums[share] = (sum(w > 0 for w in of_class), len(of_class))
    return sums


def _servers(system: System, records: Iterable[CallRecord], begin: Instant, end: Instant) -> Sums:
    """The share of the window in which each server talks, and their mean."""
    busy = {f"a{n}": 0 for n in range(len(system.servers))}
    for r in records:
        if r.outcome == "answered":
            busy[r.agent] += _within(r.queued_at + r.waited, r.ended_at, begin, end)
    window = end - begin
    sums: Sums = {}
    for n, server in enumerate(system.servers):
        # Of servers with one name, who are of one kind, the mean.
        before, count = sums.get(_of_server(server.name), (0.0, 0.0))
        sums[_of_server(server.name)] = (before + busy[f"a{n}"] / window, count + 1)
    sums["rho"] = sums["utilisation"] = (sum(busy.values()) / window / len(busy), 1)
    return sums


def _within(since: Instant, until: Instant, begin: Instant, end: Instant) -> int:
    """Milliseconds from `since` to `until` that lie in the window."""
    return max(min(until, end) - max(since, begin), 0)
