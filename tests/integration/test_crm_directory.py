"""One contract for every customer directory: memory, SQLite, PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol

import pytest
from msgspec.structs import replace
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncEngine

from crm_link.demo.load import demo_customers, load_demo
from crm_link.embedded.directory import EmbeddedDirectory
from crm_link.embedded.engine import open_engine
from crm_link.embedded.tables import METADATA
from crm_link.errors import CrmConflict, CrmNotFound, CrmUnavailable
from crm_link.memory import MemoryDirectory
from crm_link.port import (
    MOST_COMPLAINTS,
    MOST_MATCHES,
    Complaint,
    Contact,
    CrmDirectory,
    Customer,
    Draft,
    Entry,
    EntryChange,
    Find,
    Loadable,
)
from tests.fakes.process import free_port

LI_NA = Draft(
    code="200001",
    name="李娜",
    name_latin="Li Na",
    numbers=("+8615400070001", "+8615400070002", "+8615400070001"),
    language="zh-CN",
    grade="A",
    vip=True,
    company="南山样例医疗器械公司",
    email="li@example.com",
)


class Directory(CrmDirectory, Loadable, Protocol):
    """What all three are."""


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[AsyncEngine]:
    engine = open_engine(url)
    try:
        yield engine
    finally:
        await engine.dispose()


def sqlite_url(folder: Path) -> str:
    return f"sqlite+aiosqlite:///{folder / 'crm.db'}"


@pytest.fixture(params=["sqlite", "postgresql"])
async def engine(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    url = sqlite_url(tmp_path)
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_url")
    async with opened(url) as engine:
        yield engine


@pytest.fixture
async def embedded(engine: AsyncEngine) -> EmbeddedDirectory:
    directory = EmbeddedDirectory(engine)
    await directory.create_schema()
    return directory


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
async def directory(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Directory]:
    if request.param == "memory":
        yield MemoryDirectory()
        return
    url = sqlite_url(tmp_path)
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_url")
    async with opened(url) as engine:
        directory = EmbeddedDirectory(engine)
        await directory.create_schema()
        yield directory


def without_ids(customer: Customer) -> Customer:
    complaints = tuple(replace(c, id="") for c in customer.open_complaints)
    return replace(customer, id="", open_complaints=complaints)


# -- find and get ---------------------------------------------------------------------------------


async def test_customer_created_is_found_by_code_number_and_id(directory: Directory) -> None:
    created = await directory.create(LI_NA)
    assert created.numbers == ("+8615400070001", "+8615400070002")
    assert (created.name, created.name_latin, created.vip) == ("李娜", "Li Na", True)
    assert (created.language, created.grade) == ("zh-CN", "A")
    assert await directory.find(Find(code="200001")) == (created,)
    assert await directory.find(Find(numbers=("+8615400070002",))) == (created,)
    assert await directory.get(created.id) == created


async def test_code_counts_before_number(directory: Directory) -> None:
    coded = await directory.create(Draft(name="A", code="1", numbers=("+12025550101",)))
    called = await directory.create(Draft(name="B", code="2", numbers=("+12025550102",)))
    assert await directory.find(Find(code="1", numbers=("+12025550102",))) == (coded,)
    assert await directory.find(Find(code="9", numbers=("+12025550102",))) == (called,)
    # Both at once are one match, not two.
    assert await directory.find(Find(code="1", numbers=("+12025550101",))) == (coded,)


async def test_first_number_that_anyone_has_decides(directory: Directory) -> None:
    first = await directory.create(Draft(name="A", numbers=("+12025550101",)))
    second = await directory.create(Draft(name="B", numbers=("+12025550102",)))
    assert await directory.find(Find(numbers=("+12025550102", "+12025550101"))) == (second,)
    assert await directory.find(Find(numbers=("+19", "+12025550101", "+12025550102"))) == (first,)


async def test_shared_number_finds_all_in_order_up_to_the_limit(directory: Directory) -> None:
    ids = [
        (await directory.create(Draft(name=f"N{at}", numbers=("+12025550101",)))).id
        for at in range(MOST_MATCHES + 3)
    ]
    found = await directory.find(Find(numbers=("+12025550101",)))
    assert [customer.id for customer in found] == ids[:MOST_MATCHES]


@pytest.mark.parametrize(
    "query",
    [
        Find(),
        Find(code="", numbers=("",)),
        Find(code="200002"),
        Find(code="20000"),  # no prefix match
        Find(code="200001 "),
        Find(code="%"),
        Find(code="' OR '1'='1"),
        Find(code="200001\x00"),
        Find(code="\ud800"),
        Find(code="2" * 10_000),
        Find(numbers=("15400070001",)),
        Find(numbers=("\x00", "+86\ud800", "<script>" * 1000)),
        Find(numbers=tuple(f"+1202555{at:04d}" for at in range(500))),
    ],
    ids=range(13),
)
async def test_nobody_is_found_by_what_does_not_match(directory: Directory, query: Find) -> None:
    await directory.create(LI_NA)
    assert await directory.find(query) == ()


@pytest.mark.parametrize("customer_id", ["", "0", "999", "-1", "x", "1e3", "9" * 19, "9" * 40, "²"])
async def test_get_of_no_customer_is_none(directory: Directory, customer_id: str) -> None:
    await directory.create(LI_NA)
    assert await directory.get(customer_id) is None


# -- create ---------------------------------------------------------------------------------------


async def test_code_is_taken_once(directory: Directory) -> None:
    created = await directory.create(LI_NA)
    with pytest.raises(CrmConflict, match="200001"):
        await directory.create(replace(LI_NA, name="Somebody else", numbers=("+12025550177",)))
    assert await directory.find(Find(code="200001")) == (created,)
    assert await directory.find(Find(numbers=("+12025550177",))) == ()


async def test_customers_without_a_code_do_not_collide(directory: Directory) -> None:
    one = await directory.create(Draft(name="A", numbers=("+12025550101",)))
    other = await directory.create(Draft(name="B"))
    assert one.id != other.id
    assert (one.code, other.code) == ("", "")


@pytest.mark.parametrize("code", ["1" * 33, "1\n", "\x00"])
async def test_impossible_code_is_refused(directory: Directory, code: str) -> None:
    with pytest.raises(ValueError, match="customer code"):
        await directory.create(Draft(name="A", code=code))


async def test_text_is_kept_as_data(directory: Directory) -> None:
    hostile = "<b>O'Brien</b>\"; DROP TABLE crm_customer; -- \U0001f600"
    created = await directory.create(Draft(name=hostile + "\x00\x1b\ud800", company="a\tb"))
    assert (created.name, created.company) == (hostile, "a\tb")
    assert await directory.get(created.id) == created


# -- log ------------------------------------------------------------------------------------------


async def test_logged_contacts_come_newest_first_and_at_most_five(directory: Directory) -> None:
    customer = await directory.create(LI_NA)
    for at in (3, 1, 7, 5, 2, 6, 4):
        entry = Entry(
            customer.id, at=at * 1000, channel="voice", summary=f"call {at}", agent="赵敏"
        )
        await directory.log(entry, f"contact-{at}")
    found = await directory.get(customer.id)
    assert found is not None
    assert found.last_contacts == tuple(
        Contact(at=at * 1000, channel="voice", summary=f"call {at}", agent="赵敏")
        for at in (7, 6, 5, 4, 3)
    )


async def test_same_key_logs_once_and_the_first_stands(directory: Directory) -> None:
    customer = await directory.create(LI_NA)
    entry = Entry(customer.id, at=1, channel="chat", summary="first")
    log_id = await directory.log(entry, "k")
    assert await directory.log(entry, "k") == log_id
    assert await directory.log(replace(entry, summary="second"), "k") == log_id
    assert await directory.log(entry, "other") != log_id
    found = await directory.get(customer.id)
    assert found is not None
    assert [contact.summary for contact in found.last_contacts] == ["first", "first"]


async def test_same_key_at_the_same_time_logs_once(directory: Directory) -> None:
    customer = await directory.create(LI_NA)
    entry = Entry(customer.id, at=1, channel="voice", summary="s")
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(directory.log(entry, "k")) for _ in range(8)]
    assert len({task.result() for task in tasks}) == 1
    found = await directory.get(customer.id)
    assert found is not None
    assert len(found.last_contacts) == 1


@pytest.mark.parametrize("customer_id", ["999", "", "x", "9" * 40])
async def test_log_to_no_customer_is_an_error(directory: Directory, customer_id: str) -> None:
    with pytest.raises(CrmNotFound, match="no customer"):
        await directory.log(Entry(customer_id, at=1, channel="voice", summary="s"), "k")


@pytest.mark.parametrize("key", ["", "k" * 129, "k\n"])
async def test_bad_key_is_refused(directory: Directory, key: str) -> None:
    with pytest.raises(ValueError, match="idempotency key"):
        await directory.log(Entry("1", at=1, channel="voice", summary="s"), key)


async def test_log_entry_is_changed_where_asked(directory: Directory) -> None:
    customer = await directory.create(LI_NA)
    log_id = await directory.log(Entry(customer.id, at=1, channel="voice", summary="a"), "k")
    await directory.update_log(log_id, EntryChange(summary="b\x00"))
    await directory.update_log(log_id, EntryChange(agent="Ann Lee"))
    await directory.update_log(log_id, EntryChange())
    found = await directory.get(customer.id)
    assert found is not None
    assert found.last_contacts == (Contact(at=1, channel="voice", summary="b", agent="Ann Lee"),)


@pytest.mark.parametrize("change", [EntryChange(summary="x"), EntryChange()])
async def test_change_of_no_log_entry_is_an_error(
    directory: Directory, change: EntryChange
) -> None:
    for log_id in ("999", "x", ""):
        with pytest.raises(CrmNotFound, match="log entry"):
            await directory.update_log(log_id, change)


# -- load and demo --------------------------------------------------------------------------------


async def test_demo_set_loads_once_and_whole(directory: Directory) -> None:
    expected = demo_customers()
    assert await load_demo(directory) == 500
    assert await load_demo(directory) == 0
    for customer in expected[::25]:
        assert [without_ids(c) for c in await directory.find(Find(code=customer.code))] == [
            without_ids(customer)
        ]
        found = await directory.find(Find(numbers=customer.numbers[:1]))
        assert [c.code for c in found] == [customer.code]


async def test_load_leaves_a_customer_alone_who_is_there(directory: Directory) -> None:
    mine = await directory.create(replace(LI_NA, code="100001"))
    assert await load_demo(directory) == 499
    assert await directory.find(Find(code="100001")) == (mine,)


async def test_load_of_one_code_twice_in_a_set_adds_the_first(directory: Directory) -> None:
    one, two = demo_customers()[:2]
    assert await directory.load((one, replace(two, code=one.code))) == 1
    assert [c.name for c in await directory.find(Find(code=one.code))] == [one.name]


async def test_load_without_a_code_adds_nothing(directory: Directory) -> None:
    one, two = demo_customers()[:2]
    with pytest.raises(ValueError, match="needs a code"):
        await directory.load((one, replace(two, code="")))
    assert await directory.find(Find(code=one.code)) == ()
    assert await directory.load(()) == 0


async def test_open_complaints_come_oldest_first_up_to_the_limit(directory: Directory) -> None:
    complaints = tuple(Complaint("", at, f"c{at}") for at in reversed(range(MOST_COMPLAINTS + 4)))
    await directory.load((replace(demo_customers()[0], open_complaints=complaints),))
    (found,) = await directory.find(Find(code="100001"))
    assert [c.opened_at for c in found.open_complaints] == list(range(MOST_COMPLAINTS))
    assert len({c.id for c in found.open_complaints}) == MOST_COMPLAINTS


async def test_directory_that_works_is_healthy(directory: Directory) -> None:
    health = await directory.health()
    assert health.ok, health.text
    assert health.text


# -- the SQL directory alone ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    [
        Find(code="100001"),
        Find(numbers=("+8615400000001", "+15400000001")),
        Find(code="999", numbers=("+8615400009900",)),  # shared by several
    ],
    ids=["code", "number", "many"],
)
async def test_find_takes_two_statements_however_many_match(
    engine: AsyncEngine, embedded: EmbeddedDirectory, query: Find
) -> None:
    await load_demo(embedded)
    ran: list[str] = []
    event.listen(
        engine.sync_engine, "before_cursor_execute", lambda *args: ran.append(str(args[2]))
    )
    assert await embedded.find(query)
    assert len(ran) == 2, ran


async def test_sqlite_answers_every_find_from_an_index(tmp_path: Path) -> None:
    async with opened(sqlite_url(tmp_path)) as engine:
        embedded = EmbeddedDirectory(engine)
        await embedded.create_schema()
        await load_demo(embedded)
        ran: list[tuple[str, tuple[object, ...]]] = []
        event.listen(
            engine.sync_engine,
            "before_cursor_execute",
            lambda *args: ran.append((args[2], args[3])),
        )
        assert await embedded.find(Find(code="x", numbers=("+8615400009900",)))
        plans = []
        async with engine.connect() as connection:
            for statement, values in list(ran):
                result = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
                plans += [str(row[3]) for row in result]
    scans = [step for step in plans if step.startswith("SCAN") and "crm_" in step]
    assert any("USING" in step and "INDEX" in step for step in plans), plans
    assert scans == [], plans


async def test_schema_is_created_once_and_named(
    engine: AsyncEngine, embedded: EmbeddedDirectory
) -> None:
    created = await embedded.create(LI_NA)
    await embedded.create_schema()
    assert await embedded.get(created.id) == created
    for table in METADATA.tables.values():
        assert all(constraint.name for constraint in table.constraints), table.name
        assert all(index.name for index in table.indexes), table.name


async def test_missing_tables_are_told_with_what_to_do(engine: AsyncEngine) -> None:
    directory = EmbeddedDirectory(engine)
    with pytest.raises(CrmUnavailable, match="schema was created") as caught:
        await directory.find(Find(code="778899"))
    assert "778899" not in str(caught.value)  # what the caller keyed is personal data
    health = await directory.health()
    assert not health.ok
    assert "schema was created" in health.text


async def test_no_server_is_unavailable_without_the_password_in_the_text() -> None:
    url = f"postgresql+asyncpg://u:secret@127.0.0.1:{free_port()}/x"
    async with opened(url) as engine:
        directory = EmbeddedDirectory(engine)
        with pytest.raises(CrmUnavailable, match="find a customer") as caught:
            await directory.find(Find(code="1"))
        assert "secret" not in str(caught.value)
        assert not (await directory.health()).ok


async def test_no_such_database_is_unavailable(postgres_url: str) -> None:
    async with opened(postgres_url + "_not") as engine:
        with pytest.raises(CrmUnavailable, match="does not exist"):
            await EmbeddedDirectory(engine).find(Find(code="1"))


async def test_server_that_drops_the_link_is_reached_again(postgres_url: str) -> None:
    async with opened(postgres_url) as engine, opened(postgres_url) as other:
        directory = EmbeddedDirectory(engine)
        await directory.create_schema()
        await directory.create(LI_NA)
        async with other.connect() as connection:
            await connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )
        assert len(await directory.find(Find(code="200001"))) == 1


@pytest.mark.parametrize("url", ["mysql+aiomysql://u:secret@h/x", "sqlite:///x.db"])
def test_other_databases_are_refused(url: str) -> None:
    with pytest.raises(ValueError, match="not served") as caught:
        open_engine(url)
    assert "secret" not in str(caught.value)


async def test_a_directory_of_an_earlier_version_gets_its_new_columns(engine: AsyncEngine) -> None:
    """And keeps its customers; once more changes nothing."""
    directory = EmbeddedDirectory(engine)
    await directory.create_schema()
    made = await directory.create(Draft("Zhang Wei", "100001"))
    async with engine.begin() as connection:
        for column in ("segment", "order_value"):
            await connection.exec_driver_sql(f"ALTER TABLE crm_customer DROP COLUMN {column}")
    for _ in range(2):
        await directory.create_schema()
        assert await directory.get(made.id) == made
    rich = await directory.create(Draft("Li Na", "100002", segment="business", order_value=7_000))
    assert await directory.get(rich.id) == rich
    assert (rich.segment, rich.order_value) == ("business", 7_000)
