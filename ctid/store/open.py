"""One place that turns the settings' URL into a store."""

from __future__ import annotations

from collections.abc import Mapping

from ctid.core.instants import Duration
from ctid.core.records import QueueId
from ctid.store.memory import MemoryStore
from ctid.store.sql import SqlStore


async def open_store(
    url: str, service_level_targets: Mapping[QueueId, Duration]
) -> SqlStore | MemoryStore:
    """The store for ``memory:``, ``sqlite+aiosqlite:///path`` or ``postgresql+asyncpg://…``.

    Raises:
        ConfigError: a URL of another kind.
        StoreUnavailable: the database does not answer, or cannot be brought up to date.
    """
    if url == "memory:":
        return MemoryStore(service_level_targets)
    return await SqlStore.open(url, service_level_targets)
