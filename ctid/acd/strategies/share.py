"""By what each agent took, against the time in which the agent was there (ctid.acd.shares)."""

from __future__ import annotations

from typing import Final

from ctid.acd.shares import UNIT
from ctid.acd.strategies.strategy import Sight, Strategy, spoken
from ctid.core.instants import Instant


def _contacts(sight: Sight, now: Instant) -> str:
    over = (sight.share.contacts - sight.queue.contacts) / UNIT
    return f"fewest contacts for the time staffed, {over:+.1f} against an even share"


def _talk(sight: Sight, now: Instant) -> str:
    over = (sight.share.talk - sight.queue.talk) // UNIT
    side = "over" if over > 0 else "under"
    return f"least talk for the time staffed, {spoken(abs(over))} {side} an even share"


FEWEST_CONTACTS: Final = Strategy(lambda sight: sight.share.contacts, _contacts)
"""The agent with the fewest contacts of this queue for the time staffed."""

LEAST_TALK: Final = Strategy(lambda sight: sight.share.talk, _talk)
"""The agent with the least talk time in this queue for the time staffed."""
