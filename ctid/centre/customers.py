"""Who calls: the CRM is asked by number or code, and its answer goes to whoever waits for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ctid.centre.calls import Call
from ctid.core import events as ev
from ctid.core.commands import Command, LookUpCustomer
from ctid.core.instants import Instant
from ctid.screenpop.match import match

if TYPE_CHECKING:
    from ctid.centre.centre import Centre


class Customers:
    """The look-ups of all calls."""

    def __init__(self, centre: Centre) -> None:
        self._centre = centre

    def looked_up(self, event: ev.CustomerLookedUp, now: Instant) -> list[Command]:
        """The CRM's answer: to the screen, and to a code check that waits for it."""
        centre = self._centre
        call = centre.calls.get(event.call)
        if call is None or event.request > call.request:
            return []
        pending = call.session.pending if call.session else ""
        code = pending or call.code
        found = match(event.status, event.customers, code, call.spellings)
        latest = event.request == call.request
        commands: list[Command] = []
        if (latest or call.status == "pending") and call.take(found):
            commands += centre.screens.pops.update(call.id, found, call.identity)
        if latest:
            commands += centre.ranking.known(call, now)
        if latest and pending and call.session is not None:
            status = found.status
            if status in ("found", "many") and found.matched_by != "code":
                status = "none"  # the number is known, the code that was keyed in is not
            commands += centre.menus.checked(call, status, now)
        return commands

    def look_up_again(self, now: Instant) -> list[Command]:
        """Ask for those whose answer an earlier process has taken to its grave."""
        commands: list[Command] = []
        for call in self._centre.calls.values():
            if call.request and call.status == "pending" and call.asked_by != self._centre.boot:
                commands += self.look_up(call, now)
        return commands

    def look_up(self, call: Call, now: Instant, code: str = "") -> list[Command]:
        """Ask for the customer with `code`, or without one for the caller's code and number."""
        code = code or call.code
        if not code and not call.spellings:
            call.status = "none"
            return []
        call.request += 1
        call.asked_by = self._centre.boot
        budget = self._centre.settings.look_up_budget
        return [LookUpCustomer(call.id, call.request, code, call.spellings, budget)]
