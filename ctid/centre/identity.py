"""PINs in the menus: when one may be tried, what the CRM says of it, and who is locked.

The machine never has a PIN. It orders that the one which was just keyed be held against the CRM,
and learns whether it was right. A lock keeps callers from trying further PINs, and from nothing
else: the flow leads them on, to an agent in the end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ctid.centre.calls import IVR, Call
from ctid.core.commands import Command, Noticed
from ctid.core.identity import CheckPin, PinChecked
from ctid.core.instants import MINUTE, SECOND, Duration, Instant
from ctid.core.records import CallId
from ctid.core.text import masked
from ctid.ivr.identity_tries import Tries

if TYPE_CHECKING:
    from ctid.centre.centre import Centre

PIN_OVERDUE: Final = "pin"
GRACE: Final[Duration] = SECOND
"""Beyond the time that the CRM has: its own time-out comes first, unless the shell is stuck."""


class Identities:
    """The PINs of all calls, and the tries of all callers."""

    def __init__(self, centre: Centre) -> None:
        rules = centre.settings.identity
        self._centre = centre
        self._rules = rules
        self.callers = Tries(rules.caller)
        """By number; callers without one by their call, for they would lock out one another."""
        self.codes = Tries(rules.code)

    def barred(self, call: Call, code: str, now: Instant) -> bool:
        """Whether no PIN is taken of this caller, or of anybody for this code."""
        return self.callers.barred(_caller(call), now) or self.codes.barred(code, now)

    def check(self, call: Call, code: str, now: Instant) -> list[Command]:
        """The caller has keyed a PIN for this code."""
        self.callers.made(_caller(call), now)
        self.codes.made(code, now)
        call.pins += 1
        self._centre.deadlines.arm((PIN_OVERDUE, call.id), now + self._rules.check + GRACE)
        return [CheckPin(call.id, call.pins, code, self._rules.check)]

    def checked(self, event: PinChecked, now: Instant) -> list[Command]:
        """The CRM's answer, unless it is to a question that nobody waits for any more."""
        call = self._centre.calls.get(event.call)
        session = call.session if call is not None and call.phase == IVR else None
        if call is None or session is None or not session.proving or event.request != call.pins:
            return []
        self._centre.deadlines.cancel((PIN_OVERDUE, call.id))
        commands = self._counted(call, session.proving, event.status == "wrong", now)
        return commands + self._centre.menus.proved(call, event.status, now)

    def overdue(self, call_id: CallId, now: Instant) -> list[Command]:
        """Nobody said in time whether the PIN is right; it proves nothing then."""
        call = self._centre.calls.get(call_id)
        return [] if call is None else self.checked(PinChecked(call_id, call.pins, "timeout"), now)

    def _counted(self, call: Call, code: str, wrong: bool, now: Instant) -> list[Command]:
        """A right PIN gives back its own try and no other: whoever has a code of their own could
        buy tries for somebody else's with it."""
        if not wrong:
            self.callers.undone(_caller(call))
            self.codes.undone(code)
            return []
        commands: list[Command] = []
        if self.callers.failed(_caller(call), now):
            commands.append(_locked(call, "caller", "of this caller", self.callers))
        if self.codes.failed(code, now):
            commands.append(_locked(call, "code", f"for the code {masked(code)}", self.codes))
        return commands


def _caller(call: Call) -> str:
    return call.number or f"call {call.id}"


def _locked(call: Call, which: str, whose: str, tries: Tries) -> Command:
    limit = tries.limit
    within, until = limit.window / MINUTE, limit.lock / MINUTE
    text = (
        f"{limit.tries} wrong PINs {whose} within {within:g} min; none is taken for {until:g} min"
    )
    return Noticed(f"pin_{which}_locked", f"{call.id}: {text}")
