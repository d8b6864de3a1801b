"""One world, two drivers: the journal's bytes under simpy and under asyncio on a virtual clock."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import msgspec
import simpy

from ctid.acd.overflow import (
    Overflow,
    Rule,
    ToCallback,
    ToExternal,
    ToMessage,
    ToQueue,
    ToVoicemail,
)
from ctid.app.driver import Driver
from ctid.centre.centre import Centre
from ctid.centre.settings import CentreSettings
from ctid.core.commands import Command
from ctid.core.events import Event
from ctid.core.instants import MINUTE, SECOND, Instant
from ctid.core.journal import Line, encode
from sim import site
from sim.driver import LINGER, SimDriver
from sim.fuzz.supervised import RULES, with_supervisors
from sim.fuzz.supervised import habits as supervisors
from sim.fuzz.tasked import with_tasks
from sim.spreads import Exponential, Fixed
from sim.world.habits import AgentHabits, CallerHabits, PbxHabits, WorldSettings
from sim.world.tasks import TaskHabits
from sim.world.world import World
from tests.fakes import virtual_loop

CUSTOMERS = site.customers()
OVERFLOW = {
    "sales": Overflow((
        Rule(ToQueue("service"), "wait", waited=20 * SECOND), Rule(ToMessage(()), length=20),
        Rule(ToCallback(), "key", key="1"),
    )),
    "service": Overflow((
        Rule(ToExternal("+49301234"), "wait", waited=30 * SECOND),
        Rule(ToVoicemail(), "both", no_agent="ready"),
    )),
}  # fmt: skip


def overflowing() -> CentreSettings:
    """The small site with rules that lead to every kind of place."""
    made = site.settings()
    queues = tuple(
        msgspec.structs.replace(queue, overflow=OVERFLOW[queue.id]) for queue in made.acd.queues
    )
    return msgspec.structs.replace(made, acd=msgspec.structs.replace(made.acd, queues=queues))


def world(seed: int, calls: int) -> tuple[Centre, World]:
    """A centre and its world; every second seed has link cuts, every third is overloaded, every
    fourth has tasks, every other fourth has supervisors, every fifth has overflow rules, and
    in two of seven agents put callers aside."""
    settings = overflowing() if seed % 5 == 1 else site.settings()
    if seed % 4 == 3:
        acd = with_tasks(settings.acd, seed)
        settings = msgspec.structs.replace(settings, acd=acd)
    if supervised := seed % 4 == 2:
        acd = with_supervisors(settings.acd)
        settings = msgspec.structs.replace(settings, acd=acd, supervision=RULES)
    gap = 7 * SECOND if seed % 3 == 0 else 14 * SECOND
    cuts = Exponential(10 * MINUTE) if seed % 2 else Fixed(0)
    habits = WorldSettings(
        callers=CallerHabits(
            calls=calls, arrivals=Exponential(gap), keys_waiting=0.5 if seed % 5 == 1 else 0.0
        ),
        agents=AgentHabits(asides=0.3 if seed % 7 in (1, 3) else 0.0),
        pbx=PbxHabits(cut_every=cuts),
        tasks=TaskHabits(calls if seed % 4 == 3 else 0),
        supervisors=supervisors(supervised),
        customers=CUSTOMERS,
        boot=f"s{seed}",
    )
    return Centre(settings), World(habits, settings.acd, seed)


def under_simpy(seed: int, calls: int, *, check: bool = False) -> list[bytes]:
    """The journal's lines when simpy drives; with `check`, raises where an invariant is broken."""
    centre, pretend = world(seed, calls)
    lines: list[bytes] = []
    driver = SimDriver(
        simpy.Environment(), centre, pretend, lambda line: lines.append(encode(line)), check=check
    )
    driver.run()
    return lines


def under_asyncio(seed: int, calls: int) -> list[bytes]:
    """The journal's lines when the daemon's own driver drives."""
    centre, pretend = world(seed, calls)
    lines: list[bytes] = virtual_loop.run(_drive(centre, pretend))
    return lines


class _Clock:
    def __init__(self, wall_at_zero: int) -> None:
        self._wall_at_zero = wall_at_zero
        self._loop = asyncio.get_running_loop()

    def now(self) -> Instant:
        return round(self._loop.time() * 1000)

    def wall(self) -> int:
        return self._wall_at_zero + self.now()


class _Lines:
    def __init__(self) -> None:
        self.lines: list[bytes] = []

    def write(self, line: Line) -> None:
        self.lines.append(encode(line))


class _Feed:
    """Lets the world happen in asyncio's time: one timer, and facts into the driver's inbox."""

    def __init__(self, centre: Centre, pretend: World) -> None:
        self._loop = asyncio.get_running_loop()
        self._clock = _Clock(pretend.settings.wall_at_zero)
        self.journal = _Lines()
        self.world = pretend
        self.driver = Driver(centre, self._clock, self.journal, self._carry_out, self._defect)
        self.quiet = asyncio.Event()
        self._armed_at: Instant | None = None
        self.arm()

    def arm(self) -> None:
        coming = self.world.next_at()
        if coming is None:
            self.quiet.set()
        elif coming != self._armed_at:
            self.quiet.clear()
            self._loop.call_at(coming / 1000, self._soon, coming)
        self._armed_at = coming

    def _soon(self, at: Instant) -> None:
        # The machine's own timer may be due in this turn of the loop, behind us: let it go first.
        self._loop.call_soon(self._happen, at)

    def _happen(self, at: Instant) -> None:
        if at != self._armed_at:
            return
        self._armed_at = None
        for fact in self.world.take(at):
            self.driver.submit(fact)
        self.arm()

    def _carry_out(self, line: int, commands: Sequence[Command]) -> None:
        self.world.carry_out(commands, self._clock.now())
        self.arm()

    def _defect(self, event: Event | None, error: Exception) -> None:
        raise AssertionError(f"the machine could not take {event}") from error


async def _drive(centre: Centre, pretend: World) -> list[bytes]:
    feed = _Feed(centre, pretend)
    while pretend.next_at() is not None:
        await feed.quiet.wait()
        await asyncio.sleep(LINGER / 1000)
    feed.driver.stop()
    return feed.journal.lines
