"""One replication: the real centre in a world of its own, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import simpy

from ctid.centre.centre import Centre
from ctid.core.commands import Command
from ctid.core.errors import CtidError
from ctid.core.instants import HOUR, Duration, Instant
from sim.driver import SimDriver, Watch, Write
from sim.faults.beset import beset
from sim.faults.model import NONE
from sim.run.collector import Collector
from sim.run.outcome import Outcome
from sim.scenario.model import Scenario
from sim.world.world import World

RUN_OUT: Duration = 7 * 24 * HOUR
"""How long after its last arrival a scenario may go on."""
AT_ONCE = 1_000_000
"""How often in a row the centre may act at one and the same instant."""


class NeverEnds(CtidError):
    """A scenario goes on and on; look at what callers and agents do at that time."""


class Limits:
    """Between driver and collector: ends what would run for ever."""

    def __init__(self, name: str, lasts: Duration, collector: Collector) -> None:
        self._name = name
        self._until = lasts + RUN_OUT
        self._collect = collector.follow
        self._now: Instant = -1
        self._same = 0

    def follow(self, commands: Sequence[Command], now: Instant) -> None:
        if now != self._now:
            self._now, self._same = now, 0
            if now > self._until:
                raise NeverEnds(
                    f"{self._name}: {RUN_OUT // HOUR} hours after the last arrival there is still"
                    " something going on; who redials, waits or works without end?"
                )
        self._same += 1
        if self._same > AT_ONCE:
            raise NeverEnds(
                f"{self._name}: at {now} ms the centre acts {AT_ONCE} times without that time"
                " passes; which two rules send each other the same caller?"
            )
        self._collect(commands, now)


def replicate(
    scenario: Scenario,
    seed: int,
    number: int,
    *,
    write: Write | None = None,
    check: bool = False,
    decisions: bool = False,
    watch: Watch | None = None,
) -> Outcome:
    """Replication `number` of the scenario under `seed`: a function of these three.

    Another scenario under the same seed and number has the same callers, as far as the two have
    callers alike: each entity of a world draws from a stream of its own.

    Args:
        write: takes the journal's lines, as they come.
        check: hold all that must be true of the machine against each fact; always where there
            are faults.
        decisions: keep why each call went where it went; grows with the calls.
        watch: measures how long the machine takes.

    Raises:
        NeverEnds: the world does not come to rest.
        InvariantBroken: with `check` (ctid.centre.invariants).
    """
    # Offer ids, and with them the router's own draws, follow from this name.
    boot = f"{scenario.world.boot}-{seed}.{number}"
    settings = msgspec.structs.replace(scenario.world, boot=boot)
    centre = Centre(scenario.centre)
    world = World(settings, scenario.centre.acd, f"{seed}/{number}")
    collector = Collector(
        scenario.centre, lambda: driver.centre.epoch, scenario.warm_up, scenario.lasts,
        scenario.interval, keep_decisions=decisions,
    )  # fmt: skip
    follow = Limits(scenario.name, scenario.lasts, collector).follow
    if scenario.faults == NONE:
        driver = SimDriver(
            simpy.Environment(), centre, world, write, follow=follow, check=check, watch=watch
        )
    else:
        # Faults may end the machine and start another; what must hold is always looked at.
        seeds = f"{seed}/{number}"
        driver = beset(
            centre, world, scenario.faults, seeds, write=write, follow=follow, watch=watch
        ).driver
    now = driver.run()
    outcome = collector.outcome(number, driver.events, now)
    outcome.busy, outcome.redials = world.tally.blocked, world.tally.redials
    outcome.arrived = world.tally.arrived
    return outcome
