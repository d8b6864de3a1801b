"""The whole centre as one pure machine: `handle`, `advance`, `next_deadline`, `snapshot`.

It never waits, reads a clock, draws a random number or logs. The asyncio driver and the simulator
feed the same object, and neither can be told from inside (docs/determinism.md).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, assert_never

from ctid.acd import by_hand
from ctid.acd.announcer import ANNOUNCE
from ctid.acd.blending import TOO_LONG
from ctid.acd.fairness import Ledger
from ctid.acd.router import Router
from ctid.acd.tasks import TASK_LAPSES
from ctid.centre import containment, resync, snapshot, state
from ctid.centre.callbacks import CALLBACK_DUE, Callbacks
from ctid.centre.calls import Call
from ctid.centre.comeback import Comebacks
from ctid.centre.consult import CONSULT_OVERDUE, Consults
from ctid.centre.consult_wishes import ConsultWishes
from ctid.centre.customers import CHECK_OVERDUE, Customers
from ctid.centre.day import into_the_hour, next_hour, next_midnight
from ctid.centre.escalation import ESCALATE, Escalations
from ctid.centre.facts import Facts, Room
from ctid.centre.identity import PIN_OVERDUE, Identities
from ctid.centre.inbound import Inbound
from ctid.centre.keys import Keys
from ctid.centre.leaving import Leavings
from ctid.centre.menus import IVR_OVERDUE, Menus
from ctid.centre.openings import HOURS_DUE, Openings
from ctid.centre.overflow import LOOK_DUE, SENT_OVERDUE, Overflows
from ctid.centre.ranking import RANK_OVERDUE, Ranking
from ctid.centre.recordings import Recordings
from ctid.centre.screens import Screens
from ctid.centre.services import SERVICE_OVERDUE, Services
from ctid.centre.settings import CentreSettings
from ctid.centre.supervision import SPY_OVERDUE, Supervision
from ctid.centre.survey import Surveys
from ctid.centre.tasks import TASK_DUE, TASKS_KEPT, Tasks
from ctid.centre.transfer import TRANSFER_OVERDUE, Transfers
from ctid.core import events as ev
from ctid.core.commands import AgentChanged, Command, RingAgent, StopRinging
from ctid.core.deadlines import Deadlines
from ctid.core.instants import Epoch, Instant
from ctid.core.records import CallId, Outcome
from ctid.core.tasks import TaskAccepted, TaskDone, TaskRejected
from ctid.core.views import CentreView
from ctid.ivr.collecting import masks_codes
from ctid.ivr.flow import LANGUAGES

DAY_OVER: Final = "day"
HOUR_OVER: Final = "hour"
OF_CALLS: Final = (
    IVR_OVERDUE, CHECK_OVERDUE, RANK_OVERDUE, LOOK_DUE, SENT_OVERDUE, TRANSFER_OVERDUE,
    CONSULT_OVERDUE, PIN_OVERDUE, SERVICE_OVERDUE,
)  # fmt: skip
"""Deadlines that end with their call."""


class Centre:
    """See docs/architecture.md for the contract that a driver keeps."""

    def __init__(self, settings: CentreSettings) -> None:
        self.settings = settings
        self.epoch = Epoch()
        self.boot = ""
        self.deadlines = Deadlines()
        self.router = Router(settings.acd, self.deadlines, lambda: self.epoch)
        self.names = {agent.id: agent.name for agent in settings.acd.agents}
        self.calls: dict[CallId, Call] = {}
        self.ended: dict[CallId, Instant] = {}
        """Tombstones: calls that are over, so that late facts do not bring them back (F13)."""
        self.fairness = Ledger(settings.acd.agents, self.router.queues)
        self.screens = Screens(self.calls, masks_codes=masks_codes(settings.flows))
        self.openings = Openings(self)
        self.overflow = Overflows(self)
        self.keys = Keys(self)
        self.callbacks = Callbacks(self)
        self.transfers = Transfers(self)
        self.supervision = Supervision(self)
        self.consults = Consults(self)
        self.wishes = ConsultWishes(self)
        self.comebacks = Comebacks(settings.regain)
        self.ranking = Ranking(self)
        self.surveys = Surveys(self)
        self.customers = Customers(self)
        self.identities = Identities(self)
        self.menus = Menus(self)
        self.services = Services(self)
        self.leavings = Leavings(self)
        self.recordings = Recordings(self)
        self.inbound = Inbound(self)
        self.tasks = Tasks(self)
        self.escalations = Escalations(self)
        self._rooms: dict[str, Callable[[str, Instant], list[Command]]] = {
            IVR_OVERDUE: self.menus.overdue,
            CHECK_OVERDUE: self.menus.check_overdue,
            PIN_OVERDUE: self.identities.overdue,
            SERVICE_OVERDUE: self.services.overdue,
            RANK_OVERDUE: self.ranking.overdue,
            LOOK_DUE: self.overflow.look,
            CALLBACK_DUE: self.callbacks.due,
            TASK_DUE: self.tasks.due,
            TASK_LAPSES: self.router.tasks.lapsed,
            TOO_LONG: self.router.outbound.too_long,
            ESCALATE: self.escalations.due,
            TASKS_KEPT: self.tasks.kept_too_long,
            SENT_OVERDUE: self.overflow.overdue,
            TRANSFER_OVERDUE: self.transfers.overdue,
            SPY_OVERDUE: self.supervision.overdue,
            CONSULT_OVERDUE: self.consults.overdue,
            HOURS_DUE: self.openings.due,
            ANNOUNCE: self._announce,
            DAY_OVER: lambda _, now: self._new_day(now),
            HOUR_OVER: lambda _, now: self._roll_hour(now),
        }
        """Whose each kind of deadline is; all others are the router's."""
        self._facts = Facts(self).rooms
        self._followers: dict[type, Room] = {
            RingAgent: self.screens.rings,
            StopRinging: self.screens.stops,
            AgentChanged: self._agent_changed,
        }
        """Who takes note of which commands."""

    # -- the driver's contract --

    def handle(self, event: ev.Event, now: Instant) -> list[Command]:
        """One fact in, every consequence out."""
        return self._settled(self._facts[type(event)](event, now), now)

    def advance(self, now: Instant) -> list[Command]:
        """Fire every deadline that is due at `now`, earliest first, ties in arming order."""
        commands: list[Command] = []
        while (key := self.deadlines.take(now)) is not None:
            commands += self._settled(self._fire(*key, now), now)
        return commands

    def _settled(self, commands: list[Command], now: Instant) -> list[Command]:
        """What one fact or one deadline led to, with all that follows from it."""
        router = self.router
        if router.tasks.left_behind:
            commands += self.tasks.settle(now)
        if router.staffing.emptied:
            commands += self.overflow.settle(now)
        if self.supervision.spies:
            commands += self.supervision.settle(now)
        if router.freed or router.loosed:
            commands += router.settle(now)
        if commands:
            commands = self._followed(commands, now)
        if router.waits.fresh:
            router.waits.expect(now)
        return commands

    def _followed(self, commands: list[Command], now: Instant) -> list[Command]:
        """`commands`, with what screens must do because of them; boards and estimates take note."""
        followers = self._followers
        out: list[Command] = []
        for command in commands:
            out.append(command)
            if (follow := followers.get(type(command))) is not None:
                out += follow(command, now)
        return out

    def _agent_changed(self, command: AgentChanged, now: Instant) -> list[Command]:
        self.router.waits.changed(command, now)
        self.fairness.changed(command)
        return self.screens.changed(command)

    def next_deadline(self) -> Instant | None:
        """When to be woken, if ever."""
        return self.deadlines.next()

    def snapshot(self, now: Instant) -> CentreView:
        """The centre for pages, API and tests."""
        return snapshot.take(self, now)

    def dump(self) -> state.CentreState:
        """Everything that a later `load` needs to go on as if nothing had happened."""
        return state.dump(self)

    @classmethod
    def load(cls, settings: CentreSettings, saved: state.CentreState) -> Centre:
        """A machine that goes on from `saved`; agents and queues come from `settings`."""
        centre = cls(settings)
        state.restore(centre, saved)
        return centre

    # -- events --

    def agent_event(self, event: ev.AgentEvent, now: Instant) -> list[Command]:
        """One agent, or their page, wants something."""
        staff = self.router.staff
        agent = staff.agents.get(event.agent)
        if agent is None:
            return []  # an agent whom the settings no longer know
        match event:
            case ev.SignInAsked():
                return staff.sign_in(agent, now)
            case ev.SignOutAsked():
                leaves = staff.wish(agent, "signed_out", "", now)
                return leaves + self.router.tasks.withdraw(agent, now)
            case ev.ReadyAsked():
                return staff.wish(agent, "ready", "", now)
            case ev.BreakAsked():
                rests = staff.wish(agent, "not_ready", event.reason, now)
                return rests + self.router.tasks.withdraw(agent, now)
            case ev.WrapUpDone():
                return staff.end_wrap_up(agent, now)
            case ev.ExtendWrapUpAsked():
                return staff.extend_wrap_up(agent, now)
            case ev.DispositionGiven():
                return staff.dispose(agent, event.call, event.code, now)
            case ev.HangUpAsked():
                return self.router.hang_up(agent, now)
            case ev.TransferAsked():
                return self.transfers.asked(event, agent, now)
            case ev.ConsultAsked():
                return self.wishes.asked(event, agent, now)
            case ev.TalkAsked():
                return self.wishes.wished(event, agent, now)
            case ev.PullAsked():
                return by_hand.pull(self.router, event, agent, now)
            case TaskAccepted() | TaskRejected() | TaskDone():
                return self.tasks.of_agent(event, agent, now)
            case ev.ScreenLost():
                commands = staff.screen_lost(agent, now)
                return commands + self.tasks.page_lost(agent, now)
            case ev.ScreenBack():
                self.tasks.page_back(agent)
                return staff.screen_back(agent, now)
            case _:
                assert_never(event)

    def surroundings(self, event: ev.Surroundings, now: Instant) -> list[Command]:
        """The process, its clock, its settings or the PBX are others than before."""
        match event:
            case ev.Started():
                self.boot = self.router.prefix = event.boot
                self.router.freeze()
                self._set_epoch(event.wall_at_zero, now)
                broken = self.menus.forget_sessions(now)
                mended = [*self.tasks.mend(now), *self._roll_hour(now)]
                return broken + mended + self.openings.doubts(now)
            case ev.WallClockAdjusted():
                self._set_epoch(event.wall_at_zero, now)
                return self._roll_hour(now)
            case ev.Reloaded():
                return self._reloaded(now)
            case ev.LinkLost():
                self.router.freeze()
                return []
            case ev.Inventory():
                return resync.compare(self, event, now)

    def _reloaded(self, now: Instant) -> list[Command]:
        """Everybody who waits stands where the new settings put them, and rules look anew."""
        self.router.stand_anew(now)
        commands = self.tasks.mend(now) + self.openings.doubts(now)
        self.escalations.again(now)
        if self.router.frozen:
            return commands  # the inventory will thaw
        self.overflow.thawed(now)
        return commands + self.router.thaw(now)

    def bridged(self, offer_id: str, now: Instant, *, seen: bool = False) -> list[Command]:
        """The agent and the caller of this offer talk."""
        if (aside := self.consults.bridged(offer_id, now)) is not None:
            return aside
        commands = self.router.bridged(offer_id, now, seen=seen)
        if commands:
            self.note_talk(offer_id, now)
            if (call := self.calls.get(self.router.offers[offer_id].call)) is not None:
                commands += self.surveys.talks(call)
        return commands

    def note_talk(self, offer_id: str, now: Instant) -> None:
        """The call's own record of being answered."""
        offer = self.router.offers[offer_id]
        if (call := self.calls.get(offer.call)) is not None and not call.was_bridged:
            call.answered(offer.agent, now)
            self.callbacks.reached(call)

    def close(
        self, call_id: CallId, cause: str, now: Instant, outcome: Outcome | None = None
    ) -> list[Command]:
        """The caller is gone. The one place where a call ends, once."""
        self._bury(call_id, now)
        call = self.calls.pop(call_id, None)
        if call is None:
            return []
        self.deadlines.cancel_all(OF_CALLS, call_id)
        self.escalations.forget(call_id)
        stops = self.consults.closed(call, now)
        left, commands = self.router.leave(call_id, now, abandoned=not call.dials)
        commands[:0] = stops
        if left is not None:
            call.offers += left.contact.offers
        outcome = outcome or call.outcome()
        commands += self.recordings.closing(call, now)
        commands += containment.call_over(call, outcome, self.epoch, now)
        self.comebacks.closed(call, outcome, now)
        commands.append(call.close(outcome, cause, self.epoch, now))
        commands += self.callbacks.closed(call, now)
        return commands

    def _bury(self, call_id: CallId, now: Instant) -> None:
        self.ended[call_id] = now
        oldest = next(iter(self.ended))
        while self.ended[oldest] + self.settings.tombstone_for < now:
            del self.ended[oldest]
            oldest = next(iter(self.ended))

    # -- deadlines --

    def _fire(self, kind: str, subject: str, now: Instant) -> list[Command]:
        room = self._rooms.get(kind)
        return self.router.fire(kind, subject, now) if room is None else room(subject, now)

    def _announce(self, call_id: CallId, now: Instant) -> list[Command]:
        call = self.calls.get(call_id)
        language = self.language_of(call) if call else self.settings.language
        return self.router.announcer.due(call_id, language, now, frozen=self.router.frozen)

    def language_of(self, call: Call) -> str:
        """The language of prompts for this caller."""
        return call.language if call.language in LANGUAGES else self.settings.language

    def _set_epoch(self, wall_at_zero: int, now: Instant) -> None:
        due = self.deadlines.at((DAY_OVER, ""))
        midnight = None if due is None else self.epoch.wall(due)
        self.epoch = Epoch(wall_at_zero)
        if midnight is not None and midnight <= self.epoch.wall(now):
            self._clear_counts()  # the clock jumped over it, or nobody ran at midnight
        midnight = next_midnight(self.epoch.wall(now), self.settings.timezone)
        self.deadlines.arm((DAY_OVER, ""), self.epoch.instant(midnight))
        self.openings.clock_moved()

    def _roll_hour(self, now: Instant) -> list[Command]:
        wall, zone = self.epoch.wall(now), self.settings.timezone
        began_at = wall - into_the_hour(wall, zone)
        until = self.epoch.instant(next_hour(wall, zone))
        self.deadlines.arm((HOUR_OVER, ""), until)
        return self.fairness.roll(began_at, self.epoch.instant(began_at), until, now)

    def _new_day(self, now: Instant) -> list[Command]:
        self._clear_counts()
        self._set_epoch(self.epoch.wall_at_zero, now)
        return self.openings.doubts(now)

    def _clear_counts(self) -> None:
        for queue in self.router.counts:
            self.router.counts[queue] = type(self.router.counts[queue])()
        self.router.waits.new_day()
        for agent in self.router.staff.agents.values():
            agent.handled = 0
