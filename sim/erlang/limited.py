"""Callers who are turned away: M/M/n/K, with or without patience, and M/M/n/n, its smallest case.

Sources: the birth and death equations, as in L. Kleinrock, "Queueing systems", volume 1 (1975),
section 3.5 and following. Rates are per any one unit of time; results are in that unit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Limited:
    """At most `room` callers in the system, those in service included.

    Raises:
        ValueError: a rate out of range, or room for fewer callers than there are servers.
    """

    lam: float
    """Arrivals per unit of time, those who are turned away included."""
    mu: float
    servers: int
    room: int
    theta: float = 0.0
    """Rate at which each waiting caller gives up."""

    def __post_init__(self) -> None:
        if self.lam <= 0 or self.mu <= 0 or self.theta < 0 or self.servers < 1:
            raise ValueError(f"rates must be > 0 and servers >= 1: {self}")
        if self.room < self.servers:
            raise ValueError(f"room for {self.room} is less than {self.servers} servers")

    def law(self) -> list[float]:
        """P(exactly j callers in the system), j = 0 … room."""
        logs = [0.0]
        for j in range(1, self.room + 1):
            leaving = min(j, self.servers) * self.mu + max(j - self.servers, 0) * self.theta
            logs.append(logs[-1] + math.log(self.lam / leaving))
        top = max(logs)
        weights = [math.exp(x - top) for x in logs]
        total = math.fsum(weights)
        return [weight / total for weight in weights]

    def p_block(self) -> float:
        """The share of callers who are turned away."""
        return self.law()[-1]

    def p_wait(self) -> float:
        """The share of all callers who wait: they find all servers busy, and room."""
        return math.fsum(self.law()[self.servers : self.room])

    def queue_length(self) -> float:
        """E[callers who wait]."""
        return math.fsum(j * p for j, p in enumerate(self.law()[self.servers :]))

    def utilisation(self) -> float:
        """The share of its time that a server is busy."""
        busy = math.fsum(min(j, self.servers) * p for j, p in enumerate(self.law()))
        return busy / self.servers

    def mean_wait(self) -> float:
        """E[wait] of those who are let in, who give up later included (Little)."""
        return self.queue_length() / (self.lam * (1 - self.p_block()))

    def p_abandon(self) -> float:
        """The share of all callers who give up."""
        return self.theta * self.queue_length() / self.lam
