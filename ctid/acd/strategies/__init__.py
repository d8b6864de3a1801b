"""Which agent for this contact. A strategy is an order of the available agents, and says why.

Adding one takes one file in this folder and one line in `STRATEGIES`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ctid.acd.strategies.idle import (
    LONGEST_IDLE,
    LONGEST_SINCE_CONTACT,
    SHORTEST_IDLE,
)
from ctid.acd.strategies.linear import LINEAR
from ctid.acd.strategies.randomly import RANDOM, WEIGHTED_RANDOM
from ctid.acd.strategies.round_robin import ROUND_ROBIN
from ctid.acd.strategies.share import FEWEST_CONTACTS, LEAST_TALK
from ctid.acd.strategies.strategy import Sight, Strategy, spoken

STRATEGIES: Final[Mapping[str, Strategy]] = {
    "longest_idle": LONGEST_IDLE,
    "longest_since_contact": LONGEST_SINCE_CONTACT,
    "shortest_idle": SHORTEST_IDLE,
    "fewest_contacts": FEWEST_CONTACTS,
    "least_talk": LEAST_TALK,
    "round_robin": ROUND_ROBIN,
    "linear": LINEAR,
    "random": RANDOM,
    "weighted_random": WEIGHTED_RANDOM,
}

__all__ = ["STRATEGIES", "Sight", "Strategy", "spoken"]
