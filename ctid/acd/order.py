"""Which contact for this agent: one written order over all contacts that the agent may take.

1. The higher priority level. A contact begins at its own level and rises by one for each
   `age_every` of waiting, up to `TOP`.
2. The higher urgency: the queue's weight × its own × the wait, up to `urgency_cap`.
3. The longest wait; then who joined first.

A contact with a deadline counts as having joined `settled_after` before it, whenever it came:
until then it stands behind every caller of its level, and from the deadline on nothing goes before
it but what has waited longer. So inbound calls come first, and tasks are still done in time.

Nothing starves: every contact comes to `TOP` after at most `TOP × age_every` of waiting and to the
cap after at most `urgency_cap`; from then on only contacts that waited longer go before it
(tests/unit/acd/test_order.py). Two contacts of one queue, one first level and one weight never
overtake each other, so each such group stands in a plain line and only the lines' heads are
compared.
"""

from __future__ import annotations

from typing import Final

from ctid.acd.contacts import Contact
from ctid.acd.settings import AcdSettings
from ctid.core.instants import Duration, Instant

TOP: Final = 9
"""The highest priority level."""

Rank = tuple[int, int, Instant, int]


def level(contact: Contact, acd: AcdSettings, now: Instant) -> int:
    """The contact's priority level at `now`."""
    return min(TOP, contact.priority + _age(contact, now) // acd.age_every)


def rank(contact: Contact, weight: int, acd: AcdSettings, now: Instant) -> Rank:
    """Lower goes first."""
    urgency = min(acd.urgency_cap, weight * contact.weight * _age(contact, now))
    return (-level(contact, acd, now), -urgency, contact.place, contact.serial)


def settled_after(acd: AcdSettings) -> Duration:
    """The wait after which only contacts that waited longer go first, in milliseconds."""
    return max(TOP * acd.age_every, acd.urgency_cap)


def _age(contact: Contact, now: Instant) -> Duration:
    # The PBX stamps the beginning of a wait with a clock of its own, which may be ahead of ours.
    return now - contact.place if now > contact.place else 0


def shift(joined_at: Instant, deadline: Instant | None, acd: AcdSettings) -> Duration:
    """By how much later than it joined a contact with that deadline stands."""
    return 0 if deadline is None else deadline - settled_after(acd) - joined_at
