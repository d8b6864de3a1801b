"""Today's counts of one queue, for the board. The day is the site's."""

from __future__ import annotations

from dataclasses import dataclass

from ctid.acd.overflow import Kind
from ctid.core.instants import Duration


@dataclass(slots=True)
class QueueCounts:
    """Counts since the site's midnight; a contact counts in the day in which it happened."""

    offered: int = 0
    answered: int = 0
    abandoned: int = 0
    within: int = 0
    waited_sum: Duration = 0
    closed: int = 0
    """Moved or turned away by an overflow rule, by what it says: outside the opening hours."""
    no_agent: int = 0
    full: int = 0
    """Too many waited already."""
    timed_out: int = 0
    """Had waited, or would have to wait, too long."""
    by_key: int = 0
    """Pressed a key that leads elsewhere."""
    overflowed: int = 0
    """Of those five, the ones who went on to another queue or number."""
    called_back: int = 0
    """Customers who were reached by a callback; they are among none of the others."""

    def answer(self, waited: Duration, target: Duration) -> None:
        """One contact was bridged after `waited`."""
        self.answered += 1
        self.waited_sum += waited
        self.within += waited <= target

    def overflow(self, kind: Kind, *, goes_on: bool) -> None:
        """A rule moved one contact; `goes_on`: to another queue or number."""
        setattr(self, kind, getattr(self, kind) + 1)
        self.overflowed += goes_on
