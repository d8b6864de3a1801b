"""Keys that callers press while they wait, and what the queue's overflow rules make of them.

A caller is never taken from a phone that rings: a key that is pressed then is kept, and counts when
the ringing comes to nothing. Who talks to an agent has chosen the agent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ctid.acd.contacts import CONNECTED, WAITING, Contact
from ctid.acd.overflow import ToCallback
from ctid.centre.calls import Call
from ctid.core import events as ev
from ctid.core.commands import Announce, Command
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
        moved = self._centre.overflow.pressed(call, contact, event.key, now)
        return self._refused(call, contact, event.key) if moved is None else moved

    def _refused(self, call: Call, contact: Contact, key: str) -> list[Command]:
        """Whoever asks to be called back and cannot be is told why."""
        rules = self._centre.router.queues[contact.queue].overflow.rules
        if not any(rule.key == key and isinstance(rule.to, ToCallback) for rule in rules):
            return []
        why = self._centre.callbacks.refused(call, contact.queue)
        return [Announce(call.id, (why,), self._centre.language_of(call))] if why else []

    def _again(self, contact: Contact, now: Instant) -> list[Command] | None:
        """The phones have rung in vain."""
        call = self._centre.calls[contact.call]
        if call.key and not self._centre.router.frozen:
            key, call.key = call.key, ""
            if (left := self._centre.overflow.pressed(call, contact, key, now)) is not None:
                return left
        return self._otherwise(contact, now)
