"""What theory says of a system, by our own formulas (sim.erlang, sim.theory.exact)."""

from __future__ import annotations

import math
from collections.abc import Mapping

from sim.erlang.limited import Limited
from sim.erlang.queue import Queue
from sim.erlang.single import cobham, pollaczek_khinchine
from sim.theory import exact
from sim.theory.measures import bound
from sim.theory.service import EXPONENTIAL
from sim.theory.system import System


def expected(system: System, metric: str) -> float:
    """The value of `metric` in steady state.

    Raises:
        ValueError: there is no formula for it here.
    """
    if _plain(system):
        n = len(system.servers)
        return _queue(Queue(system.lam, system.mu, n, system.theta), metric)
    values = _values(system)
    if metric not in values:
        raise ValueError(f"no formula for {metric!r} of {system.name}")
    return values[metric]


def _alike(system: System) -> bool:
    """Whether there is one class and one kind of server."""
    return len(system.callers) == 1 and len({server.speed for server in system.servers}) == 1


def _plain(system: System) -> bool:
    named = any(server.name for server in system.servers)
    return _alike(system) and not (system.room or named or system.service != EXPONENTIAL)


def _queue(queue: Queue, metric: str) -> float:
    if (law := bound(metric)) is not None:
        longer = queue.p_wait_longer(law[1])
        return longer if law[0] == ">" else 1 - longer
    match metric:
        case "P(wait)":
            return queue.p_wait()
        case "P(abandon)":
            return queue.p_abandon()
        case "E[Lq]":
            return queue.queue_length()
        case "rho" | "utilisation":
            return queue.utilisation()
        case "E[W]" | "E[W] (ASA)" | "E[W] (all)":
            return queue.mean_wait()
        case "E[W|W>0]":
            return queue.mean_wait() / queue.p_wait()
        case "E[W|served] (ASA)":
            return queue.mean_wait_served()
        case _:
            raise ValueError(f"no formula for {metric!r}")


def _values(system: System) -> Mapping[str, float]:
    if system.room:
        return _limited(system) if _alike(system) else {}
    if system.theta:
        return {}
    if system.service != EXPONENTIAL:
        return _single(system)
    if any(c.level for c in system.callers):
        return _priority(system)
    return _unlike(system)


def _limited(system: System) -> dict[str, float]:
    q = Limited(system.lam, system.mu, len(system.servers), system.room, system.theta)
    let_in = 1 - q.p_block()
    return {
        "P(block)": q.p_block(), "P(wait)": q.p_wait(), "P(wait|admitted)": q.p_wait() / let_in,
        "E[W|admitted]": q.mean_wait(), "E[W]": q.mean_wait() * let_in,
        "E[Lq]": q.queue_length(), "P(abandon)": q.p_abandon(),
        "rho": q.utilisation(), "utilisation": q.utilisation(),
    }  # fmt: skip


def _single(system: System) -> dict[str, float]:
    load = system.lam / system.mu
    wait = pollaczek_khinchine(system.lam, system.mu, system.service.scv)
    return {
        **dict.fromkeys(("E[W]", "E[W] (ASA)", "E[W] (all)"), wait), "E[Lq]": system.lam * wait,
        "E[W|W>0]": wait / load, **dict.fromkeys(("P(wait)", "rho", "utilisation"), load),
    }  # fmt: skip


def _priority(system: System) -> dict[str, float]:
    callers = sorted(system.callers, key=lambda c: -c.level)
    mus = [c.mu for c in callers]
    waits = cobham([c.rate for c in callers], mus, len(system.servers))
    return {f"E[W {c.name}]": wait for c, wait in zip(callers, waits, strict=True)}


def _unlike(system: System) -> dict[str, float]:
    names = [c.name for c in system.callers]
    rates = [c.rate for c in system.callers]
    speeds = [server.speed * system.callers[0].mu for server in system.servers]
    if len({c.mu for c in system.callers}) > 1:
        return {}
    if system.strategy == "linear":
        found = exact.in_order(rates[0], speeds)
    else:
        takes = [frozenset(map(names.index, s.takes or names)) for s in system.servers]
        found = exact.alis(rates, speeds, takes)
    values: dict[str, float] = {}
    for server in system.servers:
        # As it is measured: the mean of those with one name.
        of_name = [
            x for s, x in zip(system.servers, found.busy, strict=True) if s.name == server.name
        ]
        values[f"utilisation {server.name}"] = math.fsum(of_name) / len(of_name)
    for name, rate, wait, length in zip(names, rates, found.p_wait, found.queue, strict=True):
        values |= {f"P(wait {name})": wait, f"E[W {name}]": length / rate}
    if len(names) == 1:
        values |= {"P(wait)": found.p_wait[0], "E[Lq]": found.queue[0]}
        values["E[W]"] = found.queue[0] / rates[0]
    return values
