"""When a callback is tried again, and when it is given up. Pure rule; `ctid.centre.callbacks` acts.

A callback waits in its queue's line like a caller, at the caller's old place: so it never overtakes
anybody who was ahead, and it is dialled when an agent is there for it. Between two attempts, and
while the hours are over, it rests and stands in no line.
"""

from __future__ import annotations

from typing import Final

import msgspec

from ctid.core.instants import HOUR, MINUTE, SECOND, Duration, Instant
from ctid.core.transitions import Table

WAITING: Final = "waiting"
RESTING: Final = "resting"
TALKING: Final = "talking"
OVER: Final = "over"

CALLBACK_TRANSITIONS: Final[Table] = {
    WAITING: {
        "reached": TALKING,
        "unreached": RESTING,
        "closed": RESTING,
        "given_up": OVER,
        "cancelled": OVER,
    },
    RESTING: {"due": WAITING, "cancelled": OVER},
    TALKING: {"ended": OVER},
}
"""An attempt goes on while an agent's phone rings for a callback that is waiting; whose turn it is,
and that there is one attempt at most, is the contact's own table (ctid.acd.contacts)."""


class CallbackRules(msgspec.Struct, frozen=True):
    """The callbacks of one queue."""

    attempts: int = 3
    """The customer is dialled so often in vain at most."""
    retry_after: Duration = 10 * MINUTE
    """From one attempt to the next, in milliseconds."""
    ring_for: Duration = 30 * SECOND
    """How long the customer's phone rings, in milliseconds."""
    keep: Duration = 24 * HOUR
    """After this time a callback is given up, whatever became of it, in milliseconds."""
    hours: str = ""
    """Nobody is dialled outside these opening hours; empty: at any time."""
    regions: tuple[str, ...] = ()
    """Only numbers of these countries are dialled, ISO 3166; empty: of the site's own."""


def after_attempt(
    rules: CallbackRules, attempts: int, asked_at: Instant, now: Instant
) -> Instant | None:
    """When to try again after so many attempts; None: given up."""
    again = now + rules.retry_after
    return None if attempts >= rules.attempts or again >= asked_at + rules.keep else again
