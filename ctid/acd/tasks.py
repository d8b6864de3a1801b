"""Offers of tasks: a card on the agent's page instead of a phone that rings.

A task waits in a queue as a caller does, and its turn comes in the same order. From there on it is
another thing: nothing at the PBX stands for it. The offer lapses by a deadline of the machine, and
what an agent has accepted stays in hand, beside calls or not (ctid.acd.channels), until it is done,
given back, or the agent is gone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ctid.acd.agents import Agent, Work
from ctid.acd.contacts import CONTACT_TRANSITIONS, OFFER_TRANSITIONS, RINGING, Contact, Offer
from ctid.core.commands import Command
from ctid.core.deadlines import Deadlines
from ctid.core.instants import Duration, Instant
from ctid.core.records import AgentId, LegCause, OfferId
from ctid.core.tasks import OfferTask, TaskId

if TYPE_CHECKING:
    from ctid.acd.router import Router

TASK_LAPSES: Final = "task_offer"


class TaskDesk:
    """All offers of tasks that are open, and those that became work in hand."""

    def __init__(self, router: Router, deadlines: Deadlines) -> None:
        self._router = router
        self._deadlines = deadlines
        self.open: dict[OfferId, Offer] = {}
        self.left_behind: list[AgentId] = []
        """Agents who signed out with tasks in hand, for whoever takes the list."""

    # -- offers --

    def ring(self, offer: Offer, _: Duration, now: Instant) -> None:
        """The card is about to be shown, for as long as the channel says."""
        channel = self._router.queues[offer.queue].channel
        self.open[offer.id] = offer
        lasts = self._router.staff.channels.by_id[channel].offer_for
        self._deadlines.arm((TASK_LAPSES, offer.id), now + lasts)

    def order(self, offer: Offer, reason: str) -> OfferTask:
        """The order to show it."""
        until = self.until(offer.id)
        channel = self._router.queues[offer.queue].channel
        return OfferTask(offer.id, offer.call, offer.agent, offer.queue, channel, until, reason)

    def until(self, offer_id: OfferId) -> Instant:
        """When the offer lapses; 0 where it is not open."""
        return self._deadlines.at((TASK_LAPSES, offer_id)) or 0

    def accepted(self, agent: Agent, task: TaskId, now: Instant) -> list[Command] | None:
        """The agent takes the task; None where it is not offered to this agent."""
        offer, router = self._offered(agent, task), self._router
        if offer is None:
            return None
        self._deadlines.cancel((TASK_LAPSES, offer.id))
        offer.state = OFFER_TRANSITIONS[offer.state]["bridged"]
        offer.answered_at = offer.bridged_at = now
        contact = router.contacts[task]
        contact.state = CONTACT_TRANSITIONS[contact.state]["bridged"]
        router.wait_over(contact, now)
        router.leave(task, now, abandoned=False)
        router.shares.took(agent.id, offer.queue)
        channel = router.queues[offer.queue].channel
        return router.staff.take(agent, Work(offer.id, task, channel), now)

    def rejected(self, agent: Agent, task: TaskId, now: Instant) -> list[Command]:
        """The agent does not want it: it waits at its old place for the next one."""
        offer = self._offered(agent, task)
        return [] if offer is None else self._over(offer, "rejected", now)

    def lapsed(self, offer_id: OfferId, now: Instant) -> list[Command]:
        """Nobody has looked at the page."""
        return self._over(self.open[offer_id], "no_answer", now)

    def withdraw(self, agent: Agent, now: Instant) -> list[Command]:
        """The agent is found to be in a call: the offer is over through nobody's fault."""
        offer = self.open.get(agent.offer)
        return [] if offer is None else self._over(offer, "caller_gone", now)

    def cancel(self, task: TaskId, now: Instant) -> list[Command]:
        """The task waits no more and is offered to nobody."""
        contact = self._router.contacts.get(task)
        offer = self.open.get(contact.offer) if contact else None
        self._router.leave(task, now, abandoned=False)
        return [] if offer is None else self._over(offer, "caller_gone", now)

    def make_way(self, caller: Contact, now: Instant) -> list[Command]:
        """A caller for whom nobody is free goes before a card that is not accepted yet, where the
        order says so; the oldest such card goes back."""
        router = self._router
        if not self.open or not router.takes_calls(caller.queue):
            return []
        reaches = [step.pool.reach for step in router.lines.steps(caller)[: caller.rung]]
        for offer in self.open.values():
            agent = router.staff.agents[offer.agent]
            profile = router.settings.agents[agent.order]
            if (
                offer.state == RINGING
                and agent.next in ("", "ready")
                and router.staff.channels.rings(agent)
                and router.rank(caller, now) < router.rank(router.contacts[offer.call], now)
                and any(reach.holds(profile) for reach in reaches)
            ):
                commands = self._over(offer, "caller_gone", now)
                # At once, and whose turn it is: the next one who waits may be looked at before
                # `settle` is.
                return commands + router.offer_agent(agent, now)
        return []

    # -- in hand --

    def put_down(self, agent: Agent, work: Work, cause: LegCause, now: Instant) -> list[Command]:
        """A task leaves the agent's hand."""
        offer, router = self.open.pop(work.offer), self._router
        if offer.queue in router.queues:  # not one that a reload took away
            router.shares.talked(agent.id, offer.queue, now - offer.bridged_at)
        return [router.legs.record(offer, cause, now), *router.staff.put_down(agent, work, now)]

    # -- ends --

    def _offered(self, agent: Agent, task: TaskId) -> Offer | None:
        offer = self.open.get(agent.offer)
        return offer if offer is not None and offer.call == task else None

    def _over(self, offer: Offer, cause: LegCause, now: Instant) -> list[Command]:
        assert offer.state == RINGING, "what was accepted is put down, not refused"
        del self.open[offer.id]
        self._deadlines.cancel((TASK_LAPSES, offer.id))
        router, agent = self._router, self._router.staff.agents[offer.agent]
        commands: list[Command] = [router.legs.record(offer, cause, now)]
        if cause == "rejected":
            commands += router.staff.refused(agent, now)
        else:
            offer.caller_left = cause == "caller_gone"
            commands += router.staff.after_offer(agent, cause, offer, now)
        contact = router.contacts.get(offer.call)
        if contact is not None and contact.offer == offer.id:
            contact.drop(offer.id)
            contact.state = CONTACT_TRANSITIONS[contact.state]["offer_ended"]
            commands += router.wait(contact, now)
        return commands
