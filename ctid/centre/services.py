"""Questions of callers in the menu to somebody outside, from the wish of a step to its answer.

Every question has a deadline of its own: whoever does not answer, and a shell that forgets to tell
so, keeps a caller no longer than the step says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ctid.centre.calls import Call
from ctid.core.commands import Command, Play
from ctid.core.instants import Instant
from ctid.core.records import CallId
from ctid.core.services import CRM, AskService, ServiceAnswered, ServiceStatus
from ctid.ivr.actions import AskOutside
from ctid.ivr.session import Session
from ctid.screenpop.numbers import costly, normalise

if TYPE_CHECKING:
    from ctid.centre.centre import Centre

SERVICE_OVERDUE: Final = "service"


class Services:
    """The open questions of all calls; what is remembered of one stands in its session."""

    def __init__(self, centre: Centre) -> None:
        self._centre = centre

    def ask(self, call: Call, session: Session, action: AskOutside, now: Instant) -> list[Command]:
        """The question, and the prompt beside it; or the answer, where there is no need to ask."""
        arguments = action.arguments
        if action.service == CRM:
            if not (customer := _customer(call, session)):
                return self._known(call, session, "refused", now)
            if action.operation == "callback_number":
                number = self._number(dict(arguments)["number"])
                if not number:
                    return self._known(call, session, "none", now)
                arguments = (("number", number),)
            arguments = (("customer", customer), *arguments)
        call.questions += 1
        self._centre.deadlines.arm((SERVICE_OVERDUE, call.id), now + action.time_out)
        question = AskService(
            call.id, call.questions, action.service, action.operation, arguments, action.wanted,
            action.time_out,
        )  # fmt: skip
        if not action.prompts:
            return [question]
        return [question, Play(call.id, action.prompts, session.language)]

    def answered(self, event: ServiceAnswered, now: Instant) -> list[Command]:
        """An answer; one to an older question, or behind its time, changes nothing."""
        call = self._centre.calls.get(event.call)
        if call is None or event.request != call.questions:
            return []
        self._centre.deadlines.cancel((SERVICE_OVERDUE, call.id))
        return self._centre.menus.answered(call, event.status, event.values, now)

    def overdue(self, call_id: CallId, now: Instant) -> list[Command]:
        """Nobody has answered in time."""
        return self._centre.menus.answered(self._centre.calls[call_id], "timeout", (), now)

    def _known(
        self, call: Call, session: Session, status: ServiceStatus, now: Instant
    ) -> list[Command]:
        assert session.outside is not None, "a question has just begun"
        session.outside.plays = False
        return self._centre.menus.answered(call, status, (), now)

    def _number(self, raw: str) -> str:
        """A number that agents can dial, in E.164; empty for any other text, and for one whose
        owner is paid by whoever calls it."""
        number = normalise(raw, self._centre.settings.country)
        if number is None or number.kind != "e164" or number.extension or costly(number.e164):
            return ""
        return number.e164


def _customer(call: Call, session: Session) -> str:
    """The CRM's id of the one customer whose code the caller has given; empty for nobody. A number
    shows nothing: anybody may send it."""
    if len(call.customers) != 1 or call.matched_by != "code":
        return ""
    customer = call.customers[0]
    return customer.id if customer.code == session.code else ""
