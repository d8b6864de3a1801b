"""A queueing system as theory speaks of it, and the settings that make the real centre one.

Classes of callers arrive as Poisson streams; their services are exponential, or of another law
where there is one server. Each server has a speed and the classes that it may take. Each class is a
queue of its own. What a server may take is told by skills, who goes first by the queues' priority,
and a full house by an overflow rule: the ways in which a site would tell it.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, combinations
from random import Random

from ctid.acd.need import Need
from ctid.acd.overflow import Overflow, Rule, ToHangUp
from ctid.acd.settings import AcdSettings, AgentSettings, QueueSettings
from ctid.centre.settings import CentreSettings
from ctid.core.instants import Duration
from ctid.ivr import flow
from sim.erlang.limited import Limited
from sim.erlang.queue import Queue
from sim.theory.service import EXPONENTIAL, Service

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
    service: Service = EXPONENTIAL

    def __post_init__(self) -> None:
        if not self.callers or not self.servers or self.theta < 0 or self.warm_up < 0:
            raise ValueError(f"no callers, no servers, or a number below 0: {self.name}")
        if any(x <= 0 for c in self.callers for x in (c.rate, c.mu)):
            raise ValueError(f"rates must be > 0: {self.name}")
        if any(server.speed <= 0 for server in self.servers):
            raise ValueError(f"speeds must be > 0: {self.name}")
        if self.room and self.room < len(self.servers):
            raise ValueError(f"room for {self.room} is less than its servers: {self.name}")
        if self.service != EXPONENTIAL and (self.alone or len(self.servers) > 1):
            raise ValueError(
                f"{self.service.kind} services: only for one plain server: {self.name}"
            )
        if not self.alone:
            for names in self._sets():
                self._spare(names)

    @property
    def lam(self) -> float:
        """All arrivals per unit of time."""
        return math.fsum(c.rate for c in self.callers)

    @property
    def mu(self) -> float:
        """Services per unit of time of a mean server with the mean mix of callers."""
        speed = math.fsum(server.speed for server in self.servers) / len(self.servers)
        return speed * self.lam / math.fsum(c.rate / c.mu for c in self.callers)

    @property
    def unit(self) -> float:
        """Milliseconds of the unit of time."""
        return SERVICE * self.mu

    @property
    def alone(self) -> bool:
        """Whether it settles whatever the load: somebody gives up or is turned away."""
        return bool(self.room or self.theta)

    @property
    def relaxation(self) -> float:
        """Mean arrivals in which the system forgets where it began, by the slowest of the sets of
        classes: 1 / (sqrt(what its servers end) - sqrt(what arrives))², which is M/M/1's and nearly
        M/M/n's relaxation time; 0 where the begin is forgotten by those who leave."""
        if self.alone:
            return 0.0
        return max(self.lam / self._spare(names) ** 2 for names in self._sets())

    def law(self) -> list[float]:
        """P(j callers in the system), j = 0, 1, …: exact where all callers and all servers are
        alike and all services exponential, else that of as many mean servers, from where a warm-up
        leads on. See `beginning`."""
        n = len(self.servers)
        if self.room:
            return Limited(self.lam, self.mu, n, self.room, self.theta).law()
        return [float(share) for share in Queue(self.lam, self.mu, n, self.theta).law()]

    def beginning(self, law: Sequence[float], stream: Random) -> tuple[int, float]:
        """A draw of who is there at instant 0: their number, by `law`, and how long the service of
        the first lasts on, in mean services; 0 where it is without memory, so like any other.

        With other services than exponential it is drawn from the steady state of M/G/1: whoever is
        in service has waited for a geometric number of services under way (Beneš's series), and
        those behind are who came meanwhile and since the service began.
        """
        if self.service == EXPONENTIAL:
            return bisect_left(list(accumulate(law)), stream.random()), 0.0
        load = self.lam / self.mu
        if stream.random() >= load:
            return 0, 0.0
        there, rest = self.service.found(stream)
        while stream.random() < load:
            there += self.service.found(stream)[1]
        count, came = 0, 0.0
        while came <= there:
            came += stream.expovariate(load)
            count += 1
        return count, rest

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

    def _sets(self) -> list[tuple[str, ...]]:
        """Sets of classes that might be too many for those who may serve them: all of them, up to
        a number of classes from where on only each alone and all together are looked at."""
        names = [c.name for c in self.callers]
        sizes = range(1, len(names) + 1) if len(names) <= 10 else (1, len(names))
        return [one for size in sizes for one in combinations(names, size)]

    def _spare(self, names: tuple[str, ...]) -> float:
        """sqrt(services that end) - sqrt(arrivals) per unit of time, of those classes alone.

        Raises:
            ValueError: it is not above 0.
        """
        callers = [c for c in self.callers if c.name in names]
        servers = [s for s in self.servers if not s.takes or any(n in names for n in s.takes)]
        speed = math.fsum(server.speed for server in servers)
        load = math.fsum(c.rate / c.mu for c in callers)
        if load >= speed * (1 - 1e-12):
            raise ValueError(
                f"{len(servers)} servers of {', '.join(names)} cannot carry a load of {load:g}"
                f" erlang: {self.name}"
            )
        scale = math.sqrt(2 / (1 + self.service.scv))
        rate = math.fsum(c.rate for c in callers)
        return scale * (math.sqrt(speed * rate / load) - math.sqrt(rate))

    def _overflow(self) -> Overflow:
        if not self.room:
            return Overflow()
        places = self.room - len(self.servers)
        rule = Rule(ToHangUp(), length=places) if places else Rule(ToHangUp(), no_agent="free")
        return Overflow((rule,))


def erlang(queue: Queue) -> System:
    """M/M/n or M/M/n+M as a system."""
    name = f"{queue.lam}/{queue.mu}/{queue.servers}/{queue.theta}"
    callers = (Callers("q", queue.lam, queue.mu),)
    return System(name, callers, (Server(),) * queue.servers, theta=queue.theta)
