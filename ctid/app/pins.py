"""Carries checks of PINs out: what the CRM says, or its silence, comes back as one event."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog
from prometheus_client import CollectorRegistry, Counter

from crm_link.guard import Guard
from crm_link.pins import PinBook
from ctid.core.events import Event
from ctid.core.identity import CheckPin, PinChecked, PinStatus
from ctid.core.records import CallId

_log = structlog.get_logger("ctid.engine")


class PinChecks:
    """Takes each PIN from the conversation in which it was keyed, and hands it to the CRM. It is in
    no command, no event and no log."""

    def __init__(
        self,
        book: PinBook,
        guard: Guard,
        take: Callable[[CallId], str],
        submit: Callable[[Event], None],
        registry: CollectorRegistry,
    ) -> None:
        """`guard` is the PINs' own: guesses must not keep anybody's card from the screen. `take`
        gives away what a caller has keyed, once; empty where there is nothing."""
        self._book = book
        self._guard = guard
        self._take = take
        self._submit = submit
        self._checked = Counter("ctid_pins", "PINs by what came of them", ["status"],
                                registry=registry)  # fmt: skip
        self._tasks: asyncio.TaskGroup | None = None

    async def run(self) -> None:
        """Own the checks until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            self._tasks = tasks
            await asyncio.Event().wait()

    def carry_out(self, command: CheckPin) -> None:
        """Start one check."""
        assert self._tasks is not None, "run() starts before the first event"
        self._tasks.create_task(self._check(command, self._take(command.call)))

    async def _check(self, command: CheckPin, pin: str) -> None:
        if not pin:  # the caller is gone, or a process that has died had it
            self._tell(command, "unavailable")
            return
        book, code = self._book, command.code
        answer = await self._guard.ask(lambda: book.verify(code, pin), command.budget)
        status: PinStatus = "timeout" if answer.status == "timeout" else "unavailable"
        if answer.value is not None:
            status = answer.value
        else:
            # Books are also written by others, and an error of theirs may repeat the PIN.
            _log.warning("pin_unchecked", call=command.call, status=status,
                         reason=answer.reason.replace(pin, "x" * len(pin)))  # fmt: skip
        self._tell(command, status)

    def _tell(self, command: CheckPin, status: PinStatus) -> None:
        self._checked.labels(status).inc()
        self._submit(PinChecked(command.call, command.request, status))
