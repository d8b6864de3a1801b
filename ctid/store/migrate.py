"""Bring a database to the newest schema, from inside the daemon."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from ctid.core.instants import Duration
from ctid.store.engine import MIGRATION_LIMIT, writing

if TYPE_CHECKING:
    from alembic.config import Config

VERSION_TABLE: Final = "ctid_version"
"""Ours alone: a CRM directory in the same database has its own."""
_LOCK: Final = 0x63746964  # "ctid"
_FOLDER: Final = Path(__file__).parent / "migrations"


def newest() -> str:
    """The last revision; a migration's file is named after its own (`0001_first.py`)."""
    return max(file.stem.partition("_")[0] for file in (_FOLDER / "versions").glob("[0-9]*.py"))


async def is_newest(connection: AsyncConnection) -> bool:
    """Whether nothing is left to migrate. A restart then need not even load the migrations, a
    tenth of its time while callers wait."""
    if not await connection.run_sync(lambda sync: inspect(sync).has_table(VERSION_TABLE)):
        return False
    found = await connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}"))
    return list(found.scalars()) == [newest()]


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
        await connection.run_sync(_upgrade)


def _upgrade(connection: Connection) -> None:
    from alembic import command  # see is_newest

    command.upgrade(_config(connection), "head")


def _config(connection: Connection) -> Config:
    from alembic.config import Config

    config = Config()
    # "%" begins an interpolation in alembic's settings.
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    # The connection itself: no URL, so no password, goes through alembic's settings.
    config.attributes["connection"] = connection
    config.attributes["version_table"] = VERSION_TABLE
    return config
