"""What the pretend agents do besides picking up: wrap-up, breaks, private calls, lost pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ctid.acd.settings import AcdSettings
from ctid.core import commands as cmd
from ctid.core import events as ev
from ctid.core.instants import Instant
from ctid.core.records import PhoneState, Pop, TransferKind
from sim.world.entities import Phone

if TYPE_CHECKING:
    from sim.world.world import World


class Desks:
    """All agents at their pages."""

    def __init__(self, world: World, acd: AcdSettings) -> None:
        self._world = world
        self._targets: list[tuple[TransferKind, str]] = [("queue", q.id) for q in acd.queues]
        self._targets += [("agent", agent.id) for agent in acd.agents]
        numbers = world.settings.agents.transfer_numbers
        self._targets += [("number", number) for number in numbers]
        self._last: dict[str, Pop] = {}
        """By agent: the call that their page showed last."""

    def see(self, command: cmd.ShowPop, now: Instant) -> None:
        """The browser draws the pop and says so."""
        world, pop = self._world, command.pop
        self._last[pop.agent] = pop
        phone = world.phones[pop.agent]
        seen = now + phone.habits.sees_pop.draw(phone.dice.of("pops"))
        world.at(seen, lambda at: world.tell(ev.PopAcknowledged(pop.agent, pop.id)))

    def behave(self, command: cmd.AgentChanged, now: Instant) -> None:
        """The agent sees a state on the page and does what agents do in it."""
        phone = self._world.phones[command.agent]
        if command.since != now:
            return  # a wish was noted; the state is the old one
        match command.state:
            case "on_call":
                self._in_call(phone, now)
                self._world.supervisors.agent_talks(command.agent, now)
            case "wrap_up":
                self._after_call(phone, command.until, now)
            case "not_ready" if command.reason != "sign_in":
                self._rest(phone, command.reason, now)
            case _:
                pass

    def _in_call(self, phone: Phone, now: Instant) -> None:
        habits, stream, world = phone.habits, phone.stream, self._world
        if phone.agent not in self._last:
            return  # a talk that was found at the PBX, of which no card told
        if habits.transfers and stream.random() < habits.transfers:
            kind, target = stream.choice(self._targets)
            call = self._last[phone.agent].call
            asked = ev.TransferAsked(phone.agent, call, kind, target, "knows the way")
            pressed = now + habits.until_transfer.draw(stream)
            world.at(pressed, lambda at: world.tell(asked))
        self._world.asides.agent_talks(phone.agent, self._last[phone.agent].call, now)
        if stream.random() < habits.breaks:
            world.at(now + 500, lambda _: self._want_break(phone.agent))
        if stream.random() < habits.screen_lost:
            world.at(now + 700, lambda at: world.tell(ev.ScreenLost(phone.agent)))
            back = now + 700 + habits.back.draw(stream)
            world.at(back, lambda at: world.tell(ev.ScreenBack(phone.agent)))

    def _after_call(self, phone: Phone, until: Instant, now: Instant) -> None:
        habits, stream, world = phone.habits, phone.stream, self._world
        pop = self._last.get(phone.agent)
        rule = world.wrap_ups.get(pop.queue) if pop else None
        takes = habits.wrap_up_in.get(pop.queue, habits.wrap_up) if pop else habits.wrap_up
        if pop is not None and rule is not None and rule.codes:
            given = ev.DispositionGiven(phone.agent, pop.call, stream.choice(rule.codes))
            world.at(now + takes.draw(stream), lambda at: world.tell(given))
        if rule is not None and rule.extend and stream.random() < habits.needs_longer:
            longer = ev.ExtendWrapUpAsked(phone.agent)
            world.at(now + takes.draw(stream), lambda at: world.tell(longer))
        if stream.random() < habits.early_wrap_up or not until:
            done = now + takes.draw(stream)
            world.at(done, lambda at: world.tell(ev.WrapUpDone(phone.agent)))
        draw = stream.random()
        if draw < habits.private_call:
            long = habits.private_for.draw(stream)
            world.at(now + 300, lambda at: self._leave_desk(phone, "in_use", at + long))
        elif draw < habits.private_call + habits.unplugged:
            long = habits.back.draw(stream)
            world.at(now + 300, lambda at: self._leave_desk(phone, "unreachable", at + long))

    def _leave_desk(self, phone: Phone, state: PhoneState, until: Instant) -> None:
        if phone.state == "idle":
            self._world.phone_is(phone, state)
            self._world.at(until, lambda at: self._world.phone_is(phone, "idle"))

    def _rest(self, phone: Phone, reason: str, now: Instant) -> None:
        planned = self._world.shifts.rest_of(phone.agent, reason)
        if planned is None:
            spread = phone.habits.break_for if reason == "break" else phone.habits.back
            planned = spread.draw(phone.stream)
        self._world.at(now + planned, lambda _: self._want_calls(phone.agent))

    def _want_break(self, agent: str) -> None:
        if self._world.shifts.at_work(agent):
            self._world.tell(ev.BreakAsked(agent, "break"))

    def _want_calls(self, agent: str) -> None:
        if self._world.shifts.at_work(agent):
            self._world.tell(ev.ReadyAsked(agent))
