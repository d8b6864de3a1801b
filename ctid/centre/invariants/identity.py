"""Who may be called verified: the machine has asked for the PIN of that code, and it was right."""

from __future__ import annotations

from ctid.centre.calls import Call
from ctid.centre.centre import Centre
from ctid.centre.invariants.broken import must
from ctid.core.events import Event
from ctid.core.identity import CheckPin, PinChecked
from ctid.core.records import CallId, CallRecord


class Proofs:
    """What every call has proved, from the facts and not from the machine's word."""

    def __init__(self, centre: Centre) -> None:
        self._asked: dict[tuple[CallId, int], str] = {}
        """By call and request, whose PIN it was."""
        self._proved: dict[CallId, str] = {
            call.id: call.code for call in centre.calls.values() if call.identity == "verified"
        }

    def said(self, event: Event | None) -> None:
        """Each answer counts once, and only to a question."""
        if isinstance(event, PinChecked):
            code = self._asked.pop((event.call, event.request), "")
            if code and event.status == "right":
                self._proved[event.call] = code

    def asked(self, command: CheckPin) -> None:
        self._asked[command.call, command.request] = command.code

    def closed(self, record: CallRecord) -> None:
        proved = self._proved.pop(record.call, "")
        fits = bool(proved) and proved == record.code
        must(record.identity != "verified" or fits, "verified is who proved that code", record)

    def check(self, centre: Centre) -> None:
        for call in centre.calls.values():
            self._call(call)

    def _call(self, call: Call) -> None:
        if call.session is not None:
            must(call.session.identity == call.identity, "a menu knows who is verified", call)
        if call.identity == "verified":
            fits = bool(call.code) and self._proved.get(call.id) == call.code
            must(fits, "verified is who proved that code", call)
