"""How many phones ring for one contact at once: one after the other, all, or ever more of them.

Which agent is first, and which the next, is the strategy's say in each of these. However many ring,
one agent gets the contact: the dialplan lets the first who answers through, and the machine ends
the others' ringing when it hears of the talk.
"""

from __future__ import annotations

from typing import Final

import msgspec

from ctid.core.instants import SECOND, Duration

RING_MORE: Final = "ring_more"

ONE: Final = "one"
ALL: Final = "all"
PROGRESSIVELY: Final = "progressively"
MODES: Final = (ONE, ALL, PROGRESSIVELY)


class Ringing(msgspec.Struct, frozen=True):
    """A queue's way to ring."""

    mode: str = ONE
    more_after: Duration = 5 * SECOND
    """How long before further phones join in, in milliseconds; not where the mode is `one`."""
    at_most: int = 20
    """So many phones at once where the mode is not `one`."""

    def more(self, ringing: int) -> int:
        """How many phones may begin to ring beside the `ringing` ones."""
        if self.mode == ONE:
            return 0 if ringing else 1
        left = max(0, self.at_most - ringing)
        return left if self.mode == ALL else min(left, 1)
