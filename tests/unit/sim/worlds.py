"""A world around a centre, run to its end, for tests that look at what became of its callers."""

from __future__ import annotations

import simpy

from ctid.centre.centre import Centre
from ctid.centre.settings import CentreSettings
from ctid.core import events as ev
from ctid.core.commands import CallClosed
from ctid.core.journal import Line
from ctid.core.records import CallRecord
from sim import site
from sim.driver import SimDriver
from sim.world.habits import WorldSettings
from sim.world.plan import with_doors
from sim.world.world import World


class Ran:
    """What happened, in the order in which it did."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.lines: list[Line] = []

    def facts(self, kind: type[ev.Event]) -> list[tuple[int, ev.Event]]:
        """(instant, fact) of that kind."""
        return [(line.t, line.e) for line in self.lines if isinstance(line.e, kind)]

    def arrivals(self) -> list[tuple[int, ev.CallArrived]]:
        """(instant, call)."""
        return [(line.t, line.e) for line in self.lines if isinstance(line.e, ev.CallArrived)]

    def records(self) -> dict[str, CallRecord]:
        """Of all calls, by id."""
        said = (one for line in self.lines for one in line.c)
        return {one.record.call: one.record for one in said if isinstance(one, CallClosed)}


def run(habits: WorldSettings, seed: object = 1, settings: CentreSettings | None = None) -> Ran:
    """The world with the small site, or with these settings, until all is quiet; invariants are
    looked at."""
    settings = with_doors(settings or site.settings())
    world = World(habits, settings.acd, seed)
    ran = Ran(world)
    SimDriver(simpy.Environment(), Centre(settings), world, ran.lines.append, check=True).run()
    return ran
