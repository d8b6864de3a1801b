"""What callers do in the menus: they hear prompts, press keys, key codes in, or hang up."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Literal

import msgspec

from ctid.core import commands as cmd
from ctid.core import events as ev
from ctid.core.instants import SECOND, Duration, Instant
from ctid.core.recording import CallerRecorded, RecordCaller
from ctid.core.text import unseen
from sim.world.entities import Caller
from sim.world.habits import CallerHabits, StepHabits
from sim.world.inflow import pick
from sim.world.plan import is_door

if TYPE_CHECKING:
    from sim.world.world import World

NO_DIFFERENCE = StepHabits()


class Menus:
    """See the module. All draws come from the caller's stream for keys, in the order of steps."""

    def __init__(self, world: World) -> None:
        self._world = world

    def prompt(self, command: cmd.Play | cmd.Collect | RecordCaller, now: Instant) -> None:
        """The caller hears something, and perhaps answers."""
        caller = self._world.callers.get(command.call)
        if caller is None:
            return
        habits, stream = caller.habits, caller.dice.of("keys")
        if is_door(caller.dialled) and caller.moves == 0 and not caller.after:
            code = ev.DigitsCollected(caller.call, self._code(caller), "terminator")
            self._world.at(now, lambda _: self._say(caller, code))
            return
        step = habits.steps.get(command.prompts[-1], NO_DIFFERENCE)
        heard = now + habits.prompt.draw(stream)
        leaves = stream.random() < _or(step.hang_up, habits.menu_hang_up)
        if leaves and (caller.plan is None or caller.plan.keys is None):
            self._world.at(heard, lambda at: self._world.caller_gone(caller.call, "16", at))
        elif isinstance(command, RecordCaller):
            self._speak(caller, command, heard)
        elif isinstance(command, cmd.Play):
            played = ev.PromptsPlayed(caller.call)
            self._world.at(heard, lambda _: self._say(caller, played))
        else:
            self._answer(caller, command, step, now, heard)

    def _speak(self, caller: Caller, command: RecordCaller, heard: Instant) -> None:
        """Whoever would leave no message says nothing, of which the PBX keeps a second."""
        habits, stream = caller.habits, caller.dice.of("keys")
        spoken = habits.message.draw(stream) if stream.random() < habits.leaves_message else 0
        length = min(spoken + SECOND, command.longest)
        took = min(spoken + command.silence, command.longest)
        file = f"/var/spool/asterisk/ctid/{caller.call}-{command.number}.wav"
        ended: Literal["limit", "silence"] = "limit" if took == command.longest else "silence"
        fact = CallerRecorded(caller.call, file, length, ended)
        self._world.at(heard + took, lambda _: self._say(caller, fact))

    def _say(self, caller: Caller, fact: ev.Event) -> None:
        if caller.call in self._world.callers and caller.place == "ivr":
            self._world.tell(fact)

    def _answer(
        self, caller: Caller, command: cmd.Collect, step: StepHabits, now: Instant, heard: Instant
    ) -> None:
        habits, stream = caller.habits, caller.dice.of("keys")
        planned = self._planned(caller, command)
        silent = _or(step.silent, habits.no_digits)
        if planned == "" or (planned is None and stream.random() < silent):
            fact = ev.DigitsCollected(caller.call, "", "timeout")
            took: Duration = command.first_digit
            caller.failures += 1
        else:
            fact = self._digits(caller, command, step, planned)
            took = (step.think or habits.think).draw(stream)
            ahead = _or(step.type_ahead, habits.type_ahead)
            if ahead and stream.random() < ahead:
                heard, took = now + round((heard - now) * stream.random()), 0
            if fact.ended == "timeout":
                took += command.inter_digit
        if command.kept:
            wrong = _or(step.wrong, habits.wrong_pin)
            caller.errs = caller.dice.of("pin").random() < wrong
            caller.failures += caller.errs
        if command.secret:
            fact = msgspec.structs.replace(fact, digits=unseen(fact.digits))
        if command.total:
            took = min(took, command.total)
        self._world.at(heard + took, lambda _: self._say(caller, fact))

    def _planned(self, caller: Caller, command: cmd.Collect) -> str | None:
        """The keys that the plan knows: empty for none pressed, None where it is silent."""
        plan = caller.plan
        menu = caller.habits.menus.get(command.prompts[-1])
        if plan is None:
            return None
        if menu is not None and menu.confirms:
            return menu.keys[0][0]
        if command.max_digits > 1:
            return plan.code
        if plan.keys is None or caller.pressed >= len(plan.keys):
            return None
        caller.pressed += 1
        return plan.keys[caller.pressed - 1]

    def _digits(
        self, caller: Caller, command: cmd.Collect, step: StepHabits, planned: str | None
    ) -> ev.DigitsCollected:
        habits, stream = caller.habits, caller.dice.of("keys")
        if command.max_digits == 1:
            if planned is None and self._asks_for_an_agent(caller):
                return ev.DigitsCollected(caller.call, habits.zero_out_key, "full")
            key, wrong = planned or "", False
            if not key:
                key, wrong = pressed(habits, command.prompts[-1], stream, step.wrong)
            caller.failures += wrong
            return ev.DigitsCollected(caller.call, key, "full")
        entry = planned or (self._entry(caller, step) if step.keyed else None)
        digits = (entry or self._code(caller, step.wrong))[: command.max_digits]
        if len(digits) == command.max_digits:
            return ev.DigitsCollected(caller.call, digits, "full")
        return ev.DigitsCollected(caller.call, digits, stream.choice(("terminator", "timeout")))

    def _entry(self, caller: Caller, step: StepHabits) -> str:
        """What this step is answered with; who errs forgets the last figure."""
        stream = caller.dice.of("keys")
        entry = stream.choice(step.keyed)
        errs = stream.random() < _or(step.wrong, caller.habits.wrong_code)
        caller.failures += errs
        return entry[:-1] if errs else entry

    def _asks_for_an_agent(self, caller: Caller) -> bool:
        habits = caller.habits
        if not habits.zero_out or caller.failures < habits.zero_out_after or caller.after:
            return False
        if caller.gives_up is None:
            caller.gives_up = caller.dice.of("zero out").random() < habits.zero_out
        return caller.gives_up

    def _code(self, caller: Caller, wrong: float | None = None) -> str:
        """A code as keyed in; nobody has the one of a caller who errs or is no customer."""
        habits, stream = caller.habits, caller.dice.of("keys")
        if caller.plan is not None and caller.plan.code is not None:
            return caller.plan.code
        errs = _or(wrong, habits.wrong_code)
        right = caller.customer is not None and stream.random() >= errs
        known = caller.customer.code if caller.customer and right else ""
        caller.failures += not known
        return known or f"{stream.randrange(10**6):06d}"


def pressed(
    habits: CallerHabits, prompt: str, stream: Random, share: float | None = None
) -> tuple[str, bool]:
    """The key that is pressed in the menu of that prompt, and whether it is a wrong one there.
    `share`: of wrong ones, in place of `wrong_key`."""
    wrong = stream.random() < _or(share, habits.wrong_key)
    menu = habits.menus.get(prompt)
    if menu is None:
        return ("9", True) if wrong else (stream.choice(habits.choices), False)
    return (menu.wrong, True) if wrong and menu.wrong else (pick(menu.keys, stream), False)


def _or(own: float | None, usual: float) -> float:
    return usual if own is None else own
