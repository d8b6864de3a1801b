"""The pretend services that menus ask: the CRM's self-service, and those that speak HTTP. They
answer after some time, with something that fits, with nothing, or not at all."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Final

from ctid.core.instants import Instant
from ctid.core.services import CRM, AskService, ServiceAnswered

if TYPE_CHECKING:
    from sim.world.world import World

_ANSWERS: Final = {
    "order": (
        ("order_number", ("20261001", "20261002")),
        ("order_status", ("received", "packed", "shipped", "delivered", "cancelled")),
        ("order_date", ("2026-10-01", "2026-10-08")),
        ("order_due", ("2026-10-12", "")),
        ("order_total", ("128.50", "3050.20")),
        ("currency", ("CNY", "USD")),
    ),
    "balance": (
        ("balance", ("0", "86.00", "1290.75")),
        ("balance_due", ("2026-10-31", "")),
        ("currency", ("CNY", "USD")),
    ),
    "appointment": (
        ("appointment_date", ("2026-10-09", "2026-10-21")),
        ("appointment_time", ("09:30", "14:00")),
    ),
    "complaint": (
        ("complaint_status", ("open", "in_progress", "resolved")),
        ("complaint_date", ("2026-09-28", "2026-10-02")),
        ("complaint_count", ("0", "1", "2")),
    ),
    "callback_number": (),
}
"""Operation → variable → what it may be."""


class Services:
    """See the module. Draws come from the caller's stream for services alone."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._stream = world.stream("services")

    def ask(self, command: AskService, now: Instant) -> None:
        """The answer comes, or the time for it is over."""
        world, habits = self._world, self._world.settings.services
        caller = world.callers.get(command.call)
        stream = caller.dice.of("services") if caller else self._stream
        took = habits.answer.draw(stream)
        draw = stream.random()
        fact = ServiceAnswered(command.call, command.request, "timeout")
        if draw < habits.silent or took > command.time_out:
            took = command.time_out
        elif draw < habits.silent + habits.broken:
            fact = ServiceAnswered(command.call, command.request, "unavailable")
        elif draw < habits.silent + habits.broken + habits.none:
            fact = ServiceAnswered(command.call, command.request, "none")
        else:
            values = _values(command, stream)
            fact = ServiceAnswered(command.call, command.request, "done", values)
        world.at(now + took, lambda _: world.tell(fact))


def _values(command: AskService, stream: Random) -> tuple[tuple[str, str], ...]:
    if command.service == CRM:
        known = _ANSWERS[command.operation]
        return tuple((name, stream.choice(choices)) for name, choices in known)
    return tuple((name, str(stream.randint(0, 99))) for name, _ in command.wanted)
