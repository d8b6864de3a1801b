"""What the recorded day's callers, CRM and agents do in the pretend world, not drawn but again."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from random import Random

from ctid.acd.agents import NOT_READY, ON_CALL, RESERVED, WRAP_UP
from ctid.acd.settings import AcdSettings
from ctid.core import commands as cmd
from ctid.core import events as ev
from ctid.core.identity import CheckPin, PinChecked
from ctid.core.instants import Duration, Instant
from ctid.core.recording import CallerRecorded, RecordCaller
from ctid.core.records import AgentId, CallId, CustomerCard
from ctid.core.services import AskService, ServiceAnswered
from sim.whatif.draws import Draws
from sim.whatif.facts import RECORDED, Absence, Caller, LookUp, Step
from sim.world import entities
from sim.world.crm import Crm
from sim.world.desks import Desks
from sim.world.menus import Menus
from sim.world.services import Services
from sim.world.waiting import Waiting
from sim.world.world import World

BUSY = (RESERVED, ON_CALL)
Heard = cmd.Play | cmd.Collect | RecordCaller
"""What a caller in a menu answers, by keys, by voice or by listening to the end."""


class RecordedMenus(Menus):
    """Each question is answered as it was, and as fast; one that was not asked, as anybody may."""

    def __init__(self, world: World, callers: Mapping[CallId, Caller]) -> None:
        super().__init__(world)
        self._steps = {call: list(caller.steps) for call, caller in callers.items()}
        self.guessed = 0
        """Questions that were not asked that day."""

    def prompt(self, command: Heard, now: Instant) -> None:
        caller = self._world.callers.get(command.call)
        step = self._step(command)
        if caller is None or step is None:
            self.guessed += not isinstance(command, cmd.Play)
            super().prompt(command, now)
        elif step.ended == "hung_up":
            self._world.at(
                now + step.after, lambda at: self._world.caller_gone(caller.call, "16", at)
            )
        else:
            fact = _fact(command, step)
            self._world.at(now + step.after, lambda _: self._say(caller, fact))

    def _step(self, command: Heard) -> Step | None:
        """The next time that the caller heard this; what lies before it is not asked any more."""
        steps = self._steps.get(command.call, [])
        for place, step in enumerate(steps):
            played = step.ended in ("played", "hung_up")
            spoken = step.ended.startswith(RECORDED)
            fits = played or isinstance(command, RecordCaller if spoken else cmd.Collect)
            if step.prompts == command.prompts and fits:
                del steps[: place + 1]
                return step
        return None


def _fact(command: Heard, step: Step) -> ev.Event:
    if isinstance(command, cmd.Play):
        return ev.PromptsPlayed(command.call)
    if isinstance(command, RecordCaller):
        return CallerRecorded(command.call, step.file, step.length, "silence")
    match step.ended:
        case "full" | "terminator":
            return ev.DigitsCollected(command.call, step.digits, step.ended)
        case _:
            return ev.DigitsCollected(command.call, step.digits, "timeout")


class RecordedWaiting(Waiting):
    """Whoever pressed keys in the queue does so again, as long after joining it."""

    def __init__(self, world: World, callers: Mapping[CallId, Caller]) -> None:
        super().__init__(world)
        self._keys = {call: one.keys for call, one in callers.items() if one.keys}

    def begin(self, caller: entities.Caller, now: Instant) -> None:
        super().begin(caller, now)
        for after, key in self._keys.pop(caller.call, ()):
            self._world.at(now + after, partial(self._press_again, caller, key))

    def _press_again(self, caller: entities.Caller, key: str, _: Instant) -> None:
        if caller.place in ("queue", "talking"):
            self._world.tell_ami(ev.KeyPressed(caller.call, key))


class RecordedCrm(Crm):
    """Answers what it answered, after the same time."""

    def __init__(self, world: World, callers: Mapping[CallId, Caller]) -> None:
        super().__init__(world)
        self._answers = {call: list(caller.look_ups) for call, caller in callers.items()}
        self._pins = {call: list(caller.pins) for call, caller in callers.items()}

    def look_up(self, command: cmd.LookUpCustomer, now: Instant) -> None:
        found = self._answer(command)
        if found is None:
            super().look_up(command, now)
            return
        fact = ev.CustomerLookedUp(command.call, command.request, found.status, found.customers)
        self._world.at(now + min(found.after, command.budget), lambda _: self._world.tell(fact))

    def check_pin(self, command: CheckPin, now: Instant) -> None:
        answers = self._pins.get(command.call, [])
        if not answers or answers[0].code != command.code:
            super().check_pin(command, now)
            return
        found = answers.pop(0)
        fact = PinChecked(command.call, command.request, found.status)
        self._world.at(now + min(found.after, command.budget), lambda _: self._world.tell(fact))

    def _answer(self, command: cmd.LookUpCustomer) -> LookUp | None:
        for found in self._answers.get(command.call, ()):
            if (found.code, found.numbers) == (command.code, command.numbers):
                return found
        return None


class RecordedServices(Services):
    """Say what they said to the same question, after the same time."""

    def __init__(self, world: World, callers: Mapping[CallId, Caller]) -> None:
        super().__init__(world)
        self._answers = {call: list(caller.services) for call, caller in callers.items()}

    def ask(self, command: AskService, now: Instant) -> None:
        asked = (command.operation, command.arguments)
        answers = self._answers.get(command.call, [])
        found = next((one for one in answers if (one.operation, one.arguments) == asked), None)
        if found is None:
            super().ask(command, now)
            return
        answers.remove(found)
        fact = ServiceAnswered(command.call, command.request, found.status, found.values)
        self._world.at(now + min(found.after, command.time_out), lambda _: self._world.tell(fact))


class RecordedDesks(Desks):
    """Wrap-up ends as it did after that call; whoever is set not ready comes back as people do."""

    def __init__(
        self, world: World, acd: AcdSettings, draws: Draws, callers: Mapping[CallId, Caller],
        seed: str,
    ) -> None:  # fmt: skip
        super().__init__(world, acd)
        self._draws, self._callers, self._seed = draws, callers, seed
        self._states: dict[AgentId, tuple[str, Instant]] = {}
        self._breaks: dict[AgentId, tuple[str, Duration | None]] = {}
        self._rests = 0
        self._leaving: dict[AgentId, list[Absence]] = {}
        """Who leaves the desk as soon as the call in hand is over."""

    def break_asked(self, agent: AgentId, reason: str, lasts: Duration | None) -> None:
        """The agent's own break; it may begin later, and lasts as long as it did."""
        self._breaks[agent] = (reason, lasts)

    def behave(self, command: cmd.AgentChanged, now: Instant) -> None:
        agent = command.agent
        self._states[agent] = (command.state, command.since)
        super().behave(command, now)
        if agent in self._leaving and command.since == now and command.state not in BUSY:
            for absence in self._leaving.pop(agent):
                after = absence.after_call or 0
                self._world.at(now + after, partial(self._gone, absence))

    def leave(self, absence: Absence, now: Instant) -> None:
        """The agent's own call, or a phone that is unplugged: now, or after the next call where
        it was after one."""
        state = self._states.get(absence.agent, ("", 0))[0]
        fits = state == WRAP_UP if absence.after_call is not None else state not in BUSY
        if fits:
            self._gone(absence, now)
        else:
            self._leaving.setdefault(absence.agent, []).append(absence)

    def _gone(self, absence: Absence, now: Instant) -> None:
        phone = self._world.phones[absence.agent]
        if phone.state != "idle":
            self._leaving.setdefault(absence.agent, []).append(absence)
            return

        def back(_: Instant) -> None:
            if phone.state == absence.state:
                self._world.phone_is(phone, "idle")

        self._world.phone_is(phone, absence.state)
        self._world.at(now + absence.lasts, back)

    def _after_call(self, phone: entities.Phone, until: Instant, now: Instant) -> None:
        pop, world = self._last.get(phone.agent), self._world
        caller = self._callers.get(pop.call) if pop is not None else None
        work = self._draws.wrap_up(caller, self._seed) if caller is not None else None
        if pop is None or work is None or not (work.by_agent or not until):
            return
        rule = world.wrap_ups.get(pop.queue)
        call, since = pop.call, (WRAP_UP, now)

        def done(at: Instant) -> None:
            if self._states.get(phone.agent) != since:
                return  # the time was over first
            if rule is not None and rule.codes:
                world.tell(ev.DispositionGiven(phone.agent, call, rule.codes[0]))
            world.tell(ev.WrapUpDone(phone.agent))

        world.at(now + work.took, done)

    def _rest(self, phone: entities.Phone, reason: str, now: Instant) -> None:
        own, lasts = self._breaks.get(phone.agent, ("", None))
        if reason == own:
            if lasts is not None:  # else it ended with the day
                self._come_back(phone.agent, now, lasts)
            return
        self._rests += 1
        stream = Random(f"{self._seed}/back/{phone.agent}/{self._rests}")
        took = self._draws.back(phone.agent, stream)
        if took is None:
            super()._rest(phone, reason, now)
        else:
            self._come_back(phone.agent, now, took)

    def _come_back(self, agent: AgentId, since: Instant, took: Duration) -> None:
        def back(_: Instant) -> None:
            if self._states.get(agent) == (NOT_READY, since):
                self._world.tell(ev.ReadyAsked(agent))

        self._world.at(since + took, back)


def customers(callers: Mapping[CallId, Caller]) -> tuple[CustomerCard, ...]:
    """Everybody whom the CRM named that day; the newest card of each."""
    found: dict[str, CustomerCard] = {}
    for caller in callers.values():
        for look_up in caller.look_ups:
            found.update((card.id, card) for card in look_up.customers)
    return tuple(found.values())
