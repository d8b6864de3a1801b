"""What a caller does on the way through a flow: step by step, how long, and how it ended.

Kept beside the walk and never looked at by it. A step costs one small object; a visit has at most
`ctid.ivr.walker.MAX_STEPS` of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from ctid.core.instants import Duration, Instant

NEXT: Final = "next"
FAILED: Final = "on_fail"


@dataclass(slots=True)
class Stop:
    """One stay at one step; the meanings are those of `ctid.core.visits.Stay`."""

    flow: str
    step: str
    way: str = ""
    """Empty while the caller is here."""
    wrong: int = 0
    silent: int = 0
    spent: Duration = 0
    served: bool = False
    asked: bool = False
    """The caller had a say: keys were asked for, and something came of it."""


@dataclass(slots=True)
class Trail:
    """One visit. Plain data: the journal's state holds it."""

    flow: str = ""
    """The flow that was entered; empty where nothing is told of the visit, as in a survey."""
    began: Instant = 0
    since: Instant = 0
    """When the caller was told something last."""
    stops: list[Stop] = field(default_factory=list)
    waits_at: int = 0
    """Index of the stop at which that was."""
    has_served: bool = False
    """Some step has."""

    def begin(self, now: Instant) -> None:
        """The first steps are walked, and the first thing is about to be told."""
        self.flow = self.stops[0].flow if self.stops else ""
        self.began = self.since = now

    def enter(self, flow: str, step: str) -> None:
        """On to this step."""
        stops = self.stops
        if stops and not stops[-1].way:
            stops[-1].way = NEXT
        stops.append(Stop(flow, step))

    def passes(self, now: Instant) -> None:
        """Something new is told. The time since the last was spent where the caller stood then:
        walking takes none."""
        stops = self.stops
        if self.waits_at < len(stops):
            stops[self.waits_at].spent += now - self.since
        self.since, self.waits_at = now, len(stops) - 1

    # A session of a ctid that did not count may have no stops.

    def takes(self, way: str) -> None:
        """The step is about to be left by something else than `next`."""
        if self.stops:
            self.stops[-1].way = way

    def answered(self) -> None:
        """The caller has had a say."""
        if self.stops:
            self.stops[-1].asked = True

    def refused(self, keys: str) -> None:
        """What was keyed, or nothing, is no answer here."""
        if not self.stops:
            return
        if keys:
            self.stops[-1].wrong += 1
        else:
            self.stops[-1].silent += 1

    def served(self) -> None:
        """This step has given the caller what they called for."""
        if self.stops:
            self.stops[-1].served = self.has_served = True

    def why(self) -> str:
        """What led to the last step: the last one before it that asked or failed. `asked`,
        `failed`, or `led` where there is none."""
        for stop in reversed(self.stops[:-1]):
            if stop.way == FAILED:
                return "failed"
            if stop.asked:
                return "asked"
        return "led"

    def ends(self, way: str, now: Instant) -> None:
        """The visit is over, at the step that was entered last."""
        stops = self.stops
        if self.waits_at < len(stops):
            stops[self.waits_at].spent += now - self.since
        self.since = now
        stops[-1].way = way
