"""The agents' side of the router: states, wrap-up, wishes, phones. No word about calls."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ctid.acd.agents import (
    AGENT_TRANSITIONS,
    BUSY_STATES,
    NOT_READY,
    READY,
    SIGNED_OUT,
    WRAP_UP,
    Agent,
    Next,
)
from ctid.acd.settings import AcdSettings
from ctid.core.commands import AgentChanged, AgentTimed, Command
from ctid.core.deadlines import Deadlines
from ctid.core.instants import Duration, Epoch, Instant
from ctid.core.records import AgentId, AgentTime, LegCause, PhoneState
from ctid.core.transitions import step

WRAP_UP_OVER = "wrap_up"
BACK_OFF_OVER = "back_off"


class Staff:
    """All agents. Tells the router through `on_availability` who became (un)available."""

    def __init__(
        self,
        settings: AcdSettings,
        deadlines: Deadlines,
        epoch: Callable[[], Epoch],
        on_availability: Callable[[Agent], None],
    ) -> None:
        self._settings = settings
        self._deadlines = deadlines
        self._epoch = epoch
        self._on_availability = on_availability
        self.agents: dict[AgentId, Agent] = {
            a.id: Agent(a.id, order, a.phone, a.queues) for order, a in enumerate(settings.agents)
        }
        self._by_phone = {a.phone: self.agents[a.id] for a in settings.agents}

    def restore(self, agents: Iterable[Agent]) -> None:
        """Take over the states of agents that the settings still know."""
        for old in agents:
            agent = self.agents.get(old.id)
            if agent is None:
                continue
            for field in agent.__struct_fields__:
                if field not in ("order", "phone", "queues", "available"):
                    setattr(agent, field, getattr(old, field))
            agent.available = agent.may_be_offered()
            if agent.available:  # the token stays: the lines of a fresh router hold no old entry
                self._on_availability(agent)

    # -- what people and the PBX say of an agent --

    def sign_in(self, agent: Agent, now: Instant) -> list[Command]:
        if agent.state != SIGNED_OUT:
            return []
        return self.move(agent, "sign_in", now, "sign_in")

    def wish(self, agent: Agent, wish: Next, reason: str, now: Instant) -> list[Command]:
        """Carry out a wish now, or keep it as the next state while the agent is busy."""
        if agent.state == SIGNED_OUT:
            return []
        if agent.state in BUSY_STATES:
            agent.next, agent.next_reason = wish, reason
            return [self.changed(agent)]
        if wish == "ready":
            if agent.state == READY:
                return []
            return self.move(agent, "ready", now)
        return self.move(agent, "sign_out" if wish == "signed_out" else "not_ready", now, reason)

    def end_wrap_up(self, agent: Agent, now: Instant) -> list[Command]:
        """The wrap-up is over: on to the state that was chosen, or ready."""
        if agent.state != WRAP_UP:
            return []
        self._deadlines.cancel((WRAP_UP_OVER, agent.id))
        return self._on_to_next(agent, now)

    def screen_lost(self, agent: Agent, now: Instant) -> list[Command]:
        """Never a call to an empty chair; a call in progress stays (F11)."""
        agent.screen_lost = True
        if agent.state == READY:
            return self.move(agent, "not_ready", now, "connection_lost")
        if agent.state in BUSY_STATES and agent.next not in ("not_ready", "signed_out"):
            return self.wish(agent, "not_ready", "connection_lost", now)
        return []  # a break or the end of the shift that was chosen already stays chosen

    def screen_back(self, agent: Agent, now: Instant) -> list[Command]:
        """Restore what the lost connection took away, and nothing else."""
        agent.screen_lost = False
        if agent.state == NOT_READY and agent.reason == "connection_lost":
            return self.move(agent, "ready", now)
        if agent.next_reason == "connection_lost":
            return self.wish(agent, "ready", "", now)
        return []

    def phone_changed(self, phone: str, state: PhoneState) -> Agent | None:
        """Note the phone's state; the agent when it is one of ours and something changed."""
        agent = self._by_phone.get(phone)
        if agent is None or agent.phone_state == state:
            return None
        agent.phone_state = state
        self.refresh(agent)
        return agent

    # -- what the router does with an agent --

    def reserve(self, agent: Agent, offer: str, now: Instant) -> list[Command]:
        agent.offer = offer
        return self.move(agent, "offer", now)

    def connect(self, agent: Agent, now: Instant) -> list[Command]:
        agent.handled += 1
        return self.move(agent, "bridged", now)

    def adopt(self, agent: Agent, offer: str, now: Instant) -> list[Command]:
        """The PBX shows the agent in a call: the truth wins over our state."""
        self._deadlines.cancel((WRAP_UP_OVER, agent.id))
        agent.offer = offer
        return self.move(agent, "adopt", now)

    def after_call(self, agent: Agent, wrap_up: Duration, now: Instant) -> list[Command]:
        """The bridged leg is gone."""
        agent.offer = ""
        if wrap_up == 0:
            return self._on_to_next(agent, now)
        self._deadlines.arm((WRAP_UP_OVER, agent.id), now + wrap_up)
        return self.move(agent, "wrap_up", now)

    def after_offer(
        self, agent: Agent, cause: LegCause, caller_left: bool, now: Instant
    ) -> list[Command]:
        """The leg is gone without a bridge: back to where it is fair to be."""
        agent.offer = ""
        if agent.next in ("not_ready", "signed_out"):
            return self._on_to_next(agent, now)
        if caller_left or cause == "caller_gone":
            return self.move(agent, "withdrawn", now)
        if cause == "no_answer":
            return self.move(agent, "not_ready", now, "no_answer")
        agent.backed_off = True
        self._deadlines.arm((BACK_OFF_OVER, agent.id), now + self._settings.back_off)
        return self.move(agent, "withdrawn", now)

    def back_off_over(self, agent: Agent) -> None:
        agent.backed_off = False
        self.refresh(agent)

    # -- states --

    def move(self, agent: Agent, event: str, now: Instant, reason: str = "") -> list[Command]:
        """One step in the table, with the stretch that it closes."""
        old, old_reason, began = agent.state, agent.reason, agent.since
        agent.state = step("agent", AGENT_TRANSITIONS, old, event)
        agent.reason, agent.since = reason, now
        if agent.state == READY and event != "withdrawn":
            agent.idle_since = now
        if agent.state not in BUSY_STATES:
            agent.next, agent.next_reason = "", ""
        self.refresh(agent)
        commands: list[Command] = []
        if old != SIGNED_OUT and now > began:
            wall = self._epoch().wall
            commands.append(
                AgentTimed(AgentTime(agent.id, old, old_reason, wall(began), wall(now)))
            )
        commands.append(self.changed(agent))
        return commands

    def changed(self, agent: Agent) -> AgentChanged:
        """The agent as pages must show it now."""
        until = self._deadlines.at((WRAP_UP_OVER, agent.id)) if agent.state == WRAP_UP else None
        return AgentChanged(
            agent.id, agent.state, agent.reason, agent.since, until or 0, agent.next, agent.offer
        )

    def refresh(self, agent: Agent) -> None:
        """Tell the router when availability changed; the token voids older entries in lines."""
        available = agent.may_be_offered()
        if available != agent.available:
            agent.available = available
            agent.token += 1
            self._on_availability(agent)

    def _on_to_next(self, agent: Agent, now: Instant) -> list[Command]:
        if agent.next == "not_ready":
            return self.move(agent, "not_ready", now, agent.next_reason)
        if agent.next == "signed_out":
            return self.move(agent, "sign_out", now)
        return self.move(agent, "ready", now)
