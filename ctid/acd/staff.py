"""The agents' side of the router: states, wrap-up, wishes, phones. No word about calls."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import fields
from typing import Final

from ctid.acd import wrapup
from ctid.acd.agents import (
    AGENT_TRANSITIONS,
    BUSY_STATES,
    FREE_STATES,
    NOT_READY,
    READY,
    SIGNED_OUT,
    WORKING,
    WRAP_UP,
    Agent,
    Next,
    Work,
)
from ctid.acd.channels import Channels
from ctid.acd.contacts import Offer
from ctid.acd.settings import AcdSettings
from ctid.acd.strategies import spoken
from ctid.acd.wrapup import Talk
from ctid.core.commands import AgentChanged, AgentTimed, Command, Disposed, Noticed
from ctid.core.deadlines import Deadlines
from ctid.core.instants import Epoch, Instant
from ctid.core.records import AgentId, AgentTime, CallId, Disposition, LegCause, PhoneState
from ctid.core.transitions import step

WRAP_UP_OVER: Final = "wrap_up"
BACK_OFF_OVER: Final = "back_off"
BREAK_OVER: Final = "break"
PAUSE_OVER: Final = "task_pause"


class Staff:
    """All agents. Tells the router through `on_availability` who became (un)available."""

    def __init__(
        self,
        settings: AcdSettings,
        deadlines: Deadlines,
        epoch: Callable[[], Epoch],
        on_availability: Callable[[Agent, tuple[str, ...]], None],
        on_state: Callable[[Agent, str, Instant], None],
    ) -> None:
        self._settings = settings
        self._deadlines = deadlines
        self._epoch = epoch
        self._on_availability = on_availability
        self.channels = Channels(settings.channels, ((a.id, a.capacity) for a in settings.agents))
        self.on_state = on_state
        """Told of each step; whoever wants to see decisions as they are made stands in front."""
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
            for field in fields(agent):
                if field.name not in ("order", "phone", "queues", "open"):
                    setattr(agent, field.name, getattr(old, field.name))
            if agent.phone != old.phone:
                agent.phone_state = "unreachable"  # until the PBX says something of the new one
            agent.open = self.channels.open_for(agent)
            if agent.available:  # the token stays: the lines of a fresh router hold no old entry
                self._on_availability(agent, ())

    # -- what people and the PBX say of an agent --

    def sign_in(self, agent: Agent, now: Instant) -> list[Command]:
        agent.screen_lost = False
        if agent.state != SIGNED_OUT:
            return []
        return self.move(agent, "sign_in", now, "sign_in")

    def wish(self, agent: Agent, wish: Next, reason: str, now: Instant) -> list[Command]:
        """Carry out a wish now, or keep it as the next state while the agent is busy."""
        if agent.state == SIGNED_OUT:
            return []
        agent.no_answers = 0
        if agent.state in BUSY_STATES:
            agent.next, agent.next_reason = wish, reason
            if wish == "signed_out" and _ends_by_hand_only(agent):
                return self._on_to_next(agent, now)  # nobody would be left to end it
            return [self.changed(agent)]
        if wish == "ready":
            if agent.state in FREE_STATES:
                return []
            return self.move(agent, "ready", now)
        if wish == "not_ready" and (agent.state, agent.reason) == (NOT_READY, reason):
            return []  # pressed again: the break does not begin anew
        return self.move(agent, "sign_out" if wish == "signed_out" else "not_ready", now, reason)

    def end_wrap_up(self, agent: Agent, now: Instant) -> list[Command]:
        """The agent has finished with the last call; nothing where the queue forbids it."""
        return self._wrap_up(agent, "asked", now)

    def extend_wrap_up(self, agent: Agent, now: Instant) -> list[Command]:
        """The agent needs longer; nothing where the queue or its maximum forbids it."""
        return self._wrap_up(agent, "extended", now)

    def dispose(self, agent: Agent, call: CallId, code: str, now: Instant) -> list[Command]:
        """What became of the agent's present or last call. The last code counts; a code that the
        queue does not have, or one for another call, is nothing."""
        talk = agent.talk
        if talk is None or talk.call != call or code not in talk.rule.codes:
            return []
        talk.code = code
        at = self._epoch().wall(now)
        disposition = Disposition(talk.offer, call, talk.queue, agent.id, code, at)
        then = self._wrap_up(agent, "code", now) or [self.changed(agent)]
        return [Disposed(disposition), *then]

    def screen_lost(self, agent: Agent, now: Instant) -> list[Command]:
        """Never a call to an empty chair; a call in progress stays (F11)."""
        agent.screen_lost = True
        if _ends_by_hand_only(agent):
            if agent.next not in ("not_ready", "signed_out"):
                agent.next, agent.next_reason = "not_ready", "connection_lost"
            return self._on_to_next(agent, now)
        if agent.state in FREE_STATES:
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

    def connect(self, agent: Agent, talk: Talk, now: Instant) -> list[Command]:
        agent.handled += 1
        if agent.no_answers:
            agent.no_answers = 0
        agent.talk = talk
        return self.move(agent, "bridged", now)

    def adopt(self, agent: Agent, talk: Talk, now: Instant) -> list[Command]:
        """The PBX shows the agent in a call: the truth wins over our state."""
        agent.offer, agent.talk = talk.offer, talk
        return self.move(agent, "adopt", now)

    def after_call(self, agent: Agent, now: Instant) -> list[Command]:
        """The bridged leg is gone."""
        assert agent.talk is not None, "whoever was bridged has a talk"
        agent.offer = ""
        wrap_up = wrapup.begin(agent.talk, now)
        gone = agent.screen_lost or agent.next == "signed_out"
        if wrap_up.state == wrapup.OVER or (wrap_up.until == 0 and gone):
            return self._on_to_next(agent, now)
        agent.wrap_up = wrap_up
        if wrap_up.until:
            self._deadlines.arm((WRAP_UP_OVER, agent.id), wrap_up.until)
        return self.move(agent, "wrap_up", now)

    def after_offer(
        self, agent: Agent, cause: LegCause, offer: Offer, now: Instant
    ) -> list[Command]:
        """The leg is gone without a bridge: back to where it is fair to be."""
        agent.offer = ""
        if agent.next in ("not_ready", "signed_out"):
            return self._on_to_next(agent, now)
        if offer.caller_left or cause == "caller_gone":
            return self.move(agent, "withdrawn", now)
        rules, pause = self._settings.absence, self._settings.back_off
        if cause == "no_answer":
            agent.no_answers += not offer.shared
            if agent.no_answers >= rules.no_answers:
                agent.no_answers = 0
                return self.move(agent, "not_ready", now, "no_answer")
            pause = rules.no_answer
        elif cause == "rejected":
            agent.no_answers = 0  # somebody is there
            pause = rules.rejected
        agent.backed_off = True
        self._deadlines.arm((BACK_OFF_OVER, agent.id), now + pause)
        return self.move(agent, "withdrawn", now)

    # -- tasks --

    def take(self, agent: Agent, work: Work, now: Instant) -> list[Command]:
        """The agent has accepted a task."""
        agent.handled += 1
        agent.no_answers = 0
        agent.offer = ""
        agent.work += (work,)
        agent.idle_since = now
        return self._on_to_next(agent, now, "withdrawn")

    def put_down(self, agent: Agent, work: Work, now: Instant) -> list[Command]:
        """A task is in this agent's hand no more."""
        agent.work = tuple(one for one in agent.work if one != work)
        if agent.state == WORKING and not agent.work:
            self._shut(agent)  # the place in line is another one without work in hand
            return self.move(agent, "ready", now)
        self.refresh(agent)
        return [self.changed(agent)]

    def refused(self, agent: Agent, now: Instant) -> list[Command]:
        """The agent does not want the task that was offered."""
        agent.offer = ""
        agent.no_answers = 0
        self.pause_tasks(agent, now)
        return self._on_to_next(agent, now, "withdrawn")

    def pause_tasks(self, agent: Agent, now: Instant) -> None:
        """No task for a moment, or the one just refused would come again; calls come as ever."""
        agent.tasks_paused = True
        self._deadlines.arm((PAUSE_OVER, agent.id), now + self._settings.absence.rejected)

    # -- deadlines --

    def fire(self, kind: str, agent: Agent, now: Instant) -> list[Command]:
        """A deadline of this agent is due."""
        if kind == WRAP_UP_OVER:
            return self._wrap_up_over(agent, now)
        if kind == BREAK_OVER:
            agent.overrun = True
            text = f"{agent.id}: {agent.reason} lasts {spoken(now - agent.since)} already"
            return [Noticed("break_overrun", text), self.changed(agent)]
        assert kind in (BACK_OFF_OVER, PAUSE_OVER), kind
        if kind == PAUSE_OVER:
            agent.tasks_paused = False
        else:
            agent.backed_off = False
        self.refresh(agent)
        return []

    def _wrap_up_over(self, agent: Agent, now: Instant) -> list[Command]:
        commands: list[Command] = []
        talk = agent.talk
        if agent.wrap_up is not None and agent.wrap_up.state == "disposition" and talk is not None:
            text = f"{agent.id} gave no code for {talk.call} ({talk.queue}); on without it"
            commands.append(Noticed("disposition_missing", text))
        return commands + self._wrap_up(agent, "time", now)

    def _wrap_up(self, agent: Agent, event: str, now: Instant) -> list[Command]:
        """One step of the wrap-up, if it takes this step now."""
        if agent.wrap_up is None or not agent.wrap_up.allows(event):
            return []
        agent.wrap_up = agent.wrap_up.after(event)
        if agent.wrap_up.state == wrapup.OVER:
            return self._on_to_next(agent, now)
        if agent.wrap_up.until:
            self._deadlines.arm((WRAP_UP_OVER, agent.id), agent.wrap_up.until)
        return [self.changed(agent)]

    # -- states --

    def move(self, agent: Agent, event: str, now: Instant, reason: str = "") -> list[Command]:
        """One step in the table, with the stretch that it closes."""
        old, old_reason, began = agent.state, agent.reason, agent.since
        if agent.work and AGENT_TRANSITIONS[old].get(event) == READY:
            event = "work"
        agent.state = step("agent", AGENT_TRANSITIONS, old, event)
        agent.reason, agent.since = reason, now
        self.on_state(agent, old, now)
        if old == WRAP_UP:
            agent.wrap_up = None
            self._deadlines.cancel((WRAP_UP_OVER, agent.id))
        if old == NOT_READY or agent.state == NOT_READY:
            self._time_break(agent, now)
        if agent.state == READY and event != "withdrawn":
            agent.idle_since = now
        if agent.next and agent.state not in BUSY_STATES:
            agent.next, agent.next_reason = "", ""
        if agent.open or agent.state in FREE_STATES:
            self.refresh(agent)
        changed = self.changed(agent)
        if old == SIGNED_OUT or now <= began:
            return [changed]
        wall = self._epoch().wall
        time = AgentTime(agent.id, old, old_reason, wall(began), wall(now))
        return [AgentTimed(time), changed]

    def changed(self, agent: Agent) -> AgentChanged:
        """The agent as pages must show it now."""
        until = agent.wrap_up.until if agent.wrap_up else 0
        return AgentChanged(
            agent.id, agent.state, agent.reason, agent.since, until, agent.next, agent.offer
        )

    def refresh(self, agent: Agent) -> None:
        """Tell the router when availability changed; the token voids older entries in lines."""
        opened = self.channels.open_for(agent)
        if opened != agent.open:
            self._open(agent, opened)

    def _shut(self, agent: Agent) -> None:
        if agent.open:
            self._open(agent, ())

    def _open(self, agent: Agent, opened: tuple[str, ...]) -> None:
        was, agent.open = agent.open, opened
        agent.token += 1
        self._on_availability(agent, was)

    def _time_break(self, agent: Agent, now: Instant) -> None:
        agent.overrun = False
        self._deadlines.cancel((BREAK_OVER, agent.id))
        if agent.state != NOT_READY:
            return
        if most := self._settings.absence.break_most.get(agent.reason):
            self._deadlines.arm((BREAK_OVER, agent.id), now + most)

    def _on_to_next(self, agent: Agent, now: Instant, event: str = "ready") -> list[Command]:
        if agent.next == "not_ready":
            return self.move(agent, "not_ready", now, agent.next_reason)
        if agent.next == "signed_out":
            return self.move(agent, "sign_out", now)
        return self.move(agent, event, now)


def _ends_by_hand_only(agent: Agent) -> bool:
    return agent.wrap_up is not None and agent.wrap_up.until == 0
