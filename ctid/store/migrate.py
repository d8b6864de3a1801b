"""Bring a database to the newest schema, from inside the daemon."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from ctid.core.instants import Duration
from ctid.store.engine import MIGRATION_LIMIT, writing

VERSION_TABLE: Final = "ctid_version"
"""Ours alone: a CRM directory in the same database has its own."""
_LOCK: Final = 0x63746964  # "ctid"


async def upgrade(engine: AsyncEngine, limit: Duration = MIGRATION_LIMIT) -> None:
    """Run the migrations that are missing, all in one transaction.

    Two daemons that start at once do it one after the other: SQLite's write lock and an advisory
    lock of PostgreSQL see to that.

    Raises:
        StoreUnavailable: the schema is as it was.
    """
    async with writing(engine, "migrating the schema", limit) as connection:
        if engine.dialect.name == "postgresql":
            await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        await connection.run_sync(lambda sync: command.upgrade(_config(sync), "head"))


def _config(connection: object) -> Config:
    folder = Path(__file__).parent / "migrations"
    config = Config()
    # "%" begins an interpolation in alembic's settings.
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    # The connection itself: no URL, so no password, goes through alembic's settings.
    config.attributes["connection"] = connection
    config.attributes["version_table"] = VERSION_TABLE
    return config
