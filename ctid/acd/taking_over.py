"""An agent has taken a caller out of another agent's talk: who has what from here on.

The other agent's leg ends by the dialplan; its talk is booked to that agent, and the rest of the
call to this one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ctid.acd.agents import NOT_READY, SIGNED_OUT, Agent
from ctid.acd.contacts import BRIDGED, Contact, Offer
from ctid.acd.wrapup import Talk
from ctid.core.commands import Command
from ctid.core.instants import Instant
from ctid.core.records import OfferId

if TYPE_CHECKING:
    from ctid.acd.router import Router


def take_over(
    router: Router, contact: Contact, leg: OfferId, agent: Agent, began_at: Instant, now: Instant
) -> list[Command]:
    """The caller is this agent's, who has no offer; `began_at` is when the phone `leg` was rung."""
    if (first := router.offers.get(contact.offer)) is not None:
        first.caller_left = True
        router.legs.chase(first, now)
    queue = router.queues[contact.queue]
    router.offers[leg] = Offer(leg, contact.call, agent.id, queue.id, began_at, BRIDGED, now, now)
    contact.offer = leg
    router.shares.took(agent.id, queue.id)
    # Back to where the agent was: who was not there for calls did not ask for the next one.
    if agent.state == SIGNED_OUT:
        agent.next, agent.next_reason = "signed_out", ""
    elif agent.state == NOT_READY:
        agent.next, agent.next_reason = "not_ready", agent.reason
    agent.handled += 1
    talk = Talk(contact.call, leg, queue.id, queue.wrap_up, queue.wrap_up_rule)
    return router.staff.adopt(agent, talk, now)
