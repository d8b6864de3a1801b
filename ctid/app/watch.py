"""Once a second: is the loop on time, has the wall clock moved, is the journal's file full?"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog
from prometheus_client import CollectorRegistry, Gauge

from ctid.app.clocks import SystemClock
from ctid.core.events import Event, WallClockAdjusted
from ctid.store.journal import JournalFile

_log = structlog.get_logger("ctid.watch")

EVERY = 1_000
"""Milliseconds between two looks."""
WALL_TOLERANCE = 500
"""Milliseconds that wall and monotonic clock may drift apart before the machine is told."""
LAG_ALARM = 250
"""Milliseconds of loop lag that are worth a line in the log."""


class Watch:
    """Runs beside the engine; decides nothing about calls."""

    def __init__(
        self,
        clock: SystemClock,
        journal: JournalFile,
        submit: Callable[[Event], None],
        rotate: Callable[[], None],
        registry: CollectorRegistry,
    ) -> None:
        self._clock = clock
        self._journal = journal
        self._submit = submit
        self._rotate = rotate
        self._zero = clock.wall_at_zero
        self._lag = Gauge("ctid_loop_lag_seconds", "How late the loop ran", registry=registry)

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            began = self._clock.now()
            await asyncio.sleep(EVERY / 1000)
            lag = max(self._clock.now() - began - EVERY, 0)
            self._lag.set(lag / 1000)
            if lag > LAG_ALARM:
                _log.warning("loop_lag", ms=lag)
            zero = self._clock.wall() - self._clock.now()
            if abs(zero - self._zero) > WALL_TOLERANCE:
                _log.warning("wall_clock_moved", ms=zero - self._zero)
                self._zero = zero
                self._submit(WallClockAdjusted(zero))
            if self._journal.full:
                self._rotate()
