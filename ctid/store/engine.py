"""Open the store's database, and say its drivers' errors in the port's own words."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final

import asyncpg
from sqlalchemy import URL, Connection, event, exc, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from ctid.core.errors import ConfigError
from ctid.core.instants import SECOND, Duration
from ctid.ports import StoreUnavailable

CONNECT_LIMIT: Final[Duration] = 5 * SECOND
STATEMENT_LIMIT: Final[Duration] = 10 * SECOND
"""A transaction that takes longer counts as failed (F9)."""
MIGRATION_LIMIT: Final[Duration] = 600 * SECOND
_WRITES: Final = "ctid_writes"
_DRIVER_ERRORS: Final = (
    exc.SQLAlchemyError,
    OSError,  # TimeoutError is one of them
    asyncpg.PostgresError,  # while connecting, asyncpg's own errors come through as they are
    asyncpg.InterfaceError,
    OverflowError,  # SQLite: an integer of more than 64 bits
    UnicodeError,
)


class BatchRefused(StoreUnavailable):
    """The database is well and refuses this very data: trying again will not help. The writer
    halves the batch to find the record, and keeps that one aside."""


def open_engine(
    url: str, connect_limit: Duration = CONNECT_LIMIT, statement_limit: Duration = STATEMENT_LIMIT
) -> AsyncEngine:
    """An engine for ``sqlite+aiosqlite:///path`` or ``postgresql+asyncpg://…``; connects later.

    Raises:
        ConfigError: another kind of URL (the text does not repeat it, it may hold a password),
            or a folder that is not there.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise _config_error("not a database URL") from None
    match parsed.drivername:
        case "sqlite+aiosqlite" | "sqlite":
            folder = Path(parsed.database or "").parent
            if not folder.is_dir():
                raise ConfigError((f"store: url: there is no folder {folder}; create it",))
            engine = create_async_engine(
                parsed.set(drivername="sqlite+aiosqlite"), hide_parameters=True
            )
            event.listen(engine.sync_engine, "connect", _prepare_sqlite)
            event.listen(engine.sync_engine, "begin", _begin_sqlite)
            return engine
        case "postgresql+asyncpg" | "postgresql":
            return create_async_engine(
                parsed.set(drivername="postgresql+asyncpg"),
                hide_parameters=True,  # values are personal data and must not reach the log
                pool_size=5,
                max_overflow=5,
                pool_timeout=connect_limit / SECOND,
                pool_pre_ping=True,  # a restarted database costs a reconnect, not an error
                connect_args={
                    "timeout": connect_limit / SECOND,
                    "command_timeout": statement_limit / SECOND,
                    "server_settings": {"application_name": "ctid"},
                    **tls_options(parsed),
                },
            )
        case other:
            raise _config_error(f"database kind {other!r} is not served")


def _config_error(what: str) -> ConfigError:
    forms = "sqlite+aiosqlite:///path or postgresql+asyncpg://user:password@host/name"
    return ConfigError((f"store: url: {what}; use {forms}",))


def tls_options(url: URL) -> dict[str, Any]:
    """Beyond this machine only with a verified certificate, unless the URL itself says `ssl=`."""
    if "ssl" in url.query or "host" in url.query or not url.host or _is_local(url.host):
        return {}
    return {"ssl": ssl.create_default_context()}


def _is_local(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.startswith("/")


def _prepare_sqlite(connection: DBAPIConnection, _record: object) -> None:
    # The driver's own implicit transactions begin late and leave DDL outside; ours begin by hand.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "busy_timeout=5000",  # first: the switch to WAL itself may have to wait
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and writes later can fail at once instead of waiting its turn
    # ("database is locked"), so one that will write takes the lock at its beginning.
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@asynccontextmanager
async def reading(
    engine: AsyncEngine, doing: str, limit: Duration
) -> AsyncIterator[AsyncConnection]:
    """A connection in a transaction that does not write.

    Raises:
        StoreUnavailable: no connection, an error of the database, or no end within `limit`.
    """
    with told(engine.url, doing):
        async with asyncio.timeout(limit / SECOND), engine.connect() as connection:
            yield connection


@asynccontextmanager
async def writing(
    engine: AsyncEngine, doing: str, limit: Duration
) -> AsyncIterator[AsyncConnection]:
    """A connection in a transaction that is committed at the end of the block, or not at all.

    Raises:
        StoreUnavailable: nothing was committed, or (with the link cut in the very moment of the
            commit) it is not known; repeating the same batch is right in both cases.
        BatchRefused: the database takes no such data.
    """
    with told(engine.url, doing):
        async with asyncio.timeout(limit / SECOND), engine.connect() as plain:
            connection = await plain.execution_options(**{_WRITES: True})
            async with connection.begin():
                yield connection


@contextmanager
def told(url: URL, doing: str) -> Iterator[None]:
    """Turns what a driver raises into `StoreUnavailable` or `BatchRefused`."""
    try:
        yield
    except _DRIVER_ERRORS as error:
        where = url.render_as_string(hide_password=True)
        text = f"store {where}: {doing}: {_first_line(error)}"
        if _refused(error):
            raise BatchRefused(f"{text}; this data will never be taken") from error
        raise StoreUnavailable(
            f"{text}; check that the database runs and that this account may use it"
        ) from error


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        seen = getattr(seen, "orig", None) or seen.__cause__


def _refused(error: BaseException) -> bool:
    for cause in _causes(error):
        if isinstance(cause, exc.IntegrityError | exc.DataError | OverflowError | UnicodeError):
            return True
        if isinstance(cause, asyncpg.DataError):  # also raised by asyncpg itself, before sending
            return True
        # SQLSTATE 22: data exception, 23: integrity constraint, 54: too long for an index.
        if str(getattr(cause, "sqlstate", "") or "")[:2] in ("22", "23", "54"):
            return True
    return False


def _first_line(error: BaseException) -> str:
    """The driver's first line, without the statement and its values."""
    origin = getattr(error, "orig", None) or error
    lines = str(origin).splitlines()
    return lines[0][:200] if lines and lines[0] else type(origin).__name__
