"""Keys that callers press while they wait, and what the queue's overflow rules make of them.

A caller is never taken from a phone that rings: a key that is pressed then is kept, and counts when
the ringing comes to nothing. Who talks to an agent has chosen the agent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ctid.acd.contacts import CONNECTED, WAITING, Contact
from ctid.core import events as ev
from ctid.core.commands import Command
from ctid.core.instants import Instant

if TYPE_CHECKING:
    from ctid.centre.centre import Centre


class Keys:
    """See the module."""

    def __init__(self, centre: Centre) -> None:
        self._centre = centre
        self._otherwise = centre.router.again
        centre.router.again = self._again

    def pressed(self, event: ev.KeyPressed, now: Instant) -> list[Command]:
        """A caller in the PBX's queue has pressed a key; one that means nothing is passed over."""
        contact = self._centre.router.contacts.get(event.call)
        if contact is None or contact.state == CONNECTED:
            return []
        if self._centre.router.frozen:
            return []  # nothing can be ordered; the caller will press it again
        call = self._centre.calls[event.call]
        if contact.state != WAITING:
            call.key = event.key
            return []
        return self._centre.overflow.pressed(call, contact, event.key, now) or []

    def _again(self, contact: Contact, now: Instant) -> list[Command] | None:
        """The phones have rung in vain."""
        call = self._centre.calls[contact.call]
        if call.key and not self._centre.router.frozen:
            key, call.key = call.key, ""
            if (left := self._centre.overflow.pressed(call, contact, key, now)) is not None:
                return left
        return self._otherwise(contact, now)
