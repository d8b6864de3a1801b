"""Carries overflow out: looks at the rules when they may hold, moves contacts, follows callers who
were sent away from the queues.

A contact is moved only while nobody's phone rings for it: an agent who answers at that very moment
must find the caller. Whoever is being offered is looked at again when the offer comes to nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, assert_never

from ctid.acd.announcer import NOT_BEFORE
from ctid.acd.contacts import CONNECTED, WAITING, Contact
from ctid.acd.overflow import (
    Match,
    Moment,
    Seen,
    Target,
    ToCallback,
    ToExternal,
    ToHangUp,
    ToMenu,
    ToMessage,
    ToQueue,
    ToVoicemail,
    first_match,
    next_look,
)
from ctid.acd.voicemail import VoicemailRules
from ctid.centre.calls import CONFIRM_WITHIN, SENT, TURNED_AWAY, Call, Sent
from ctid.centre.follow_up import linked, opened
from ctid.core import events as ev
from ctid.core.commands import Command, Divert, HangUpCall, Noticed, Overflowed, Requeue
from ctid.core.instants import SECOND, Duration, Instant
from ctid.core.records import CallId, Move, QueueId

if TYPE_CHECKING:
    from ctid.centre.centre import Centre

LOOK_DUE: Final = "overflow"
SENT_OVERDUE: Final = "sent"
NO_LIMITS: Final = VoicemailRules()


class Overflows:
    """The rules of all queues at work."""

    def __init__(self, centre: Centre) -> None:
        self._centre = centre
        self._router = centre.router
        self._deadlines = centre.deadlines
        self._router.again = self._again

    # -- the way in --

    def enter(
        self, call: Call, queue: QueueId, now: Instant, waited: Duration = 0
    ) -> tuple[QueueId, list[Command], list[Command]]:
        """Hold a caller who is about to join `queue` against the rules for joining.

        Returns:
            The queue to join, the moves so far, and, where the way ends outside the queues, the
            commands that carry that out; then there is no queue to join.
        """
        moves: list[Command] = []
        while (match := self._match(call, queue, "join", waited, 0, now)) is not None:
            self._router.counts[queue].offered += 1
            moves.append(self._move(call, queue, match, waited, now))
            if not isinstance(match.rule.to, ToQueue):
                call.was_queued, call.queued_at = True, call.queued_at or now
                return queue, moves, self._send(call, queue, match.rule.to, now)
            queue = match.rule.to.queue
        call.entered = True
        return queue, moves, []

    def joined(self, call: Call, now: Instant) -> None:
        """The contact has come to stand in a queue: arrange the first look."""
        contact = self._router.contacts[call.id]
        rules = self._router.queues[contact.queue].overflow.rules
        # Who comes from elsewhere may have waited too long for this queue already.
        if rules and (contact.joined_at < now or not call.entered):
            self._deadlines.arm((LOOK_DUE, call.id), now + NOT_BEFORE)
        else:
            self._look_later(call, contact, now)

    def _look_later(self, call: Call, contact: Contact, now: Instant) -> None:
        overflow = self._router.queues[contact.queue].overflow
        waited = now - contact.joined_at if now > contact.joined_at else 0
        wait = next_look(overflow, waited) if overflow.rules else None
        if wait is None:
            self._deadlines.cancel((LOOK_DUE, call.id))
        else:
            self._deadlines.arm((LOOK_DUE, call.id), now + max(wait, NOT_BEFORE))

    # -- while waiting --

    def look(self, call_id: CallId, now: Instant) -> list[Command]:
        """A condition may hold now."""
        contact = self._router.contacts.get(call_id)
        if contact is None or contact.state != WAITING:
            return []  # ended; or being offered, and `_again` looks when that comes to nothing
        return self._again(contact, now) or []

    def settle(self, now: Instant) -> list[Command]:
        """Look at those whose queue has lost its last agent; called after each event."""
        commands: list[Command] = []
        for queue in self._router.staffing.take_emptied():
            rules = self._router.queues[queue].overflow.rules
            if any(rule.no_agent and rule.looked_at("wait") for rule in rules):
                for contact in self._router.in_order():
                    if contact.queue == queue:
                        commands += self.look(contact.call, now)
        return commands

    def hours_turned(self, hours: str, now: Instant) -> list[Command]:
        """These hours are switched: look at those who wait where a rule asks for them."""
        commands: list[Command] = []
        for contact in self._router.in_order():
            rules = self._router.queues[contact.queue].overflow.rules
            if any(rule.closed == hours and rule.looked_at("wait") for rule in rules):
                commands += self.look(contact.call, now)
        return commands

    def _again(self, contact: Contact, now: Instant) -> list[Command] | None:
        """What follows where a rule holds for a contact that waits; None where it stays."""
        call = self._centre.calls[contact.call]
        if self._router.frozen or contact.dial:
            return None  # `thawed` comes back to it; who is not on the line goes nowhere
        waited = max(0, now - contact.joined_at)
        match = self._match(call, contact.queue, "wait", waited, 1, now)
        if match is None and not call.entered:
            match = self._match(call, contact.queue, "join", waited, 1, now)
        if match is None:
            call.entered = True
            self._look_later(call, contact, now)
            return None
        return self._carry(call, contact, match, waited, now)

    def pressed(self, call: Call, contact: Contact, key: str, now: Instant) -> list[Command] | None:
        """What follows from a key that one who waits has pressed; None where no rule holds."""
        waited = max(0, now - contact.joined_at)
        match = self._match(call, contact.queue, "key", waited, 1, now, key)
        return None if match is None else self._carry(call, contact, match, waited, now)

    def _carry(
        self, call: Call, contact: Contact, match: Match, waited: Duration, now: Instant
    ) -> list[Command]:
        """Move a contact who waits, as the rule says."""
        commands: list[Command] = [self._move(call, contact.queue, match, waited, now)]
        if not isinstance(match.rule.to, ToQueue):
            self._release(call, contact, now)
            return commands + self._send(call, contact.queue, match.rule.to, now)
        queue, moves, end = self.enter(call, match.rule.to.queue, now, waited)
        commands += moves
        if end:
            self._release(call, contact, now)
            return commands + end
        self._router.counts[queue].offered += 1
        call.queue = queue
        call.moves += 1
        commands.append(Requeue(call.id, queue, self._router.queues[queue].music, call.moves))
        commands += self._router.move(contact, queue, now)
        self.joined(call, now)
        return commands

    # -- outside the queues --

    def returned(self, call: Call) -> None:
        """The caller waits in a queue again: the number outside did not answer, or the order to
        go there was lost, and then the rule may have another turn."""
        self._deadlines.cancel((SENT_OVERDUE, call.id))
        if call.sent is None or call.phase != SENT:
            return
        call.sent.over = True
        if not call.sent.confirmed and call.queue in call.tried:
            call.tried[call.queue] = call.tried[call.queue][:-1]

    def in_menu(self, call: Call) -> str:
        """The caller has come to the menu that a rule sent them to: its flow; empty where none."""
        if call.phase != SENT or call.sent is None or call.sent.place != "menu":
            return ""
        self.settled(call)
        return call.sent.flow

    def settled(self, call: Call) -> None:
        """The caller has come where they were sent, and is not there any more."""
        assert call.sent is not None, "the caller was sent"
        self._deadlines.cancel((SENT_OVERDUE, call.id))
        call.sent.confirmed = call.sent.over = True

    def thawed(self, now: Instant) -> None:
        """Rules may hold that nobody could look at while the link was down."""
        for contact in self._router.in_order():
            if self._router.queues[contact.queue].overflow.rules:
                self._deadlines.arm((LOOK_DUE, contact.call), now + NOT_BEFORE)

    def arrived(self, event: ev.CallDiverted, now: Instant) -> list[Command]:
        """The caller is where the machine sent them, or the dialplan says so a second time."""
        call = self._centre.calls.get(event.call)
        if call is None or call.sent is None or event.moves != call.moves:
            return []
        self._deadlines.cancel((SENT_OVERDUE, call.id))
        if call.sent.confirmed:
            return []  # the menu was faster, or an old word comes once more
        call.sent.confirmed = True
        if not call.sent.over:
            return []
        contact = self._router.contacts.get(call.id)
        if contact is None or contact.state == CONNECTED:
            return []
        # Given up too early: the caller is not in the queue, where we have put them back.
        self._router.counts[contact.queue].offered -= 1
        _, commands = self._router.leave(call.id, now, abandoned=False)
        self._deadlines.cancel((LOOK_DUE, call.id))
        call.offers += contact.offers
        call.phase, call.sent.over = SENT, False
        call.left_at = max(call.left_at, call.queued_at)
        return commands

    def seen(self, call: Call, talks: bool, now: Instant) -> None:
        """The inventory shows a caller of ours where we sent them."""
        self._deadlines.cancel((SENT_OVERDUE, call.id))
        if call.sent is not None:
            call.sent.confirmed = True
            if talks and call.sent.place == "external":
                call.sent.answered_at = call.sent.answered_at or now

    def unseen(self, call_id: CallId) -> list[Command]:
        """A call has ended that nobody saw end: a message may lie where no record names it."""
        sent = self._centre.calls[call_id].sent
        if sent is None or sent.over or sent.place != "voicemail" or sent.recording:
            return []
        text = f"{call_id} was in voicemail when last seen; look for its message at the PBX"
        return [Noticed("recording_unseen", text)]

    def recorded(self, event: ev.RecordingStored, now: Instant) -> list[Command]:
        """A message was left: a task, where the queue says so."""
        call = self._centre.calls.get(event.call)
        if call is None or call.sent is None:
            text = f"{event.call}: {event.file}, {event.length} ms, of no call that is known"
            return [Noticed("recording_unclaimed", text)]
        call.sent.recording, call.sent.length = event.file, event.length
        queue = self._router.queues.get(call.queue)
        rules = queue.voicemail if queue else NO_LIMITS
        if not rules.task_queue or event.length < rules.shortest:
            return []
        file = event.file.rpartition("/")[2]
        minutes, seconds = divmod(-(-event.length // SECOND), 60)
        said = (call.number, f"{minutes}:{seconds:02}", self._centre.language_of(call))
        link = linked(rules.task_link, call=call.id, number=call.number, file=file)
        return opened(self._centre, call, "voicemail", rules.task_queue, said, link, now)

    def answered(self, event: ev.ExternalAnswered, now: Instant) -> list[Command]:
        """Somebody outside talks to the caller."""
        call = self._centre.calls.get(event.call)
        if call is None or call.sent is None or call.sent.place != "external":
            return []
        call.sent.answered_at = call.sent.answered_at or now
        return self._centre.leavings.answered(call, call.sent, now)

    def overdue(self, call_id: CallId, now: Instant) -> list[Command]:
        """The PBX does not say that the caller is where we sent them: the order was lost."""
        call = self._centre.calls.get(call_id)
        if call is None or call.sent is None:
            return []
        if self._router.frozen:
            self._deadlines.arm((SENT_OVERDUE, call_id), now + CONFIRM_WITHIN)
            return []  # the inventory will tell
        known = call.queue in self._router.queues
        queue = call.queue if known else self._centre.settings.fallback_queue
        text = f"{call_id} did not get to {call.sent.place}; waits in {queue} again"
        commands: list[Command] = [Noticed("divert_lost", text)]
        commands += self._centre.leavings.not_fetched(call, now)
        since = call.queued_at if call.was_queued else now
        return commands + self._centre.inbound.join(call, queue, since, now)

    def _send(self, call: Call, queue: QueueId, target: Target, now: Instant) -> list[Command]:
        self._deadlines.cancel((LOOK_DUE, call.id))
        match target:
            case ToHangUp():
                call.phase, call.queue, call.left_at = TURNED_AWAY, queue, now
                return [HangUpCall(call.id, "overflow")]
            case ToVoicemail():
                return self.send(call, queue, Sent("voicemail"), target.prompts, "", now)
            case ToMessage():
                return self.send(call, queue, Sent("message"), target.prompts, "", now)
            case ToExternal():
                return self.send(call, queue, Sent("external"), (), target.number, now)
            case ToCallback():
                return self.send(call, queue, Sent("callback"), target.prompts, "", now)
            case ToMenu():
                return self.send(call, queue, Sent("menu", flow=target.flow), (), "", now)
            case ToQueue():
                raise AssertionError("a queue is not outside the queues")
            case _:
                assert_never(target)

    def tell(
        self, call: Call, queue: QueueId, prompts: tuple[str, ...], now: Instant
    ) -> list[Command]:
        """The last words to a caller who is outside the queues."""
        return self.send(call, queue, Sent("message"), prompts, "", now)

    def send(
        self,
        call: Call,
        queue: QueueId,
        sent: Sent,
        prompts: tuple[str, ...],
        number: str,
        now: Instant,
    ) -> list[Command]:
        """Order the caller to that place; `queue` is where they wait when they come back."""
        call.send(sent, queue, now)
        call.moves += 1
        self._deadlines.arm((SENT_OVERDUE, call.id), now + CONFIRM_WITHIN)
        known, language = self._router.queues[queue], self._centre.language_of(call)
        limits = known.voicemail if sent.place == "voicemail" else NO_LIMITS
        return [
            Divert(
                call.id, sent.place, prompts, language, number, queue, known.music, call.moves,
                longest=limits.longest, silence=limits.silence,
            )
        ]  # fmt: skip

    def _release(self, call: Call, contact: Contact, now: Instant) -> None:
        self._router.leave(call.id, now, abandoned=False)
        call.offers += contact.offers

    # -- one rule --

    def _match(
        self, call: Call, queue: QueueId, moment: Moment, waited: Duration, own: int, now: Instant,
        key: str = "",
    ) -> Match | None:  # fmt: skip
        """`own`: how many of the waiting are this contact itself."""
        overflow = self._router.queues[queue].overflow
        if not overflow.rules:
            return None
        wall = self._centre.epoch.wall(now)
        pool, staffing = self._router.pools[queue], self._router.staffing
        seen = Seen(
            waited, pool.waiting - own, staffing.signed_in[queue], staffing.ready[queue],
            pool.available, lambda hours: self._centre.openings.of[hours].open_at(wall),
            lambda: self._expected(call.id, queue, own),
            contact.rounds if (contact := self._router.contacts.get(call.id)) else 0,
        )  # fmt: skip
        return first_match(
            overflow, moment, seen, call.hops, call.tried.get(queue, ()), key,
            callback=lambda: not self._centre.callbacks.refused(call, queue),
        )  # fmt: skip

    def _expected(self, call: CallId, queue: QueueId, own: int) -> Duration | None:
        router = self._router
        estimate = router.waits.of_call(call) if own else router.wait_of_newcomer(queue)
        return None if estimate is None else estimate.mean

    def _move(
        self, call: Call, queue: QueueId, match: Match, waited: Duration, now: Instant
    ) -> Overflowed:
        target, kind = match.rule.to, match.rule.kind
        goes_on = isinstance(target, ToQueue | ToExternal)
        self._router.counts[queue].overflow(kind, goes_on=goes_on)
        call.hops += goes_on
        # A rule moves a contact once: what comes back goes on to the next one.
        call.tried[queue] = (*call.tried.get(queue, ()), match.number)
        call.path += (f"{queue}>{told(target)}",)
        wall = self._centre.epoch.wall(now)
        number, why = match.number, match.reason
        return Overflowed(Move(call.id, queue, told(target), number, kind, why, waited, wall))


def told(target: Target) -> str:
    """`queue:support`, `external:+49301234`, `menu:main`, `voicemail`, `message`, …"""
    match target:
        case ToQueue():
            return f"queue:{target.queue}"
        case ToExternal():
            return f"external:{target.number}"
        case ToVoicemail():
            return "voicemail"
        case ToMessage():
            return "message"
        case ToCallback():
            return "callback"
        case ToMenu():
            return f"menu:{target.flow}"
        case ToHangUp():
            return "hang_up"
        case _:
            assert_never(target)
