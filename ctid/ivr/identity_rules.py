"""How often a PIN may be wrong, and how long the CRM may take to say so. All times in ms."""

from __future__ import annotations

import msgspec

from ctid.core.instants import MINUTE, SECOND, Duration


class Limit(msgspec.Struct, frozen=True):
    """So many tries, and no more, within any stretch of that length."""

    tries: int
    """Wrong ones, and those whose answer is still out."""
    window: Duration
    lock: Duration
    """No PIN is taken for so long after the last wrong one that was allowed."""


class IdentityRules(msgspec.Struct, frozen=True):
    """Both limits hold at once."""

    caller: Limit = Limit(5, 15 * MINUTE, 30 * MINUTE)
    """For each number that calls; of a hidden one for each call."""
    code: Limit = Limit(5, 60 * MINUTE, 60 * MINUTE)
    """For each customer code, whoever calls."""
    check: Duration = 3 * SECOND
    """How long the caller waits for the CRM."""
