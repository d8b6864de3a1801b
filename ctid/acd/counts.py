"""Today's counts of one queue, for the board. The day is the site's."""

from __future__ import annotations

import msgspec

from ctid.core.instants import Duration


class QueueCounts(msgspec.Struct):
    """Counts since the site's midnight; a contact counts in the day in which it happened."""

    offered: int = 0
    answered: int = 0
    abandoned: int = 0
    within: int = 0
    waited_sum: Duration = 0

    def answer(self, waited: Duration, target: Duration) -> None:
        """One contact was bridged after `waited`."""
        self.answered += 1
        self.waited_sum += waited
        self.within += waited <= target
