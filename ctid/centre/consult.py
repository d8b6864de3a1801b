"""Hold, and consult transfer: an agent puts the caller aside, asks a colleague, hands over.

The PBX is the judge here too: a state is another one when the PBX has said who hears whom. An order
that it does not confirm in time changes nothing, and the agent may press again. Every place in
which the PBX holds a caller or a leg meanwhile has a limit, and the caller's leads to the queue.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ctid.acd import consulting
from ctid.acd.contacts import BRIDGED, CONNECTED, Contact, Offer
from ctid.centre import consult_outside, hold_over
from ctid.centre.aside import (
    ASIDE_TRANSITIONS,
    ASKING,
    COMPLETING,
    CONFERENCE,
    CONSULTING,
    HELD,
    RETURNING,
    TALKING,
    WITH_CALLER,
    Aside,
    Ask,
)
from ctid.centre.calls import CONFIRM_WITHIN, Call
from ctid.centre.consult_target import free_colleague, refusal
from ctid.core import events as ev
from ctid.core.commands import Bring, Command, HangUpAgent, Noticed
from ctid.core.instants import Instant
from ctid.core.records import Bringing, CallId, Handed, LegCause, OfferId
from ctid.core.text import clean
from ctid.core.transitions import step

if TYPE_CHECKING:
    from ctid.centre.centre import Centre

CONSULT_OVERDUE: Final = "consult"


class Consults:
    """All talks of the centre in which the caller is, or may be, put aside."""

    def __init__(self, centre: Centre) -> None:
        self._centre = centre
        self._router = centre.router
        centre.router.on_leg_ended = self.leg_ended

    # -- orders --

    def hold(self, call: Call, offer: Offer, now: Instant, ask: Ask | None = None) -> list[Command]:
        queue = offer.queue if offer.queue in self._router.queues else call.queue
        call.aside, call.transfer = Aside(offer.agent, offer.id, queue, now, ask=ask), None
        return self.order(call, call.aside, "hold", now)

    def order(self, call: Call, aside: Aside, to: Bringing, now: Instant) -> list[Command]:
        aside.pending, aside.late = to, ""
        self.arm(call.id, now)
        if to in ("hold", "colleague"):
            call.moves += 1
        music = self._router.queues[aside.queue].music
        if to in ("caller", "colleague"):
            aside.latched = to == "caller" and self._answered(aside)
        bring = Bring(call.id, aside.first, aside.other, to, music, call.moves)
        return [bring, *self._show(aside)]

    def unlatch(self, call: Call, aside: Aside) -> list[Command]:
        """The end of this talk is the end of the call again."""
        if not aside.latched:
            return []
        aside.latched = False
        music = self._router.queues[aside.queue].music
        return [Bring(call.id, aside.first, "", "alone", music, call.moves)]

    def ring(self, call: Call, aside: Aside, ask: Ask, now: Instant) -> list[Command]:
        """Ask the colleague, who may have been taken meanwhile."""
        agent = self._router.staff.agents[aside.by]
        aside.ask, aside.handed = None, self._handed(aside, ask, now)
        if ask.kind == "number":
            self._step(call, aside, "rings", now)
            return consult_outside.ring(self._centre, call, aside, ask)
        colleague = free_colleague(self._centre, ask, agent)
        if colleague is None:
            text = f"{clean(ask.target)!r} is not free now"
            return [refusal(agent, "colleague_busy", text), *self._show(aside)]
        name = self._centre.names.get(aside.by, aside.by)
        offer, commands = consulting.ring(
            self._router, self._router.contacts[call.id], self._router.offers[aside.first],
            colleague, f"{name} asks", now,
        )  # fmt: skip
        aside.other = offer.id
        self._step(call, aside, "rings", now)
        return [*commands, self._router.staff.changed(agent)]

    def cancel(self, call: Call, aside: Aside, now: Instant) -> list[Command]:
        """The colleague goes, the caller comes back to the agent."""
        back = aside.state in (ASKING, CONSULTING)
        commands = self.stop_other(aside, "the agent needs no help any more", now)
        consult_outside.cancelled(self._centre, call, aside, now)
        return self.order(call, aside, "caller", now) + commands if back else commands

    def stop_other(self, aside: Aside, reason: str, now: Instant) -> list[Command]:
        """End the colleague's leg, or the line outside."""
        if aside.outside:
            return [HangUpAgent(aside.other, reason)] if aside.other else []
        return self.stop(aside.other, reason, now)

    def stop(self, offer_id: OfferId, reason: str, now: Instant) -> list[Command]:
        """End a leg; nothing where it is gone."""
        offer = self._router.offers.get(offer_id)
        if offer is None:
            return []
        offer.caller_left = True  # not for want of an answer
        return self._router.legs.stop(offer, reason, now)

    # -- what the PBX says --

    def held(self, event: ev.CallHeld, now: Instant) -> list[Command]:
        """The caller hears music."""
        call = self._centre.calls.get(event.call)
        contact = self._router.contacts.get(event.call)
        if call is None or contact is None or contact.state != CONNECTED:
            return []
        if event.moves != call.moves or event.moves <= call.hold:
            return []  # old
        call.hold, call.hold_over = event.moves, False
        return self._is_held(call, contact, now)

    def _is_held(self, call: Call, contact: Contact, now: Instant) -> list[Command]:
        first = self._router.offers.get(contact.offer)
        if call.aside is None:  # the order was given up, and is carried out all the same
            agent, offer = (first.agent, first.id) if first else (call.agent, "")
            call.aside = Aside(agent, offer, call.queue, now)
        aside = call.aside
        if first is None or aside.state == RETURNING:
            return self.alone(call, aside, now)
        if aside.pending == "colleague":
            return []  # until the two agents hear each other
        if aside.state != TALKING:
            return []
        self._confirmed(call, aside)
        self._step(call, aside, "held", now)
        if aside.ask is not None:
            return self.ring(call, aside, aside.ask, now)
        return self._show(aside)

    def bridged(self, offer_id: OfferId, now: Instant) -> list[Command] | None:
        """A leg and the caller hear each other; None where that is no affair of ours."""
        found = self._of(offer_id)
        if found is None:
            return None
        call, aside = found
        if aside.awaits("caller") and offer_id == aside.first:
            return self._back(call, aside, now)
        if (aside.awaits("all") or aside.awaits("join")) and offer_id == aside.other:
            return self.unlatch(call, aside) + self.now_is(call, aside, "all", now)
        if aside.state == COMPLETING and offer_id == aside.other:
            return self.over(call, aside, now)
        return []

    def met(self, event: ev.ConsultBridged, now: Instant) -> list[Command]:
        """The two agents hear each other."""
        found = self._of(event.offer)
        if found is None or event.offer != found[1].other:
            return []
        call, aside = found
        offer = self._router.offers.get(event.offer)
        if aside.state == WITH_CALLER and aside.awaits("colleague"):
            return self.now_is(call, aside, "met", now)
        if aside.state != ASKING or offer is None or not offer.aside:
            return []
        commands = consulting.met(self._router, offer, now)
        if commands is None:
            return []
        self._step(call, aside, "met", now)
        return [*commands, self._router.staff.changed(self._router.staff.agents[aside.by])]

    def leg_ended(self, offer: Offer, cause: LegCause, now: Instant) -> list[Command]:
        """One of the legs is gone."""
        call = self._centre.calls.get(offer.call)
        aside = call.aside if call else None
        if call is None or aside is None:
            return []
        if offer.id == aside.other:
            return self._colleague_gone(call, aside, offer, cause, now)
        if offer.id != aside.first or aside.state in (COMPLETING, RETURNING):
            return []
        contact = self._router.contacts.get(call.id)
        if contact is not None and contact.offer != aside.first:
            return self.closed(call, now)  # a supervisor has taken the caller over
        if self._answered(aside) and contact is not None:
            return self.taken(call, aside, contact, now)
        if aside.state == TALKING:
            # The caller is on hold, which is about to be told, or the talk is over for both.
            self._confirmed(call, aside)
            self._step(call, aside, "alone", now)
            return []
        return self.alone(call, aside, now)

    def overdue(self, call_id: CallId, now: Instant) -> list[Command]:
        """The PBX does not confirm what was ordered."""
        call = self._centre.calls.get(call_id)
        if call is None or call.aside is None:
            return []
        aside, contact = call.aside, self._router.contacts.get(call_id)
        if self._router.frozen:
            self.arm(call_id, now)
            return []  # the inventory will tell
        if aside.pending == hold_over.QUEUE and contact is not None:
            text = f"{call_id} was taken off hold and is not heard of; waits again"
            back = hold_over.arrive(self._centre, call, contact, aside.queue, now)
            return [Noticed("hold_lost", text), *back]
        text = f"{call_id}: {aside.by} asked for {aside.pending} in vain ({aside.state})"
        commands: list[Command] = [Noticed("consult_lost", text)]
        if aside.state == COMPLETING:
            return commands + self.alone(call, aside, now)
        if aside.pending == "colleague" and call.hold == call.moves:
            self._step(call, aside, "held", now)  # the agent sits in silence, and may toggle again
        aside.pending, aside.late = "", aside.pending
        if aside.state == TALKING:
            call.aside = None
        return commands + self._show(aside)

    def closed(self, call: Call, now: Instant) -> list[Command]:
        """The caller is gone: nobody waits in silence for them."""
        aside, call.aside = call.aside, None
        if aside is None:
            return []
        self.forget(call.id)
        call.on_hold(False, now)
        commands: list[Command] = []
        commands += self.stop(aside.first, "the caller hung up", now)
        return commands + self.stop_other(aside, "the caller hung up", now)

    # -- the steps --

    def _of(self, offer_id: OfferId) -> tuple[Call, Aside] | None:
        offer = self._router.offers.get(offer_id)
        known = self._centre.calls.get(offer.call) if offer else None
        for call in [known] if known else self._centre.calls.values():
            aside = call.aside  # a line outside is no offer, and rare enough to be looked for
            if aside is not None and offer_id in (aside.first, aside.other):
                return call, aside
        return None

    def _answered(self, aside: Aside) -> bool:
        """Whether whoever is asked is on the line."""
        other = self._router.offers.get(aside.other)
        return bool(aside.outside and aside.other) or (other is not None and other.state == BRIDGED)

    def now_is(self, call: Call, aside: Aside, event: str, now: Instant) -> list[Command]:
        self._confirmed(call, aside)
        self._step(call, aside, event, now)
        return self._show(aside)

    def _back(self, call: Call, aside: Aside, now: Instant) -> list[Command]:
        """The agent talks to the caller again."""
        self.now_is(call, aside, "back", now)
        return self.over(call, aside, now) if aside.state == TALKING else self._show(aside)

    def over(self, call: Call, aside: Aside, now: Instant) -> list[Command]:
        """One agent and the caller, as ever."""
        self._confirmed(call, aside)
        call.aside = None
        call.on_hold(False, now)
        contact = self._router.contacts.get(call.id)
        if contact is not None and (offer := self._router.offers.get(contact.offer)) is not None:
            offer.resume(now)
        return self.unlatch(call, aside) + self._show(aside)

    def _colleague_gone(
        self, call: Call, aside: Aside, offer: Offer, cause: LegCause, now: Instant
    ) -> list[Command]:
        agent = self._router.staff.agents[aside.by]
        told: list[Command] = []
        if not offer.caller_left and offer.state != BRIDGED:
            told.append(refusal(agent, f"colleague_{cause}", f"{offer.agent}: {cause}"))
        return self.gone(call, aside, told, now)

    def gone(self, call: Call, aside: Aside, told: list[Command], now: Instant) -> list[Command]:
        """Whoever is asked is not there, or any more; `told` is what the agent reads of it."""
        aside.other, aside.outside, aside.handed = "", "", None
        if aside.state == RETURNING:
            return []  # it was stopped with that
        if aside.state == COMPLETING:
            return self.alone(call, aside, now)
        self._step(call, aside, "gone", now)
        if aside.state == HELD:
            if aside.pending != "caller":
                self._confirmed(call, aside)
        elif aside.pending == "colleague":
            aside.pending = "hold"  # the caller is put aside all the same
        else:
            return told + self.over(call, aside, now)
        return told + self._show(aside)

    def hand_over(self, call: Call, aside: Aside, contact: Contact, now: Instant) -> list[Command]:
        """The agent lets go: the colleague keeps the caller."""
        commands = self.taken(call, aside, contact, now)
        first = self._router.offers[aside.first]
        return commands + self._router.legs.stop(first, "handed over", now)

    def taken(self, call: Call, aside: Aside, contact: Contact, now: Instant) -> list[Command]:
        if aside.outside:
            return consult_outside.taken(self._centre, call, aside, now)
        together = aside.state == CONFERENCE
        other = self._router.offers[aside.other]
        self._step(call, aside, "taken", now)
        consulting.take_over(self._router, contact, other)
        call.end_talk(now)
        call.answered(other.agent, now)
        call.path += (f"{aside.by}&agent:{other.agent}",)
        call.handed = aside.handed or self._handed(aside, Ask("agent", other.agent, ""), now)
        asks = self._centre.surveys.talks(call)
        if together:
            return asks + self.over(call, aside, now)
        return asks + self.order(call, aside, "second", now)

    def alone(self, call: Call, aside: Aside, now: Instant) -> list[Command]:
        """No agent is left: the caller waits again, at the place by the old time."""
        if aside.state != RETURNING:
            self._step(call, aside, "alone", now)
        commands = self.stop_other(aside, "the caller goes back to the queue", now)
        aside.outside = ""
        return [*hold_over.send_back(self._centre, call, aside, now), *commands]

    def _handed(self, aside: Aside, ask: Ask, now: Instant) -> Handed:
        name = self._centre.names.get(aside.by, aside.by)
        at = self._centre.epoch.wall(now)
        return Handed(aside.by, name, ask.kind, ask.target, ask.note, at)

    def _step(self, call: Call, aside: Aside, event: str, now: Instant) -> None:
        aside.state = step("aside", ASIDE_TRANSITIONS, aside.state, event)
        aside.since = now
        self._clocks(call, aside, now)

    def _clocks(self, call: Call, aside: Aside, now: Instant) -> None:
        """Time on hold, of the call and of each leg."""
        talks = aside.state in (TALKING, WITH_CALLER, CONFERENCE)
        call.on_hold(not talks, now)
        first = self._router.offers.get(aside.first)
        other = self._router.offers.get(aside.other)
        if first is not None:
            first.resume(now) if talks else first.hold(now)
        if other is not None and other.state == BRIDGED:
            other.resume(now) if aside.state == CONFERENCE else other.hold(now)

    def adopt(self, call: Call, aside: Aside, state: str, now: Instant) -> list[Command]:
        """The inventory shows this state, whatever we thought and awaited."""
        if aside.state == state and not aside.pending:
            return []
        self._confirmed(call, aside)
        aside.state, aside.since = state, now
        self._clocks(call, aside, now)
        return self._show(aside)

    def _confirmed(self, call: Call, aside: Aside) -> None:
        aside.pending = aside.late = ""
        self.forget(call.id)

    def forget(self, call_id: CallId) -> None:
        """Nothing is awaited of the PBX."""
        self._centre.deadlines.cancel((CONSULT_OVERDUE, call_id))

    def _show(self, aside: Aside) -> list[Command]:
        """Both pages show what is so now."""
        agents = self._router.staff.agents
        offer = self._router.offers.get(aside.other)
        ids = dict.fromkeys((aside.by, offer.agent if offer else aside.by))
        return [self._router.staff.changed(agents[one]) for one in ids if one in agents]

    def arm(self, call_id: CallId, now: Instant) -> None:
        """Something is awaited of the PBX."""
        self._centre.deadlines.arm((CONSULT_OVERDUE, call_id), now + CONFIRM_WITHIN)
