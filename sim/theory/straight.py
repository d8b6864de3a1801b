"""The plainest world: callers go straight to their queue, phones answer at once, no wrap-up.

What is left is a queueing system (sim.theory.system), routed by the real centre. It begins in a
draw of the system's law. Where that is the exact stationary law there is no warm-up to cut off
(`System.beginning`).
"""

from __future__ import annotations

import heapq
from bisect import bisect_left
from collections.abc import Callable, Sequence
from itertools import accumulate
from random import Random
from typing import Any

import simpy

from ctid.centre.centre import Centre
from ctid.core import commands as cmd
from ctid.core import events as ev
from ctid.core.instants import Instant
from ctid.core.records import CallRecord, PhoneFact
from sim.driver import SimDriver
from sim.theory.system import Callers, System

Happens = Callable[[str, Instant, list[ev.Event]], None]
"""What happens to a call or an offer at an instant; adds the facts that follow."""


class StraightWorld:
    """Arrivals until `horizon`, then what is there runs out. See `sim.driver.AnyWorld`."""

    def __init__(
        self,
        system: System,
        horizon: Instant,
        law: Sequence[float],
        seed: str,
        keep: Callable[[CallRecord], None],
    ) -> None:
        """`keep` is given the centre's own record of each call as it ends."""
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
        self._draw_service = system.service.draws(Random(f"{seed}/services"))
        self._draw_patience = Random(f"{seed}/patience").expovariate
        self._heap: list[tuple[Instant, int, Happens, str]] = []
        self._serial = 0
        self._calls = 0
        self._class_of: dict[str, Callers] = {}
        """Call → its class."""
        self._waiting: set[str] = set()
        """Only asked for membership: its order plays no part."""
        self._talking: dict[str, tuple[str, str]] = {}
        """Offer → call and agent."""
        self._keep = keep
        self._patience_ends: Happens = self._gives_up
        """One and the same object, to be told from what else happens."""
        self._carries: dict[type, Callable[[Any, Instant], None]] = {
            cmd.RingAgent: self._rings, cmd.HoldInQueue: self._holds,
            cmd.HangUpCall: self._hangs_up, cmd.CallClosed: self._is_over,
        }  # fmt: skip
        self._first, self._rest = system.beginning(law, Random(f"{seed}/first"))
        self._begun = False

    def next_at(self) -> Instant | None:
        if not self._begun:
            return 0
        heap, waiting = self._heap, self._waiting
        while heap and heap[0][2] is self._patience_ends and heap[0][3] not in waiting:
            heapq.heappop(heap)  # was answered long ago
        return heap[0][0] if heap else None

    def take(self, now: Instant) -> list[ev.Event]:
        if not self._begun:
            return self._begin(now)
        facts: list[ev.Event] = []
        heap = self._heap
        while heap and heap[0][0] <= now:
            _, _, happens, subject = heapq.heappop(heap)
            happens(subject, now, facts)
        return facts

    def carry_out(self, commands: Sequence[cmd.Command], now: Instant) -> None:
        for command in commands:
            if (carry := self._carries.get(type(command))) is not None:
                carry(command, now)

    def _rings(self, command: cmd.RingAgent, now: Instant) -> None:
        self._talking[command.offer] = (command.call, command.agent)
        self._push(now, self._talks, command.offer)

    def _holds(self, command: cmd.HoldInQueue, now: Instant) -> None:
        self._push(now, self._waits, command.call)

    def _hangs_up(self, command: cmd.HangUpCall, now: Instant) -> None:
        self._push(now, self._leaves, command.call)

    def _is_over(self, command: cmd.CallClosed, now: Instant) -> None:
        self._keep(command.record)

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
            self._push(at, self._arrives, "")

    def _push(self, at: Instant, happens: Happens, subject: str) -> None:
        self._serial += 1
        heapq.heappush(self._heap, (at, self._serial, happens, subject))

    def _arrives(self, _: str, now: Instant, facts: list[ev.Event]) -> None:
        facts.append(self._arrival())
        self._plan_arrival(now)

    def _waits(self, call: str, now: Instant, facts: list[ev.Event]) -> None:
        facts.append(ev.CallWaiting(call, "", self._class_of[call].name, now))
        if self._patience:
            self._waiting.add(call)
            patience = round(self._draw_patience(1.0) * self._patience)
            self._push(now + patience, self._patience_ends, call)

    def _gives_up(self, call: str, now: Instant, facts: list[ev.Event]) -> None:
        if call in self._waiting:
            self._waiting.discard(call)
            self._leaves(call, now, facts)

    def _talks(self, offer: str, now: Instant, facts: list[ev.Event]) -> None:
        call, agent = self._talking[offer]
        if call not in self._class_of:  # gave up in this very millisecond
            del self._talking[offer]
            facts.append(ev.LegEnded(offer, "caller_gone"))
            return
        self._waiting.discard(call)
        facts.append(ev.CallBridged(offer))
        mean = self._unit / (self._class_of[call].mu * self._speeds[agent])
        service = self._rest if self._rest and call == "c1" else self._draw_service()
        self._push(now + round(service * mean), self._ends, offer)

    def _ends(self, offer: str, now: Instant, facts: list[ev.Event]) -> None:
        call, _ = self._talking.pop(offer)
        self._leaves(call, now, facts)
        facts.append(ev.LegEnded(offer, "hangup"))

    def _leaves(self, call: str, now: Instant, facts: list[ev.Event]) -> None:
        del self._class_of[call]
        facts.append(ev.CallEnded(call, ""))


def run(system: System, horizon: Instant, law: Sequence[float], seed: str) -> list[CallRecord]:
    """One replication: the records of all calls, those that were there at instant 0 included."""
    records: list[CallRecord] = []
    world = StraightWorld(system, horizon, law, seed, records.append)
    SimDriver(simpy.Environment(), Centre(system.settings()), world).run()
    return records
