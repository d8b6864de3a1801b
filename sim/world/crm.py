"""The pretend CRM: it knows the world's customers, and answers after some time or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ctid.core import commands as cmd
from ctid.core import events as ev
from ctid.core.identity import CheckPin, PinChecked, PinStatus
from ctid.core.instants import Instant
from ctid.core.records import CustomerCard, LookUpStatus
from sim.world.entities import Caller

if TYPE_CHECKING:
    from sim.world.world import World


class Crm:
    """See the module."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._stream = world.stream("crm")
        self._by_code = {card.code: card for card in world.settings.customers}
        self._by_number: dict[str, list[CustomerCard]] = {}
        for card in world.settings.customers:
            for number in card.numbers:
                self._by_number.setdefault(number, []).append(card)

    def with_code(self, code: str) -> CustomerCard | None:
        """The customer of that code."""
        return self._by_code.get(code)

    def at_number(self, number: str) -> CustomerCard | None:
        """The first customer of that number."""
        return next(iter(self._by_number.get(number, ())), None)

    def look_up(self, command: cmd.LookUpCustomer, now: Instant) -> None:
        """The answer comes, or the time for it is over."""
        world = self._world
        pbx, caller = world.settings.pbx, world.callers.get(command.call)
        stream = caller.dice.of("crm") if caller else self._stream
        took = pbx.look_up.draw(stream)
        if stream.random() < pbx.crm_silent or took > command.budget:
            fact = ev.CustomerLookedUp(command.call, command.request, "timeout", ())
            took = command.budget
        else:
            found = self._found(command)
            status: LookUpStatus = "none" if not found else "found" if len(found) == 1 else "many"
            fact = ev.CustomerLookedUp(command.call, command.request, status, found)
        world.at(now + took, lambda _: world.tell(fact))

    def check_pin(self, command: CheckPin, now: Instant) -> None:
        """The same for a PIN, which is right where the code is the caller's own and the caller has
        keyed it well."""
        world = self._world
        pbx, caller = world.settings.pbx, world.callers.get(command.call)
        stream = caller.dice.of("crm pin") if caller else self._stream
        took, status = pbx.look_up.draw(stream), self._judged(caller, command.code)
        if stream.random() < pbx.crm_silent or took > command.budget:
            took, status = command.budget, "timeout"
        fact = PinChecked(command.call, command.request, status)
        world.at(now + took, lambda _: world.tell(fact))

    def _judged(self, caller: Caller | None, code: str) -> PinStatus:
        if caller is None:
            return "unavailable"  # who is gone takes the PIN along
        own = caller.customer is not None and caller.customer.code == code
        return "right" if own and not caller.errs else "wrong"

    def _found(self, command: cmd.LookUpCustomer) -> tuple[CustomerCard, ...]:
        if command.code and (card := self._by_code.get(command.code)) is not None:
            return (card,)
        found = {card.id: card for one in command.numbers for card in self._by_number.get(one, ())}
        return tuple(found.values())
