"""People who found no line or gave up waiting call again, some time later, from the same number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ctid.core.instants import Instant
from sim.world.entities import Caller

if TYPE_CHECKING:
    from sim.world.world import World


class Redials:
    """See the module. Calls a redial `FIRSTrTRY`, so that the numbers of others stay."""

    def __init__(self, world: World) -> None:
        self._world = world

    def maybe(self, caller: Caller, share: float, now: Instant) -> None:
        """That share of people call again, unless they have tried often enough."""
        world, habits = self._world, caller.habits.redial
        if not share or caller.tries >= habits.tries:
            return
        stream = caller.dice.of("redial")
        again, after = stream.random() < share, habits.after.draw(stream)
        until = world.settings.lasts
        if not again or (until and now + after >= until):
            return
        first, tries = caller.first or caller.call, caller.tries + 1
        call = f"{first}r{tries}"
        once_more = Caller(
            call, f"{caller.channel.partition('.')[0]}.{tries}", caller.dice.again(tries),
            caller.habits, inflow=caller.inflow, plan=caller.plan, first=first, tries=tries,
            number=caller.number, name=caller.name, dialled=caller.dialled,
            customer=caller.customer, patience=caller.patience, talk=caller.talk,
        )  # fmt: skip
        world.at(now + after, lambda at: self._call(once_more, at))

    def _call(self, caller: Caller, now: Instant) -> None:
        self._world.tally.redials += 1
        self._world.arrivals.call(caller, now)
