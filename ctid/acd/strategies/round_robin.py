"""In turn, with memory."""

from __future__ import annotations

from typing import Final

from ctid.acd.strategies.strategy import Sight, Strategy
from ctid.core.instants import Instant


def _reason(sight: Sight, now: Instant) -> str:
    return "next in turn" if sight.share.turn else "next in turn, the first"


ROUND_ROBIN: Final = Strategy(lambda sight: sight.share.turn, _reason)
"""The agent whose last offer of this queue lies furthest back, answered or not. The turns are part
of the state: a restart goes on where it was."""
