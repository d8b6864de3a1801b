"""By the time for which an agent has been without a contact."""

from __future__ import annotations

from typing import Final

from ctid.acd.strategies.strategy import Sight, Strategy, spoken
from ctid.core.instants import Instant


def _idle(sight: Sight, now: Instant) -> str:
    return f"longest idle {spoken(now - sight.agent.idle_since)}"


def _shortest(sight: Sight, now: Instant) -> str:
    return f"shortest idle {spoken(now - sight.agent.idle_since)}"


def _since_contact(sight: Sight, now: Instant) -> str:
    return f"last contact {spoken(now - sight.agent.last_contact)} ago, the longest"


LONGEST_IDLE: Final = Strategy(lambda sight: sight.agent.idle_since, _idle)
"""The agent who has been available for the longest time; a break begins it anew."""

LONGEST_SINCE_CONTACT: Final = Strategy(lambda sight: sight.agent.last_contact, _since_contact)
"""The agent whose last contact ended longest ago, breaks or not."""

SHORTEST_IDLE: Final = Strategy(lambda sight: -sight.agent.idle_since, _shortest)
"""The agent who became available last: keeps a few busy and leaves the others long quiet spells,
for work on the side."""
