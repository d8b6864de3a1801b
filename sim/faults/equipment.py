"""What breaks at the PBX and around it: calls, phones, trunks, the clock. Works on the world."""

from __future__ import annotations

from functools import partial
from random import Random

import msgspec

from ctid.core import events as ev
from ctid.core.instants import Duration, Instant
from sim.world.entities import Phone
from sim.world.habits import Inflow
from sim.world.plan import PlannedCaller
from sim.world.world import World


def break_menus(world: World, now: Instant) -> None:
    """Nobody answers FastAGI: the dialplan takes callers out of the menu to its own queue (F4)."""
    world.ctid_up = False
    for caller in list(world.callers.values()):
        if caller.place == "ivr":
            world.fall_back(caller, now)


def stop_pbx(world: World) -> None:
    """Every channel is gone at once, and nobody says so (F3)."""
    world.restarted = True
    for caller in list(world.callers.values()):
        if caller.place == "ivr":
            world.tell(ev.IvrLost(caller.call, "the connection is gone"))
        caller.place = "other"
        world.calling_back.gone(caller)
    world.callers.clear()
    for leg in list(world.legs.values()):
        leg.state = "gone"
        world.calling_back.left(leg, 0)
    world.legs.clear()
    world.supervisors.spies.clear()
    for phone in world.phones.values():
        phone.state = "unreachable"


def start_pbx(world: World, dice: Random, now: Instant) -> None:
    """The PBX is back; phones register one after the other."""
    for phone in world.phones.values():
        world.at(now + dice.randrange(10_000), partial(_registers, world, phone))


def _registers(world: World, phone: Phone, now: Instant) -> None:
    plug_in(world, phone)


def unplug(world: World, phone: Phone, now: Instant) -> None:
    """The phone is not there any more, and no leg of it."""
    for leg in [leg for leg in world.legs.values() if leg.phone is phone]:
        world.leg_gone(leg, "unreachable", now)
    world.phone_is(phone, "unreachable")


def plug_in(world: World, phone: Phone) -> None:
    """The phone is back."""
    if phone.state == "unreachable":
        world.phone_is(phone, "idle")


def jump(world: World, by: Duration) -> None:
    """The clock on the wall shows another time, and ctid is told."""
    wall = world.settings.wall_at_zero + by
    world.settings = msgspec.structs.replace(world.settings, wall_at_zero=wall)
    world.tell(ev.WallClockAdjusted(wall))


def flood(world: World, calls: int, dice: Random, now: Instant, until: Instant) -> None:
    """So many more callers before `until`. Whoever comes after them has another number."""
    habits = world.settings.callers

    def come(now: Instant) -> None:
        world.arrivals.one(habits, Inflow(""), PlannedCaller(at=now), now)

    for _ in range(calls):
        world.at(dice.randrange(now, until), come)
