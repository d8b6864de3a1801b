"""What goes wrong around the machine, and how often: a part of a scenario. All times in ms.

Every kind of fault draws from a stream of its own, so that one more kind changes nothing of what
the others do; 0 everywhere is a world without faults.
"""

from __future__ import annotations

import msgspec

from ctid.core.instants import SECOND, Duration, Instant
from sim.spreads import Fixed, Spread


class Spell(msgspec.Struct, frozen=True):
    """Something that comes, lasts and goes, as long as callers are there or to come."""

    every: Spread = Fixed(0)
    """From the beginning of the run, or the end of the last spell, to the next; 0 = never."""
    lasts: Spread = Fixed(10 * SECOND)
    at: tuple[Instant, ...] = ()
    """These instants of the run besides."""


NEVER = Spell()


class Faults(msgspec.Struct, frozen=True):
    """All faults of one run."""

    seed: int = 0
    """Another seed, other instants; the callers and agents stay as they are."""

    # -- facts on their way from the PBX, the pages and the CRM --

    doubled: float = 0.0
    """Share of facts that come twice, the second time within `doubled_within`."""
    doubled_within: Duration = 5 * SECOND
    late: float = 0.0
    """Share of facts that come up to `late_by` late, while others overtake them."""
    late_by: Duration = 3 * SECOND
    lost: float = 0.0
    """Share of the PBX's facts that never come although the link is up. No real link does that, but
    a defect may; the next inventory mends it, and one is taken at the end."""

    # -- the link, the processes --

    link_cut: Spell = NEVER
    """The AMI link is down: facts are lost and orders do not arrive."""
    link_stall: Spell = NEVER
    """The AMI link hangs: facts come all at once, in order, when the spell is over."""
    engine_restart: Spell = NEVER
    """ctid is killed (kill -9) and starts again after `lasts`, from its journal."""
    pbx_restart: Spell = NEVER
    """Asterisk is gone with every call, and is back after `lasts`."""
    reload_after_cut: bool = False
    """At each inventory the machine is loaded from its state, without a moment's delay."""

    # -- phones and trunks --

    phone_silent: Spell = NEVER
    """One agent's phone rings and nobody picks it up."""
    phone_unreachable: Spell = NEVER
    """One agent's phone is not there for the PBX."""
    trunks_full: Spell = NEVER
    """No call comes in, and none goes out."""

    # -- the CRM --

    crm_silent: float = 0.0
    """Share of look-ups that end in a time-out."""
    crm_unavailable: float = 0.0
    """Share of look-ups that fail at once."""
    crm_many: float = 0.0
    """Share of look-ups with several customers for an answer."""
    crm_slow: Spread = Fixed(0)
    """So much longer takes every answer."""
    crm_down: Spell = NEVER
    """Every look-up ends in a time-out."""

    # -- clock and load --

    clock_jump: Spell = NEVER
    """The clock on the wall jumps; how long the spell lasts means nothing."""
    clock_jump_by: Duration = 3_600 * SECOND
    """At most so far, forwards or back."""
    flood: Spell = NEVER
    """Many more calls within the spell."""
    flood_calls: int = 50
    """So many in each."""
    chatter: int = 0
    """So often each change of a phone's state is told again in the same instant."""


NONE = Faults()
"""A world without faults."""
