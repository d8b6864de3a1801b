"""A waiting caller goes to an agent by hand: a supervisor assigns one, or an agent pulls one.

It is an offer like any other, out of turn. Where it comes to nothing the contact waits on at its
place, and an agent who was on a break is on it again afterwards.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ctid.acd.agents import FREE_STATES, NOT_READY, Agent
from ctid.acd.channels import CALL
from ctid.acd.contacts import OFFERED, WAITING, Contact
from ctid.core import events as ev
from ctid.core.commands import Command, Denied
from ctid.core.instants import Instant
from ctid.core.records import CallId

if TYPE_CHECKING:
    from ctid.acd.router import Router

BY_HAND: Final = "by_hand"
"""Stands for the strategy in such decisions."""

Refusal = tuple[str, str]
"""Code and text."""


def assign(router: Router, event: ev.AssignAsked, now: Instant) -> list[Command]:
    """A supervisor gives a waiting caller to an agent, whatever queues and skills the agent has."""
    agent = router.staff.agents.get(event.agent)
    why = _unfit(router, event.call) or (
        ("no_such_agent", f"There is no agent {event.agent}.")
        if agent is None
        else _unable(agent, (*FREE_STATES,))
    )
    if why is not None or agent is None:
        return [Denied(*(why or _GONE), login=event.by.login)]
    return _offer(router, router.contacts[event.call], agent, f"assigned by {event.by.name}", now)


def pull(router: Router, event: ev.PullAsked, agent: Agent, now: Instant) -> list[Command]:
    """An agent takes a waiting caller out of turn, where the queue allows it: one whom the agent
    would be offered at some time, and who is not kept for somebody else."""
    why = (
        _unfit(router, event.call)
        or _unable(agent, (*FREE_STATES, NOT_READY))
        or _not_yours(router, router.contacts[event.call], agent)
    )
    if why is not None:
        return [Denied(*why, agent=agent.id)]
    if agent.state == NOT_READY:
        agent.next, agent.next_reason = "not_ready", agent.reason
    return _offer(router, router.contacts[event.call], agent, "pulled by the agent", now)


def pullable(router: Router, agent: Agent) -> list[Contact]:
    """Whom the agent may pull, longest wait first."""
    waiting = (c for c in router.in_order() if _unfit(router, c.call) is None)
    return [c for c in waiting if _not_yours(router, c, agent) is None]


def _unfit(router: Router, call: CallId) -> Refusal | None:
    if router.frozen:
        return "link_down", "The link to the PBX is down."
    contact = router.contacts.get(call)
    if contact is None or router.queues[contact.queue].channel != CALL:
        return _GONE
    if contact.state == OFFERED:
        return "rings_already", f"Rings at {router.offers[contact.offer].agent} already."
    return None if contact.state == WAITING else _GONE


def _unable(agent: Agent, states: tuple[str, ...]) -> Refusal | None:
    if agent.state not in states:
        return "agent_busy", f"{agent.id} is {agent.state}."
    if agent.phone_state != "idle":
        return "agent_busy", f"The phone of {agent.id} is {agent.phone_state}."
    return None


def _not_yours(router: Router, contact: Contact, agent: Agent) -> Refusal | None:
    queue = router.queues[contact.queue]
    if not queue.pull or queue.id not in agent.queues:
        return "no_pull", "Callers of this queue are not to be pulled."
    if contact.preferred not in ("", agent.id):
        return "no_pull", f"This caller is kept for {contact.preferred}."
    profile = router.settings.agents[agent.order]
    if any(step.pool.reach.holds(profile) for step in router.lines.steps(contact)):
        return None
    return "no_pull", "This caller needs skills that you do not have."


def _offer(router: Router, contact: Contact, agent: Agent, why: str, now: Instant) -> list[Command]:
    return router.offering.offer(contact, agent, router.pools[contact.queue], now, why)


_GONE: Final = ("not_waiting", "This caller does not wait any more.")
