"""What a load run is asked for, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from ctid.core.records import AgentId
from ctid.settings import Settings
from sim.load.measure import Limits, Step
from sim.load.ramp import Ramp
from sim.scenario.model import Scenario

Say = Callable[[str], None]
"""Takes a line of progress."""
Stepped = Callable[[Step], None]
"""Takes each step when it is over."""


class Running(msgspec.Struct, frozen=True):
    """A ctid that runs already."""

    settings: Settings
    """Its config: where it looks for its PBX, and where its FastAGI listens."""
    url: str
    sign_ins: Mapping[AgentId, tuple[str, str]]


class Order(msgspec.Struct, frozen=True):
    """What is to be run."""

    scenario: Scenario
    seed: int = 1
    speed: float | None = None
    """None: 1; in a ramp against a throwaway ctid as `session.HANDLING` says."""
    ramp: Ramp | None = None
    seconds: float = 10.0
    """Length of a ramp's steps; of the whole, without a ramp, at most."""
    limits: Limits = Limits()
    running: Running | None = None
    """None: a throwaway ctid is started."""
    alone: bool = False
    """A stub in place of ctid, without pages: how much this program can play at most."""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it."""

    scenario: str
    seed: int
    speed: float
    agents: int
    ramp: Ramp | None
    limits: Limits
    steps: tuple[Step, ...]
    good: float = 0.0
    """The highest rate of a ramp that held, calls a second."""
    bad: float | None = None
    """The lowest that did not; None: all held."""
    ended_by: str = ""
    """`bad`, `generator`, or empty where all held."""
    alone: bool = False
    """Against a stub: the figures are the load generator's own."""
    troubles: tuple[str, ...] = ()
    """Warnings and errors in the log of a throwaway ctid, the first of them."""

    @property
    def held(self) -> bool:
        """Without a ramp, whether all limits held; in one, whether a rate held at all."""
        return self.good > 0 if self.ramp else all(step.verdict == "good" for step in self.steps)
