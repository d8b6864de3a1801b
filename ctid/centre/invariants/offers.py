"""What must hold of each order to ring: to whom, when, and how often for one callback."""

from __future__ import annotations

from collections import Counter

from ctid.centre.centre import Centre
from ctid.centre.invariants.broken import must
from ctid.core.commands import CallClosed, LegClosed, RingAgent
from ctid.core.events import Event, Inventory, LinkLost, Started
from ctid.core.instants import Instant
from ctid.core.records import AgentId, CallId


def check_reach(centre: Centre, ring: RingAgent, now: Instant) -> None:
    """Nobody's phone rings for a contact that the settings keep from them."""
    contact = centre.router.contacts.get(ring.call)
    if contact is None or contact.queue != ring.queue:
        return  # gone, or elsewhere, by the end of the same fact
    profile = centre.settings.acd.agents[centre.router.staff.agents[ring.agent].order]
    age = now - contact.joined_at
    steps = centre.router.lines.steps(contact)
    open_steps = (step for step in steps if step.after <= age)
    meant = any(step.pool.reach.holds(profile) for step in open_steps)
    must(meant, "who rings may take that contact by now", ring.agent, contact)


class Link:
    """No phone rings while the link is down."""

    def __init__(self, centre: Centre) -> None:
        self._up = not centre.router.frozen

    def said(self, event: Event | None) -> None:
        """Before what followed from it is looked at."""
        if isinstance(event, Started | LinkLost):
            self._up = False
        elif isinstance(event, Inventory):
            self._up = True

    def rings(self, ring: RingAgent) -> None:
        """One order to ring."""
        must(self._up, "nobody is offered while the link is down", ring)


class Places:
    """Who waits keeps the place in line, whatever becomes of offers (F1, F3, F4, F12)."""

    def __init__(self) -> None:
        self._joined: dict[CallId, tuple[int, Instant]] = {}
        """By call: the number of its joining, and since when it counts as waiting."""

    def check(self, centre: Centre) -> None:
        """After every fact."""
        known, self._joined = self._joined, {}
        for contact in centre.router.contacts.values():
            serial, joined_at = known.get(contact.call, (contact.serial, contact.joined_at))
            same = serial != contact.serial or joined_at == contact.joined_at
            must(same, "who waits keeps the place", contact, joined_at)
            self._joined[contact.call] = contact.serial, contact.joined_at


class Dials:
    """A customer is dialled once in each turn of a callback, and so often as the rules say."""

    def __init__(self) -> None:
        self._picked_up: dict[CallId, AgentId] = {}
        """Turns in which an agent has picked up, so that the customer's phone may have rung."""
        self._in_vain: Counter[CallId] = Counter()

    def rings(self, ring: RingAgent) -> None:
        """One order to ring."""
        if ring.dial is not None:
            before = self._picked_up.get(ring.call, "")
            must(not before, "a customer is dialled once in a turn", ring.call, before)

    def ends(self, leg: LegClosed) -> None:
        """One leg is over; whether it was to dial, `rings` tells."""
        if leg.record.answered_at and "-cb" in leg.record.call:
            self._picked_up[leg.record.call] = leg.record.agent

    def closed(self, centre: Centre, command: CallClosed) -> None:
        """One turn is over."""
        record = command.record
        self._picked_up.pop(record.call, None)
        if record.outcome == "not_reached":
            callback = record.call.rpartition("-cb")[0]
            self._in_vain[callback] += 1
            rules = max(queue.callback.attempts for queue in centre.router.queues.values())
            times = self._in_vain[callback]
            must(times <= rules, "a callback is tried so often and no more", callback, times)
