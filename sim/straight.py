"""The plainest world: callers go straight to one queue, phones answer at once, no wrap-up.

What is left is M/M/n or M/M/n+M, routed by the real centre. It begins in an exact draw of the
stationary law, so there is no warm-up to cut off; all times are without memory, so the number in
the system says everything about the state.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate
from random import Random

import simpy

from ctid.acd.settings import AcdSettings, AgentSettings, QueueSettings
from ctid.centre.centre import Centre
from ctid.centre.settings import CentreSettings
from ctid.core import commands as cmd
from ctid.core import events as ev
from ctid.core.instants import Instant
from ctid.core.records import CallRecord, PhoneFact
from ctid.ivr import flow
from sim.driver import SimDriver
from sim.erlang import Queue

SERVICE = 10_000_000
"""Milliseconds of a mean service. Instants are whole, and this makes their rounding a ten-millionth
of a service: far below any standard error."""

_ARRIVES, _WAITS, _GIVES_UP, _TALKS, _ENDS = range(5)


def settings(agents: int) -> CentreSettings:
    """One queue, one flow with the one step that leads there."""
    staff = tuple(AgentSettings(f"a{n}", f"A{n}", f"PJSIP/{n}", ("q",)) for n in range(agents))
    straight = flow.Flow("f", "q", "en", {"q": flow.Queue("q")}, {})
    acd = AcdSettings((QueueSettings("q", "Q", wrap_up=0),), staff)
    return CentreSettings(acd, {"f": straight}, {}, {"*": "f"}, fallback_queue="q", timezone="UTC")


class StraightWorld:
    """Arrivals until `horizon`, then what is there runs out. See `sim.driver.AnyWorld`."""

    def __init__(self, queue: Queue, horizon: Instant, law: Sequence[float], seed: str) -> None:
        self._between = SERVICE * queue.mu / queue.lam
        self._patience = SERVICE * queue.mu / queue.theta if queue.theta else 0.0
        self._horizon = horizon
        self._servers = queue.servers
        self._draw_arrival = Random(f"{seed}/arrivals").expovariate
        self._draw_service = Random(f"{seed}/services").expovariate
        self._draw_patience = Random(f"{seed}/patience").expovariate
        self._heap: list[tuple[Instant, int, int, str]] = []
        self._serial = 0
        self._calls = 0
        self._waiting: set[str] = set()
        """Only asked for membership: its order plays no part."""
        self._talking: dict[str, str] = {}
        """Offer → call."""
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
                self._talking[command.offer] = command.call
                self._push(now, _TALKS, command.offer)
            elif isinstance(command, cmd.HoldInQueue):
                self._push(now, _WAITS, command.call)
            elif isinstance(command, cmd.CallClosed):
                self.records.append(command.record)

    def _begin(self, now: Instant) -> list[ev.Event]:
        self._begun = True
        phones = tuple(PhoneFact(f"PJSIP/{n}", "idle") for n in range(self._servers))
        facts: list[ev.Event] = [ev.Started("t", 0), ev.Inventory(False, (), phones)]
        for n in range(self._servers):
            facts += (ev.SignInAsked(f"a{n}"), ev.ReadyAsked(f"a{n}"))
        facts += (self._arrival() for _ in range(self._first))
        self._plan_arrival(now)
        return facts

    def _arrival(self) -> ev.CallArrived:
        self._calls += 1
        return ev.CallArrived(f"c{self._calls}", "", "", "", "")

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
            facts.append(ev.CallWaiting(subject, "", "q", now))
            if self._patience:
                self._waiting.add(subject)
                patience = round(self._draw_patience(1.0) * self._patience)
                self._push(now + patience, _GIVES_UP, subject)
        elif kind == _TALKS:
            self._waiting.discard(self._talking[subject])
            facts.append(ev.CallBridged(subject))
            self._push(now + round(self._draw_service(1.0) * SERVICE), _ENDS, subject)
        elif kind == _ENDS:
            facts += (ev.CallEnded(self._talking.pop(subject), ""), ev.LegEnded(subject, "hangup"))
        elif subject in self._waiting:
            self._waiting.discard(subject)
            facts.append(ev.CallEnded(subject, ""))


def run(queue: Queue, horizon: Instant, law: Sequence[float], seed: str) -> list[CallRecord]:
    """One replication: the records of all calls, those that were there at instant 0 included."""
    world = StraightWorld(queue, horizon, law, seed)
    SimDriver(simpy.Environment(), Centre(settings(queue.servers)), world).run()
    return world.records
