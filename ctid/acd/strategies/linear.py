"""Always in the order of the settings."""

from __future__ import annotations

from typing import Final

from ctid.acd.strategies.strategy import Sight, Strategy
from ctid.core.instants import Instant


def _reason(sight: Sight, now: Instant) -> str:
    return f"first available in order, number {sight.agent.order + 1}"


LINEAR: Final = Strategy(lambda sight: sight.agent.order, _reason)
"""The first available agent in the order of the settings: a team with a first and a last resort."""
