"""Callers whom a step of a flow leads out: to a queue's voicemail, to a number, to a callback.

The places are those of the overflow rules, and so is everything that the PBX says of them. Whoever
reaches nobody at a number waits in a queue at the PBX, whether ctid lives or not; where the flow
goes on for such callers they are fetched from there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ctid.centre import containment
from ctid.centre.calls import IVR, SENT, Call, Sent
from ctid.core import events as ev
from ctid.core.commands import Command
from ctid.core.instants import Instant
from ctid.core.records import QueueId
from ctid.ivr.actions import Leave
from ctid.ivr.session import Session

if TYPE_CHECKING:
    from ctid.centre.centre import Centre


class Leavings:
    """Carries out what steps wish for that lead out of a flow."""

    def __init__(self, centre: Centre) -> None:
        self._centre = centre

    def leave(self, call: Call, session: Session, wish: Leave, now: Instant) -> list[Command]:
        """The caller goes there, or on in the flow where that cannot be."""
        centre, queue = self._centre, self._queue(wish.queue)
        match wish.place:
            case "voicemail":
                told = containment.led_on(call, session, "voicemail", centre.epoch, now)
                centre.menus.leave(call, session)
                sent = Sent("voicemail")
                return centre.overflow.send(call, queue, sent, wish.prompts, "", now) + told
            case "external":
                return self._transfer(call, session, wish, queue, now)
            case "callback":
                return self._callback(call, session, wish, queue, now)

    def _transfer(
        self, call: Call, session: Session, wish: Leave, queue: QueueId, now: Instant
    ) -> list[Command]:
        centre = self._centre
        if not (number := self._number(wish.number)):  # a reload has taken the name away
            return centre.menus.failed(call, session, now)
        told: list[Command] = []
        if not wish.returns:  # or else the visit goes on, unless somebody answers
            told = containment.led_on(call, session, "transferred", centre.epoch, now)
        centre.menus.leave(call, session)
        sent = Sent("external", session=session if wish.returns else None)
        return centre.overflow.send(call, queue, sent, (), number, now) + told

    def _callback(
        self, call: Call, session: Session, wish: Leave, queue: QueueId, now: Instant
    ) -> list[Command]:
        centre = self._centre
        # The path goes along with the promise, and so is told before.
        path, call.path = call.path, tuple(session.path)
        if not centre.callbacks.promise(call, queue, wish.number, now):
            call.path = path
            return centre.menus.failed(call, session, now)
        told = containment.led_on(call, session, "callback", centre.epoch, now)
        centre.menus.leave(call, session)
        return centre.overflow.tell(call, queue, wish.prompts, now) + told

    def _queue(self, named: QueueId) -> QueueId:
        known = named and self._centre.router.takes_calls(named)
        return named if known else self._centre.settings.fallback_queue

    def _number(self, to: str) -> str:
        number = self._centre.settings.transfer.numbers.get(to, to)
        return number if number.removeprefix("+").isdecimal() else ""

    # -- back from a number where nobody answered --

    def waits(self, call: Call, event: ev.CallWaiting, now: Instant) -> list[Command] | None:
        """The caller has reached nobody, and waits at the PBX until we fetch them for the rest of
        the flow. None for everybody else."""
        sent = call.sent
        if call.phase != SENT or sent is None or sent.session is None or sent.answered_at:
            return None
        if sent.place != "external":
            return None
        call.channel = event.channel or call.channel
        back = Sent("menu", session=sent.session)
        return self._centre.overflow.send(call, call.queue, back, (), "", now)

    def answered(self, call: Call, sent: Sent, now: Instant) -> list[Command]:
        """Somebody talks to the caller, so the flow does not go on."""
        if sent.session is None:
            return []
        return containment.led_on(call, sent.session, "transferred", self._centre.epoch, now)

    def not_fetched(self, call: Call, now: Instant) -> list[Command]:
        """The PBX does not say that the caller is back in the menu, or at the number."""
        sent = call.sent
        if sent is None or sent.session is None:
            return []
        return containment.broke(call, sent.session, "lost", self._centre.epoch, now)

    def fetched(self, call: Call, now: Instant) -> list[Command] | None:
        """The caller is in the menu again; None for everybody who was not fetched."""
        sent = call.sent
        if call.phase != SENT or sent is None or sent.place != "menu" or sent.session is None:
            return None
        self._centre.overflow.settled(call)
        session, sent.session = sent.session, None
        call.phase, call.session = IVR, session
        return self._centre.menus.failed(call, session, now)
