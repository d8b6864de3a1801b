"""Callers on hold and colleagues who are asked: what the PBX does of it, and what agents want."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from ctid.core import commands as cmd
from ctid.core import events as ev
from ctid.core.instants import Instant
from ctid.core.records import TalkWish, TransferKind
from sim.world.entities import Caller, Leg, Phone

if TYPE_CHECKING:
    from sim.world.world import World

WISHES: tuple[TalkWish, ...] = (*get_args(TalkWish), "toggle", "toggle", "conference")
"""Going to and fro is what leads on; most others lead to an end."""


class Asides:
    """Carries `Bring` out, and keeps the dialplan's limits."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._lines = 0
        """Counts numbers outside that have answered."""

    # -- people --

    def agent_talks(self, agent: str, call: str, now: Instant) -> None:
        """The agent puts the caller aside, and then presses this and that."""
        habits, world = self._world.settings.agents, self._world
        stream = world.phones[agent].stream
        if not habits.asides or stream.random() >= habits.asides:
            return
        at = now
        for _ in range(stream.randrange(1, 13)):
            at += habits.between_wishes.draw(stream)
            world.at(at, lambda _: world.tell(self._wish(agent, call)))

    def _wish(self, agent: str, call: str) -> ev.Event:
        """Somebody who is free is asked more often than somebody who is not."""
        world, stream = self._world, self._world.phones[agent].stream
        if stream.random() < 0.5:
            return ev.TalkAsked(agent, call, stream.choice(WISHES))
        free = [one for one, phone in sorted(world.phones.items()) if phone.state == "idle"]
        targets: list[tuple[TransferKind, str]] = [("agent", one) for one in free or ["nobody"]]
        targets.append(("queue", stream.choice(sorted(world.wrap_ups))))
        targets += [("number", one) for one in world.settings.agents.transfer_numbers[:1]]
        return ev.ConsultAsked(agent, call, *stream.choice(targets), "knows more")

    # -- the PBX --

    def bring(self, command: cmd.Bring, now: Instant) -> None:
        """One order; nothing where a leg or the caller is gone that it needs."""
        world = self._world
        caller = world.callers.get(command.call)
        first, second = world.legs.get(command.first), world.legs.get(command.second)
        if second is not None and second.state == "ringing":
            second = None
        match command.to:
            case "hold" if caller and first and self._talk(caller, first):
                self._away(first, now)
                self._hold(caller, command, now)
            case "caller" if first:
                if second is not None and second.state == "aside":
                    self._away(second, now)
                if caller is not None:
                    caller.latched = second is not None
                self._take(caller, first, now)
            case "alone" if caller:
                caller.latched = False
            case "colleague" if caller and first and second and self._talk(caller, first):
                self._hold(caller, command, now)
                self._meet(second, first)
            case "outside" if caller and first and first.state == "away":
                self._dial(first, now)
            case "all" if first and second:
                if self._take(caller, first, now):
                    self._join(second)
            case "join" if caller and first and second and self._talk(caller, first):
                self._join(second)
            case "second" if second:
                if first is not None and first.state == "aside":
                    self._away(first, now)
                elif first is not None and first.state == "talking":
                    world.lose_caller(first.offer, now)
                self._take(caller, second, now)
            case _:
                pass

    def _dial(self, first: Leg, now: Instant) -> None:
        """The agent's own leg dials a number; it rings until somebody is there, or not."""
        world = self._world
        first.state, first.away_since = "dialling", now
        habits, stream = world.settings.callers, first.phone.stream
        answers = stream.random() < habits.outside_answers and not world.trunks_full
        rung = now + habits.outside_rings.draw(stream)
        world.at(rung, lambda at: self._rung(first, now, at, answers=answers))

    def _rung(self, first: Leg, since: Instant, now: Instant, *, answers: bool) -> None:
        world = self._world
        if first.state != "dialling" or first.away_since != since:
            return
        if not answers:
            self._away(first, now)
            world.tell_ami(ev.OutsideFailed(first.offer, "no_answer"))
            return
        self._lines += 1
        line = f"{world.settings.boot}.line{self._lines}"
        phone = Phone("", "PJSIP/trunk", world.dice(line), "in_use")
        leg = world.legs[line] = Leg(line, first.call, phone, "aside", first.offer)
        first.state = "aside"
        world.tell_ami(ev.OutsideAnswered(first.offer, line))
        world.tell_ami(ev.ConsultBridged(line))
        over = now + world.settings.callers.talk.draw(phone.stream)
        if phone.stream.random() < 0.3:
            world.at(over, lambda at: world.leg_gone(leg, "hangup", at))

    def answered(self, leg: Leg, now: Instant) -> None:
        """The colleague has picked up: the dialplan bridges with the agent who asks."""
        asks = self._world.legs.get(leg.aside)
        if asks is None or asks.state != "away":
            self._world.leg_gone(leg, "caller_gone", now)
            return
        self._meet(leg, asks)
        habits, stream = self._world.settings, leg.phone.stream
        if stream.random() < 0.3:
            over = now + habits.callers.talk.draw(stream)
            self._world.at(over, lambda at: self._world.leg_gone(leg, "hangup", at))

    def left(self, leg: Leg, now: Instant) -> None:
        """That leg is gone: whom it leaves behind."""
        caller = self._world.callers.get(leg.call)
        for other in self._world.legs.values():
            if other.call != leg.call or other is leg:
                continue
            if other.state == "aside":
                self._away(other, now)
            elif caller is not None and other.state == "talking" and caller.leg == leg.offer:
                caller.leg = other.offer  # of three, two talk on
                self._world.end_talk(other, now)
                return
        if caller is not None and caller.latched and self._talk(caller, leg):
            self._put_on_hold(caller, now)

    def bridge_of(self, leg: Leg) -> str:
        """Where the leg is, for an inventory."""
        if leg.state == "aside":
            return f"beside-{leg.call}"
        return f"talk-{leg.call}" if leg.state == "talking" else ""

    def _talk(self, caller: Caller, leg: Leg) -> bool:
        return caller.place == "talking" and caller.leg == leg.offer

    def _hold(self, caller: Caller, command: cmd.Bring, now: Instant) -> None:
        caller.moves = command.moves
        self._put_on_hold(caller, now)

    def _put_on_hold(self, caller: Caller, now: Instant) -> None:
        world, moves = self._world, caller.moves
        caller.place, caller.leg, caller.latched = "held", "", False
        world.tell_ami(ev.CallHeld(caller.call, moves))
        habits = caller.habits
        patience = now + habits.patience.draw(caller.dice.of("held"))
        world.at(patience, lambda at: self._give_up(caller, moves, at))
        world.at(now + habits.hold_limit, lambda at: self._too_long(caller, moves, at))

    def _give_up(self, caller: Caller, moves: int, now: Instant) -> None:
        if caller.place == "held" and caller.moves == moves:
            self._world.caller_gone(caller.call, "16", now)

    def _too_long(self, caller: Caller, moves: int, now: Instant) -> None:
        if caller.place == "held" and caller.moves == moves:
            self._world.wait(caller, now)

    def _away(self, leg: Leg, now: Instant) -> None:
        leg.state, leg.away_since = "away", now
        limit = now + self._world.settings.callers.hold_limit
        self._world.at(limit, lambda at: self._silent_too_long(leg, now, at))

    def _silent_too_long(self, leg: Leg, since: Instant, now: Instant) -> None:
        if leg.state == "away" and leg.away_since == since:
            self._world.leg_gone(leg, "hangup", now)

    def _take(self, caller: Caller | None, leg: Leg, now: Instant) -> bool:
        """Bridge() with the caller, out of music or out of another talk."""
        if caller is None or caller.place not in ("held", "queue", "talking"):
            self._world.leg_gone(leg, "hangup", now)
            return False
        caller.place, caller.leg, leg.state = "talking", leg.offer, "talking"
        self._world.tell_ami(ev.CallBridged(leg.offer))
        self._world.end_talk(leg, now)
        return True

    def _meet(self, second: Leg, first: Leg) -> None:
        first.state = second.state = "aside"
        self._world.tell_ami(ev.ConsultBridged(second.offer))

    def _join(self, second: Leg) -> None:
        second.state = "talking"
        self._world.tell_ami(ev.ConsultBridged(second.offer))
        self._world.tell_ami(ev.CallBridged(second.offer))
