"""Supervisors in agents' talks: listen, whisper, barge, take over.

A supervisor's phone has a leg of its own at the PBX, with an id like an agent's leg, and its facts
are the same: ringing, answered, ended. It ends with the talk by itself (ChanSpy's option E), so a
killed ctid leaves nobody listening. Nothing about the talk changes in the machine by it; only a
take-over does, once the PBX says that the caller hears the supervisor's phone (`CallBridged`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from ctid.acd.agents import NOT_READY, ON_CALL, SIGNED_OUT
from ctid.acd.contacts import BRIDGED, CONNECTED, Offer
from ctid.acd.taking_over import take_over
from ctid.centre.calls import CONFIRM_WITHIN
from ctid.core import events as ev
from ctid.core.commands import (
    ChangeSpy,
    Command,
    Denied,
    HangUpAgent,
    Noticed,
    Repaired,
    Spied,
    Spy,
    StopRinging,
)
from ctid.core.instants import Duration, Instant
from ctid.core.records import AgentId, CallId, ChannelFact, LegCause, OfferId
from ctid.core.supervision import Listener, SpyMode, SpyRecord, SpyStep, SpyView, Supervisor
from ctid.core.transitions import Table, step

if TYPE_CHECKING:
    from ctid.centre.centre import Centre

SPY_OVERDUE: Final = "spy"

RINGING: Final = "ringing"
ON: Final = "on"
TAKING: Final = "taking"
ENDING: Final = "ending"

SPY_TRANSITIONS: Final[Table] = {
    RINGING: {"answered": ON, "stop": ENDING},
    ON: {"answered": ON, "take": TAKING, "stop": ENDING},
    TAKING: {"answered": TAKING, "back": ON, "stop": ENDING},
    ENDING: {"answered": ENDING, "stop": ENDING},
}
"""A supervisor's leg. It leaves the table by ending, and by becoming an agent's leg. `back`: the
caller did not come over in time."""


@dataclass(slots=True, frozen=True)
class SupervisionRules:
    """What supervisors may do, and with which phones."""

    told: bool = True
    """Agents see on their page who is in their talk."""
    phones: Mapping[str, str] = field(default_factory=dict)
    """Login → phone, for supervisors who are no agents."""


@dataclass(slots=True)
class Eavesdropper:
    """A supervisor in an agent's talk. Plain data: the journal's state holds it."""

    id: OfferId
    by: Supervisor
    agent: AgentId
    call: CallId
    offer: OfferId
    """The agent's leg."""
    mode: SpyMode
    rung_at: Instant
    state: str = RINGING
    heard: bool = False
    """The phone was picked up."""
    chased: bool = False
    """The PBX was asked once more to end this leg."""


class Supervision:
    """All supervisors' legs of the centre."""

    def __init__(self, centre: Centre) -> None:
        self._centre = centre
        self._router = centre.router
        self._rules = centre.settings.supervision
        self.spies: dict[OfferId, Eavesdropper] = {}

    # -- wishes --

    def asked(self, event: ev.SpyAsked | ev.SpyStopAsked, now: Instant) -> list[Command]:
        """A supervisor wants to be in an agent's talk, in it in another way, or out of it."""
        mine = self._of(event.by.login)
        if isinstance(event, ev.SpyStopAsked):
            return [] if mine is None else self._stop(mine, "the supervisor is done", now)
        why = self._refused(event, mine)
        if why is not None:
            return [Denied(*why, login=event.by.login)]
        if mine is None:
            return self._begin(event, now)
        if event.wish == "take":
            self._step(mine, "take")
            self._arm(mine, now, CONFIRM_WITHIN)
            return [ChangeSpy(mine.id, "take")]
        mine.mode = event.wish
        record = self._record(mine, "changed", now)
        return [ChangeSpy(mine.id, mine.mode), record, *self._told(mine)]

    def _refused(self, event: ev.SpyAsked, mine: Eavesdropper | None) -> tuple[str, str] | None:
        if self._router.frozen:
            return "link_down", "The link to the PBX is down."
        talk = self._talk(event.agent)
        if talk is None or (mine and mine.offer != talk.id):
            return "no_talk", "This agent talks to nobody now."
        if mine is None:
            return self._no_phone(event.by, event.agent) if event.wish != "take" else _LISTEN_FIRST
        if mine.state != ON:
            return "phone_rings", "Answer your phone first."
        return self._not_taken(mine) if event.wish == "take" else None

    def _no_phone(self, by: Supervisor, agent: AgentId) -> tuple[str, str] | None:
        own = self._router.staff.agents.get(by.agent)
        if own is None:
            known = by.login in self._rules.phones
            return None if known else ("no_phone", "No phone is configured for this login.")
        if own.id == agent:
            return "no_talk", "This is your own talk."
        if own.state not in (SIGNED_OUT, NOT_READY):
            return "phone_busy", "Take a break first, so that no call comes to your phone."
        if own.phone_state != "idle":
            return "phone_busy", f"Your phone is {own.phone_state}."
        return None

    def _not_taken(self, mine: Eavesdropper) -> tuple[str, str] | None:
        own = self._router.staff.agents.get(mine.by.agent)
        if own is None:
            return "take_needs_agent", "Only who is an agent too can take a call over."
        contact = self._router.contacts.get(mine.call)
        call = self._centre.calls.get(mine.call)
        if call is None or contact is None or contact.offer != mine.offer:
            return "no_talk", "The caller does not talk to this agent now."
        if own.offer:
            return "phone_busy", "You are in a call of your own."
        if contact.state != CONNECTED or call.transfer is not None or call.aside is not None:
            return "caller_aside", "The caller is on hold, or on the way to somebody else."
        return None

    def _begin(self, event: ev.SpyAsked, now: Instant) -> list[Command]:
        assert event.wish != "take", "whoever takes over has listened before"
        router = self._router
        offer = router.offers[router.staff.agents[event.agent].offer]
        router.serial += 1
        spy = Eavesdropper(
            f"{router.prefix}-{router.serial}", event.by, event.agent, offer.call, offer.id,
            event.wish, now,
        )  # fmt: skip
        self.spies[spy.id] = spy
        own = router.staff.agents.get(event.by.agent)
        phone = own.phone if own else self._rules.phones[event.by.login]
        ring_for = router.queues[offer.queue].ring_for
        self._arm(spy, now, ring_for + router.settings.leg_grace)
        name = self._centre.names[spy.agent]
        return [Spy(spy.id, spy.call, spy.offer, phone, name, spy.mode, ring_for)]

    # -- facts of the PBX --

    def fact(
        self, event: ev.AgentAnswered | ev.CallBridged | ev.LegEnded, now: Instant
    ) -> list[Command]:
        """What the PBX says of a supervisor's leg, one of `spies`."""
        spy = self.spies[event.offer]
        match event:
            case ev.AgentAnswered():
                return self._answered(spy, now)
            case ev.CallBridged():
                return self._took_over(spy, now)
            case ev.LegEnded():
                return self._leg_ended(spy, event.cause, now)

    def _answered(self, spy: Eavesdropper, now: Instant) -> list[Command]:
        self._step(spy, "answered")
        if spy.heard or spy.state != ON:
            return []
        spy.heard = True
        self._centre.deadlines.cancel((SPY_OVERDUE, spy.id))
        return [self._record(spy, "began", now), *self._told(spy)]

    def _took_over(self, spy: Eavesdropper, now: Instant) -> list[Command]:
        """The phone and the caller hear each other, whatever was meant by then."""
        contact, call = self._router.contacts.get(spy.call), self._centre.calls.get(spy.call)
        own = self._router.staff.agents.get(spy.by.agent)
        if own is None or own.offer or contact is None or call is None:
            text = f"{spy.by.login} talks to {spy.call}, which is booked to nobody"
            return [*self._over(spy, now), Noticed("take_over_unbooked", text)]
        if contact.state != CONNECTED:
            return []  # the caller was elsewhere in the meantime: an old fact
        commands: list[Command] = [self._record(spy, "took_over", now)]
        if call.aside is not None:  # asked for in the very moment in which the caller went over
            commands += self._centre.consults.over(call, call.aside, now)
        commands += self._over(spy, now)
        call.agent = own.id
        call.path += (f"{own.id}>take:{spy.agent}",)
        reason = f"taken over from {self._centre.names[spy.agent]}"
        commands += self._centre.screens.show(
            spy.id, call, own.id, contact.queue, reason, call.handed, now
        )
        return commands + take_over(self._router, contact, spy.id, own, spy.rung_at, now)

    def _leg_ended(self, spy: Eavesdropper, cause: LegCause, now: Instant) -> list[Command]:
        """The phone has hung up, or could not be rung."""
        stopped = spy.state == ENDING
        commands = self._over(spy, now)
        if spy.heard or stopped:
            return commands
        return [*commands, Denied("phone_failed", f"Your phone: {cause}.", login=spy.by.login)]

    def settle(self, now: Instant) -> list[Command]:
        """Whose talk is over: the PBX ends those who listen, and a phone that still rings is
        stopped. Called once after each fact and each deadline."""
        commands: list[Command] = []
        for spy in self.spies.values():
            offer = self._router.offers.get(spy.offer)
            if spy.state in (RINGING, ON) and (offer is None or offer.state != BRIDGED):
                commands += self._stop(spy, "the talk is over", now, by_itself=True)
        return commands

    def overdue(self, leg: OfferId, now: Instant) -> list[Command]:
        """The PBX has not said what was due."""
        spy = self.spies[leg]
        if self._router.frozen:
            self._arm(spy, now)
            return []  # the inventory will tell
        if spy.state == TAKING:
            self._step(spy, "back")
            spy.mode = "listen"
            text = "The caller did not come over to your phone."
            return [Denied("not_taken", text, login=spy.by.login), *self._told(spy)]
        if not spy.chased:
            spy.chased = True
            return self._stop(spy, "overdue", now)
        text = f"the PBX did not confirm the end of {leg} ({spy.by.login}, {spy.state})"
        return [*self._over(spy, now), Noticed("leg_overdue", text)]

    # -- after a cut link or a restart --

    def compare(self, channels: Sequence[ChannelFact], now: Instant) -> list[Command]:
        """Hold the supervisors' legs in the inventory against ours."""
        legs = {fact.id: fact for fact in channels if fact.role != "caller"}
        callers = {fact.id for fact in channels if fact.role == "caller"}
        commands: list[Command] = []
        for spy in list(self.spies.values()):
            leg = legs.get(spy.id)
            if leg is None:
                text = f"the leg of {spy.by.login} is no longer at the PBX"
                commands += [Repaired(spy.id, "spy_gone", text), *self._over(spy, now)]
            elif leg.role == "agent" and leg.place == "talking" and spy.call in callers:
                text = f"{spy.by.login} took {spy.call} over unseen"
                commands.append(Repaired(spy.id, "take_over_seen", text))
                commands += self._took_over(spy, now)
            elif leg.place == "other":
                commands += self._answered(spy, now)
        for leg in legs.values():
            if leg.role == "spy" and leg.id not in self.spies:
                text = f"{leg.phone} listens to {leg.call}, and nobody knows who it is; it is ended"
                commands += [Repaired(leg.id, "spy_unknown", text), StopRinging(leg.id, text)]
        return commands

    # -- what pages show --

    def views(self) -> tuple[SpyView, ...]:
        """All of them, for boards."""
        return tuple(
            SpyView(s.by.login, s.by.name, s.agent, s.call, s.mode, s.state)
            for s in self.spies.values()
        )

    def listeners(self, agent: AgentId) -> tuple[Listener, ...]:
        """Who is in this agent's talk, as far as agents are told."""
        if not self._rules.told:
            return ()
        there = (s for s in self.spies.values() if s.agent == agent and s.heard)
        return tuple(Listener(s.by.name, s.mode) for s in there if s.state != ENDING)

    # -- the steps --

    def _talk(self, agent_id: AgentId) -> Offer | None:
        agent = self._router.staff.agents.get(agent_id)
        if agent is None or agent.state != ON_CALL:
            return None
        offer = self._router.offers.get(agent.offer)
        return offer if offer is not None and offer.state == BRIDGED else None

    def _of(self, login: str) -> Eavesdropper | None:
        mine = (spy for spy in self.spies.values() if spy.by.login == login)
        return next(mine, None)

    def _stop(
        self, spy: Eavesdropper, reason: str, now: Instant, *, by_itself: bool = False
    ) -> list[Command]:
        rang = not spy.heard
        self._step(spy, "stop")
        self._arm(spy, now)
        if rang:
            return [StopRinging(spy.id, reason)]
        end = [] if by_itself else [HangUpAgent(spy.id, reason)]
        return [*end, *self._told(spy)]

    def _over(self, spy: Eavesdropper, now: Instant) -> list[Command]:
        del self.spies[spy.id]
        self._centre.deadlines.cancel((SPY_OVERDUE, spy.id))
        return [self._record(spy, "ended", now), *self._told(spy)] if spy.heard else []

    def _told(self, spy: Eavesdropper) -> list[Command]:
        """The agent's page shows who listens."""
        agent = self._router.staff.agents.get(spy.agent)
        told = self._rules.told and agent is not None and agent.offer == spy.offer
        return [self._router.staff.changed(agent)] if told and agent is not None else []

    def _record(self, spy: Eavesdropper, what: SpyStep, now: Instant) -> Spied:
        at = self._centre.epoch.wall(now)
        return Spied(SpyRecord(spy.id, what, spy.by.login, spy.agent, spy.call, spy.mode, at))

    def _step(self, spy: Eavesdropper, event: str) -> None:
        spy.state = step("spy", SPY_TRANSITIONS, spy.state, event)

    def _arm(self, spy: Eavesdropper, now: Instant, after: Duration | None = None) -> None:
        due = now + (self._router.settings.leg_grace if after is None else after)
        self._centre.deadlines.arm((SPY_OVERDUE, spy.id), due)


_LISTEN_FIRST: Final = ("listen_first", "Listen first; then take the call over.")
