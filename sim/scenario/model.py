"""One scenario, as everything else of the simulator takes it. All times in ms."""

from __future__ import annotations

from typing import Any

import msgspec

from ctid.centre.settings import CentreSettings
from ctid.core.instants import MINUTE, Duration
from sim.faults.model import NONE, Faults
from sim.world.habits import WorldSettings


class ProductionFiles(msgspec.Struct, frozen=True):
    """Production's files as TOML gives them, with what the scenario overrides: `ctid-sim load`
    starts a real ctid from them."""

    main: dict[str, Any] = {}
    flows: dict[str, dict[str, Any]] = {}
    """By file name."""


class Scenario(msgspec.Struct, frozen=True):
    """The settings of production, and the world around them."""

    name: str
    centre: CentreSettings
    world: WorldSettings
    lasts: Duration
    """From instant 0 to the last arrival; whoever is there then runs out."""
    warm_up: Duration = 0
    """What arrives before this instant is simulated and not counted."""
    interval: Duration = 30 * MINUTE
    """Length of the stretches in which results are told over the day."""
    cost_per_hour: float = 0.0
    """What an agent costs for each hour signed in, in whatever money; 0 = nobody has said."""
    faults: Faults = NONE
    """What goes wrong; `sim.faults.parse` reads it from the file, `sim.faults.beset` drives it."""
    files: ProductionFiles = ProductionFiles()
    """What `centre` was made from."""
    seed: int = 1
    """Where whoever runs it names no other one."""
    doubts: tuple[str, ...] = ()
    """What may well be meant otherwise, a line each; for whoever runs it."""
