"""What one run came to, read off its journal: the same for a real run and for a simulated one."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from ctid.core import events as ev
from ctid.core.commands import AgentChanged, CallClosed, HoldInQueue, RingAgent
from ctid.core.instants import SECOND, Duration, Instant
from ctid.core.journal import Line
from ctid.core.records import AgentId, CallRecord
from sim.load.measure import percentile

BUSY = ("ringing", "on_call", "wrap_up")
"""States in which an agent works on a call."""


class Measures(msgspec.Struct, frozen=True):
    """One run. Shares from 0 to 1."""

    calls: int
    wait: float
    """Mean seconds in the queue, of all who joined it."""
    abandoned: float
    """Share of those who joined and left before an agent had them."""
    in_target: float
    """Share of those who joined and had an agent within 20 s."""
    occupancy: float
    """Share of the agents' time in BUSY, while callers came."""


TARGET: Duration = 20 * SECOND


def measures(lines: Sequence[Line], begin: Instant, end: Instant) -> Measures:
    """Of the callers who came from `begin` to `end`. Raises ValueError where nobody joined."""
    came = {
        line.e.call for line in lines
        if isinstance(line.e, ev.CallArrived) and begin <= line.t < end
    }  # fmt: skip
    records = [r for r in closed(lines) if r.call in came and r.queued_at]
    if not records:
        raise ValueError("nobody joined a queue")
    answered = [r for r in records if r.outcome == "answered"]
    many = len(records)
    return Measures(
        calls=len(came),
        wait=math.fsum(r.waited for r in records) / many / SECOND,
        abandoned=sum(r.outcome == "abandoned" for r in records) / many,
        in_target=sum(r.waited <= TARGET for r in answered) / many,
        occupancy=_occupancy(lines, begin, end),
    )


def closed(lines: Iterable[Line]) -> Iterator[CallRecord]:
    """The records of calls that are over."""
    for line in lines:
        for command in line.c:
            if isinstance(command, CallClosed):
                yield command.record


def _occupancy(lines: Sequence[Line], begin: Instant, end: Instant) -> float:
    busy = total = 0
    last: dict[AgentId, tuple[Instant, str]] = {}
    for at, agent, state in [*_changes(lines), *((end, agent, "") for agent in _agents(lines))]:
        since, before = last.get(agent, (at, ""))
        inside = max(min(at, end) - max(since, begin), 0)
        total += inside
        busy += inside if before in BUSY else 0
        last[agent] = (at, state)
    return busy / total if total else 0.0


def _changes(lines: Iterable[Line]) -> Iterator[tuple[Instant, AgentId, str]]:
    for line in lines:
        for command in line.c:
            if isinstance(command, AgentChanged):
                yield line.t, command.agent, command.state


def _agents(lines: Iterable[Line]) -> list[AgentId]:
    return sorted({agent for _, agent, _ in _changes(lines)})


def queue_over_time(lines: Iterable[Line], begin: Instant) -> list[tuple[float, int]]:
    """(seconds from `begin`, callers who wait from then on), for the plot."""
    waiting: set[str] = set()
    offered: dict[str, str] = {}
    told = [(0.0, 0)]
    for line in lines:
        offered |= {c.offer: c.call for c in line.c if isinstance(c, RingAgent)}
        match line.e:
            case ev.CallWaiting(call=call):
                waiting.add(call)
            case ev.CallEnded(call=call):
                waiting.discard(call)
            case ev.CallBridged(offer=offer):
                waiting.discard(offered.get(offer, ""))
            case _:
                continue
        told.append(((line.t - begin) / SECOND, len(waiting)))
    return told


class Delay(msgspec.Struct, frozen=True):
    """How long the PBX takes for something, in ms."""

    what: str
    count: int
    p50: float
    p95: float
    max: float


def delays(lines: Iterable[Line]) -> list[Delay]:
    """What the simulator's `pbx` spreads stand for, as the journal tells it."""
    took: dict[str, list[int]] = {what: [] for what in DELAYS}
    begun: dict[tuple[str, str], Instant] = {}

    def over(what: str, who: str, at: Instant) -> None:
        since = begun.pop((what, who), None)
        if since is not None:
            took[what].append(at - since)

    for line in lines:
        match line.e:
            case ev.CallWaiting(call=call):
                over("hold", call, line.t)
            case ev.AgentRinging(offer=offer):
                over("ring", offer, line.t)
            case ev.AgentAnswered(offer=offer):
                begun["bridge", offer] = line.t
            case ev.CallBridged(offer=offer):
                over("bridge", offer, line.t)
            case _:
                pass
        for command in line.c:
            match command:
                case HoldInQueue(call=call):
                    begun["hold", call] = line.t
                case RingAgent(offer=offer):
                    begun["ring", offer] = line.t
                case _:
                    pass
    return [
        Delay(DELAYS[what], len(each), percentile(each, 50), percentile(each, 95), max(each))
        for what, each in took.items()
        if each
    ]


DELAYS = {
    "hold": "ctid sends the caller to the queue → the PBX says that they wait",
    "ring": "ctid orders the ring → the phone rings",
    "bridge": "the agent picks up → both are in the bridge",
}
