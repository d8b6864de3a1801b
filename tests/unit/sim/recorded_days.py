"""Days recorded by the simulator itself: journals of which everything is known."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec
import simpy

from ctid import __version__
from ctid.centre.centre import Centre
from ctid.centre.replay import feed
from ctid.centre.settings import CentreSettings
from ctid.core.instants import Epoch
from ctid.core.journal import FORMAT, Header, Line, encode
from sim import site
from sim.driver import SimDriver
from sim.run.collector import Collector
from sim.run.outcome import Outcome
from sim.spreads import Exponential, Uniform
from sim.world.habits import AgentHabits, CallerHabits, WorldSettings
from sim.world.world import World

CALLS = 120
HABITS = AgentHabits(
    answer=Uniform(1_000, 6_000), no_answer=0.04, breaks=0.06, private_call=0.02, screen_lost=0.0
)


def world(calls: int = CALLS, between: int = 15_000) -> WorldSettings:
    """Callers of whom some nine in a hundred give up with eight agents."""
    callers = CallerHabits(calls=calls, arrivals=Exponential(between))
    return WorldSettings(callers=callers, agents=HABITS, customers=site.customers())


def record(
    seed: int, settings: CentreSettings, of: WorldSettings | None = None
) -> tuple[list[Line], Outcome]:
    """The journal's lines, and the figures of the very run."""
    lines: list[Line] = []
    centre = Centre(settings)
    made = of or world()
    collector = Collector(settings, lambda: Epoch(made.wall_at_zero), 0, 2 * 3_600_000, 1_800_000)
    driver = SimDriver(
        simpy.Environment(), centre, World(made, settings.acd, f"day{seed}"), lines.append,
        follow=collector.follow,
    )  # fmt: skip
    now = driver.run()
    return lines, collector.outcome(0, 0, now)


def write(
    file: Path, settings: CentreSettings, lines: Sequence[Line], state: bytes = b"null"
) -> Path:
    """A journal file."""
    made = msgspec.json.encode(settings)
    header = Header(FORMAT, __version__, msgspec.Raw(made), msgspec.Raw(state))
    file.write_bytes(encode(header) + b"".join(encode(line) for line in lines))
    return file


def split(folder: Path, settings: CentreSettings, lines: Sequence[Line], at: int) -> list[Path]:
    """Two files, the second beginning with the machine's state as ctid writes it."""
    centre = Centre(settings)
    for line in lines[:at]:
        feed(centre, line)
    state = msgspec.json.encode(centre.dump())
    first, second = folder / f"{1:012d}.ctid", folder / f"{at + 1:012d}.ctid"
    return [
        write(first, settings, lines[:at]),
        write(second, settings, lines[at:], state),
    ]
