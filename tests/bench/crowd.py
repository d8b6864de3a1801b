"""How long the machine takes for one fact when a crowd waits: levels that rise, steps that open.

The whole centre, through the driver's contract. Callers of several levels wait for agents who all
talk; steps of the queue open all the time, callers come and go, and one agent after the other ends
a call and gets the next caller.
"""

from __future__ import annotations

import time
from random import Random

import msgspec
import numpy as np

from ctid.acd.rules import Rule
from ctid.acd.settings import RelaxStep
from ctid.centre.centre import Centre
from ctid.centre.settings import CentreSettings
from ctid.core import events as ev
from ctid.core.commands import RingAgent
from ctid.core.instants import SECOND
from ctid.core.records import PhoneFact
from sim import site

WALL = 1_767_578_400_000
AGENTS = 50
replace = msgspec.structs.replace


def _settings() -> CentreSettings:
    """Nobody has a skill at first: each caller climbs five steps before anybody may take it."""
    made = site.settings(AGENTS)
    steps = tuple(RelaxStep(n * 30 * SECOND, groups=(f"g{n}",)) for n in range(1, 6))
    queues = tuple(replace(queue, relax=steps) for queue in made.acd.queues)
    agents = tuple(replace(a, groups=(f"g{n % 5 + 1}",)) for n, a in enumerate(made.acd.agents))
    rules = tuple(Rule(f"r{n}", languages=(f"x{n}",), priority=n) for n in range(10))
    return replace(made, acd=replace(made.acd, queues=queues, agents=agents, rules=rules))


class Crowd:
    """A centre with `waiting` callers in its queues and all agents in calls."""

    def __init__(self, waiting: int) -> None:
        settings = _settings()
        self._centre = Centre(settings)
        self._random = Random(waiting)
        self._now = self._calls = 0
        self._took: list[float] = []
        phones = tuple(PhoneFact(a.phone, "idle") for a in settings.acd.agents)
        self._say(ev.Started("b", WALL), ev.Inventory(False, (), phones))
        for agent in settings.acd.agents:
            self._say(ev.SignInAsked(agent.id), ev.ReadyAsked(agent.id))
        for _ in range(AGENTS + waiting):
            self._join()

    def handling(self, facts: int) -> np.ndarray:
        """Seconds for each of that many facts and the deadlines that were due with them."""
        self._took.clear()
        while len(self._took) < facts:
            self._now += 50
            self._join()
            self._leave()
            self._end_talk()
        return np.array(self._took)

    def _join(self) -> None:
        self._calls += 1
        language = f"x{self._random.randrange(10)}"
        self._say(
            ev.CallWaiting(f"c{self._calls}", "ch", "sales", WALL + self._now, language=language)
        )

    def _leave(self) -> None:
        """The caller who has waited longest gives up."""
        waiting = self._centre.router.contacts
        self._say(ev.CallEnded(next(c for c, one in waiting.items() if not one.offer), "16"))

    def _end_talk(self) -> None:
        offers = self._centre.router.offers
        talking = next((o for o in offers.values() if o.state == "bridged"), None)
        if talking is not None:
            self._say(ev.CallEnded(talking.call, "16"), ev.LegEnded(talking.id, "hangup"))
            self._say(ev.WrapUpDone(talking.agent))
            self._join()

    def _say(self, *facts: ev.Event) -> None:
        for fact in facts:
            begin = time.perf_counter()
            commands = self._centre.advance(self._now) + self._centre.handle(fact, self._now)
            self._took.append(time.perf_counter() - begin)
            for ring in [c for c in commands if isinstance(c, RingAgent)]:
                self._centre.handle(ev.CallBridged(ring.offer), self._now)


def p99(waiting: int, facts: int) -> float:
    """Microseconds that 99 of 100 facts stay below."""
    return float(np.quantile(Crowd(waiting).handling(facts), 0.99) * 1e6)
