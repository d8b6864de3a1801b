"""A real PostgreSQL server for the tests, on loopback, without durability."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

import asyncpg

from tests.fakes.process import (
    QUIT,
    ServerFailed,
    ServerProcess,
    binary,
    free_port,
    unprivileged_user,
)

FOLDERS = "/usr/lib/postgresql/*/bin"
"""Where Debian keeps the programs: not on PATH, one folder a version."""

USER = "ctid_test"


class PostgresServer:
    """Start with `start()`, take a `create_database()` for each test, end with `stop()`."""

    def __init__(self, initdb: Path, postgres: Path) -> None:
        self._initdb = initdb
        self._postgres = postgres
        # initdb and postgres refuse to run as root.
        self._process = ServerProcess("postgres", unprivileged_user())
        self._names = count(1)
        self.port = 0

    @classmethod
    def installed(cls) -> tuple[Path, Path] | None:
        """The programs initdb and postgres; None when one of them is not installed."""
        initdb, postgres = binary("initdb", FOLDERS), binary("postgres", FOLDERS)
        return (initdb, postgres) if initdb and postgres else None

    def start(self) -> None:
        """Make a cluster and start the server; takes one to three seconds."""
        data = self._process.folder / "data"
        self._process.run(
            [
                str(self._initdb),
                *("--pgdata", str(data), "--username", USER, "--auth", "trust"),
                *("--encoding", "UTF8", "--locale", "C", "--no-sync", "--no-instructions"),
            ]
        )
        for attempt in range(3):  # the port may be taken between our look and its bind
            self.port = free_port()
            try:
                self._process.launch(self._command(data), lambda: _ready(data), QUIT)
            except ServerFailed:
                if attempt == 2:
                    raise
            else:
                return

    def create_database(self) -> str:
        """Create an empty database and return its URL for SQLAlchemy on asyncpg."""
        name = f"test_{next(self._names)}"
        self._execute(f"CREATE DATABASE {name}")
        return f"postgresql+asyncpg://{USER}@127.0.0.1:{self.port}/{name}"

    def drop_database(self, url: str) -> None:
        """Drop a database of ours, whoever is still connected to it."""
        self._execute(f"DROP DATABASE {url.rpartition('/')[2]} WITH (FORCE)")

    def stop(self) -> None:
        """Stop the server and remove its files; may be called twice."""
        self._process.stop()

    def _command(self, data: Path) -> list[str]:
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": str(self._process.folder),
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
            "shared_buffers": "16MB",
            "max_connections": "60",
            "autovacuum": "off",
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [str(self._postgres), "-D", str(data), *options]

    def _execute(self, sql: str) -> None:
        # In a thread with an event loop of its own: the fixture is plain, so that tests with and
        # without a running loop can use it.
        with ThreadPoolExecutor(max_workers=1) as thread:
            thread.submit(asyncio.run, self._execute_async(sql)).result(timeout=30)

    async def _execute_async(self, sql: str) -> None:
        connection = await asyncpg.connect(
            host="127.0.0.1", port=self.port, user=USER, database="postgres", timeout=10
        )
        try:
            await connection.execute(sql)
        finally:
            await connection.close()


def _ready(data: Path) -> bool:
    # Line 8 of postmaster.pid turns to "ready" when connections are accepted; pg_ctl waits for it.
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return False
    return len(lines) >= 8 and lines[7].strip() == "ready"
