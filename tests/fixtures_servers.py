"""Fixtures with real servers: one of each a session, an empty database or key space a test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fakes.postgres import PostgresServer
from tests.fakes.redis import RedisServer


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A running PostgreSQL server."""
    installed = PostgresServer.installed()
    if installed is None:
        pytest.skip("group left out: PostgreSQL: no initdb and postgres; apt install postgresql")
    server = PostgresServer(*installed)
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """The URL (SQLAlchemy on asyncpg) of an empty database, dropped after the test."""
    url = postgres_server.create_database()
    yield url
    postgres_server.drop_database(url)


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """A running Redis server."""
    installed = RedisServer.installed()
    if installed is None:
        pytest.skip("group left out: Redis: no redis-server; apt install redis-server")
    server = RedisServer(installed)
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture
def redis_url(redis_server: RedisServer) -> str:
    """The URL of a Redis server without a key in it."""
    redis_server.flush()
    return redis_server.url
