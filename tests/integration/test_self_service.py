"""The port of self-service: the same contract for its twin in memory and for the embedded one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncEngine

from crm_link.demo.load import demo_customers, load_demo
from crm_link.demo.service import demo_service, load_demo_service
from crm_link.embedded.directory import EmbeddedDirectory
from crm_link.embedded.engine import open_engine
from crm_link.embedded.self_service import EmbeddedSelfService
from crm_link.embedded.tables import COMPLAINT
from crm_link.errors import CrmNotFound, CrmUnavailable
from crm_link.memory import MemoryDirectory
from crm_link.memory_service import MemorySelfService
from crm_link.port import Complaint, Customer, Find
from crm_link.self_service import (
    Appointment,
    Balance,
    ComplaintStatus,
    Order,
    ServiceRecord,
)

DAY = 86_400_000
NOW = 20_000 * DAY
OLD = Order("4711", "delivered", NOW - 9 * DAY, 12_850, "CNY", NOW - 5 * DAY)
NEW = Order("4712", "shipped", NOW - 2 * DAY, 305_020, "CNY")
OTHERS = Order("4713", "received", NOW, 100, "CNY")
RECORDS = (
    ServiceRecord(
        "100001", (OLD, NEW), Balance(305_020, "CNY", NOW + DAY),
        (Appointment(NOW + DAY), Appointment(NOW - DAY), Appointment(NOW + 3 * DAY)),
    ),
    ServiceRecord("100002", (OTHERS,), Balance(-50, "USD")),
    ServiceRecord("999999", (Order("4714", "packed", NOW, 1, "CNY"),)),
)  # fmt: skip
NUMBERS = ("+8613900139000", "+442079460000")


class Books(NamedTuple):
    """One kind of directory, and the customers in it."""

    service: MemorySelfService | EmbeddedSelfService
    directory: MemoryDirectory | EmbeddedDirectory
    zhang: str
    li: str


def _customer(code: str, *opened_at: int) -> Customer:
    complaints = tuple(Complaint("", at, f"since {at}") for at in opened_at)
    return Customer("", code, code, code, (), "en", "C", False, open_complaints=complaints)


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
async def books(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Books]:
    engine: AsyncEngine | None = None
    service: MemorySelfService | EmbeddedSelfService
    directory: MemoryDirectory | EmbeddedDirectory
    if request.param == "memory":
        directory = MemoryDirectory()
        service = MemorySelfService(directory)
    else:
        postgres = request.param == "postgresql"
        url = request.getfixturevalue("postgres_url") if postgres else _sqlite(tmp_path)
        engine = open_engine(url)
        directory, service = EmbeddedDirectory(engine), EmbeddedSelfService(engine)
        await directory.create_schema()
    customers = (_customer("100001", NOW - 3 * DAY, NOW - DAY), _customer("100002"))
    assert await directory.load(customers) == 2
    [zhang], [li] = [await directory.find(Find(code=one.code)) for one in customers]
    assert await service.load_service(RECORDS) == 2
    yield Books(service, directory, zhang.id, li.id)
    if engine is not None:
        await engine.dispose()


def _sqlite(folder: Path) -> str:
    return f"sqlite+aiosqlite:///{folder / 'crm.db'}"


async def test_an_order_is_found_by_its_customer_alone(books: Books) -> None:
    service = books.service
    assert await service.order(books.zhang, "4711") == OLD
    assert await service.order(books.zhang, "") == NEW
    assert await service.order(books.li, "4711") is None
    assert await service.order(books.li, "") == OTHERS
    for customer in ("999", "", "x", "1; DROP TABLE crm_order", "9" * 30):
        assert await service.order(customer, "4711") is None
        assert await service.order(customer, "") is None


@pytest.mark.parametrize("number", ["4714", "0", " ", "'", "4711'--", "%", "4711\x00", "1" * 500])
async def test_an_order_that_is_not_there(books: Books, number: str) -> None:
    assert await books.service.order(books.zhang, number) is None


async def test_balances_with_their_sign(books: Books) -> None:
    assert await books.service.balance(books.zhang) == Balance(305_020, "CNY", NOW + DAY)
    assert await books.service.balance(books.li) == Balance(-50, "USD", 0)
    assert await books.service.balance("999") is None


async def test_the_next_appointment(books: Books) -> None:
    after = books.service.appointment
    assert await after(books.zhang, NOW - 2 * DAY) == Appointment(NOW - DAY)
    assert await after(books.zhang, NOW) == Appointment(NOW + DAY)
    assert await after(books.zhang, NOW + DAY) == Appointment(NOW + 3 * DAY)
    assert await after(books.zhang, NOW + 3 * DAY) is None
    assert await after(books.li, 0) is None


async def test_the_complaint_that_was_made_last(books: Books) -> None:
    assert await books.service.complaint(books.zhang) == ComplaintStatus("open", NOW - DAY, 2)
    assert await books.service.complaint(books.li) is None
    assert await books.service.complaint("") is None


async def test_a_number_is_changed_once_and_stands_in_the_history(books: Books) -> None:
    service, directory = books.service, books.directory
    assert await service.callback_number(books.zhang) == ""
    await service.change_callback_number(books.zhang, NUMBERS[0], NOW, "c1:1")
    assert await service.callback_number(books.zhang) == NUMBERS[0]
    await service.change_callback_number(books.zhang, NUMBERS[1], NOW + 1, "c1:2")
    await service.change_callback_number(books.zhang, NUMBERS[0], NOW + 2, "c1:1")  # sent again
    assert await service.callback_number(books.zhang) == NUMBERS[1]
    assert await service.callback_number(books.li) == ""
    customer = await directory.get(books.zhang)
    assert customer is not None
    assert [(c.at, c.channel, c.summary) for c in customer.last_contacts] == [
        (NOW + 1, "voice", f"Callback number changed to {NUMBERS[1]} (self-service)"),
        (NOW, "voice", f"Callback number changed to {NUMBERS[0]} (self-service)"),
    ]
    assert customer.numbers == ()  # nobody is known by a number that was keyed in


@pytest.mark.parametrize(
    "number", ["", "139", "8613900139000", "+86 139", "+1" * 20, "+\u0661" * 9]
)
async def test_a_number_that_is_none_is_not_taken(books: Books, number: str) -> None:
    with pytest.raises(ValueError, match="7 to 15 digits"):
        await books.service.change_callback_number(books.zhang, number, NOW, "c1:1")
    with pytest.raises(ValueError, match="idempotency key"):
        await books.service.change_callback_number(books.zhang, NUMBERS[0], NOW, "")
    assert await books.service.callback_number(books.zhang) == ""


async def test_a_customer_who_is_not_there_has_no_number_to_change(books: Books) -> None:
    for customer in ("999", "", "x"):
        with pytest.raises(CrmNotFound):
            await books.service.change_callback_number(customer, NUMBERS[0], NOW, f"k{customer}")


async def test_a_second_load_changes_nothing(books: Books) -> None:
    assert await books.service.load_service(RECORDS) == 0
    more = ServiceRecord("100002", (OLD, Order("4715", "packed", NOW + 1, 5, "CNY")))
    assert await books.service.load_service((more,)) == 1
    assert await books.service.order(books.zhang, "4711") == OLD
    latest = await books.service.order(books.li, "")
    assert latest is not None
    assert latest.number == "4715"


async def test_the_demo_has_something_of_everything(books: Books) -> None:
    assert await load_demo(books.directory) == len(demo_customers()) - 2
    await load_demo_service(books.service)
    assert await load_demo_service(books.service) == 0
    records = demo_service()
    assert {order.status for record in records for order in record.orders} == {
        "received", "packed", "shipped", "delivered", "cancelled", "returned",
    }  # fmt: skip
    assert any(not record.orders for record in records)
    assert any(record.balance is None for record in records)
    assert all(one.at > NOW for record in records for one in record.appointments)
    whole = next(r for r in records[2:] if r.orders and r.balance and r.appointments)
    [customer] = await books.directory.find(Find(code=whole.code))
    assert await books.service.balance(customer.id) == whole.balance
    assert await books.service.order(customer.id, whole.orders[0].number) == whole.orders[0]


# -- the embedded one alone --


async def test_complaints_that_are_seen_to_and_over(tmp_path: Path) -> None:
    engine = open_engine(_sqlite(tmp_path))
    directory, service = EmbeddedDirectory(engine), EmbeddedSelfService(engine)
    await directory.create_schema()
    await directory.load((_customer("100001", NOW - 3 * DAY, NOW - DAY),))
    [customer] = await directory.find(Find(code="100001"))
    last = COMPLAINT.c.opened_at == NOW - DAY
    for change, told in (
        ({"taken_up_at": NOW}, ComplaintStatus("in_progress", NOW - DAY, 2)),
        ({"closed_at": NOW}, ComplaintStatus("resolved", NOW - DAY, 1)),
    ):
        async with engine.begin() as connection:
            await connection.execute(update(COMPLAINT).where(last).values(**change))
        assert await service.complaint(customer.id) == told
    await engine.dispose()


async def test_a_directory_of_an_earlier_version_gets_what_is_missing(tmp_path: Path) -> None:
    engine = open_engine(_sqlite(tmp_path))
    directory, service = EmbeddedDirectory(engine), EmbeddedSelfService(engine)
    await directory.create_schema()
    await directory.load((_customer("100001", NOW),))
    async with engine.begin() as connection:
        for gone in ("DROP TABLE crm_order", "DROP TABLE crm_appointment",
                     "ALTER TABLE crm_customer DROP COLUMN callback_number",
                     "ALTER TABLE crm_complaint DROP COLUMN taken_up_at"):  # fmt: skip
            await connection.exec_driver_sql(gone)
    await directory.create_schema()
    [customer] = await directory.find(Find(code="100001"))
    assert await service.callback_number(customer.id) == ""
    assert await service.complaint(customer.id) == ComplaintStatus("open", NOW, 1)
    assert await service.order(customer.id, "") is None
    await engine.dispose()


async def test_a_database_that_is_broken_says_so(tmp_path: Path) -> None:
    engine = open_engine(_sqlite(tmp_path))  # no tables
    service = EmbeddedSelfService(engine)
    for asked in (service.order("1", ""), service.balance("1"), service.appointment("1", 0),
                  service.complaint("1"), service.callback_number("1"),
                  service.change_callback_number("1", NUMBERS[0], NOW, "k"),
                  service.load_service(RECORDS)):  # fmt: skip
        with pytest.raises(CrmUnavailable):
            await asked
    await engine.dispose()
