"""What only the SQL store has: migrations, faults of the database, and secrets that stay secret."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect, make_url, text

from ctid.core.commands import CallClosed
from ctid.core.errors import ConfigError
from ctid.core.instants import Instant, WallMs
from ctid.ports import Account, Session, StoreUnavailable
from ctid.store.engine import BatchRefused, open_engine
from ctid.store.migrate import VERSION_TABLE, is_newest, newest, upgrade
from ctid.store.sql import SqlStore
from ctid.store.tables import METADATA
from ctid.store.writer import WriteBehind
from tests.fakes.relay import Relay
from tests.integration.test_store_contract import T0, call, lines

LIMIT = 20


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path}/store.db"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
async def relay(postgres_url: str) -> AsyncIterator[Relay]:
    target = make_url(postgres_url)
    relay = Relay(target.host or "127.0.0.1", target.port or 5432)
    await relay.start()
    yield relay
    relay.thaw()
    await relay.cut()


def through(relay: Relay, url: str) -> str:
    changed = make_url(url).set(host="127.0.0.1", port=relay.port)
    return changed.render_as_string(hide_password=False)


async def test_the_migrations_make_the_tables(url: str) -> None:
    engine = open_engine(url)
    await upgrade(engine)

    def differences(connection: Connection) -> object:
        context = MigrationContext.configure(
            connection, opts={"version_table": VERSION_TABLE, "compare_type": True}
        )
        return compare_metadata(context, METADATA)

    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []
    await engine.dispose()


async def test_two_that_start_at_once_migrate_once(url: str) -> None:
    async with asyncio.timeout(LIMIT), asyncio.TaskGroup() as group:
        opening = [group.create_task(SqlStore.open(url)) for _ in range(3)]
    stores = [task.result() for task in opening]
    assert all([await store.health() for store in stores])
    again = await SqlStore.open(url)
    engine = open_engine(url)
    async with engine.connect() as connection:
        found = await connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}"))
        assert list(found.scalars()) == [newest()]
        assert await is_newest(connection)
    await engine.dispose()
    for store in (*stores, again):
        await store.close()


async def test_a_migration_that_fails_leaves_nothing_behind(url: str) -> None:
    engine = open_engine(url)
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE session (mine INTEGER)"))  # in our way
    await engine.dispose()
    with pytest.raises(StoreUnavailable, match="migrating the schema"):
        await SqlStore.open(url)
    engine = open_engine(url)
    async with engine.begin() as connection:
        tables = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
        assert tables == ["session"]
        await connection.execute(text("DROP TABLE session"))
    await engine.dispose()
    store = await SqlStore.open(url)
    assert await store.health()
    await store.close()


async def test_data_that_no_database_takes_is_refused_and_nothing_is_kept(url: str) -> None:
    store = await SqlStore.open(url)
    with pytest.raises(BatchRefused):
        await store.write(lines(CallClosed(call("c1")), CallClosed(call("c2", talked=2**70))))
    assert await store.call("c1") is None
    assert await store.intervals(0, T0 * 2) == []
    assert await store.position("b1") == 0
    await store.write(lines(CallClosed(call("c1"))))
    assert await store.call("c1") is not None
    await store.close()


async def test_a_batch_of_hundreds_takes_a_handful_of_statements(url: str) -> None:
    from sqlalchemy import event

    engine = open_engine(url)
    await upgrade(engine)
    seen: list[str] = []
    event.listen(
        engine.sync_engine,
        "before_cursor_execute",
        lambda _conn, _cursor, statement, *_: seen.append(statement),
    )
    store = SqlStore(engine)
    await store.write(lines(*(CallClosed(call(f"c{n}", T0 + n)) for n in range(400))))
    assert len(await store.calls(0, T0 * 2)) == 400
    assert len([statement for statement in seen if statement.startswith("INSERT")]) <= 3
    await store.close()


async def test_sqlite_is_set_up_as_said(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite+aiosqlite:///{tmp_path}/store.db")
    async with engine.connect() as connection:
        found = {
            name: await connection.scalar(text(f"PRAGMA {name}"))
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    await engine.dispose()
    assert found == {
        "journal_mode": "wal",
        "synchronous": 1,
        "foreign_keys": 1,
        "busy_timeout": 5000,
    }


async def test_a_session_goes_with_its_account(url: str) -> None:
    store = await SqlStore.open(url)
    await store.put_account(Account("ann", "Ann", "agent", "ann", "$argon2id$"))
    await store.open_session("t", Session("ann", "agent", "ann", "Ann", "en", T0, T0, "csrf"))
    engine = open_engine(url)
    async with engine.begin() as connection:
        await connection.execute(text("DELETE FROM account"))
    await engine.dispose()
    assert await store.session("t", 10**9, 10**9, T0) is None
    await store.close()


async def test_postgres_away_and_back(postgres_url: str, relay: Relay) -> None:
    store = await SqlStore.open(through(relay, postgres_url))
    batch = lines(CallClosed(call("c1")))
    await relay.cut()
    assert not await store.health()
    with pytest.raises(StoreUnavailable):
        await store.write(batch)
    with pytest.raises(StoreUnavailable):
        await store.account("ann")
    await relay.start()
    await store.write(batch)
    assert await store.call("c1") == call("c1")
    await store.close()


async def test_postgres_that_hangs_is_given_up(postgres_url: str, relay: Relay) -> None:
    store = await SqlStore.open(
        through(relay, postgres_url), connect_limit=300, statement_limit=300
    )
    relay.freeze()
    began = time.monotonic()
    with pytest.raises(StoreUnavailable):
        await store.write(lines(CallClosed(call("c1"))))
    assert time.monotonic() - began < 5
    relay.thaw()
    await store.write(lines(CallClosed(call("c1"))))
    assert await store.call("c1") is not None
    await store.close()


class RealClock:
    """Milliseconds of this machine."""

    def now(self) -> Instant:
        return time.monotonic_ns() // 1_000_000

    def wall(self) -> WallMs:
        return time.time_ns() // 1_000_000


async def test_records_made_while_postgres_is_away_arrive_once(
    postgres_url: str, relay: Relay, tmp_path: Path
) -> None:
    store = await SqlStore.open(through(relay, postgres_url))
    path = tmp_path / "spill.jsonl"
    writer = WriteBehind(
        store, RealClock(), path, max_batch=20, flush_ms=1, backlog=50, retry_first=5, retry_most=50
    )
    day = lines(*(CallClosed(call(f"c{n:03}", T0 + n)) for n in range(300)))
    async with asyncio.timeout(LIMIT), asyncio.TaskGroup() as group:
        running = group.create_task(writer.run())
        for entry in day[:100]:
            writer.offer(entry)
        while not await store.position("b1"):
            await asyncio.sleep(0)
        await relay.cut()  # very likely in the middle of a batch
        for entry in day[100:]:
            writer.offer(entry)
        while not (writer.health().spilled and writer.health().failures):
            await asyncio.sleep(0)
        assert not writer.health().ok
        await relay.start()
        assert await writer.drain(LIMIT * 1000) == 0
        await running
    found = await store.calls(0, T0 * 2)
    assert [record.call for record in reversed(found)] == [f"c{n:03}" for n in range(300)]
    assert sum(part.offered for part in await store.intervals(0, T0 * 2)) == 300
    assert await store.position("b1") == 300
    assert path.stat().st_size == 0
    await store.close()


async def test_a_server_that_says_nothing_is_given_up() -> None:
    ended: list[asyncio.StreamWriter] = []

    async def silent(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ended.append(writer)

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    with pytest.raises(StoreUnavailable) as error:
        async with asyncio.timeout(LIMIT):
            await SqlStore.open(
                f"postgresql+asyncpg://u:secret@127.0.0.1:{port}/d", connect_limit=200
            )
    assert "secret" not in str(error.value)
    for writer in ended:
        writer.transport.abort()
    server.close()
    await server.wait_closed()


async def test_no_secret_and_no_personal_data_in_errors(tmp_path: Path) -> None:
    store = SqlStore(open_engine("postgresql+asyncpg://ctid:secret@127.0.0.1:1/nothing"))
    assert "secret" not in repr(store)
    with pytest.raises(StoreUnavailable) as error:
        await store.write(lines(CallClosed(call("c1"))))
    assert "secret" not in str(error.value)
    assert "127.0.0.1:1/nothing" in str(error.value)
    await store.close()
    local = await SqlStore.open(f"sqlite+aiosqlite:///{tmp_path}/store.db")
    with pytest.raises(BatchRefused) as refused:
        await local.write(lines(CallClosed(call("c1", number="+8613800138000", talked=2**70))))
    assert "+8613800138000" not in str(refused.value)
    await local.close()


async def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere; create it"):
        await SqlStore.open(f"sqlite+aiosqlite:///{tmp_path}/nowhere/store.db")


@pytest.mark.parametrize("url", ["mysql://u:secret@h/d", "secret", "sqlite+pysqlite:///x"])
async def test_other_urls_are_refused_without_telling_secrets(url: str) -> None:
    with pytest.raises(ConfigError) as error:
        await SqlStore.open(url)
    assert "sqlite+aiosqlite:///path" in str(error.value)
    assert "secret" not in str(error.value)


def test_beyond_this_machine_only_with_a_verified_certificate() -> None:
    from ctid.store.engine import tls_options

    assert "ssl" in tls_options(make_url("postgresql+asyncpg://u@db.example.com/d"))
    assert tls_options(make_url("postgresql+asyncpg://u@db.example.com/d?ssl=disable")) == {}
    assert tls_options(make_url("postgresql+asyncpg://u@127.0.0.1/d")) == {}
    assert tls_options(make_url("postgresql+asyncpg:///d")) == {}


def test_columns_are_the_fields_of_the_records() -> None:
    from ctid.core.fairness import Fairness
    from ctid.core.opening import HoursTurn
    from ctid.core.records import AgentTime, CallRecord, Decision, LegRecord, Move
    from ctid.core.supervision import SpyRecord
    from ctid.core.survey import SurveyAnswer
    from ctid.core.visits import Visit
    from ctid.store.intervals import QueueInterval
    from ctid.store.ivr_figures import FlowInterval, StepInterval

    kinds: dict[str, type[msgspec.Struct]] = {
        "call_record": CallRecord,
        "leg_record": LegRecord,
        "agent_time": AgentTime,
        "decision": Decision,
        "move": Move,
        "fairness": Fairness,
        "supervision": SpyRecord,
        "hours_turn": HoursTurn,
        "survey_answer": SurveyAnswer,
        "queue_interval": QueueInterval,
        "ivr_visit": Visit,
        "ivr_flow_interval": FlowInterval,
        "ivr_step_interval": StepInterval,
        "account": Account,
    }
    for name, kind in kinds.items():
        columns = {column.name for column in METADATA.tables[name].c}
        assert columns - {"boot", "line", "position"} == set(kind.__struct_fields__)
