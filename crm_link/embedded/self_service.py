"""`EmbeddedSelfService`: the port `crm_link.self_service.SelfService` over SQLAlchemy.

It shares the tables of the embedded directory."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.engine import Row
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.sql import Select

from crm_link.embedded import statements
from crm_link.embedded.failures import told
from crm_link.embedded.tables import ACCOUNT, APPOINTMENT, COMPLAINT, CUSTOMER, INTERACTION, ORDER
from crm_link.errors import CrmNotFound
from crm_link.port import checked_key
from crm_link.self_service import (
    NUMBER_LENGTH,
    Appointment,
    Balance,
    ComplaintState,
    ComplaintStatus,
    Order,
    ServiceRecord,
    changed,
    checked_number,
)


class EmbeddedSelfService:
    """See the module. The engine stays the caller's; `EmbeddedDirectory.create_schema` makes the
    tables."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._dialect = engine.dialect.name

    async def order(self, customer_id: str, number: str) -> Order | None:
        if len(number) > NUMBER_LENGTH or not number.isprintable():
            return None
        wanted = select(ORDER).where(ORDER.c.customer_id == statements.row_of(customer_id))
        if number:
            wanted = wanted.where(ORDER.c.number == number)
        latest = wanted.order_by(ORDER.c.ordered_at.desc(), ORDER.c.number.desc()).limit(1)
        row = await self._first("find an order", latest)
        if row is None:
            return None
        return Order(row.number, row.status, row.ordered_at, row.total, row.currency, row.due_at)

    async def balance(self, customer_id: str) -> Balance | None:
        account = select(ACCOUNT).where(ACCOUNT.c.customer_id == statements.row_of(customer_id))
        row = await self._first("find a balance", account)
        return None if row is None else Balance(row.amount, row.currency, row.due_at)

    async def appointment(self, customer_id: str, after: int) -> Appointment | None:
        theirs = APPOINTMENT.c.customer_id == statements.row_of(customer_id)
        coming = select(APPOINTMENT.c.at).where(theirs, APPOINTMENT.c.at > after)
        row = await self._first("find an appointment", coming.order_by(APPOINTMENT.c.at).limit(1))
        return None if row is None else Appointment(row.at)

    async def complaint(self, customer_id: str) -> ComplaintStatus | None:
        theirs = COMPLAINT.c.customer_id == statements.row_of(customer_id)
        still_open = select(func.count()).where(theirs, COMPLAINT.c.closed_at.is_(None))
        last = select(COMPLAINT, still_open.scalar_subquery().label("still_open")).where(theirs)
        order = (COMPLAINT.c.opened_at.desc(), COMPLAINT.c.id.desc())
        row = await self._first("find a complaint", last.order_by(*order).limit(1))
        if row is None:
            return None
        if row.closed_at is not None:
            return ComplaintStatus("resolved", row.opened_at, row.still_open)
        status: ComplaintState = "open" if row.taken_up_at is None else "in_progress"
        return ComplaintStatus(status, row.opened_at, row.still_open)

    async def callback_number(self, customer_id: str) -> str:
        named = select(CUSTOMER.c.callback_number).where(
            CUSTOMER.c.id == statements.row_of(customer_id)
        )
        row = await self._first("find a callback number", named)
        return "" if row is None else str(row.callback_number)

    async def change_callback_number(
        self, customer_id: str, number: str, at: int, key: str
    ) -> None:
        checked_key(key)
        customer = statements.row_of(customer_id)
        row: dict[str, object] = {
            "key": key, "at": at, "channel": "voice", "summary": changed(checked_number(number)),
            "agent": "",
        }  # fmt: skip
        found: int | None = None
        with told("change a callback number"):
            async with self._engine.begin() as connection:
                if customer is not None:
                    note = statements.log_once(self._dialect, row, customer)
                    found = (await connection.execute(note)).scalar_one_or_none()
                if found is not None:
                    theirs = CUSTOMER.c.id == customer
                    change = update(CUSTOMER).where(theirs).values(callback_number=number)
                    await connection.execute(change)
                else:  # the key was there before, or the customer is not
                    earlier = select(INTERACTION.c.id).where(INTERACTION.c.key == key)
                    found = (await connection.execute(earlier)).scalar_one_or_none()
        if found is None:
            raise CrmNotFound(f"change a callback number: there is no customer {customer_id!r}")

    async def load_service(self, records: tuple[ServiceRecord, ...]) -> int:
        """Add many records in one transaction (`crm_link.self_service.LoadableService`)."""
        codes = select(CUSTOMER.c.code, CUSTOMER.c.id)
        with told("load orders, balances and appointments"):
            async with self._engine.begin() as connection:
                ids = {row.code: row.id for row in await connection.execute(codes)}
                rows = [(ids[one.code], one) for one in records if one.code in ids]
                added: set[int] = set()
                for table, key, made in (
                    (ORDER, ("number",), [o for i, r in rows for o in _orders(i, r)]),
                    (ACCOUNT, ("customer_id",), [a for i, r in rows for a in _account(i, r)]),
                    (
                        APPOINTMENT,
                        ("customer_id", "at"),
                        [a for i, r in rows for a in _dates(i, r)],
                    ),
                ):
                    if made:
                        new = statements.insert_new(table, self._dialect, *key)
                        added |= set(
                            await connection.scalars(new.returning(table.c.customer_id), made)
                        )
        return len(added)

    async def _first(self, doing: str, wanted: Select[Any]) -> Row[Any] | None:
        with told(doing):
            async with self._engine.connect() as connection:
                row: Row[Any] | None = (await connection.execute(wanted)).first()
                return row


def _orders(customer: int, record: ServiceRecord) -> list[dict[str, object]]:
    return [
        {
            "number": order.number, "customer_id": customer, "status": order.status,
            "ordered_at": order.ordered_at, "due_at": order.due_at, "total": order.total,
            "currency": order.currency,
        }
        for order in record.orders
    ]  # fmt: skip


def _account(customer: int, record: ServiceRecord) -> list[dict[str, object]]:
    if (balance := record.balance) is None:
        return []
    return [
        {
            "customer_id": customer, "amount": balance.amount, "currency": balance.currency,
            "due_at": balance.due_at,
        }
    ]  # fmt: skip


def _dates(customer: int, record: ServiceRecord) -> list[dict[str, object]]:
    return [{"customer_id": customer, "at": one.at} for one in record.appointments]
