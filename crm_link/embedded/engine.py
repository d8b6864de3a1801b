"""Open the database of the embedded directory."""

from __future__ import annotations

from typing import Any

from sqlalchemy import event, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

CONNECT_SECONDS = 5
"""How long to wait for a connection to PostgreSQL before it counts as down."""


def open_engine(url: str) -> AsyncEngine:
    """An engine for ``sqlite+aiosqlite:///path`` or ``postgresql+asyncpg://…``.

    The caller disposes of it (`await engine.dispose()`). Nothing is connected yet. Raises
    ValueError for any other kind of URL, without the password in the text.
    """
    parsed = make_url(url)
    match parsed.drivername:
        case "sqlite+aiosqlite":
            # As many as look-ups run at once: an overflow connection lives for one look-up only.
            engine = create_async_engine(parsed, pool_size=16)
            event.listen(engine.sync_engine, "connect", _prepare_sqlite)
            return engine
        case "postgresql+asyncpg":
            return create_async_engine(
                parsed,
                pool_size=5,
                max_overflow=5,
                pool_timeout=CONNECT_SECONDS,
                pool_pre_ping=True,  # a restarted database costs one reconnect, not one error
                connect_args={"timeout": CONNECT_SECONDS},
            )
        case other:
            raise ValueError(
                f"customer directory: database kind {other!r} is not served; "
                "use sqlite+aiosqlite:///path or postgresql+asyncpg://user@host/name"
            )


def _prepare_sqlite(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    # WAL: a look-up never waits for a write-back. Busy: writers queue for up to 5 s.
    for pragma in (
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
        "busy_timeout=5000",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
