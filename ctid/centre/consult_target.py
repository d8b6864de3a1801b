"""Whom an agent may ask before handing a caller over, and why nobody can be asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ctid.acd.agents import Agent
from ctid.acd.channels import CALL
from ctid.centre import consult_outside
from ctid.centre.aside import Ask
from ctid.core.commands import Denied
from ctid.core.text import clean

if TYPE_CHECKING:
    from ctid.centre.centre import Centre


def unable(centre: Centre, ask: Ask, agent: Agent) -> Denied | None:
    """Why nobody can be asked now, or None."""
    if ask.kind == "number":
        return consult_outside.refused(centre, ask, agent)
    if free_colleague(centre, ask, agent) is not None:
        return None
    if ask.kind == "queue":
        return refusal(agent, "nobody_free", f"nobody of {clean(ask.target)!r} is free")
    other = centre.router.staff.agents.get(ask.target)
    if other is None or other is agent:
        return refusal(agent, "no_target", f"there is no agent {clean(ask.target)!r}")
    state = other.state if other.state != "ready" else f"{other.phone_state} (phone)"
    return refusal(agent, "colleague_busy", f"{other.id} is {state}")


def free_colleague(centre: Centre, ask: Ask, agent: Agent) -> Agent | None:
    """Who would be asked, if anybody is free."""
    if ask.kind == "queue":
        queue = centre.router.queues.get(ask.target)
        if queue is None or queue.channel != CALL:
            return None
        pool = centre.router.pools[queue.id]
        return pool.first_agent() if pool.available else None
    other = centre.router.staff.agents.get(ask.target)
    free = other is not None and other is not agent and CALL in other.open
    return other if free else None


def refusal(agent: Agent, code: str, text: str) -> Denied:
    """For this agent's page."""
    return Denied(code, text, agent=agent.id)
