"""How often a PIN may be wrong: `[identity]`."""

from __future__ import annotations

from ctid.core.instants import SECOND, Duration
from ctid.ivr.identity_rules import IdentityRules, Limit
from ctid.settings.table import Table

LONGEST_CHECK: Duration = 10 * SECOND
"""The conversation with the PBX waits for the next command no longer than 15 s."""


def read_identity(main: Table) -> IdentityRules:
    """The limits, and how long the CRM may take."""
    table = main.table("identity")
    rules = IdentityRules()
    rules = IdentityRules(
        caller=_limit(table, "caller", rules.caller),
        code=_limit(table, "code", rules.code),
        check=table.seconds("check_s", rules.check),
    )
    if rules.check > LONGEST_CHECK:
        what = f"{rules.check / SECOND:g} is too long for a caller who waits"
        table.wrong("check_s", f"{what}; use {LONGEST_CHECK / SECOND:g} or less")
    table.close()
    return rules


def _limit(table: Table, whose: str, default: Limit) -> Limit:
    return Limit(
        table.whole(f"{whose}_tries", default.tries, 1, 100),
        table.seconds(f"{whose}_window_s", default.window),
        table.seconds(f"{whose}_lock_s", default.lock),
    )
