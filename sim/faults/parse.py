"""The `[faults]` of a scenario file. Times there are in seconds, here in ms."""

from __future__ import annotations

from typing import Any

from ctid.core.instants import SECOND, Instant
from ctid.settings.table import LONGEST_TIME_S, Table
from sim.faults.model import NONE, Faults, Spell
from sim.spreads import Exponential, Fixed, Spread

SHARES = ("doubled", "late", "lost", "crm_silent", "crm_unavailable", "crm_many")
SPELLS = (
    "link_cut", "link_stall", "engine_restart", "pbx_restart", "phone_silent",
    "phone_unreachable", "trunks_full", "crm_down", "clock_jump", "flood",
)  # fmt: skip


def parse(table: Table) -> Faults:
    """Reads the table to its end; what is wrong becomes problems of its file."""
    # One kind of value for all the fields of one kind: a checker of types cannot tell which.
    shares: dict[str, Any] = {key: _share(table, key) for key in SHARES}
    spells: dict[str, Any] = {key: _spell(table.table(key)) for key in SPELLS}
    found = Faults(
        seed=table.whole("seed", 0, 0, 2**31),
        doubled_within=table.seconds("doubled_within_s", NONE.doubled_within),
        late_by=table.seconds("late_by_s", NONE.late_by),
        reload_after_cut=table.flag("reload_after_cut", NONE.reload_after_cut),
        crm_slow=_mean(table, "crm_slow_s"),
        clock_jump_by=table.seconds("clock_jump_by_s", NONE.clock_jump_by),
        flood_calls=table.whole("flood_calls", NONE.flood_calls, 1, 100_000),
        chatter=table.whole("chatter", NONE.chatter, 0, 1000),
        **shares,
        **spells,
    )
    asked = ("crm_silent", "crm_unavailable", "crm_many")
    if sum(getattr(found, key) for key in asked) > 1:
        table.wrong(asked[0], f"and {', '.join(asked[1:])} are over 1 together; lower one of them")
    table.close()
    return found


def _spell(table: Table) -> Spell:
    """`every_s`: mean of an exponential spread; `lasts_s`: always so long; `at_s`: instants."""
    every = _mean(table, "every_s")
    lasts = Fixed(table.seconds("lasts_s", 10 * SECOND))
    spell = Spell(every, lasts, _instants(table))
    table.close()
    return spell


def _mean(table: Table, key: str) -> Spread:
    mean = table.seconds(key, 0, zero=True)
    return Exponential(mean) if mean else Fixed(0)


def _share(table: Table, key: str) -> float:
    value = table.any(key, 0.0)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        table.wrong(key, f"{value!r} is no share; use 0 to 1, 0.01 for one in a hundred")
        return 0.0
    return float(value)


def _instants(table: Table) -> tuple[Instant, ...]:
    value = table.any("at_s", [])
    good = isinstance(value, list) and all(
        isinstance(at, int | float) and not isinstance(at, bool) and 0 < at <= LONGEST_TIME_S
        for at in value
    )
    if not good:
        table.wrong("at_s", f"{value!r} does not fit; write seconds from the start, [3600, 7200]")
        return ()
    return tuple(sorted(round(at * SECOND) for at in value))
