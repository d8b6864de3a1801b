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
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MOST = 1 << 22
"""Callers in the system up to which a law is told."""
PANELS = 400
NEAR = 30
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
        raise ValueError(f"{servers} servers cannot carry a load of {load:.6g} erlang")
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
        """P(exactly j callers in the system), j = 0, 1, …, cut where less than 1e-13 is left.

        Raises:
            ValueError: so long a queue that its law has more than MOST entries.
        """
        n, lam, mu = self.servers, self.lam, self.mu
        # Logarithms: n! and load^n are beyond what a float holds.
        logs = np.concatenate(([0.0], np.cumsum(np.log(lam / (mu * np.arange(1.0, n + 1))))))
        more = 256
        while True:
            rates = n * mu + np.arange(1.0, more + 1) * self.theta
            above = np.concatenate((logs, logs[-1] + np.cumsum(np.log(lam / rates))))
            weights = np.exp(above - above.max())
            left = weights[-1] / (1 - lam / rates[-1]) if lam < rates[-1] else math.inf
            if left < 1e-13 * weights.sum():
                law: Floats = weights / weights.sum()
                return law
            if more > MOST:
                raise ValueError(f"the queue is too long to tell its law: {self}")
            more *= 4

    def p_wait(self) -> float:
        """P(a caller finds all servers busy)."""
        if self.theta == 0:
            return waits(self.lam / self.mu, self.servers)
        # Mandelbaum and Zeltyn (2007): lam J / (1 / B(n - 1) + lam J), both scaled like `_sum`.
        waited = self.lam * self._total
        share = blocked(self.lam / self.mu, self.servers - 1)
        return waited / (math.exp(-self._top) / share + waited) if share else 0.0

    def queue_length(self) -> float:
        """E[callers who wait]."""
        return self.lam * self.mean_wait()

    def mean_wait(self) -> float:
        """E[wait] over all callers, those who gave up included."""
        if self.theta == 0:
            return self.p_wait() / (self.servers * self.mu - self.lam)
        return self.p_abandon() / self.theta

    def p_abandon(self) -> float:
        """The share of callers who give up; what leaves the queue unserved is theta times it."""
        if self.theta == 0:
            return 0.0
        lost = self._sum(0.0, lambda x: -np.expm1(-self.theta * x))
        return self.p_wait() * lost / self._total

    def utilisation(self) -> float:
        """The share of its time that a server is busy."""
        return min(self.lam * (1 - self.p_abandon()) / (self.servers * self.mu), 1.0)

    def p_wait_longer(self, t: float) -> float:
        """P(wait > t), `t` >= 0; a caller who gives up at `t` has waited `t`."""
        if self.theta == 0:
            return self.p_wait() * math.exp(-(self.servers * self.mu - self.lam) * t)
        if t <= 0:
            return self.p_wait()
        longer = self._sum(t, np.ones_like) / self._total
        return self.p_wait() * math.exp(-self.theta * t) * longer

    def mean_wait_served(self) -> float:
        """E[wait] of those who are served."""
        if self.theta == 0:
            return self.mean_wait()
        served = self._sum(0.0, lambda x: x * np.exp(-self.theta * x))
        waited = self.p_wait() * served / self._total
        return waited / (1 - self.p_abandon())

    def served_within(self, t: float) -> float:
        """The service level: the share of all callers who are served after at most `t` >= 0."""
        if self.theta == 0:
            return 1 - self.p_wait_longer(t)
        later = self._sum(t, lambda x: np.exp(-self.theta * x))
        later *= self.p_wait() / self._total
        return max(1 - self.p_abandon() - later, 0.0)

    # -- the offered wait: its density is exp(lam (1 - exp(-theta x)) / theta - n mu x), scaled --

    def _exponent(self, x: Floats) -> Floats:
        return -self.lam / self.theta * np.expm1(-self.theta * x) - self.servers * self.mu * x

    @cached_property
    def _peak(self) -> float:
        """Where the density is highest."""
        spare = self.lam / (self.servers * self.mu)
        return math.log(spare) / self.theta if spare > 1 else 0.0

    @cached_property
    def _top(self) -> float:
        return float(self._exponent(np.array(self._peak)))

    @cached_property
    def _total(self) -> float:
        return self._sum(0.0, np.ones_like)

    def _sum(self, start: float, weight: Callable[[Floats], Floats]) -> float:
        """The integral of `weight` times the density from `start`, up to the factor exp(-top)."""
        begin = max(self._reach(self._peak, -1), start)
        end = self._reach(max(self._peak, start), 1)
        # What falls within little of the beginning where patience is short has panels of its own.
        near = begin + (end - begin) / PANELS * np.geomspace(1e-9, 0.5, NEAR)
        edges = np.concatenate(
            ([begin], near, np.linspace(begin + (end - begin) / PANELS, end, PANELS))
        )
        half, middle = np.diff(edges) / 2, (edges[1:] + edges[:-1]) / 2
        x = middle[:, None] + half[:, None] * _NODES[None, :]
        values = weight(x) * np.exp(self._exponent(x) - self._top)
        return float((values @ _WEIGHTS) @ half)

    def _reach(self, since: float, way: int) -> float:
        """How far from `since` that way the density is worth looking at: to e^-50 of its top."""
        step = 1 / (self.servers * self.mu)
        while (x := since + way * step) > 0:
            if self._top - float(self._exponent(np.array(x))) > 50:
                return x
            step *= 2
        return 0.0
