"""A queueing system as theory speaks of it, and the settings that make the real centre one.

Classes of callers arrive as Poisson streams and need exponential services; each server has a speed
and the classes that it may take. Each class is a queue of its own. What a server may take is told
by skills, who goes first by the queues' priority, and a full house by an overflow rule: the ways
in which a site would tell it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from ctid.acd.need import Need
from ctid.acd.overflow import Overflow, Rule, ToHangUp
from ctid.acd.settings import AcdSettings, AgentSettings, QueueSettings
from ctid.centre.settings import CentreSettings
from ctid.core.instants import Duration
from ctid.ivr import flow
from sim.erlang.queue import Queue

SERVICE = 1_000_000
"""Milliseconds of a mean service. Instants are whole, and this makes their rounding a millionth
of a service: far below any standard error."""
NEVER: Duration = 1 << 50
"""Milliseconds, longer than any run: levels do not rise with age, so priority is strict."""


@dataclass(frozen=True)
class Callers:
    """One class of callers."""

    name: str
    """As metrics call it, `type a` in `P(wait type a)`; the id of its queue."""
    rate: float
    """Arrivals per unit of time."""
    mu: float = 1.0
    """Services of this class that a server of speed 1 ends per unit of time."""
    level: int = 0
    """Priority, 0 to 9; the higher goes first."""


@dataclass(frozen=True)
class Server:
    """One agent."""

    name: str = ""
    """As metrics call it, `server 0` in `utilisation server 0`; empty where none does."""
    speed: float = 1.0
    takes: tuple[str, ...] = ()
    """Names of classes; empty for all."""


@dataclass(frozen=True)
class System:
    """All of it.

    Raises:
        ValueError: what could never settle, or has a rate out of range.
    """

    name: str
    """Tells it from other systems; part of the seeds."""
    callers: tuple[Callers, ...]
    servers: tuple[Server, ...]
    strategy: str = "longest_idle"
    theta: float = 0.0
    """Rate at which each waiting caller gives up."""
    room: int = 0
    """Callers in the system, those in service included, above which one is turned away; 0 = no
    limit."""
    warm_up: int = 0
    """Mean arrivals before the measuring begins; 0 where `law` says all about the beginning."""

    def __post_init__(self) -> None:
        if not self.callers or not self.servers or self.theta < 0 or self.warm_up < 0:
            raise ValueError(f"no callers, no servers, or a number below 0: {self.name}")
        if any(x <= 0 for c in self.callers for x in (c.rate, c.mu)):
            raise ValueError(f"rates must be > 0: {self.name}")
        if any(server.speed <= 0 for server in self.servers):
            raise ValueError(f"speeds must be > 0: {self.name}")
        if self.room and self.room <= len(self.servers):
            raise ValueError(f"room for {self.room} leaves no place to wait: {self.name}")
        if not self.room:
            self._pooled()

    @property
    def lam(self) -> float:
        """All arrivals per unit of time."""
        return sum(c.rate for c in self.callers)

    @property
    def mu(self) -> float:
        """Services per unit of time of a mean server with the mean mix of callers."""
        speed = sum(server.speed for server in self.servers) / len(self.servers)
        return speed * self.lam / sum(c.rate / c.mu for c in self.callers)

    @property
    def unit(self) -> float:
        """Milliseconds of the unit of time."""
        return SERVICE * self.mu

    def law(self) -> list[float]:
        """P(j callers in the system), j = 0, 1, …: exact where all callers and all servers are
        alike, else that of as many mean servers, from where a warm-up leads on."""
        if not self.room:
            return [float(share) for share in self._pooled().law()]
        weights = [1.0]
        for j in range(1, self.room + 1):
            weights.append(weights[-1] * self.lam / (min(j, len(self.servers)) * self.mu))
        total = math.fsum(weights)
        return [weight / total for weight in weights]

    def settings(self) -> CentreSettings:
        """One queue and one flow with the one step that leads there for each class."""
        skills = any(server.takes for server in self.servers)
        queues = tuple(
            QueueSettings(
                c.name, c.name, strategy=self.strategy, wrap_up=0, priority=c.level,
                needs=(Need(c.name),) if skills else (), overflow=self._overflow(),
            )
            for c in self.callers
        )  # fmt: skip
        names = tuple(c.name for c in self.callers)
        staff = tuple(
            AgentSettings(
                f"a{n}", f"A{n}", f"PJSIP/{n}", names,
                skills=dict.fromkeys(server.takes or names, 1) if skills else {},
            )
            for n, server in enumerate(self.servers)
        )  # fmt: skip
        flows = {q: flow.Flow(q, "q", "en", {"q": flow.Queue(q)}, {}) for q in names}
        entries = {q: q for q in names}
        acd = AcdSettings(queues, staff, age_every=NEVER)
        return CentreSettings(acd, flows, {}, entries, fallback_queue=names[0], timezone="UTC")

    def _pooled(self) -> Queue:
        return Queue(self.lam, self.mu, len(self.servers), self.theta)

    def _overflow(self) -> Overflow:
        if not self.room:
            return Overflow()
        return Overflow((Rule(ToHangUp(), length=self.room - len(self.servers)),))


def erlang(queue: Queue) -> System:
    """M/M/n or M/M/n+M as a system."""
    name = f"{queue.lam}/{queue.mu}/{queue.servers}/{queue.theta}"
    callers = (Callers("q", queue.lam, queue.mu),)
    return System(name, callers, (Server(),) * queue.servers, theta=queue.theta)
