"""How many agents of each queue are signed in, and how many of them are not on a break."""

from __future__ import annotations

from collections.abc import Iterable

from ctid.acd.agents import SIGNED_OUT, STAFFED_STATES, Agent
from ctid.core.records import QueueId


class Staffing:
    """Counts that follow the agents' states, so that a rule never counts ten thousand agents."""

    def __init__(self, queues: Iterable[QueueId]) -> None:
        self.signed_in: dict[QueueId, int] = dict.fromkeys(queues, 0)
        self.ready: dict[QueueId, int] = dict.fromkeys(self.signed_in, 0)
        """Signed in and not on a break: who talks or wraps up counts too."""
        self.emptied: list[QueueId] = []
        """Queues that have lost their last agent in either sense, for whoever takes the list."""

    def changed(self, agent: Agent, old: str) -> None:
        """An agent came from `old` into the state that the agent has now."""
        signed_in = (agent.state != SIGNED_OUT) - (old != SIGNED_OUT)
        ready = (agent.state in STAFFED_STATES) - (old in STAFFED_STATES)
        for queue in agent.queues if signed_in or ready else ():
            self.signed_in[queue] += signed_in
            self.ready[queue] += ready
            if (signed_in < 0 and not self.signed_in[queue]) or (
                ready < 0 and not self.ready[queue]
            ):
                self.emptied.append(queue)

    def recount(self, agents: Iterable[Agent]) -> None:
        """Begin anew with these agents, as after a restart."""
        for counts in (self.signed_in, self.ready):
            counts.update(dict.fromkeys(counts, 0))
        for agent in agents:
            self.changed(agent, SIGNED_OUT)
        self.emptied.clear()

    def take_emptied(self) -> list[QueueId]:
        """The queues that have lost their last agent since the last call."""
        emptied, self.emptied = self.emptied, []
        return emptied
