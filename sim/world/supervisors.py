"""Supervisors of the pretend world: they listen in, change their way of it, take callers over, and
send callers who wait to agents by hand; and agents who take one out of turn."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from ctid.core import commands as cmd
from ctid.core import events as ev
from ctid.core.instants import Instant
from ctid.core.records import CallId, ChannelFact, LegCause, OfferId
from ctid.core.supervision import SpyWish
from sim.world.entities import Leg, Phone

if TYPE_CHECKING:
    from sim.world.world import World

WISHES: tuple[SpyWish, ...] = ("listen", "whisper", "barge", "take")


class SpyLeg(msgspec.Struct):
    """A supervisor's leg, from ringing to its end."""

    id: OfferId
    call: CallId
    offer: OfferId
    phone: str
    up: bool = False


class Supervisors:
    """All supervisors, and the PBX's part of what they do."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._habits = world.settings.supervisors
        self._stream = world.stream("supervisors")
        self.spies: dict[OfferId, SpyLeg] = {}

    # -- people --

    def agent_talks(self, agent: str, now: Instant) -> None:
        """Somebody may listen in, once or twice in another way, and go before the talk ends."""
        habits, stream = self._habits, self._stream
        if not habits.people or stream.random() >= habits.listens:
            return
        by, at = stream.choice(habits.people), now
        for _ in range(stream.randrange(1, 5)):
            at += habits.between.draw(stream)
            self._say(ev.SpyAsked(by, agent, stream.choice(WISHES)), at)
        if stream.random() < 0.5:
            at += habits.between.draw(stream)
            self._say(ev.SpyStopAsked(by), at)

    def caller_waits(self, call: CallId, now: Instant) -> None:
        """Somebody may look after this caller, and an agent may want the caller."""
        habits, stream, world = self._habits, self._stream, self._world
        if not habits.people or stream.random() >= habits.by_hand:
            return
        agent = stream.choice(sorted(world.phones))
        at = now + habits.between.draw(stream)
        if stream.random() < 0.5:
            self._say(ev.PullAsked(agent, call), at)
        else:
            by = stream.choice(habits.people)
            self._say(ev.AssignAsked(by, call, agent), at)

    def _say(self, wish: ev.Event, at: Instant) -> None:
        self._world.at(at, lambda _: self._world.tell(wish))

    # -- the PBX --

    def ring(self, command: cmd.Spy, now: Instant) -> None:
        """The supervisor's phone rings, and is picked up or not."""
        world, stream = self._world, self._stream
        spy = SpyLeg(command.spy, command.call, command.offer, command.phone)
        phone = self._phone(spy)
        busy = any(other.phone == spy.phone for other in self.spies.values())
        if busy or (phone is not None and phone.state != "idle"):
            world.tell_ami(ev.LegEnded(spy.id, "busy"))
            return
        self.spies[spy.id] = spy
        if phone is not None:
            world.phone_is(phone, "ringing")
        world.tell_ami(ev.AgentRinging(spy.id))
        after = now + world.settings.agents.answer.draw(stream)
        if stream.random() < 0.1:
            world.at(now + command.ring_for, lambda at: self._end(spy, "no_answer", at))
        else:
            world.at(after, lambda at: self._pick_up(spy, at))

    def _pick_up(self, spy: SpyLeg, now: Instant) -> None:
        if spy.id not in self.spies:
            return
        spy.up = True
        if (phone := self._phone(spy)) is not None:
            self._world.phone_is(phone, "in_use")
        self._world.tell_ami(ev.AgentAnswered(spy.id))
        leg = self._world.legs.get(spy.offer)
        if leg is None or leg.state != "talking":
            self._end(spy, "hangup", now)

    def change(self, command: cmd.ChangeSpy, now: Instant) -> None:
        """Another way to be in the talk; nothing to see but where the caller changes hands."""
        world, spy = self._world, self.spies.get(command.spy)
        if spy is None or command.wish != "take":
            return
        caller, phone = world.callers.get(spy.call), self._phone(spy)
        if caller is None or caller.place != "talking" or caller.leg != spy.offer or phone is None:
            return  # the caller is elsewhere by now: the supervisor listens on
        del self.spies[spy.id]
        leg = Leg(spy.id, spy.call, phone, "talking")
        world.legs[leg.offer] = leg
        caller.leg = leg.offer
        world.tell_ami(ev.CallBridged(leg.offer))
        world.lose_caller(spy.offer, now)
        world.end_talk(leg, now)

    def end_asked(self, leg: OfferId, now: Instant) -> None:
        """The machine ends a supervisor's leg; nothing where it is none."""
        if (spy := self.spies.get(leg)) is not None:
            self._end(spy, "hangup", now)

    def talk_over(self, offer: OfferId, now: Instant) -> None:
        """ChanSpy ends with the leg that it listens to."""
        for spy in list(self.spies.values()):
            if spy.offer == offer and spy.up:
                self._end(spy, "hangup", now)

    def _end(self, spy: SpyLeg, cause: LegCause, now: Instant) -> None:
        if self.spies.pop(spy.id, None) is None:
            return
        self._world.tell_ami(ev.LegEnded(spy.id, cause))
        if (phone := self._phone(spy)) is not None:
            self._world.phone_is(phone, "idle")

    def _phone(self, spy: SpyLeg) -> Phone | None:
        mine = (phone for phone in self._world.phones.values() if phone.name == spy.phone)
        return next(mine, None)

    def channels(self) -> Iterator[ChannelFact]:
        """Their legs in an inventory."""
        for spy in self.spies.values():
            name = f"{spy.phone}-{spy.id}"
            yield ChannelFact(
                name, spy.id, "spy", "other" if spy.up else "ringing", spy.call, phone=spy.phone
            )
