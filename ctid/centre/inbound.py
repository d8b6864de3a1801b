"""A caller's way in: flow, look-up, handover to the PBX's queue, and into the router."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, assert_never

from ctid.centre import hold_over
from ctid.centre.calls import ENDING, HELD, IVR, QUEUED, TURNED_AWAY, Call
from ctid.core import events as ev
from ctid.core.commands import (
    Collect,
    Command,
    HangUpCall,
    HoldInQueue,
    LookUpCustomer,
    Noticed,
    Play,
)
from ctid.core.instants import Instant
from ctid.core.records import CallId, QueueId
from ctid.core.text import clean
from ctid.ivr.actions import Action, Ask, Check, End, Lost, Say, ToQueue
from ctid.ivr.session import Session
from ctid.ivr.variables import Known
from ctid.ivr.walker import Walker
from ctid.screenpop.match import match
from ctid.screenpop.numbers import candidates, normalise

if TYPE_CHECKING:
    from ctid.centre.centre import Centre

IVR_OVERDUE: Final = "ivr"
CHECK_OVERDUE: Final = "check"
OF_MENUS: Final = (IVR_OVERDUE, CHECK_OVERDUE)
"""Deadlines that end with the menu."""


class Inbound:
    """Everything between a caller's first fact and the queue."""

    def __init__(self, centre: Centre) -> None:
        self._centre = centre
        settings = centre.settings
        self._walker = Walker(settings.flows, centre.openings.of)

    # -- the menu --

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
        commands = self._look_up(call, now)
        if (flow := self._entry(event.dialled)) is None:
            return commands + self._no_entry(call, event.dialled)
        wall = centre.epoch.wall(now)
        call.session, action = self._walker.begin(flow, wall, known=_known(call))
        commands += self._act(call, call.session, action, now)
        return commands

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
        if flow := self._centre.overflow.in_menu(call):
            return self.again(call, flow, now)
        if not self._centre.surveys.left_alone(call):
            return []
        commands = self._centre.surveys.leave_talk(call, now)
        if (entry := self._entry(dialled)) is None:
            return commands + self._no_entry(call, dialled)
        return commands + self.again(call, entry, now)

    def again(self, call: Call, flow: str, now: Instant) -> list[Command]:
        """Another menu of the same call, in the caller's language."""
        call.phase = IVR
        if flow not in self._centre.settings.flows:  # a reload has taken it away
            return self.hold(call, call.queue, now)
        wall, before = self._centre.epoch.wall(now), call.path
        call.session, action = self._walker.begin(flow, wall, call.language, _known(call))
        call.session.path[:0] = before
        call.session.code = call.code
        if call.code:
            call.session.code_status = "found" if call.matched_by == "code" else "claimed"
        return self._act(call, call.session, action, now)

    def played(self, event: ev.PromptsPlayed, now: Instant) -> list[Command]:
        call, session = self._in_menu(event.call)
        if call is None or session is None:
            return []
        if self._walker.awaits(session) not in ("played", "anything"):
            return []
        action = self._walker.played(session, self._centre.epoch.wall(now), _known(call))
        return self._act(call, session, action, now)

    def collected(self, event: ev.DigitsCollected, now: Instant) -> list[Command]:
        call, session = self._in_menu(event.call)
        if call is None or session is None:
            return []
        if self._walker.awaits(session) not in ("collected", "anything"):
            return []
        wall = self._centre.epoch.wall(now)
        action = self._walker.collected(session, event.digits, event.ended, wall, _known(call))
        said = self._centre.surveys.heard(call, session, now) if session.answers else []
        return said + self._act(call, session, action, now)

    def lost(self, event: ev.IvrLost, now: Instant) -> list[Command]:
        """The conversation broke: the dialplan falls back, `CallWaiting` or `CallEnded` follows."""
        call, session = self._in_menu(event.call)
        if call is None or session is None:
            return []
        if (survey := self._break_off(call, session)) is not None:
            return survey
        return [Noticed("ivr_lost", f"{call.id}: {event.reason}; the dialplan falls back")]

    def overdue(self, call_id: CallId, now: Instant) -> list[Command]:
        """No answer of the PBX within the limit: the menu is broken, the caller is not lost."""
        call, session = self._in_menu(call_id)
        if call is None or session is None:
            return []
        why = f"step {session.step} did not end"
        return self._go_past(call, session, "ivr_overdue", why, now)

    def _go_past(
        self, call: Call, session: Session, code: str, why: str, now: Instant
    ) -> list[Command]:
        """The flow cannot be walked on: the caller goes where callers without a queue go."""
        if (survey := self._break_off(call, session)) is not None:
            return [*survey, HangUpCall(call.id, "the survey did not end")]
        queue = self._centre.settings.fallback_queue
        text = f"{call.id}: {why}; on to the queue {queue}"
        return [Noticed(code, text), *self.hold(call, queue, now)]

    def _break_off(self, call: Call, session: Session) -> list[Command] | None:
        """The flow ends before its end; what is to be said of that where it was a survey, after
        which the dialplan hangs up."""
        survey = self._centre.surveys.broken(call)
        self._leave_menu(call, session)
        if survey is not None:
            call.phase = ENDING
        return survey

    def forget_sessions(self) -> None:
        """The process that held the conversations is gone; the dialplan falls back by itself."""
        for call in self._centre.calls.values():
            self._centre.ranking.forget(call)
            if call.session is not None and call.phase == IVR:
                self._break_off(call, call.session)

    def _act(self, call: Call, session: Session, action: Action, now: Instant) -> list[Command]:
        centre = self._centre
        call.language, call.code = session.language, session.code
        match action:
            case ToQueue():
                self._leave_menu(call, session)
                return self.hold(call, action.queue, now)
            case Lost():
                why = f"there is no step {action.step} any more"
                return self._go_past(call, session, "flow_changed", why, now)
            case End():
                self._leave_menu(call, session)
                call.phase = ENDING
                return [HangUpCall(call.id, "the flow ended")]
        centre.deadlines.arm((IVR_OVERDUE, call.id), now + centre.settings.ivr_limit)
        match action:
            case Say():
                return [Play(call.id, action.prompts, session.language)]
            case Ask():
                return [
                    Collect(
                        call.id, action.prompts, session.language, action.max_digits,
                        action.terminator, action.first_digit, action.inter_digit,
                        action.total, action.secret,
                    )
                ]  # fmt: skip
            case Check():
                centre.deadlines.arm((CHECK_OVERDUE, call.id), now + centre.settings.check_budget)
                return self._look_up(call, now, action.code)
            case _:
                assert_never(action)

    def _in_menu(self, call_id: CallId) -> tuple[Call | None, Session | None]:
        call = self._centre.calls.get(call_id)
        return call, call.session if call and call.phase == IVR else None

    def _leave_menu(self, call: Call, session: Session) -> None:
        call.path, call.phase, call.session = tuple(session.path), HELD, None
        if call.survey is not None:
            call.survey.asks = False
        self._centre.deadlines.cancel_all(OF_MENUS, call.id)

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
            commands += self._look_up(call, now)
        elif call.session is not None:
            self._leave_menu(call, call.session)
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

    # -- the customer --

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
            commands += centre.screens.pops.update(call.id, found)
        if latest:
            commands += centre.ranking.known(call, now)
        if latest and pending and call.session is not None:
            centre.deadlines.cancel((CHECK_OVERDUE, call.id))
            status = found.status
            if status in ("found", "many") and found.matched_by != "code":
                status = "none"  # the number is known, the code that was keyed in is not
            wall = centre.epoch.wall(now)
            action = self._walker.checked(call.session, status, wall, _known(call))
            commands += self._act(call, call.session, action, now)
        return commands

    def check_overdue(self, call_id: CallId, now: Instant) -> list[Command]:
        """The CRM did not say in time whether the code is right: take it as claimed."""
        call, session = self._in_menu(call_id)
        if call is None or session is None or not session.pending:
            return []
        wall = self._centre.epoch.wall(now)
        action = self._walker.checked(session, "timeout", wall, _known(call))
        return self._act(call, session, action, now)

    def look_up_again(self, now: Instant) -> list[Command]:
        """Ask for those whose answer an earlier process has taken to its grave."""
        commands: list[Command] = []
        for call in self._centre.calls.values():
            if call.request and call.status == "pending" and call.asked_by != self._centre.boot:
                commands += self._look_up(call, now)
        return commands

    def _look_up(self, call: Call, now: Instant, code: str = "") -> list[Command]:
        code = code or call.code
        if not code and not call.spellings:
            call.status = "none"
            return []
        call.request += 1
        call.asked_by = self._centre.boot
        budget = self._centre.settings.look_up_budget
        return [LookUpCustomer(call.id, call.request, code, call.spellings, budget)]

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


def _known(call: Call) -> Known:
    """What a flow may branch on: the customer, once the CRM has named just one, and the number."""
    if len(call.customers) != 1:
        return Known(region=call.region)
    customer = call.customers[0]
    return Known(customer.grade, customer.segment, call.region)
