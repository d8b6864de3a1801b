"""A router with abilities, driven by hand: who becomes ready, who joins, who is rung."""

from __future__ import annotations

from typing import Any

from ctid.acd.contacts import PLAIN, Demand
from ctid.acd.router import Router
from ctid.acd.settings import AcdSettings, AgentSettings, QueueSettings
from ctid.core.commands import Command, Decided, RingAgent
from ctid.core.deadlines import Deadlines
from ctid.core.instants import SECOND, Epoch


class Floor:
    """One router and its clock, in seconds."""

    def __init__(self, settings: AcdSettings) -> None:
        self.deadlines = Deadlines()
        self.router = Router(settings, self.deadlines, Epoch)
        self.now = 0
        self.reasons: list[str] = []
        for agent in self.router.staff.agents.values():
            self.router.staff.phone_changed(agent.phone, "idle")
        self.router.thaw(0)

    def ready(self, *agents: str) -> list[str]:
        """These become available, one a second; what is rung."""
        rung: list[str] = []
        for agent_id in agents:
            self.now += SECOND
            agent = self.router.staff.agents[agent_id]
            self.router.staff.sign_in(agent, self.now)
            commands = self.router.staff.wish(agent, "ready", "", self.now)
            rung += self._told(commands + self.router.settle(self.now))
        return rung

    def on_break(self, agent_id: str) -> None:
        agent = self.router.staff.agents[agent_id]
        self.router.staff.wish(agent, "not_ready", "lunch", self.now)

    def join(self, call: str, queue: str = "q", demand: Demand = PLAIN) -> list[str]:
        """A contact joins a second later; what is rung."""
        self.now += SECOND
        return self._told(self.router.join(call, queue, "ch", "", "", self.now, self.now, demand))

    def wait(self, seconds: float) -> list[str]:
        """Time passes, deadlines fire; what is rung."""
        rung, until = [], self.now + round(seconds * SECOND)
        while (due := self.deadlines.next()) is not None and due <= until:
            self.now = due
            key = self.deadlines.take(due)
            assert key is not None
            rung += self._told(self.router.fire(*key, due) + self.router.settle(due))
        self.now = until
        return rung

    def served(self, call: str, talk: float = 10) -> list[str]:
        """The talk of that call ends after `talk` seconds; what is rung then."""
        offer = self.router.contacts[call].offer
        self.now += round(talk * SECOND)
        self.router.leave(call, self.now)
        commands = self.router.leg_ended(offer, "hangup", self.now)
        return self._told(commands + self.router.settle(self.now))

    def _told(self, commands: list[Command]) -> list[str]:
        self.reasons += [c.decision.reason for c in commands if isinstance(c, Decided)]
        rung = [c for c in commands if isinstance(c, RingAgent)]
        for ring in rung:
            self.router.bridged(ring.offer, self.now)  # everybody answers at once
        return [f"{ring.call}→{ring.agent}" for ring in rung]


def floor(*agents: AgentSettings, others: tuple[QueueSettings, ...] = (), **queue: Any) -> Floor:
    """One queue `q` without wrap-up, and other queues, with these agents."""
    own = QueueSettings("q", "Q", wrap_up=0, **queue)
    return Floor(AcdSettings((own, *others), agents, age_every=60 * SECOND))


def person(name: str, *queues: str, **more: Any) -> AgentSettings:
    """An agent of queue `q`, or of those."""
    return AgentSettings(name, name, f"P/{name}", queues or ("q",), **more)
