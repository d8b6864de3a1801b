"""The plainest world: callers go straight to their queue, phones answer at once, no wrap-up.

What is left is a queueing system (sim.theory.system), routed by the real centre. It begins in a
draw of the system's law. Where that is the exact stationary law there is no warm-up to cut off: all
times are without memory, so the number in the system says everything about the state.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate
from random import Random

import simpy

from ctid.centre.centre import Centre
from ctid.core import commands as cmd
from ctid.core import events as ev
from ctid.core.instants import Instant
from ctid.core.records import CallRecord, PhoneFact
from sim.driver import SimDriver
from sim.theory.system import Callers, System

_ARRIVES, _WAITS, _GIVES_UP, _TALKS, _ENDS, _LEAVES = range(6)


class StraightWorld:
    """Arrivals until `horizon`, then what is there runs out. See `sim.driver.AnyWorld`."""

    def __init__(self, system: System, horizon: Instant, law: Sequence[float], seed: str) -> None:
        self._between = system.unit / system.lam
        self._patience = system.unit / system.theta if system.theta else 0.0
        self._horizon = horizon
        self._unit = system.unit
        self._classes = system.callers
        self._until = list(accumulate(c.rate / system.lam for c in system.callers[:-1]))
        """Up to which share of the arrivals each class but the last comes."""
        self._speeds = {f"a{n}": server.speed for n, server in enumerate(system.servers)}
        self._seed = seed
        self._draw_class = Random(f"{seed}/classes").random
        self._draw_arrival = Random(f"{seed}/arrivals").expovariate
        self._draw_service = Random(f"{seed}/services").expovariate
        self._draw_patience = Random(f"{seed}/patience").expovariate
        self._heap: list[tuple[Instant, int, int, str]] = []
        self._serial = 0
        self._calls = 0
        self._class_of: dict[str, Callers] = {}
        """Call → its class."""
        self._waiting: set[str] = set()
        """Only asked for membership: its order plays no part."""
        self._talking: dict[str, tuple[str, str]] = {}
        """Offer → call and agent."""
        self.records: list[CallRecord] = []
        """The centre's own records, in the order in which calls ended."""
        first = Random(f"{seed}/first").random()
        self._first = bisect_left(list(accumulate(law)), first)
        self._begun = False

    def next_at(self) -> Instant | None:
        if not self._begun:
            return 0
        return self._heap[0][0] if self._heap else None

    def take(self, now: Instant) -> list[ev.Event]:
        if not self._begun:
            return self._begin(now)
        facts: list[ev.Event] = []
        heap = self._heap
        while heap and heap[0][0] <= now:
            self._happen(heapq.heappop(heap), now, facts)
        return facts

    def carry_out(self, commands: Sequence[cmd.Command], now: Instant) -> None:
        for command in commands:
            if isinstance(command, cmd.RingAgent):
                self._talking[command.offer] = (command.call, command.agent)
                self._push(now, _TALKS, command.offer)
            elif isinstance(command, cmd.HoldInQueue):
                self._push(now, _WAITS, command.call)
            elif isinstance(command, cmd.HangUpCall):
                self._push(now, _LEAVES, command.call)
            elif isinstance(command, cmd.CallClosed):
                self.records.append(command.record)

    def _begin(self, now: Instant) -> list[ev.Event]:
        self._begun = True
        phones = tuple(PhoneFact(f"PJSIP/{n}", "idle") for n in range(len(self._speeds)))
        # The router's own draws follow from this name, so it must differ between replications.
        facts: list[ev.Event] = [ev.Started(self._seed, 0), ev.Inventory(False, (), phones)]
        for agent in self._speeds:
            facts += (ev.SignInAsked(agent), ev.ReadyAsked(agent))
        facts += (self._arrival() for _ in range(self._first))
        self._plan_arrival(now)
        return facts

    def _arrival(self) -> ev.CallArrived:
        self._calls += 1
        call = f"c{self._calls}"
        place = bisect_left(self._until, self._draw_class()) if self._until else 0
        group = self._class_of[call] = self._classes[place]
        return ev.CallArrived(call, "", "", "", group.name)

    def _plan_arrival(self, now: Instant) -> None:
        at = now + round(self._draw_arrival(1.0) * self._between)
        if at <= self._horizon:
            self._push(at, _ARRIVES, "")

    def _push(self, at: Instant, kind: int, subject: str) -> None:
        self._serial += 1
        heapq.heappush(self._heap, (at, self._serial, kind, subject))

    def _happen(
        self, item: tuple[Instant, int, int, str], now: Instant, facts: list[ev.Event]
    ) -> None:
        _, _, kind, subject = item
        if kind == _ARRIVES:
            facts.append(self._arrival())
            self._plan_arrival(now)
        elif kind == _WAITS:
            facts.append(ev.CallWaiting(subject, "", self._class_of[subject].name, now))
            if self._patience:
                self._waiting.add(subject)
                patience = round(self._draw_patience(1.0) * self._patience)
                self._push(now + patience, _GIVES_UP, subject)
        elif kind == _TALKS:
            call, agent = self._talking[subject]
            self._waiting.discard(call)
            facts.append(ev.CallBridged(subject))
            mean = self._unit / (self._class_of[call].mu * self._speeds[agent])
            self._push(now + round(self._draw_service(1.0) * mean), _ENDS, subject)
        elif kind == _ENDS:
            call, _ = self._talking.pop(subject)
            facts += (ev.CallEnded(call, ""), ev.LegEnded(subject, "hangup"))
        elif kind == _LEAVES:
            facts.append(ev.CallEnded(subject, ""))
        elif subject in self._waiting:
            self._waiting.discard(subject)
            facts.append(ev.CallEnded(subject, ""))


def run(system: System, horizon: Instant, law: Sequence[float], seed: str) -> list[CallRecord]:
    """One replication: the records of all calls, those that were there at instant 0 included."""
    world = StraightWorld(system, horizon, law, seed)
    SimDriver(simpy.Environment(), Centre(system.settings()), world).run()
    return world.records
