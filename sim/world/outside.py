"""Where callers are sent by rules and agents: voicemail, a message, a number, a queue again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ctid.core import commands as cmd
from ctid.core import events as ev
from ctid.core.instants import Duration, Instant
from sim.world.entities import Caller

if TYPE_CHECKING:
    from sim.world.world import World


class Outside:
    """Carries the moves of overflow rules out on the world's callers."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.torn_out: list[str] = []
        """Callers who would have been taken out of a talk that nobody meant: there must be none."""

    def requeue(self, command: cmd.Requeue) -> None:
        """The PBX notes the other queue; the caller hears nothing of it. Orders take effect in
        their order at a real PBX, so an older one that comes late is none here."""
        caller = self._world.callers.get(command.call)
        if caller is not None and caller.moves < command.moves:
            caller.queue, caller.moves = command.queue, command.moves

    def divert(self, command: cmd.Divert, now: Instant) -> None:
        """The caller goes to the place that was named."""
        world = self._world
        caller = world.callers.get(command.call)
        if caller is None:
            return
        if caller.place == "talking" and caller.leg != command.leaves:
            self.torn_out.append(caller.call)
            return
        if command.leaves:
            if caller.place != "talking":
                return  # there already
            world.lose_caller(command.leaves, now)
            caller.since = 0
        caller.place, caller.queue = "away", command.queue
        caller.moves = caller.led = command.moves
        if command.place == "queue":
            caller.since = world.settings.wall_at_zero + now
            world.wait(caller, now)
            return
        caller.since = caller.since or world.settings.wall_at_zero + now
        world.tell_ami(ev.CallDiverted(caller.call, command.place, command.moves))
        move, habits, stream = caller.moves, caller.habits, caller.stream
        if command.place == "menu":
            caller.place = "ivr"
            world.tell(ev.CallArrived(caller.call, caller.channel, "", "", caller.dialled))
            return
        if command.place == "callback":
            world.calling_back.offer(caller, move, now)
            return
        if command.place == "external":
            answers = stream.random() < habits.outside_answers and not world.trunks_full
            rung = now + habits.outside_rings.draw(stream)
            world.at(rung, lambda at: self._rung(caller, move, at, answers=answers))
            return
        over = now + habits.prompt.draw(stream)
        if command.place == "voicemail" and stream.random() < habits.leaves_message:
            length = habits.message.draw(stream)
            length = min(length, command.longest or length)
            over += length
            world.at(over, lambda at: self._leave_message(caller, move, length))
        world.at(over, lambda at: self._over(caller, move, at))

    def _leave_message(self, caller: Caller, move: int, length: Duration) -> None:
        if caller.away_by(move):
            file = f"/var/spool/asterisk/ctid/{caller.call}.wav"
            self._world.tell_ami(ev.RecordingStored(caller.call, file, length))

    def _rung(self, caller: Caller, move: int, now: Instant, *, answers: bool) -> None:
        world = self._world
        if not caller.away_by(move):
            return
        if not answers:
            world.wait(caller, now)
            return
        world.tell_ami(ev.ExternalAnswered(caller.call))
        over = now + caller.draw_talk(caller.queue, 1.0)
        world.at(over, lambda at: self._over(caller, move, at))

    def _over(self, caller: Caller, move: int, now: Instant) -> None:
        if caller.away_by(move):
            self._world.caller_gone(caller.call, "16", now)
