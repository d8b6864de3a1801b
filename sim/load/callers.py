"""The scenario's callers on the telephone: who comes when, and what each of them does.

They are the callers of the simulator, drawn from the same streams: a scenario's caller number 17 of
seed 1 comes at the same instant and waits and talks for the same time here and there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from ctid.core import events as ev
from ctid.core.instants import SECOND, Instant
from ctid.core.records import QueueId
from ctid.ivr.collecting import RIGHT
from ctid.ivr.flow import Collect, Flow, Menu
from sim.live.callers import CallScript
from sim.live.customers import demo_pin
from sim.scenario.model import Scenario
from sim.world.entities import Caller
from sim.world.menus import pressed
from sim.world.plan import is_door
from sim.world.world import World


class Coming(msgspec.Struct, frozen=True):
    """One caller, as the pretend PBX gets them."""

    at: Instant
    """In the scenario's own time, ms."""
    dialled: str
    number: str
    name: str
    script: CallScript
    """In the load's time: divided by the speed."""


def rehearse(scenario: Scenario, seed: int, number: int) -> Iterator[tuple[Instant, Caller]]:
    """The callers of that replication (`sim.run.replication`) in the order in which they first
    call; nobody serves them here.

    Who calls again after giving up is not among them: that depends on how they are served.
    """
    world = stage(scenario, seed, number)
    while (at := world.next_at()) is not None and at <= scenario.lasts:
        for fact in world.take(at):
            if isinstance(fact, ev.CallArrived):
                yield at, world.callers.pop(fact.call)


def stage(scenario: Scenario, seed: int, number: int) -> World:
    """The world of that replication, before anything has happened in it."""
    boot = f"{scenario.world.boot}-{seed}.{number}"
    settings = msgspec.structs.replace(scenario.world, boot=boot)
    return World(settings, scenario.centre.acd, f"{seed}/{number}")


class Casting:
    """Gives a caller their part."""

    def __init__(
        self,
        flows: Mapping[str, Flow],
        doors: Mapping[QueueId, str],
        customers: tuple[tuple[str, str], ...],
        speed: float,
    ) -> None:
        """`customers`: code and number of those whom ctid's directory knows."""
        self._doors, self._customers, self._speed = doors, customers, speed
        steps = [step for flow in flows.values() for step in flow.steps.values()]
        self._menus = {
            prompt
            for step in steps
            if isinstance(step, Menu)
            for prompt in (step.prompt, *step.again)
        }
        self._confirmations = {step.confirm for step in steps if isinstance(step, Collect)}
        self._pins = {
            prompt
            for step in steps
            if isinstance(step, Collect) and step.check == "pin"
            for prompt in (step.prompt, *step.again)
        }

    def cast(self, at: Instant, caller: Caller) -> Coming:
        """The caller's part. Raises KeyError where they come by a door to a queue without one."""
        stream = caller.dice.of("load")
        code, number = "", caller.number
        if caller.customer is not None and self._customers:
            code, known = stream.choice(self._customers)
            number = known if number else ""
        dialled = caller.dialled
        if is_door(dialled):
            assert caller.plan is not None, "doors are of plans"
            caller.queue = caller.plan.queue
            dialled = self._doors[caller.queue]
        patience, talk = caller.draw_patience(), caller.draw_talk(caller.queue, 1.0)
        think = caller.habits.think.draw(stream)
        script = CallScript(
            answer=lambda prompt: self._keys(caller, code, prompt.rpartition("/")[2]),
            key_delay=self._seconds(think),
            key_gap=min(0.2, 0.2 / self._speed),
            patience=self._seconds(patience),
            talk=self._seconds(talk),
        )
        return Coming(at, dialled, number, caller.name, script)

    def _seconds(self, duration: float) -> float:
        return duration / SECOND / self._speed

    def _keys(self, caller: Caller, code: str, prompt: str) -> str:
        """What is keyed after that prompt; the shares are the scenario's."""
        habits, stream = caller.habits, caller.dice.of("keys")
        if prompt in self._confirmations:
            return RIGHT
        if prompt in self._pins:
            wrong = stream.random() < habits.wrong_pin or not code
            return f"{stream.randrange(10**4):04d}#" if wrong else f"{demo_pin(code)}#"
        if prompt not in self._menus:
            wrong = stream.random() < habits.wrong_code
            return f"{stream.randrange(10**6):06d}" if wrong or not code else code
        if stream.random() < habits.no_digits:
            return ""
        return pressed(habits, prompt, stream)[0]
