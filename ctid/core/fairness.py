"""How evenly a queue's agents were loaded in one hour: the record of it."""

from __future__ import annotations

from typing import Final

import msgspec

from ctid.core.instants import Duration, WallMs
from ctid.core.records import QueueId

WHOLE: Final = 10_000
"""1, in the shares below: ten-thousandths are whole numbers, exact in journal and database."""


class Fairness(msgspec.Struct, frozen=True):
    """One queue in one wall hour of the site. `ctid.acd.fairness` has each formula.

    An agent counts once staffed for five minutes of the hour. With fewer than two such agents
    there is nothing to compare: spreads and the gap are 0, the indices 1.
    """

    queue: QueueId
    began_at: WallMs
    """When the hour began; the count of it may have begun later, with the process."""
    agents: int
    """How many of the queue's agents are compared."""
    staffed: Duration
    """Sum of their time ready, ringing, talking or in wrap-up, in milliseconds."""
    occupancy: int
    """Their occupancy taken together, in ten-thousandths."""
    occupancy_spread: int
    """Largest minus smallest occupancy of an agent, in ten-thousandths."""
    occupancy_deviation: int
    """Standard deviation of the agents' occupancies, in ten-thousandths."""
    idle_gap: Duration
    """Longest minus shortest mean idle time of an agent before an offer, in milliseconds."""
    jain_time: int
    """Jain's index over ringing and talk per staffed time, in ten-thousandths; 10,000 is even."""
    jain_contacts: int
    """Jain's index over contacts per staffed time, in ten-thousandths; 10,000 is even."""
