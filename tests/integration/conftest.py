"""Every store, for tests of the contract: memory, SQLite in a file, and a real PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ctid.store.memory import MemoryStore
from ctid.store.sql import SqlStore
from tests.integration.stores import TARGETS, AnyStore


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    match request.param:
        case "memory":
            return "memory:"
        case "sqlite":
            return f"sqlite+aiosqlite:///{tmp_path}/store.db"
        case _:
            return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
async def store(url: str) -> AsyncIterator[AnyStore]:
    opened = MemoryStore(TARGETS) if url == "memory:" else await SqlStore.open(url, TARGETS)
    yield opened
    await opened.close()
