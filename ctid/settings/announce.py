"""The caller's wait in the settings of one queue: `[queues.wait]`."""

from __future__ import annotations

from ctid.acd.announce import WaitSettings
from ctid.core.instants import MINUTE
from ctid.settings.table import Table


def read_wait(table: Table) -> WaitSettings:
    """What `table` says; every problem with it goes to the table."""
    wait = WaitSettings(
        handling=table.seconds("handling_s", 4 * MINUTE),
        half_life=table.whole("half_life", 50, 1, 10_000),
    )
    table.close()
    return wait
