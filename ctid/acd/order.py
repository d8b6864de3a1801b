"""Which contact for this agent: one written order over all contacts that the agent may take.

1. The higher priority level. A contact begins at its own level and rises by one for each
   `age_every` of waiting, up to `TOP`.
2. The higher urgency: the queue's weight × the wait, up to `urgency_cap`.
3. The longest wait; then who joined first.

Nothing starves: every contact comes to `TOP` after at most `TOP × age_every` of waiting and to the
cap after at most `urgency_cap`; from then on only contacts that waited longer go before it
(tests/property/test_order.py). Two contacts of one queue and one first level never overtake each
other, so each such group stands in a plain line and only the lines' heads are compared.
"""

from __future__ import annotations

from ctid.acd.contacts import Contact
from ctid.acd.settings import AcdSettings
from ctid.core.instants import Duration, Instant

TOP = 9
"""The highest priority level."""

Rank = tuple[int, int, Instant, int]


def level(contact: Contact, acd: AcdSettings, now: Instant) -> int:
    """The contact's priority level at `now`."""
    return min(TOP, contact.priority + _age(contact, now) // acd.age_every)


def rank(contact: Contact, weight: int, acd: AcdSettings, now: Instant) -> Rank:
    """Lower goes first."""
    urgency = min(acd.urgency_cap, weight * _age(contact, now))
    return (-level(contact, acd, now), -urgency, contact.joined_at, contact.serial)


def settled_after(acd: AcdSettings) -> Duration:
    """The wait after which only contacts that waited longer go first, in milliseconds."""
    return max(TOP * acd.age_every, acd.urgency_cap)


def _age(contact: Contact, now: Instant) -> Duration:
    # The PBX stamps the beginning of a wait with a clock of its own, which may be ahead of ours.
    return max(0, now - contact.joined_at)
