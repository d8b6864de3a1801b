"""Where a contact stands as its wait grows: in the lines of each open rung of its ladder."""

from __future__ import annotations

from typing import Final

from ctid.acd.contacts import WAITING, Contact
from ctid.acd.pools import Pools
from ctid.core.deadlines import Deadlines
from ctid.core.instants import Instant

RELAX: Final = "relax"


class Standing:
    """See the module. A further rung opens by a deadline of its own."""

    def __init__(self, lines: Pools, deadlines: Deadlines) -> None:
        self._lines = lines
        self._deadlines = deadlines

    def begin(self, contact: Contact, now: Instant) -> None:
        """Join all lines that the contact's age opens: at its old place where it waits again, for
        the key is the original `joined_at`. Places that it had before are void."""
        contact.token += 1
        self._join(contact, 0, now)

    def climb(self, contact: Contact, now: Instant) -> None:
        """Join the lines that have opened, and be woken when the next one does."""
        self._join(contact, contact.rung, now)

    def _join(self, contact: Contact, rung: int, now: Instant) -> None:
        steps, joined_at = self._lines.steps(contact), contact.joined_at
        age = now - joined_at if now > joined_at else 0
        while rung < len(steps) and steps[rung].after <= age:
            steps[rung].pool.add_contact(contact)
            rung += 1
        contact.rung = rung
        if rung < len(steps):
            self._deadlines.arm((RELAX, contact.call), joined_at + steps[rung].after)

    def restore(self, contact: Contact) -> None:
        """The places that the contact had when the state was saved; the settings may have changed
        since. The saved deadlines are armed already."""
        steps = self._lines.steps(contact)
        contact.rung = min(max(contact.rung, 1), len(steps))
        if contact.state != WAITING:
            return
        for step in steps[: contact.rung]:
            step.pool.add_contact(contact)
        if contact.rung < len(steps) and self._deadlines.at((RELAX, contact.call)) is None:
            at = contact.joined_at + steps[contact.rung].after
            self._deadlines.arm((RELAX, contact.call), at)
