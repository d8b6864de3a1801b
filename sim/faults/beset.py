"""One call that puts machine, world, faults and driver together."""

from __future__ import annotations

from typing import NamedTuple

import simpy

from ctid.centre.centre import Centre
from sim.driver import Follow, SimDriver, Watch, Write
from sim.faults.engine import Engine
from sim.faults.model import Faults
from sim.faults.world import FaultyWorld
from sim.world.world import World


class Beset(NamedTuple):
    """A driver whose world has faults."""

    driver: SimDriver
    world: FaultyWorld
    engine: Engine


def beset(
    centre: Centre,
    world: World,
    faults: Faults,
    seed: object,
    *,
    env: simpy.Environment | None = None,
    write: Write | None = None,
    follow: Follow | None = None,
    check: bool = True,
    watch: Watch | None = None,
) -> Beset:
    """Call `.driver.run()` next. `seed` is the replication's, with which the faults' own seed is
    mixed; the others are SimDriver's. `.driver.centre` is the machine that was started last."""
    engine = Engine(centre, write)
    faulty = FaultyWorld(world, faults, seed, engine)
    driver = SimDriver(
        env or simpy.Environment(), centre, faulty, engine.note, follow=follow, check=check,
        watch=watch,
    )  # fmt: skip
    engine.attach(driver)
    return Beset(driver, faulty, engine)
