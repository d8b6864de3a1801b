"""What the contract tests of stores share."""

from __future__ import annotations

from ctid.core.commands import Command
from ctid.core.instants import SECOND
from ctid.ports import JournalledCommand
from ctid.store.intervals import INTERVAL
from ctid.store.memory import MemoryStore
from ctid.store.sql import SqlStore

TARGETS = {"sales": 20 * SECOND, "support": 30 * SECOND}
T0 = 1_790_000_100_000 - 1_790_000_100_000 % INTERVAL
"""The beginning of an interval."""
AnyStore = MemoryStore | SqlStore


def lines(*commands: Command, boot: str = "b1", first: int = 1) -> list[JournalledCommand]:
    return [JournalledCommand(boot, first + n, 0, command) for n, command in enumerate(commands)]
