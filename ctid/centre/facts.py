"""Which room takes which fact.

A table, so that a fact costs one look however many kinds of facts there are. A test holds it
against the closed union of events.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, get_args

from ctid.acd import by_hand
from ctid.centre import consult_outside
from ctid.core import events as ev
from ctid.core.callbacks import CallbackAgreed, CallbackCancelAsked, CustomerDialled
from ctid.core.commands import Command
from ctid.core.identity import PinChecked
from ctid.core.instants import Instant
from ctid.core.opening import HoursSwitched
from ctid.core.recording import CallerRecorded
from ctid.core.services import ServiceAnswered
from ctid.core.tasks import TaskCancelled, TaskSubmitted

if TYPE_CHECKING:
    from ctid.centre.centre import Centre

Room = Callable[[Any, Instant], list[Command]]
"""Takes one fact of its kind; returns what follows."""


class Facts:
    """The table, and the steps of facts that concern more than one room."""

    def __init__(self, centre: Centre) -> None:
        self._centre = centre
        self._supervision = centre.supervision
        self._callbacks = centre.callbacks
        self.rooms: dict[type, Room] = {
            **dict.fromkeys(get_args(ev.AgentEvent), centre.agent_event),
            **dict.fromkeys(get_args(ev.Surroundings), centre.surroundings),
            ev.CallArrived: centre.inbound.arrived,
            ev.PromptsPlayed: centre.menus.played,
            ev.DigitsCollected: centre.menus.collected,
            ev.IvrLost: centre.menus.lost,
            CallerRecorded: centre.recordings.recorded,
            ev.CallWaiting: self._waiting,
            ev.CallDiverted: self._diverted,
            ev.RecordingStored: centre.overflow.recorded,
            ev.ExternalAnswered: self._external_answered,
            ev.Announced: lambda event, now: centre.router.announcer.over(event.call, now),
            ev.KeyPressed: centre.keys.pressed,
            ev.CallEnded: lambda event, now: centre.close(event.call, event.cause, now),
            ev.CustomerLookedUp: centre.customers.looked_up,
            ServiceAnswered: centre.services.answered,
            PinChecked: centre.identities.checked,
            ev.AgentRinging: lambda event, now: [],  # the pop went with the order to ring
            ev.AgentAnswered: self._answered,
            ev.CallBridged: self._bridged,
            ev.LegEnded: self._leg_ended,
            ev.CallHeld: centre.consults.held,
            ev.ConsultBridged: centre.consults.met,
            ev.OutsideAnswered: lambda event, now: consult_outside.answered(centre, event, now),
            ev.OutsideFailed: lambda event, now: consult_outside.failed(centre, event, now),
            ev.PhoneChanged: self._phone_changed,
            ev.SpyAsked: centre.supervision.asked,
            ev.SpyStopAsked: centre.supervision.asked,
            HoursSwitched: centre.openings.switched,
            ev.AssignAsked: lambda event, now: by_hand.assign(centre.router, event, now),
            ev.PopAcknowledged: self._acknowledged,
            CallbackAgreed: centre.callbacks.agreed,
            CallbackCancelAsked: centre.callbacks.cancel,
            CustomerDialled: self._dialled,
            TaskSubmitted: centre.tasks.submitted,
            TaskCancelled: centre.tasks.cancelled,
        }

    def _waiting(self, event: ev.CallWaiting, now: Instant) -> list[Command]:
        commands = self._callbacks.on_the_line(event.call, event.channel, now)
        commands += self._centre.inbound.waiting(event, now)
        return commands

    def _diverted(self, event: ev.CallDiverted, now: Instant) -> list[Command]:
        sent_on = self._centre.transfers.diverted(event, now)
        return [] if sent_on else self._centre.overflow.arrived(event, now)

    def _external_answered(self, event: ev.ExternalAnswered, now: Instant) -> list[Command]:
        self._centre.transfers.answered(event.call, now)
        return self._centre.overflow.answered(event, now)

    def _answered(self, event: ev.AgentAnswered, now: Instant) -> list[Command]:
        if event.offer in self._supervision.spies:
            return self._supervision.fact(event, now)
        return self._centre.router.answered(event.offer, now)

    def _bridged(self, event: ev.CallBridged, now: Instant) -> list[Command]:
        if event.offer in self._supervision.spies:
            return self._supervision.fact(event, now)
        return self._centre.bridged(event.offer, now)

    def _leg_ended(self, event: ev.LegEnded, now: Instant) -> list[Command]:
        if event.offer in self._supervision.spies:
            return self._supervision.fact(event, now)
        self._callbacks.heard(event)
        if event.offer in self._centre.router.offers:
            return self._centre.router.leg_ended(event.offer, event.cause, now)
        return consult_outside.line_ended(self._centre, event.offer, now)

    def _phone_changed(self, event: ev.PhoneChanged, now: Instant) -> list[Command]:
        self._centre.router.staff.phone_changed(event.phone, event.state)
        return []

    def _acknowledged(self, event: ev.PopAcknowledged, now: Instant) -> list[Command]:
        return self._centre.screens.pops.acknowledge(event.agent, event.pop, now)

    def _dialled(self, event: CustomerDialled, now: Instant) -> list[Command]:
        self._callbacks.heard(event)
        return []
