"""What an agent may be offered beside what is in hand: the one rule of blending for one agent.

A queue has a channel: `call`, or a name that the settings declare. Nothing is offered to somebody
who is on a call, in wrap-up, on a break, or has an offer open. Otherwise a channel is open for an
agent who has less of it in hand than the capacity, and whose every other contact in hand lets it
stand beside. An e-mail, say, keeps no call away (`beside = ["call"]`), a chat does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from ctid.acd.agents import READY, WORKING, Agent, Work
from ctid.core.instants import HOUR, SECOND, Duration
from ctid.core.records import AgentId

CALL: Final = "call"
"""The channel of callers; each other one is of tasks."""

NOTHING: Final[tuple[str, ...]] = ()
CALLS_ONLY: Final[tuple[str, ...]] = (CALL,)


@dataclass(slots=True, frozen=True)
class Channel:
    """A kind of contacts that are not calls."""

    id: str
    capacity: int = 1
    """How many of these one agent may have in hand at once."""
    beside: tuple[str, ...] = ()
    """Channels whose contacts may be offered to an agent who has one of these in hand. More of
    the same may be, up to the capacity, whatever stands here."""
    offer_for: Duration = 30 * SECOND
    """How long an offer stays open on the agent's page."""
    outbound: bool = False
    """Work that the centre begins: none of it while callers wait too long (ctid.acd.blending)."""
    answer_within: Duration = 4 * HOUR
    """The deadline of a task whose sender names none, from its submission."""


class Channels:
    """The channels of a site, and how much of each every agent takes."""

    def __init__(
        self, channels: Sequence[Channel], capacities: Iterable[tuple[AgentId, dict[str, int]]]
    ) -> None:
        """`capacities`: by agent, what differs from the channels' own."""
        self.by_id = {channel.id: channel for channel in channels}
        self._most = {agent: own for agent, own in capacities if own}
        self.outbound_stopped: Callable[[Agent], bool] = lambda agent: False
        """Whether callers wait too long for this agent to begin anything (ctid.acd.blending)."""

    def open_for(self, agent: Agent) -> tuple[str, ...]:
        """What may be offered to the agent now, in the order of the settings, calls first."""
        if not self.by_id:
            return CALLS_ONLY if agent.may_be_offered() else NOTHING
        if agent.state not in (READY, WORKING) or agent.backed_off:
            return NOTHING
        if agent.phone_state in ("in_use", "ringing"):
            return NOTHING  # a private call
        names = (name for name in self.by_id if self._has_room(agent, name))
        tasks = NOTHING if agent.tasks_paused else tuple(names)
        return CALLS_ONLY + tasks if self.rings(agent) else tasks

    def rings(self, agent: Agent) -> bool:
        """Whether phone and hand let a call come, whatever the agent's state is."""
        idle = agent.phone_state == "idle" and not agent.backed_off
        return idle and self._beside(agent.work, CALL)

    def capacity(self, agent: AgentId, channel: str) -> int:
        """How many of that channel the agent may have in hand."""
        return self._most.get(agent, {}).get(channel, self.by_id[channel].capacity)

    def _has_room(self, agent: Agent, channel: str) -> bool:
        if self.by_id[channel].outbound and self.outbound_stopped(agent):
            return False
        in_hand = sum(work.channel == channel for work in agent.work)
        return in_hand < self.capacity(agent.id, channel) and self._beside(agent.work, channel)

    def _beside(self, work: Iterable[Work], channel: str) -> bool:
        """Whether that channel may stand beside all of these."""
        return all(
            one.channel == channel or channel in self.by_id[one.channel].beside
            for one in work
            if one.channel in self.by_id  # not one that a reload took out of the settings
        )
