"""One scenario, as everything else of the simulator takes it. All times in ms."""

from __future__ import annotations

import msgspec

from ctid.centre.settings import CentreSettings
from ctid.core.instants import MINUTE, Duration
from sim.world.habits import WorldSettings


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
