"""Why an agent does not get a contact because of tasks: those in hand, or this one's own rules."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from ctid.acd.agents import FREE_STATES
from ctid.acd.channels import CALL

if TYPE_CHECKING:
    from ctid.acd.explain import Seen


def channel_of(seen: Seen) -> str:
    """The channel of the contact in question; calls where none is."""
    return seen.router.queues[seen.contact.queue].channel if seen.contact else CALL


def in_hand(seen: Seen) -> str | None:
    """Whether what the agent has in hand keeps this channel away, or the agent takes less of it."""
    agent, channel, channels = seen.agent, channel_of(seen), seen.router.staff.channels
    if agent.state not in FREE_STATES or channel in agent.open:
        return None
    if channel != CALL and agent.tasks_paused:
        return "left alone with tasks for a moment after one that was rejected"
    if channel != CALL and channels.by_id[channel].outbound and channels.outbound_stopped(agent):
        return "left to callers, who wait too long already"
    if not agent.work:
        return None if channel == CALL else f"takes no {channel}"
    counts = Counter(work.channel for work in agent.work)
    told = ", ".join(f"{count} {name}" for name, count in counts.items())
    return f"has {told} in hand, which leaves no room for {channel}"


def kept_free(seen: Seen) -> str | None:
    """Whether a reserve keeps the agent from this task."""
    contact = seen.contact
    if contact is None or seen.agent.state not in FREE_STATES:
        return None
    queue = seen.router.queues[contact.queue]
    pools = [s.pool for s in seen.steps if s.pool.reach.holds(seen.profile)]
    if queue.reserve == 0 or any(pool.open_to(contact) for pool in pools):
        return None
    return f"kept free for callers: {queue.id} leaves {queue.reserve} of its agents to them"
