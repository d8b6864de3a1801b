"""A caller's way in: to the first menu, from it to the PBX's queue, and into the router."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ctid.centre import hold_over
from ctid.centre.calls import ENDING, QUEUED, TURNED_AWAY, Call
from ctid.core import events as ev
from ctid.core.commands import Command, HangUpCall, HoldInQueue, Noticed
from ctid.core.instants import Instant
from ctid.core.records import CallId, QueueId
from ctid.core.text import clean
from ctid.screenpop.numbers import candidates, normalise

if TYPE_CHECKING:
    from ctid.centre.centre import Centre


class Inbound:
    """Everything between a caller's first fact and the queue, but for the menus themselves."""

    def __init__(self, centre: Centre) -> None:
        self._centre = centre

    def arrived(self, event: ev.CallArrived, now: Instant) -> list[Command]:
        """A caller stands at the entry: begin the flow, and the look-up by number beside it."""
        centre = self._centre
        if event.call in centre.ended:
            return []
        if event.after:
            return centre.surveys.arrived(event, now)
        if (known := centre.calls.get(event.call)) is not None:
            return self._again(known, event.dialled, now)
        call = self._admit(event.call, event.channel, event.number, event.name, event.dialled, now)
        commands = centre.customers.look_up(call, now)
        if (flow := self._entry(event.dialled)) is None:
            return commands + self._no_entry(call, event.dialled)
        return commands + centre.menus.begin(call, flow, now)

    def _entry(self, dialled: str) -> str | None:
        entries = self._centre.settings.entries
        return entries.get(dialled) or entries.get("*")

    def _no_entry(self, call: Call, dialled: str) -> list[Command]:
        call.phase = ENDING
        text = f"no entry for the dialled number {clean(dialled)!r}; the call was ended"
        return [Noticed("no_entry", text), HangUpCall(call.id, "no entry")]

    def _again(self, call: Call, dialled: str, now: Instant) -> list[Command]:
        """One who waited has gone back to a menu, or one whose agent has gone was led to a number
        of ours; any other second arrival is an old word."""
        if (fetched := self._centre.leavings.fetched(call, now)) is not None:
            return fetched
        if flow := self._centre.overflow.in_menu(call):
            return self._centre.menus.again(call, flow, now)
        if not self._centre.surveys.left_alone(call):
            return []
        commands = self._centre.surveys.leave_talk(call, now)
        if (entry := self._entry(dialled)) is None:
            return commands + self._no_entry(call, dialled)
        return commands + self._centre.menus.again(call, entry, now)

    def hold(self, call: Call, queue: QueueId, now: Instant) -> list[Command]:
        """On to the queue, once it is known who calls where the routing asks for that."""
        if self._centre.ranking.must_wait(call, queue, now):
            return []
        queue, moves, elsewhere = self._centre.overflow.enter(call, queue, now)
        if elsewhere:
            return moves + elsewhere
        music = self._centre.router.queues[queue].music
        hold = HoldInQueue(call.id, queue, music, call.code, call.language, call.moves)
        return [*moves, hold]

    # -- the queue --

    def waiting(self, event: ev.CallWaiting, now: Instant) -> list[Command]:
        """The PBX holds the caller: from here on agents may be offered the contact."""
        centre = self._centre
        if event.call in centre.ended:
            return []
        commands: list[Command] = []
        call = centre.calls.get(event.call)
        contact = centre.router.contacts.get(event.call)
        if call is not None and event.moves < call.moves:
            return []  # from before an overflow rule moved the caller
        if call is not None and self._centre.surveys.keeps(call):
            return []  # from before the talk
        if call is not None and call.phase == TURNED_AWAY:
            return [HangUpCall(call.id, "overflow")]  # the order was lost with the link
        if call is not None and (fetch := centre.leavings.waits(call, event, now)) is not None:
            return fetch
        if contact is not None and call is not None:
            if (sent_on := centre.transfers.waits(call, event, now)) is not None:
                return sent_on
            if (back := hold_over.waits(centre, call, event, now)) is not None:
                return back
            # Mostly the dialplan's word for what the hand-over said before; another queue is the
            # dialplan's own doing (CTID_WAIT_LIMIT), and the caller's place in time stays.
            other = event.queue != contact.queue and centre.router.takes_calls(event.queue)
            if call.was_bridged or not other:
                return []
            call.queue = event.queue
            centre.router.counts[contact.queue].overflow("timed_out", goes_on=True)
            centre.router.counts[event.queue].offered += 1
            return centre.router.move(contact, event.queue, now)
        if call is None:
            call = self._admit(
                event.call, event.channel, event.number, event.name, event.dialled, now
            )
            call.code, call.language = clean(event.code), clean(event.language)
            call.identity = "claimed" if call.code else "unknown"
            commands += centre.customers.look_up(call, now)
        elif call.session is not None:
            commands += centre.menus.fell_back(call, call.session, now)
        centre.ranking.forget(call)
        queue = event.queue
        if not centre.router.takes_calls(queue):
            queue = centre.settings.fallback_queue
            text = f"{call.id} waits in {clean(event.queue)!r}, unknown here; routed as {queue}"
            commands.append(Noticed("unknown_queue", text))
        since = min(centre.epoch.instant(event.since), now) if event.since else now
        call.channel = event.channel or call.channel
        commands += self.join(call, queue, since, now)
        return commands

    def join(
        self, call: Call, queue: QueueId, since: Instant, now: Instant, place: Instant | None = None
    ) -> list[Command]:
        """The call becomes a contact; one that comes back has waited since it first joined.
        `place`: stands in line as if it had joined then."""
        if call.was_queued:
            since = call.queued_at
        else:
            since = self._centre.comebacks.since(call, queue, since, now)
        commands, since = self._centre.callbacks.called_in(call, queue, since, now)
        self._centre.overflow.returned(call)
        call.queue, call.phase, call.was_queued, call.queued_at = queue, QUEUED, True, since
        commands += self._centre.router.join(
            call.id, queue, call.channel, call.number, call.name,
            since if place is None else place, now,
            self._centre.transfers.demand(call, queue, now),
        )  # fmt: skip
        self._centre.overflow.joined(call, now)
        return commands

    def _admit(
        self, call_id: CallId, channel: str, raw: str, name: str, dialled: str, now: Instant
    ) -> Call:
        country = self._centre.settings.country
        number = normalise(raw, country)
        call = self._centre.calls[call_id] = Call(
            call_id, channel, clean(name), clean(dialled), now
        )
        if number is not None:
            call.number = number.e164 or number.text
            call.number_kind, call.region = number.kind, number.region
            if number.kind in ("e164", "internal", "unknown"):
                call.spellings = candidates(raw, country)
        return call
