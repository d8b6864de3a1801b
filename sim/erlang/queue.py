"""Erlang B, C and A: what queueing theory says of M/M/n/n, M/M/n and M/M/n+M. Stable for n > 1000.

Sources: A. K. Erlang (1917) for B and C; C. Palm (1946) and A. Mandelbaum and S. Zeltyn, "Service
engineering in action: the Palm/Erlang-A queue" (2007), for A; F. Baccelli and G. Hebuterne, "On
queues with impatient customers" (1981), for the law of the offered wait. Rates are per any one unit
of time; results are in that unit.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

PANELS = 400
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(16)
"""Gauss and Legendre's rule in each panel: exact to the last digits for so smooth a density."""


def blocked(load: float, servers: int) -> float:
    """Erlang B: the share of callers who find all `servers` busy, by the recursion over servers.

    Raises:
        ValueError: a load that is not positive, or a negative number of servers.
    """
    if load <= 0 or servers < 0:
        raise ValueError(f"load must be > 0 and servers >= 0, not {load} and {servers}")
    share = 1.0
    for n in range(1, servers + 1):
        share = load * share / (n + load * share)
    return share


def waits(load: float, servers: int) -> float:
    """Erlang C: the share of callers who wait when nobody gives up.

    Raises:
        ValueError: as `blocked`, and for a load that the servers cannot carry.
    """
    if load >= servers:
        raise ValueError(f"{servers} servers cannot carry a load of {load} erlang")
    share = blocked(load, servers)
    return share / (1 - load / servers * (1 - share))


@dataclass(frozen=True)
class Queue:
    """M/M/n (`theta` = 0) or M/M/n+M.

    Raises:
        ValueError: a rate or number out of range, or a queue without end.
    """

    lam: float
    """Arrivals per unit of time."""
    mu: float
    """Services that one busy server ends per unit of time."""
    servers: int
    theta: float = 0.0
    """Rate at which each waiting caller gives up."""

    def __post_init__(self) -> None:
        if self.lam <= 0 or self.mu <= 0 or self.theta < 0 or self.servers < 1:
            raise ValueError(f"rates must be > 0 and servers >= 1: {self}")
        if self.theta == 0:
            waits(self.lam / self.mu, self.servers)

    def law(self) -> Floats:
        """P(exactly j callers in the system), j = 0, 1, …, cut where less than 1e-13 is left."""
        n, lam, mu = self.servers, self.lam, self.mu
        below = [1.0]
        for j in range(n, 0, -1):
            below.append(below[-1] * j * mu / lam)
        above: list[float] = []
        weight, total = 1.0, sum(below)
        while True:
            rate = n * mu + (len(above) + 1) * self.theta
            weight *= lam / rate
            above.append(weight)
            total += weight
            if lam < rate and weight / (1 - lam / rate) < 1e-13 * total:
                break
        return np.array([*reversed(below), *above]) / total

    def p_wait(self) -> float:
        """P(a caller finds all servers busy)."""
        if self.theta == 0:
            return waits(self.lam / self.mu, self.servers)
        return float(self.law()[self.servers :].sum())

    def queue_length(self) -> float:
        """E[callers who wait]."""
        if self.theta == 0:
            return self.lam * self.mean_wait()
        tail = self.law()[self.servers :]
        return float(np.arange(len(tail)) @ tail)

    def mean_wait(self) -> float:
        """E[wait] over all callers, those who gave up included."""
        if self.theta == 0:
            return self.p_wait() / (self.servers * self.mu - self.lam)
        return self.queue_length() / self.lam

    def p_abandon(self) -> float:
        """The share of callers who give up: what leaves the queue unserved is theta times it."""
        return self.theta * self.queue_length() / self.lam

    def utilisation(self) -> float:
        """The share of its time that a server is busy."""
        return self.lam * (1 - self.p_abandon()) / (self.servers * self.mu)

    def p_wait_longer(self, t: float) -> float:
        """P(wait > t), `t` >= 0; a caller who gives up at `t` has waited `t`."""
        if self.theta == 0:
            return self.p_wait() * math.exp(-(self.servers * self.mu - self.lam) * t)
        if t <= 0:
            return self.p_wait()
        longer = self._sum(t, lambda x: np.ones_like(x)) / self._sum(0.0, lambda x: np.ones_like(x))
        return self.p_wait() * math.exp(-self.theta * t) * longer

    def mean_wait_served(self) -> float:
        """E[wait] of those who are served."""
        if self.theta == 0:
            return self.mean_wait()
        served = self._sum(0.0, lambda x: x * np.exp(-self.theta * x))
        waited = self.p_wait() * served / self._sum(0.0, lambda x: np.ones_like(x))
        return waited / (1 - self.p_abandon())

    def served_within(self, t: float) -> float:
        """The service level: the share of all callers who are served after at most `t` >= 0."""
        if self.theta == 0:
            return 1 - self.p_wait_longer(t)
        later = self._sum(t, lambda x: np.exp(-self.theta * x))
        later *= self.p_wait() / self._sum(0.0, lambda x: np.ones_like(x))
        return 1 - self.p_abandon() - later

    # -- the offered wait: its density is exp(lam (1 - exp(-theta x)) / theta - n mu x), scaled --

    def _exponent(self, x: Floats) -> Floats:
        return -self.lam / self.theta * np.expm1(-self.theta * x) - self.servers * self.mu * x

    def _sum(self, start: float, weight: Callable[[Floats], Floats]) -> float:
        """The integral of `weight` times the density from `start`, up to a common factor."""
        spare = self.lam / (self.servers * self.mu)
        peak = max(math.log(spare) / self.theta, 0.0) if spare > 1 else 0.0
        top = float(self._exponent(np.array(peak)))
        begin, reach = max(peak, start), 1 / (self.servers * self.mu)
        while top - float(self._exponent(np.array(begin + reach))) < 50:
            reach *= 2
        edges = np.linspace(start, begin + reach, PANELS + 1)
        half, middle = np.diff(edges) / 2, (edges[1:] + edges[:-1]) / 2
        x = middle[:, None] + half[:, None] * _NODES[None, :]
        values = weight(x) * np.exp(self._exponent(x) - top)
        return float((values @ _WEIGHTS) @ half)
