"""Who calls: the CRM is asked by number or code, and its answer goes to whoever waits for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ctid.centre.calls import Call
from ctid.core import events as ev
from ctid.core.commands import Command, LookUpCustomer
from ctid.core.instants import Instant
from ctid.core.records import LookUpStatus
from ctid.screenpop.match import match

if TYPE_CHECKING:
    from ctid.centre.centre import Centre

CHECK_OVERDUE: Final = "check"


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
        session = call.session
        pending = session.pending or session.sought if session else ""
        code = pending or call.code
        found = match(event.status, event.customers, code, call.spellings)
        latest = event.request == call.request
        call.answered_request = max(call.answered_request, event.request)
        commands: list[Command] = []
        if (latest or call.status == "pending") and call.take(found):
            commands += centre.screens.pops.update(call.id, found, call.identity)
        if latest:
            commands += centre.ranking.known(call, now)
        if latest and session is not None and (pending or session.finding):
            status = found.status
            if pending and status in ("found", "many") and found.matched_by != "code":
                status = "none"  # the number is known, the code that was keyed in is not
            answer = centre.menus.found if session.finding else centre.menus.checked
            commands += answer(call, status, now)
        return commands

    def find(self, call: Call, code: str, now: Instant) -> list[Command]:
        """A step asks who calls: what is known already, what is being asked already, or ask."""
        if status := _known(call, code):
            return self._centre.menus.found(call, status, now)
        budget = self._centre.settings.check_budget
        self._centre.deadlines.arm((CHECK_OVERDUE, call.id), now + budget)
        if self._is_asked(call, code):
            return []
        return self.look_up(call, now, code)

    def _is_asked(self, call: Call, code: str) -> bool:
        """Whether the answer is on its way. Each question names the number too."""
        on_its_way = call.request > call.answered_request and call.asked_by == self._centre.boot
        return on_its_way and (not code or code == call.asked_code)

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
        call.asked_code = code
        call.asked_by = self._centre.boot
        budget = self._centre.settings.look_up_budget
        return [LookUpCustomer(call.id, call.request, code, call.spellings, budget)]


def _known(call: Call, code: str) -> LookUpStatus | None:
    """What the CRM has said of this question already; None where it must be asked, also
    where it did not answer before."""
    if code:
        of_code = call.matched_by == "code" and all(c.code == code for c in call.customers)
        return call.status if of_code and call.customers else None
    if not call.spellings and not call.code:
        return "none"
    answered = call.request == call.answered_request
    return call.status if answered and call.status in ("found", "many", "none") else None
