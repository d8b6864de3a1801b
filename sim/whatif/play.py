"""One playing of a recorded day through settings: figures, and what became of each caller."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import simpy

from ctid.centre.centre import Centre
from ctid.centre.settings import CentreSettings
from ctid.core import commands as cmd
from ctid.core.commands import Command
from ctid.core.instants import MINUTE, Duration, Epoch, Instant
from sim.calibrate.records import NOT_CALLERS, OUR_TURN
from sim.driver import SimDriver, Write
from sim.run.collector import Collector
from sim.run.outcome import Outcome
from sim.run.replication import Limits
from sim.whatif.draws import Draws
from sim.whatif.facts import Day
from sim.whatif.world import RecordedWorld

INTERVAL: Duration = 30 * MINUTE
BOOT = "day"


class End(msgspec.Struct, frozen=True, gc=False):
    """What became of one caller in one playing."""

    outcome: str
    queue: str
    agent: str
    waited: Duration
    talked: Duration = 0


class Played(msgspec.Struct, frozen=True):
    """One playing."""

    outcome: Outcome
    ends: tuple[End | None, ...]
    """By place in the day; None for a caller who has no end, which is a defect."""
    guessed: int
    """Questions of menus that the day's callers were not asked then."""


def play(
    day: Day,
    settings: CentreSettings,
    seed: int,
    number: int,
    *,
    draws: Draws | None = None,
    write: Write | None = None,
    check: bool = False,
) -> Played:
    """The day through `settings`, with what it does not tell drawn by `seed` and `number`: the same
    for the same caller, whatever the settings.

    Args:
        draws: the day's laws, where they are at hand.
        write: takes the journal's lines.
        check: hold all that must be true of the machine against each fact.

    Raises:
        NeverEnds: these settings send somebody to and fro for ever.
    """
    world = RecordedWorld(settings.acd, day, draws or Draws(day), BOOT, f"{seed}/{number}")
    centre = Centre(settings)
    collector = collect(settings, day)
    within = Limits("the day", day.lasts, collector)
    ends: list[End | None] = [None] * len(day.callers)

    def follow(commands: Sequence[Command], now: Instant) -> None:
        within.follow(commands, now)
        for command in commands:
            if isinstance(command, cmd.CallClosed) and not OUR_TURN.search(command.record.call):
                record = command.record
                if record.outcome not in NOT_CALLERS:
                    place = int(record.call.rpartition(".")[2]) - 1
                    ends[place] = End(
                        record.outcome, record.queue, record.agent, record.waited, record.talked
                    )

    driver = SimDriver(simpy.Environment(), centre, world, write, follow=follow, check=check)
    now = driver.run()
    return Played(collector.outcome(number, driver.events, now), tuple(ends), world.answers.guessed)


def collect(settings: CentreSettings, day: Day) -> Collector:
    """Sums over the day, in the day's own time."""
    epoch = Epoch(day.wall_at_zero)
    return Collector(settings, lambda: epoch, 0, day.lasts, INTERVAL)


def recorded(day: Day) -> Outcome:
    """The same sums of what has really happened."""
    collector = collect(day.settings, day)
    for now, commands in day.said:
        collector.follow(commands, now)
    return collector.outcome(-1, 0, day.lasts)
