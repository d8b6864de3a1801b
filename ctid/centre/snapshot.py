"""The centre as immutable views, for pages, API and tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ctid.acd import by_hand
from ctid.acd.agents import ON_CALL, WRAP_UP, Agent
from ctid.acd.contacts import CONNECTED, Contact
from ctid.centre import consult_view
from ctid.centre.calls import IVR
from ctid.core.instants import Instant
from ctid.core.views import AgentView, CentreView, QueueView, TalkView, WaitingView, WaitView

if TYPE_CHECKING:
    from ctid.centre.centre import Centre


def take(centre: Centre, now: Instant) -> CentreView:
    """All queues, agents and waiting contacts at `now`."""
    contacts = [c for c in centre.router.in_order() if c.state != CONNECTED]
    return CentreView(
        at=now,
        wall_at_zero=centre.epoch.wall_at_zero,
        frozen=centre.router.frozen,
        calls_in_ivr=sum(call.phase == IVR for call in centre.calls.values()),
        queues=_queues(centre, contacts, now),
        agents=tuple(agent_view(centre, agent_id) for agent_id in centre.router.staff.agents),
        waiting=tuple(_waiting(centre, contact) for contact in contacts),
        numbers=tuple(centre.settings.transfer.numbers.items()),
        spies=centre.supervision.views(),
        callbacks=centre.callbacks.views(),
        hours=centre.openings.views(now),
    )


def pullable(centre: Centre, agent_id: str) -> tuple[WaitingView, ...]:
    """Whom this agent may take out of turn, longest wait first."""
    agent = centre.router.staff.agents.get(agent_id)
    found = [] if agent is None else by_hand.pullable(centre.router, agent)
    return tuple(_waiting(centre, contact) for contact in found)


def agent_view(centre: Centre, agent_id: str) -> AgentView:
    """One agent, with the pop that is on the page."""
    agent = centre.router.staff.agents[agent_id]
    shown = centre.router.staff.changed(agent)
    offer = centre.router.offers.get(agent.offer)
    return AgentView(
        agent=agent.id,
        name=centre.names[agent.id],
        state=agent.state,
        reason=agent.reason,
        since=agent.since,
        until=shown.until,
        next=agent.next,
        phone=agent.phone,
        phone_state=agent.phone_state,
        queues=agent.queues,
        call=offer.call if offer else "",
        handled=agent.handled,
        pop=centre.screens.pops.of(agent.id),
        talk=_talk(agent),
        aside=consult_view.view(centre, agent),
        overrun=agent.overrun,
        tasks=centre.tasks.views_of(agent),
        listeners=centre.supervision.listeners(agent.id),
        pulls=any(centre.router.queues[queue].pull for queue in agent.queues),
    )


def _talk(agent: Agent) -> TalkView | None:
    talk, wrap_up = agent.talk, agent.wrap_up
    if talk is None or agent.state not in (ON_CALL, WRAP_UP):
        return None
    return TalkView(
        call=talk.call,
        codes=talk.rule.codes,
        code=talk.code,
        may_end=wrap_up is not None and wrap_up.allows("asked"),
        may_extend=wrap_up is not None and wrap_up.allows("extended"),
    )


def _queues(centre: Centre, contacts: list[Contact], now: Instant) -> tuple[QueueView, ...]:
    first: dict[str, Contact] = {}
    for contact in contacts:
        if not contact.dial:
            first.setdefault(contact.queue, contact)
    fairness = centre.fairness.shown(now)
    views = []
    for queue in centre.router.queues.values():
        counts, pool = centre.router.counts[queue.id], centre.router.pools[queue.id]
        head = first.get(queue.id)
        views.append(
            QueueView(
                queue=queue.id,
                name=queue.name,
                waiting=pool.waiting,
                longest_since=head.joined_at if head else 0,
                ready=pool.available,
                offered=counts.offered,
                answered=counts.answered,
                abandoned=counts.abandoned,
                within=counts.within,
                target=queue.target,
                waited_sum=counts.waited_sum,
                closed=counts.closed,
                no_agent=counts.no_agent,
                full=counts.full,
                timed_out=counts.timed_out,
                by_key=counts.by_key,
                called_back=counts.called_back,
                overflowed=counts.overflowed,
                channel=queue.channel,
                wait=_wait(centre, queue.id),
                fairness=fairness.get(queue.id),
            )
        )
    return tuple(views)


def _wait(centre: Centre, queue: str) -> WaitView:
    estimate = centre.router.wait_of_newcomer(queue)
    if queue not in centre.router.waits.queues:
        return WaitView(None, None, None, 0, None, 0, 0)  # of tasks: nobody is told
    misses = centre.router.waits.queues[queue].misses
    return WaitView(
        mean=estimate.mean if estimate else None,
        low=estimate.low if estimate else None,
        high=estimate.high if estimate else None,
        measured=misses.measured,
        bias=round(misses.error / misses.measured) if misses.measured else None,
        judged=misses.judged,
        too_short=misses.too_short,
    )


def _waiting(centre: Centre, contact: Contact) -> WaitingView:
    offer = centre.router.open_offer(contact.offer)
    offered_to = offer.agent if offer else ""
    raised = centre.escalations.count(contact.call)
    call = centre.calls.get(contact.call)
    return WaitingView(
        contact.call, contact.queue, contact.number, contact.joined_at, offered_to, raised,
        call.identity if call is not None else "",
    )  # fmt: skip
