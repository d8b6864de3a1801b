"""Exact values for servers who differ: in speed, and in whom they may serve.

Sources: I. Adan and G. Weiss, "A skill based parallel service system under FCFS-ALIS: steady state,
overloads, and abandonments" (2014), for the longest wait first to the longest-idle server who may;
R. Gopalakrishnan, S. Doroudi, A. Ward and A. Wierman, "Routing and staffing when servers are
strategic" (2016), for why the longest-idle, the shortest-idle and a random server first give the
same; for a fixed order of servers the balance equations of the set that is busy, solved as they
stand.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations

import numpy as np

MOST = 7
"""Servers beyond which the sum over all their orders gets long."""


@dataclass(frozen=True)
class Shares:
    """What holds in steady state."""

    p_wait: tuple[float, ...]
    """Of each class."""
    queue: tuple[float, ...]
    """E[callers who wait], of each class."""
    busy: tuple[float, ...]
    """The share of its time that each server is busy."""


def alis(
    rates: Sequence[float], speeds: Sequence[float], takes: Sequence[frozenset[int]]
) -> Shares:
    """First come first served, to the longest-idle server who may.

    The sum over the orders of the servers: the first `i` of them are busy, in the order of their
    callers' arrivals, with those who only they may serve between; the rest is idle, the last for
    longest.

    Args:
        takes: for each server the classes, by their place in `rates`.

    Raises:
        ValueError: more than MOST servers, or callers whom nobody can keep up with.
    """
    if len(speeds) > MOST:
        raise ValueError(f"more than {MOST} servers: too many orders to sum over")
    everyone = range(len(rates))
    total, wait = 0.0, [0.0] * len(rates)
    queue, busy = [0.0] * len(rates), [0.0] * len(speeds)
    for order in permutations(range(len(speeds))):
        for i in range(len(speeds) + 1):
            weight, length = _state(order, i, rates, speeds, takes)
            total += weight
            reached: frozenset[int] = frozenset().union(*(takes[m] for m in order[i:]))
            for c in everyone:
                wait[c] += weight * (c not in reached)
                queue[c] += weight * length[c]
            for m in order[:i]:
                busy[m] += weight
    return Shares(
        tuple(x / total for x in wait), tuple(x / total for x in queue),
        tuple(x / total for x in busy),
    )  # fmt: skip


def _state(
    order: Sequence[int],
    i: int,
    rates: Sequence[float],
    speeds: Sequence[float],
    takes: Sequence[frozenset[int]],
) -> tuple[float, list[float]]:
    """The weight of this order with `i` busy, over all lengths of the queue, and the mean number of
    each class in it."""
    weight, speed, length = 1.0, 0.0, [0.0] * len(rates)
    for j in range(i):
        speed += speeds[order[j]]
        others: frozenset[int] = frozenset().union(*(takes[m] for m in order[j + 1 :]))
        only = [c for c in range(len(rates)) if c not in others]
        lam = math.fsum(rates[c] for c in only)
        if lam >= speed:
            raise ValueError(f"servers of speed {speed:g} cannot carry a load of {lam:g} erlang")
        weight /= speed - lam
        for c in only:
            length[c] += rates[c] / (speed - lam)
    for j in range(i, len(order)):
        left: frozenset[int] = frozenset().union(*(takes[m] for m in order[j:]))
        weight /= math.fsum(rates[c] for c in left)
    return weight, length


def in_order(lam: float, speeds: Sequence[float]) -> Shares:
    """One class; the first idle server in the order of `speeds` takes the caller.

    Raises:
        ValueError: more than 10 servers, or callers whom they cannot keep up with.
    """
    n = len(speeds)
    if n > 10:
        raise ValueError("more than 10 servers: too many sets of busy servers to solve for")
    if lam >= math.fsum(speeds):
        raise ValueError(f"servers of speed {math.fsum(speeds):g} cannot carry {lam:g} erlang")
    full = (1 << n) - 1
    spare = lam / math.fsum(speeds)
    flow = np.zeros((full + 1, full + 1))
    for busy in range(full + 1):
        for m in range(n):
            if busy >> m & 1:
                # Of the states with all busy, only that without a queue is left by a service's end.
                flow[busy, busy & ~(1 << m)] += speeds[m] * (1 - spare if busy == full else 1)
        if busy != full:
            first = next(m for m in range(n) if not busy >> m & 1)
            flow[busy, busy | 1 << first] += lam
    balance = flow.T - np.diag(flow.sum(axis=1))
    balance[-1] = 1.0
    shares = np.linalg.solve(balance, np.eye(full + 1)[-1])
    wait = float(shares[full])
    busy_share = tuple(
        math.fsum(float(shares[s]) for s in range(full + 1) if s >> m & 1) for m in range(n)
    )
    return Shares((wait,), (wait * spare / (1 - spare),), busy_share)
