"""Callers in the PBX's queue: they hear music and announcements, press keys, and give up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ctid.core import commands as cmd
from ctid.core import events as ev
from ctid.core.instants import Instant
from sim.world.entities import Caller
from sim.world.inflow import pick

if TYPE_CHECKING:
    from sim.world.world import World


class Waiting:
    """See the module."""

    def __init__(self, world: World) -> None:
        self._world = world

    def hold(self, command: cmd.HoldInQueue, now: Instant) -> None:
        """The menu hands the caller over to the queue."""
        caller = self._world.callers.get(command.call)
        if caller is None or caller.place != "ivr":
            return  # gone, or in the dialplan's own queue
        caller.queue, caller.code = command.queue, command.code
        caller.language = command.language
        caller.since = caller.since or self._world.settings.wall_at_zero + now
        self.begin(caller, now)

    def begin(self, caller: Caller, now: Instant) -> None:
        """The caller is in the queue, and has fresh patience."""
        world = self._world
        caller.place = "queue"
        world.tell_ami(
            ev.CallWaiting(
                caller.call, caller.channel, caller.queue, caller.since, caller.number,
                caller.name, caller.dialled, caller.code, caller.language, caller.moves,
            )
        )  # fmt: skip
        world.at(now + caller.draw_patience(), lambda at: self._give_up(caller, at))
        world.supervisors.caller_waits(caller.call, now)
        habits, stream = caller.habits, caller.stream
        if habits.keys_waiting and stream.random() < habits.keys_waiting:
            world.at(now + habits.think.draw(stream), lambda at: self._press(caller, at))

    def announce(self, command: cmd.Announce, now: Instant) -> None:
        """The caller hears it unless an agent or a hang-up comes first; another one cuts it off."""
        world, caller = self._world, self._world.callers.get(command.call)
        if caller is None or caller.place != "queue":
            return
        caller.heard += (command.prompts,)
        heard, number = len(command.prompts), len(caller.heard)
        over = now + sum(caller.habits.prompt.draw(caller.stream) for _ in range(heard))
        world.at(over, lambda _: self._announced(caller, number))

    def _announced(self, caller: Caller, number: int) -> None:
        if caller.place == "queue" and len(caller.heard) == number:
            self._world.tell_ami(ev.Announced(caller.call))

    def _press(self, caller: Caller, now: Instant) -> None:
        if caller.place not in ("queue", "talking"):
            return
        world, habits, stream = self._world, caller.habits, caller.stream
        key = (
            pick(habits.queue_keys, stream) if habits.queue_keys else stream.choice(habits.choices)
        )
        world.tell_ami(ev.KeyPressed(caller.call, key))
        world.at(now + habits.think.draw(stream), lambda at: self._press(caller, at))

    def _give_up(self, caller: Caller, now: Instant) -> None:
        if caller.place == "queue":
            self._world.caller_gone(caller.call, "16", now)
            self._world.redials.maybe(caller, caller.habits.redial.abandoned, now)
