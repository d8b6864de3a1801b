"""What agents want of the caller whom they talk to: hold, ask a colleague, and what follows."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from ctid.acd.agents import ON_CALL, Agent
from ctid.acd.contacts import CONNECTED, Contact, Offer
from ctid.centre.aside import ASKABLE, CONSULTING, WISHES, Ask
from ctid.centre.calls import Call
from ctid.centre.consult_target import refusal, unable
from ctid.centre.transfer import LONGEST_NOTE
from ctid.core import events as ev
from ctid.core.commands import Command
from ctid.core.instants import Instant
from ctid.core.records import Bringing, CallId
from ctid.core.text import clean

if TYPE_CHECKING:
    from ctid.centre.centre import Centre


class ConsultWishes:
    """See the module; `ctid.centre.consult` carries out what is possible."""

    def __init__(self, centre: Centre) -> None:
        self._centre = centre
        self._router = centre.router
        self._consults = centre.consults

    def asked(self, event: ev.ConsultAsked, agent: Agent, now: Instant) -> list[Command]:
        """The agent wants to ask a colleague: the caller is put on hold first."""
        found = self._mine(event.call, agent)
        if found is None:
            return []
        call, _, offer = found
        aside = call.aside
        if self._router.frozen:
            return [refusal(agent, "link_down", "the link to the PBX is down")]
        if aside is not None and (aside.pending or aside.state not in ASKABLE):
            return []
        ask = Ask(event.kind, event.target, clean(event.note, LONGEST_NOTE))
        if (why := unable(self._centre, ask, agent)) is not None:
            return [why]
        if aside is not None:
            return self._consults.ring(call, aside, ask, now)
        return self._consults.hold(call, offer, now, ask)

    def wished(self, event: ev.TalkAsked, agent: Agent, now: Instant) -> list[Command]:
        """The agent wants the caller put aside or back, or the colleague in or out. What is not
        possible in the present state was pressed twice or too late, and is nothing."""
        found = self._mine(event.call, agent)
        if found is None:
            return []
        call, contact, offer = found
        aside = call.aside
        if self._router.frozen:
            return [refusal(agent, "link_down", "the link to the PBX is down")]
        if aside is None:
            return self._consults.hold(call, offer, now) if event.wish == "hold" else []
        if aside.pending or event.wish not in WISHES.get(aside.state, ()):
            return []
        match event.wish:
            case "hold":
                return []  # never possible beside the plain talk
            case "resume":
                return self._consults.order(call, aside, "caller", now)
            case "toggle":
                to: Bringing = "caller" if aside.state == CONSULTING else "colleague"
                return self._consults.order(call, aside, to, now)
            case "conference":
                alone = aside.state == CONSULTING
                return self._consults.order(call, aside, "all" if alone else "join", now)
            case "complete":
                return self._consults.hand_over(call, aside, contact, now)
            case "cancel":
                return self._consults.cancel(call, aside, now)
            case _:
                assert_never(event.wish)

    def _mine(self, call_id: CallId, agent: Agent) -> tuple[Call, Contact, Offer] | None:
        """The agent's talk with that caller; None where there is none, or the caller is on the way
        elsewhere."""
        offer = self._router.offers.get(agent.offer)
        call = self._centre.calls.get(call_id)
        contact = self._router.contacts.get(call_id)
        if call is None or contact is None or offer is None or agent.state != ON_CALL:
            return None
        talks = contact.offer == offer.id and contact.state == CONNECTED
        going = call.transfer is not None and not call.transfer.given_up
        return (call, contact, offer) if talks and not going else None
