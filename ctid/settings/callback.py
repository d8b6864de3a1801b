"""Callbacks in the settings of one queue: `[queues.callback]`."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from ctid.acd.callback import CallbackRules
from ctid.acd.settings import QueueSettings
from ctid.core.instants import HOUR, MINUTE, SECOND
from ctid.settings.table import Table, nearest


def read_callback(table: Table) -> CallbackRules:
    """What `table` says; every problem with it goes to the table."""
    rules = CallbackRules(
        attempts=table.whole("attempts", 3, 1, 20),
        retry_after=table.seconds("retry_after_s", 10 * MINUTE),
        ring_for=table.seconds("ring_for_s", 30 * SECOND),
        keep=table.seconds("keep_s", 24 * HOUR),
        hours=table.text("hours", ""),
        regions=table.texts("regions", (), pattern="[A-Z]{2}", form='"CN", ISO 3166'),
    )
    if rules.ring_for < SECOND:
        table.wrong("ring_for_s", "is too short for a phone to ring; use at least 1 second")
    table.close()
    return rules


def check_callbacks(main: Table, queues: Sequence[QueueSettings], hours: Collection[str]) -> None:
    """Hours that there are not would be no hours at all."""
    for n, queue in enumerate(queues, start=1):
        named = queue.callback.hours
        if named and named not in hours:
            what = f"there are no opening hours {named!r}; {nearest(named, hours)}"
            main.wrong(f"queues[{n}].callback.hours", what)
