"""The servers that the tests start: they are real, empty for each test, and gone afterwards."""

from __future__ import annotations

import asyncpg
import pytest
from redis.asyncio import Redis

from tests.fakes.postgres import PostgresServer
from tests.fakes.process import ServerFailed, ServerProcess
from tests.fakes.redis import RedisServer


@pytest.mark.parametrize("turn", [1, 2])
async def test_postgres_database_is_empty_each_time(postgres_url: str, turn: int) -> None:
    connection = await asyncpg.connect(postgres_url.replace("+asyncpg", ""))
    try:
        await connection.execute("CREATE TABLE mark (turn int)")  # fails if turn 1 is still there
    finally:
        await connection.close()


@pytest.mark.parametrize("turn", [1, 2])
async def test_redis_is_empty_each_time(redis_url: str, turn: int) -> None:
    async with Redis.from_url(redis_url) as client:
        assert await client.dbsize() == 0
        await client.set("mark", turn)


def test_server_stops_and_leaves_nothing() -> None:
    installed = RedisServer.installed()
    if installed is None:
        pytest.skip("group left out: Redis: no redis-server; apt install redis-server")
    server = RedisServer(installed)
    server.start()
    folder = server._process.folder
    assert folder.exists()
    server.stop()
    server.stop()
    assert not folder.exists()
    with pytest.raises(OSError, match="refused"):
        server.flush()


def test_server_that_does_not_start_says_why() -> None:
    process = ServerProcess("broken")
    try:
        with pytest.raises(ServerFailed, match="no such data"):
            process.launch(["/bin/sh", "-c", "echo no such data; exit 1"], lambda: False, 15)
    finally:
        process.stop()


def test_programs_not_installed_leave_the_group_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr("tests.fakes.postgres.FOLDERS", "/nowhere/*")
    assert PostgresServer.installed() is None
    assert RedisServer.installed() is None
