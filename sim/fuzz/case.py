"""What one seed stands for: a site, a world around it, and what goes wrong in it."""

from __future__ import annotations

from random import Random

import msgspec

from ctid.centre.settings import CentreSettings
from ctid.core.instants import SECOND
from sim.faults.model import NEVER, NONE, Faults, Spell
from sim.fuzz import busy, sites
from sim.scenario.model import Scenario
from sim.spreads import Exponential, Fixed, Uniform
from sim.world.habits import WorldSettings


class Case(msgspec.Struct, frozen=True):
    """One run of the fuzzer."""

    seed: int
    settings: CentreSettings
    world: WorldSettings
    faults: Faults
    lawful: bool
    """Every fact comes once and in order: at the end the machine knows what the PBX has."""


def case(seed: int, scenario: Scenario | None = None) -> Case:
    """The case of a seed. With a scenario it is its site, world and faults under that seed; where
    it has no faults, random ones."""
    random = Random(f"case {seed}")
    drawn = _faults(random)
    if scenario is not None:
        faults = drawn if scenario.faults == NONE else scenario.faults
        return Case(seed, scenario.centre, scenario.world, faults, _lawful(faults))
    kind = busy.Busy(
        agents=random.randint(1, 6),
        calls=random.randint(1, 40),
        transfers=random.choice((0.0, 0.0, 0.5, 0.9)),
        asides=random.choice((0.0, 0.0, 0.5, 0.9)),
        tasks=random.choice((0, 0, 12)),
        supervisors=random.random() < 0.4,
        callbacks=random.random() < 0.4,
    )
    return Case(seed, sites.made(kind, seed), busy.habits(kind), drawn, _lawful(drawn))


def _lawful(faults: Faults) -> bool:
    return not (faults.doubled or faults.late or faults.lost or faults.link_stall != NEVER)


def _faults(random: Random) -> Faults:
    """Half of all cases have facts in order; each kind of spell is in some."""
    spoilt = random.random() < 0.5

    def share(*values: float) -> float:
        return random.choice(values) if spoilt else 0.0

    def spell(probability: float) -> Spell:
        if random.random() >= probability:
            return NEVER
        return Spell(Exponential(random.choice((4, 15, 40)) * SECOND), Uniform(100, 20_000))

    return Faults(
        seed=random.randrange(10**6),
        doubled=share(0.0, 0.1, 0.4),
        late=share(0.0, 0.1, 0.4),
        lost=share(0.0, 0.0, 0.05),
        link_cut=spell(0.4),
        link_stall=spell(0.2) if spoilt else NEVER,
        engine_restart=spell(0.2),
        pbx_restart=spell(0.15),
        reload_after_cut=random.random() < 0.3,
        phone_silent=spell(0.2),
        phone_unreachable=spell(0.2),
        trunks_full=spell(0.1),
        crm_silent=random.choice((0.0, 0.2)),
        crm_unavailable=random.choice((0.0, 0.2)),
        crm_many=random.choice((0.0, 0.2)),
        crm_slow=random.choice((Fixed(0), Exponential(2 * SECOND))),
        clock_jump=spell(0.1),
        flood=spell(0.1),
        flood_calls=random.randint(5, 30),
        chatter=random.choice((0, 0, 3)),
    )
