"""Callers in the menus: each fact to its session, each wish of a session to the world outside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, assert_never

from ctid.centre import containment
from ctid.centre.calls import ENDING, HELD, IVR, Call
from ctid.centre.customers import CHECK_OVERDUE
from ctid.centre.identity import PIN_OVERDUE
from ctid.centre.services import SERVICE_OVERDUE
from ctid.core import events as ev
from ctid.core.commands import Collect, Command, HangUpCall, Noticed, Play
from ctid.core.identity import PinStatus
from ctid.core.instants import Instant
from ctid.core.recording import CallerRecorded, RecordCaller
from ctid.core.records import CallId, LookUpStatus
from ctid.core.services import ServiceStatus
from ctid.core.visits import VisitWay
from ctid.ivr.actions import (
    Action,
    Ask,
    AskOutside,
    Check,
    End,
    Find,
    Leave,
    Listen,
    Lost,
    Prove,
    Say,
    ToQueue,
    Waiting,
)
from ctid.ivr.identity import Claim
from ctid.ivr.session import Session
from ctid.ivr.variables import Known, spoken_here
from ctid.ivr.walker import Walker

if TYPE_CHECKING:
    from ctid.centre.centre import Centre

IVR_OVERDUE: Final = "ivr"
OF_MENUS: Final = (IVR_OVERDUE, CHECK_OVERDUE, SERVICE_OVERDUE, PIN_OVERDUE)
"""Deadlines that end with the menu."""


class Menus:
    """Moves calls through flows, from `begin` to the queue, to another place or to the end."""

    def __init__(self, centre: Centre) -> None:
        self._centre = centre
        self._walker = Walker(centre.settings.flows, centre.openings.of)

    def begin(self, call: Call, flow: str, now: Instant) -> list[Command]:
        """The first menu of a call."""
        wall = self._centre.epoch.wall(now)
        call.session, action = self._walker.begin(flow, wall, known=_known(call))
        containment.begins(call, call.session, now)
        return self._act(call, call.session, action, now)

    def again(self, call: Call, flow: str, now: Instant) -> list[Command]:
        """Another menu of the same call, in the caller's language."""
        call.phase = IVR
        if flow not in self._centre.settings.flows:  # a reload has taken it away
            return self._centre.inbound.hold(call, call.queue, now)
        wall, before, shown = self._centre.epoch.wall(now), call.path, _shown(call)
        call.session, action = self._walker.begin(flow, wall, call.language, _known(call), shown)
        containment.begins(call, call.session, now)
        call.session.path[:0] = before
        call.session.code = call.code
        if call.code:
            call.session.code_status = "found" if call.matched_by == "code" else "claimed"
        return self._act(call, call.session, action, now)

    def played(self, event: ev.PromptsPlayed, now: Instant) -> list[Command]:
        call, session = self._in_menu(event.call)
        if call is None or session is None:
            return []
        if self._walker.awaits(session) not in ("played", "either", "anything"):
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
        if event.spoken:
            sure = event.sure >= self._centre.settings.speech.sure
            action = self._walker.spoken(session, event.said, sure, wall, _known(call))
        else:
            action = self._walker.collected(session, event.digits, event.ended, wall, _known(call))
        said = self._centre.surveys.heard(call, session, now) if session.answers else []
        said += self._centre.recordings.keep(call, session, now) if session.kept else []
        return said + self._act(call, session, action, now)

    def recorded(self, event: CallerRecorded, now: Instant) -> list[Command]:
        """What the caller has said after a tone."""
        call, session = self._in_menu(event.call)
        if call is None or session is None:
            return []
        if self._walker.awaits(session) not in ("recorded", "anything"):
            return []
        wall = self._centre.epoch.wall(now)
        action = self._walker.recorded(
            session, event.file, event.length, event.ended, wall, _known(call)
        )
        kept = self._centre.recordings.keep(call, session, now)
        return kept + self._act(call, session, action, now)

    def lost(self, event: ev.IvrLost, now: Instant) -> list[Command]:
        """The conversation broke: the dialplan falls back, `CallWaiting` or `CallEnded` follows."""
        call, session = self._in_menu(event.call)
        if call is None or session is None:
            return []
        told = self._broke(call, session, "lost", now)
        if (survey := self._break_off(call, session)) is not None:
            return survey
        text = f"{call.id}: {event.reason}; the dialplan falls back"
        return [Noticed("ivr_lost", text), *told]

    def overdue(self, call_id: CallId, now: Instant) -> list[Command]:
        """No answer of the PBX within the limit: the menu is broken, the caller is not lost."""
        call, session = self._in_menu(call_id)
        if call is None or session is None:
            return []
        why = f"step {session.step} did not end"
        told = self._broke(call, session, "overdue", now)
        return self._go_past(call, session, "ivr_overdue", why, now) + told

    def _go_past(
        self, call: Call, session: Session, code: str, why: str, now: Instant
    ) -> list[Command]:
        """The flow cannot be walked on: the caller goes where callers without a queue go."""
        if (survey := self._break_off(call, session)) is not None:
            return [*survey, HangUpCall(call.id, "the survey did not end")]
        queue = self._centre.settings.fallback_queue
        text = f"{call.id}: {why}; on to the queue {queue}"
        return [Noticed(code, text), *self._centre.inbound.hold(call, queue, now)]

    def _break_off(self, call: Call, session: Session) -> list[Command] | None:
        """The flow ends before its end; what is to be said of that where it was a survey, after
        which the dialplan hangs up."""
        survey = self._centre.surveys.broken(call)
        self.leave(call, session)
        if survey is not None:
            call.phase = ENDING
        return survey

    def fell_back(self, call: Call, session: Session, now: Instant) -> list[Command]:
        """The caller waits at the PBX, whose dialplan does not take the menu for alive."""
        told = self._broke(call, session, "lost", now)
        self.leave(call, session)
        return told

    def _broke(self, call: Call, session: Session, why: VisitWay, now: Instant) -> list[Command]:
        return containment.broke(call, session, why, self._centre.epoch, now)

    def failed(self, call: Call, session: Session, now: Instant) -> list[Command]:
        """The caller cannot go where the flow has led them out."""
        wall = self._centre.epoch.wall(now)
        return self._act(call, session, self._walker.failed(session, wall, _known(call)), now)

    def forget_sessions(self, now: Instant) -> list[Command]:
        """The process that held the conversations is gone; the dialplan falls back by itself."""
        commands: list[Command] = []
        for call in self._centre.calls.values():
            self._centre.ranking.forget(call)
            if call.session is not None and call.phase == IVR:
                commands += self._broke(call, call.session, "restarted", now)
                self._break_off(call, call.session)
        return commands

    def checked(self, call: Call, status: LookUpStatus, now: Instant) -> list[Command]:
        """What the CRM says of the code that this call's session has asked about."""
        session = call.session
        assert session is not None, "a code is pending in a session"
        self._centre.deadlines.cancel((CHECK_OVERDUE, call.id))
        wall = self._centre.epoch.wall(now)
        action = self._walker.checked(session, status, wall, _known(call))
        return self._act(call, session, action, now)

    def check_overdue(self, call_id: CallId, now: Instant) -> list[Command]:
        """The CRM did not say in time whether the code is right: take it as claimed."""
        call, session = self._in_menu(call_id)
        if call is not None and session is not None and session.finding:
            return self.found(call, "timeout", now)
        if call is None or session is None or not session.pending:
            return []
        return self.checked(call, "timeout", now)

    def found(self, call: Call, status: LookUpStatus, now: Instant) -> list[Command]:
        """What the CRM says of the caller whom this call's session asks for."""
        session = call.session
        assert session is not None, "a session waits for it"
        self._centre.deadlines.cancel((CHECK_OVERDUE, call.id))
        wall = self._centre.epoch.wall(now)
        return self._act(
            call, session, self._walker.found(session, status, wall, _known(call)), now
        )

    def answered(
        self, call: Call, status: ServiceStatus, values: tuple[tuple[str, str], ...], now: Instant
    ) -> list[Command]:
        """What came of the question that this call has asked outside, if it still waits for it."""
        _, session = self._in_menu(call.id)
        if session is None or session.outside is None or session.outside.status:
            return []
        wall = self._centre.epoch.wall(now)
        action = self._walker.answered(session, status, values, wall, _known(call))
        return self._act(call, session, action, now)

    def proved(self, call: Call, status: PinStatus, now: Instant) -> list[Command]:
        """What the CRM says of the PIN that this call's session has asked about. The card on the
        screen must be of the code that is proved, where it was of the number alone."""
        session = call.session
        assert session is not None, "a PIN is held against the CRM for a session"
        wall = self._centre.epoch.wall(now)
        action = self._walker.proved(session, status, wall, _known(call))
        commands: list[Command] = []
        if session.identity == "verified" and call.matched_by != "code":
            commands += self._centre.customers.look_up(call, now, session.code)
        return commands + self._act(call, session, action, now)

    def _act(self, call: Call, session: Session, action: Action, now: Instant) -> list[Command]:
        centre = self._centre
        while isinstance(action, Ask | Prove) and self._bars(call, session, action, now):
            wall = centre.epoch.wall(now)
            action = self._walker.locked(session, wall, _known(call))
        call.language, call.code = session.language, session.code
        call.identity = session.identity
        session.trail.passes(now)
        match action:
            case ToQueue():
                told = containment.led_on(call, session, "queue", centre.epoch, now)
                self.leave(call, session)
                return centre.inbound.hold(call, action.queue, now) + told
            case Leave():
                return centre.leavings.leave(call, session, action, now)
            case Lost():
                why = f"there is no step {action.step} any more"
                told = self._broke(call, session, "changed", now)
                return self._go_past(call, session, "flow_changed", why, now) + told
            case End():
                told = containment.ended(call, session, centre.epoch, now)
                self.leave(call, session)
                call.phase = ENDING
                return [HangUpCall(call.id, "the flow ended"), *told]
        centre.deadlines.arm((IVR_OVERDUE, call.id), now + centre.settings.ivr_limit)
        match action:
            case Say():
                return [Play(call.id, action.prompts, session.language)]
            case Ask():
                return [
                    Collect(
                        call.id, action.prompts, session.language, action.max_digits,
                        action.terminator, action.first_digit, action.inter_digit,
                        action.total, action.secret, action.proves, self._listens(session),
                        action.recording,
                    )
                ]  # fmt: skip
            case Listen():
                return [
                    RecordCaller(
                        call.id, action.prompts, session.language, len(call.recordings) + 1,
                        action.longest, action.silence, action.terminator,
                    )
                ]  # fmt: skip
            case Check():
                centre.deadlines.arm((CHECK_OVERDUE, call.id), now + centre.settings.check_budget)
                return centre.customers.look_up(call, now, action.code)
            case Find():
                return centre.customers.find(call, action.code, now)
            case Prove():
                return centre.identities.check(call, action.code, now)
            case AskOutside():
                return centre.services.ask(call, session, action, now)
            case Waiting():
                return []
            case _:
                assert_never(action)

    def _listens(self, session: Session) -> str:
        spoken = self._centre.settings.speech.languages
        return self._walker.listens(session) if session.language in spoken else ""

    def _bars(self, call: Call, session: Session, action: Ask | Prove, now: Instant) -> bool:
        """Whether a PIN would be asked for, or held against the CRM, where none may be tried."""
        wants = isinstance(action, Prove) or action.proves
        return wants and self._centre.identities.barred(call, session.code, now)

    def _in_menu(self, call_id: CallId) -> tuple[Call | None, Session | None]:
        call = self._centre.calls.get(call_id)
        return call, call.session if call and call.phase == IVR else None

    def leave(self, call: Call, session: Session) -> None:
        self._centre.recordings.left(call, session)
        call.path, call.phase, call.session = tuple(session.path), HELD, None
        if call.survey is not None:
            call.survey.asks = False
        self._centre.deadlines.cancel_all(OF_MENUS, call.id)


def _shown(call: Call) -> Claim:
    """What the caller has shown in an earlier menu of the call."""
    known = call.matched_by == "code" or call.identity == "verified"
    status = "found" if known else "claimed"
    return Claim(call.code, status if call.code else "", call.identity)


def _known(call: Call) -> Known:
    """What a flow may branch on: the customer, once the CRM has named just one, and the number."""
    if len(call.customers) != 1:
        return Known(region=call.region, number=call.number)
    customer = call.customers[0]
    language = spoken_here(customer.language)
    return Known(customer.grade, customer.segment, call.region, call.number, language)
