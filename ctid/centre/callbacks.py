"""Callbacks: whoever does not want to hold hangs up, keeps the place, and is dialled once.

A callback is one entity, whatever becomes of its attempts. While it waits it is a contact in the
router with a call of its own that has no channel yet: its turn comes as a caller's does, the agent
is reserved, and the PBX dials the customer when the agent has picked up. The order to ring stands
in the journal before anything is dialled, under an id that the PBX takes once; so whatever is not
known to have come to nothing before the customer's phone could ring counts as an attempt.

The caller hears a promise only when it is here: the dialplan waits for the order that says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from ctid.acd.callback import (
    CALLBACK_TRANSITIONS,
    RESTING,
    TALKING,
    WAITING,
    CallbackRules,
    after_attempt,
)
from ctid.acd.contacts import MISSED, Contact, Demand
from ctid.acd.contacts import WAITING as IN_LINE
from ctid.acd.router import STILL_HERE
from ctid.centre.calls import QUEUED, SENT, Call
from ctid.core import events as ev
from ctid.core.callbacks import (
    CallbackAgreed,
    CallbackCancelAsked,
    CallbackId,
    CallbackState,
    CallbackView,
    CustomerDialled,
    Dial,
)
from ctid.core.commands import Command, Denied, Noticed
from ctid.core.instants import MINUTE, Instant
from ctid.core.records import CallId, ChannelFact, LegCause, QueueId
from ctid.core.transitions import step
from ctid.ivr.identity import at_most_claimed
from ctid.screenpop.numbers import candidates, costly, normalise

if TYPE_CHECKING:
    from ctid.centre.centre import Centre

CALLBACK_DUE: Final = "callback"
NOT_DIALLED: Final[tuple[LegCause, ...]] = (
    "no_answer",
    "busy",
    "rejected",
    "unreachable",
    "failed",
)
"""Ends of the agent's leg before which nobody can have been dialled."""
DECLINED: Final[LegCause] = "hangup"
"""Nor before this one, unless the agent had picked up."""


@dataclass(slots=True)
class Callback:
    """One callback. Plain data: the journal's state holds it."""

    id: CallbackId
    queue: QueueId
    asked: Call
    """What is known of the customer, as it was then."""
    demand: Demand
    joined_at: Instant
    asked_at: Instant
    state: str = WAITING
    attempts: int = 0
    call: CallId = ""
    """The call of the present turn; empty while it rests."""
    dialled: bool = False
    """The PBX has said of this turn that the customer is dialled."""
    spared: bool = False
    """The offer that has just ended did so before anybody can have been dialled."""
    due: Instant = 0
    last: bool = False
    """The customer has called in the meantime: not tried again."""
    shut: bool = False
    """It rests for nothing but the opening hours."""
    caller: str = ""
    """Number of the call in which it was asked for."""

    def step(self, event: str) -> None:
        """One step in the table."""
        self.state = step("callback", CALLBACK_TRANSITIONS, self.state, event)


class Callbacks:
    """All callbacks of the centre."""

    def __init__(self, centre: Centre) -> None:
        self._centre = centre
        self._router = centre.router
        self._deadlines = centre.deadlines
        self.open: dict[CallbackId, Callback] = {}
        self._turns: dict[CallId, Callback] = {}
        """By the call of the present turn."""
        self._of_number: dict[str, Callback] = {}
        """Each caller who joins a queue is looked for here."""
        self._otherwise = centre.router.again
        centre.router.again = self._again

    # -- the wish --

    def refused(self, call: Call, queue: QueueId) -> str:
        """The prompt that says why this caller can have no callback in this queue; empty where one
        can be had. A caller ID is what a stranger sent: nobody is made to dial a number abroad, or
        one that earns by it, unless the settings say so."""
        centre = self._centre
        regions = self._router.queues[queue].callback.regions or (centre.settings.country,)
        if call.number_kind != "e164" or call.region not in regions or costly(call.number):
            return "callback-no-number"
        return "callback-already" if call.number in self._of_number else ""

    def agreed(self, event: CallbackAgreed, now: Instant) -> list[Command]:
        """The caller has confirmed: from here on ctid owes a call, and says so."""
        call = self._centre.calls.get(event.call)
        if call is None or call.sent is None or call.phase != SENT or event.moves != call.moves:
            return []
        known = self._router.takes_calls(call.queue)
        queue = call.queue if known else self._centre.settings.fallback_queue
        if call.sent.place != "callback" or self.refused(call, queue):
            return []
        self._owe(call, as_it_was(call, queue), now)
        return self._centre.overflow.tell(call, queue, ("callback-thanks",), now)

    def promise(self, call: Call, queue: QueueId, keyed: str, now: Instant) -> bool:
        """Owe a call to one who has not waited, from now on; whether that can be.

        Args:
            keyed: the number that they want to be called at; empty: the one that they call from.
                The same rules hold for it, and whoever calls gets one such promise at a time.
        """
        asked = replace(as_it_was(call, queue), queued_at=now)
        if keyed:
            country = self._centre.settings.country
            if (number := normalise(keyed, country)) is None:
                return False
            asked = replace(
                asked, number=number.e164, number_kind=number.kind, region=number.region,
                spellings=candidates(keyed, country),
            )  # fmt: skip
            if call.number and any(c.caller == call.number for c in self.open.values()):
                return False
        if call.id in self.open or self.refused(asked, queue):
            return False
        self._owe(call, asked, now)
        return True

    def _owe(self, call: Call, asked: Call, now: Instant) -> None:
        """Its first turn begins when this call is over: nobody is dialled who is on the line."""
        demand = self._centre.transfers.demand(call, asked.queue, now)
        callback = Callback(
            call.id, asked.queue, asked, replace(demand, preferred="", hold=0), asked.queued_at,
            now, caller=call.number,
        )  # fmt: skip
        self._keep(callback)
        call.called_back = True

    # -- its turn --

    def heard(self, event: ev.LegEnded | CustomerDialled) -> None:
        """What the PBX says of an attempt, before the router acts on it."""
        if isinstance(event, CustomerDialled):
            if (callback := self._turns.get(event.call)) is not None:
                callback.dialled = True
                self._is_at(event.call, event.channel)
            return
        offer = self._router.offers.get(event.offer) if self._turns else None
        callback = self._turns.get(offer.call) if offer else None
        if callback is not None and offer is not None:
            early = event.cause in NOT_DIALLED or event.cause == DECLINED
            callback.spared = early and not callback.dialled and not offer.answered_at

    def _again(self, contact: Contact, now: Instant) -> list[Command] | None:
        """An offer of a callback came to nothing. Unless that was before anybody can have been
        dialled, it was an attempt."""
        callback = self._turns.get(contact.call)
        if callback is None or contact.dial is None:
            return self._otherwise(contact, now)
        if not callback.spared:
            if not callback.dialled:
                return self._centre.close(contact.call, "", now)
            # The line's end is on its way, or the word that the customer waits without the agent.
            callback.dialled = False
            self._router.hold_back(contact, now)
            return []
        callback.spared = False
        return self._out_of_time(callback, now)

    def reached(self, call: Call) -> None:
        """An agent and the customer talk, or the customer waits on the line."""
        call.dials = False
        if (callback := self._turns.get(call.id)) is not None and callback.state == WAITING:
            callback.step("reached")
            self._deadlines.cancel((CALLBACK_DUE, callback.id))

    def seen(self, callers: Mapping[CallId, ChannelFact], now: Instant) -> list[Command]:
        """The inventory: which customers' lines live, and who has answered and lost the agent."""
        commands: list[Command] = []
        for callback in list(self.open.values()):
            line = callers.get(callback.call)
            callback.dialled = line is not None
            if line is not None and line.place == "queue":
                commands += self.on_the_line(line.id, line.channel, now)
        return commands

    def on_the_line(self, call_id: CallId, channel: str, now: Instant) -> list[Command]:
        """The customer has answered and waits, for the agent is gone: a caller like any other."""
        call = self._centre.calls.get(call_id)
        contact = self._router.contacts.get(call_id) if call is not None and call.dials else None
        if call is None or contact is None:
            return []
        self._is_at(call_id, channel)
        contact.dial = None
        self._router.counts[contact.queue].offered += 1
        self.reached(call)
        if contact.state != MISSED:
            return []
        self._deadlines.cancel((STILL_HERE, call_id))
        return self._router.fire(STILL_HERE, call_id, now)

    def closed(self, call: Call, now: Instant) -> list[Command]:
        """The call of a turn is over; the one place where an attempt ends. Or the call in which
        it was asked for, and the first turn begins."""
        asked = self.open.get(call.id)
        if asked is not None and asked.state == WAITING and not asked.call:
            return self._wait(asked, now)
        callback = self._turns.pop(call.id, None)
        if callback is None:
            return []
        callback.call = ""
        if callback.state == TALKING:
            callback.step("ended")
            self._forget(callback)
            return []
        callback.attempts += 1
        again = after_attempt(self._rules(callback), callback.attempts, callback.asked_at, now)
        if again is None or callback.last:
            callback.step("given_up")
            self._forget(callback)
            text = f"{callback.id} ({callback.queue}): dialled {callback.attempts} times in vain"
            return [Noticed("callback_given_up", text)]
        callback.step("unreached")
        self._rest(callback, again)
        return []

    # -- time --

    def due(self, callback_id: CallbackId, now: Instant) -> list[Command]:
        """It may be tried again; or one that waits is looked at, for its age and the hours."""
        callback = self.open.get(callback_id)
        if callback is None or callback.state == TALKING:
            return []
        if callback.state == RESTING:
            return self._wait(callback, now)
        self._look_later(callback, now)
        contact = self._router.contacts[callback.call]
        return (self._out_of_time(callback, now) or []) if contact.state == IN_LINE else []

    def _wait(self, callback: Callback, now: Instant) -> list[Command]:
        """A turn begins: at the old place, where it is not too late or too early for that."""
        rules = self._rules(callback)
        if now >= callback.asked_at + rules.keep:
            return self._drop(callback, "too_old", now)
        if not self._open(rules, now):
            if callback.state == WAITING:
                callback.step("closed")
            callback.shut = True
            self._rest(callback, self._next_minute(now))
            return []
        if callback.state == RESTING:
            callback.step("due")
        callback.due, callback.dialled, callback.spared, callback.shut = 0, False, False, False
        call = self._turn(callback)
        self._centre.calls[call.id] = call
        self._turns[call.id] = callback
        callback.call = call.id
        self._look_later(callback, now)
        asked, queue = callback.asked, self._router.queues[callback.queue]
        language = self._centre.language_of(asked)
        dial = Dial(asked.number, asked.dialled, rules.ring_for, queue.music, asked.code, language)
        return self._router.join(
            call.id, queue.id, "", call.number, call.name, callback.joined_at, now,
            replace(callback.demand, dial=dial),
        )  # fmt: skip

    def _turn(self, callback: Callback) -> Call:
        self._router.serial += 1
        turn = f"{callback.id}-cb{self._router.serial}"
        return replace(
            callback.asked, id=turn, queue=callback.queue, tried={}, attempt=callback.attempts + 1
        )

    def _out_of_time(self, callback: Callback, now: Instant) -> list[Command] | None:
        """What follows for one in line that must not be dialled now; None where it may."""
        rules = self._rules(callback)
        if now >= callback.asked_at + rules.keep:
            return self._drop(callback, "too_old", now)
        if self._open(rules, now):
            return None
        del self._turns[callback.call], self._centre.calls[callback.call]
        _, commands = self._router.leave(callback.call, now, abandoned=False)
        callback.call = ""
        callback.shut = True
        callback.step("closed")
        self._rest(callback, self._next_minute(now))
        return commands

    def _rest(self, callback: Callback, until: Instant) -> None:
        callback.due = until
        self._deadlines.arm((CALLBACK_DUE, callback.id), until)

    def _look_later(self, callback: Callback, now: Instant) -> None:
        rules = self._rules(callback)
        minute = self._next_minute(now)
        at = minute if rules.hours else max(callback.asked_at + rules.keep, minute)
        self._deadlines.arm((CALLBACK_DUE, callback.id), at)

    def hours_turned(self, hours: str, now: Instant) -> list[Command]:
        """These hours are switched: whoever waits in line is looked at, and whoever rests for
        them."""
        found = [c for c in self.open.values() if self._rules(c).hours == hours]
        return [
            command
            for callback in found
            if callback.shut or (callback.state == WAITING and callback.call)
            for command in self.due(callback.id, now)
        ]

    def _next_minute(self, now: Instant) -> Instant:
        """Hours begin and end with the minutes of the clock on the wall."""
        epoch = self._centre.epoch
        return epoch.instant((epoch.wall(now) // MINUTE + 1) * MINUTE)

    def _open(self, rules: CallbackRules, now: Instant) -> bool:
        hours = self._centre.openings.of.get(rules.hours)
        return hours is None or hours.open_at(self._centre.epoch.wall(now))

    # -- its end without a talk --

    def called_in(
        self, call: Call, queue: QueueId, since: Instant, now: Instant
    ) -> tuple[list[Command], Instant]:
        """A caller joins a queue. Where a callback to this number waits, the place is the caller's
        now. Returns what follows, and since when the caller counts as waiting."""
        callback = self.open.get(call.id)
        if callback is None and call.number_kind == "e164":
            callback = self._of_number.get(call.number)
        if callback is None or callback.call == call.id or callback.state == TALKING:
            return [], since
        if self._is_dialled(callback):
            callback.last = True
            return [], since
        if callback.id == call.id:
            call.called_back = False
        if callback.queue == queue:
            since = min(since, callback.joined_at)
        return self._drop(callback, "called_again", now), since

    def cancel(self, event: CallbackCancelAsked, now: Instant) -> list[Command]:
        """A supervisor gives it up, unless the customer's phone may ring already."""
        callback = self.open.get(event.callback)
        if callback is None:
            why = ("no_callback", "This callback is over.")
        elif callback.state == TALKING or self._is_dialled(callback):
            why = ("callback_dialled", "The customer is being dialled, or talks already.")
        else:
            return self._drop(callback, "supervisor", now)
        return [Denied(*why, login=event.by.login)]

    def _is_dialled(self, callback: Callback) -> bool:
        contact = self._router.contacts.get(callback.call)
        if contact is None or contact.state == IN_LINE:
            return False
        offer = self._router.offers.get(contact.offer)
        return callback.dialled or offer is None or offer.answered_at > 0

    def _drop(self, callback: Callback, cause: str, now: Instant) -> list[Command]:
        """Over, and nobody is dialled; its one record says why."""
        callback.step("cancelled")
        self._forget(callback)
        if self._turns.pop(callback.call, None) is not None:
            return self._centre.close(callback.call, cause, now, "cancelled")
        epoch = self._centre.epoch
        return [self._turn(callback).close("cancelled", cause, epoch, now)]

    def _forget(self, callback: Callback) -> None:
        del self.open[callback.id], self._of_number[callback.asked.number]
        self._deadlines.cancel((CALLBACK_DUE, callback.id))

    # -- one callback --

    def _keep(self, callback: Callback) -> None:
        self.open[callback.id] = self._of_number[callback.asked.number] = callback

    def _rules(self, callback: Callback) -> CallbackRules:
        return self._router.queues[callback.queue].callback

    def _is_at(self, call: CallId, channel: str) -> None:
        """The customer's line has this name at the PBX."""
        if call in self._centre.calls and (contact := self._router.contacts.get(call)) is not None:
            self._centre.calls[call].channel = contact.channel = channel

    # -- restart, and pages --

    def restore(self, saved: list[Callback]) -> None:
        """Go on from a saved state; the calls of the turns are back already."""
        for callback in saved:
            if not self._router.takes_calls(callback.queue):
                callback.queue = self._centre.settings.fallback_queue
            self._keep(callback)
            if callback.call:
                self._turns[callback.call] = callback

    def views(self) -> tuple[CallbackView, ...]:
        """All that are not over, longest wait first."""
        found = sorted(self.open.values(), key=lambda c: (c.joined_at, c.id))
        return tuple(self._view(callback) for callback in found)

    def _view(self, callback: Callback) -> CallbackView:
        contact = self._router.contacts.get(callback.call)
        offer = self._router.offers.get(contact.offer) if contact else None
        state: CallbackState = "resting"
        if callback.state == TALKING:
            state = "talking"
        elif callback.state == WAITING:
            state = "ringing" if offer else "waiting"
        return CallbackView(
            callback.id, callback.queue, callback.asked.number, callback.asked.name,
            callback.joined_at, state, callback.attempts, callback.due,
            offer.agent if offer else "",
        )  # fmt: skip


def as_it_was(call: Call, queue: QueueId) -> Call:
    """The call of a turn, before it has an id of its own: what is known of the customer."""
    return Call(
        "", "", call.name, call.dialled, call.arrived_at, number=call.number,
        number_kind=call.number_kind, region=call.region, spellings=call.spellings,
        language=call.language, code=call.code, queue=queue, phase=QUEUED,
        path=(*call.path, "callback"), was_queued=True, queued_at=call.queued_at, entered=True,
        status="timeout" if call.status == "pending" else call.status,
        matched_by=call.matched_by, customers=call.customers, handed=call.handed, dials=True,
        identity=at_most_claimed(call.identity), recordings=list(call.recordings),
    )  # fmt: skip
