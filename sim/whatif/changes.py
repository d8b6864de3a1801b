"""Who fared differently: caller by caller, replication by replication."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import msgspec

from ctid.core.instants import Duration, WallMs
from sim.run.figures import tidy
from sim.whatif.facts import Caller, Day
from sim.whatif.play import End, Played


class Change(msgspec.Struct, frozen=True):
    """One caller who fared differently. Shares and means are over the replications."""

    call: str
    at: WallMs
    queue: str
    recorded: End
    answered_before: float
    answered_after: float
    wait_before: Duration
    wait_after: Duration
    agent_before: str
    """Whom the caller most often talked to; empty for nobody."""
    agent_after: str


def pairs(before: Sequence[Played], after: Sequence[Played]) -> Iterator[tuple[End, End]]:
    for old, new in zip(before, after, strict=True):
        for a, b in zip(old.ends, new.ends, strict=True):
            if a is not None and b is not None:
                yield a, b


def share(values: Iterator[bool]) -> float:
    found = list(values)
    return tidy(sum(found) / len(found)) if found else 0.0


def changes(day: Day, before: Sequence[Played], after: Sequence[Played]) -> list[Change]:
    """Who was lost or won comes first, then whose wait changed most."""
    found: list[Change] = []
    for place, caller in enumerate(day.callers):
        old, new = _ends(before, place), _ends(after, place)
        if old and new:
            change = _change(day, caller, old, new)
            if _weight(change) > (0, 0):
                found.append(change)
    found.sort(key=_weight, reverse=True)
    return found


def _weight(change: Change) -> tuple[float, int]:
    return (
        abs(change.answered_after - change.answered_before),
        abs(change.wait_after - change.wait_before),
    )


def _ends(played: Sequence[Played], place: int) -> list[End]:
    return [end for one in played if (end := one.ends[place]) is not None]


def _change(day: Day, caller: Caller, old: Sequence[End], new: Sequence[End]) -> Change:
    return Change(
        caller.call,
        day.wall_at_zero + caller.at,
        caller.queue,
        End(caller.outcome, caller.queue, caller.agent, caller.waited, caller.talked),
        share(end.outcome == "answered" for end in old),
        share(end.outcome == "answered" for end in new),
        round(sum(end.waited for end in old) / len(old)),
        round(sum(end.waited for end in new) / len(new)),
        _usual(old),
        _usual(new),
    )


def _usual(ends: Sequence[End]) -> str:
    agents = Counter(end.agent for end in ends if end.outcome == "answered")
    return min(agents, key=lambda agent: (-agents[agent], agent), default="")
