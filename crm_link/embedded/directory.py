"""`EmbeddedDirectory`: the port `crm_link.port.CrmDirectory` over SQLAlchemy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.engine import Row
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from crm_link.embedded import statements
from crm_link.embedded.failures import told
from crm_link.embedded.tables import (
    COMPLAINT,
    CUSTOMER,
    INTERACTION,
    METADATA,
    NUMBER,
    add_missing_columns,
)
from crm_link.errors import CrmConflict, CrmError, CrmNotFound
from crm_link.port import (
    Complaint,
    Contact,
    Customer,
    Draft,
    Entry,
    EntryChange,
    Find,
    Health,
    checked_code,
    checked_key,
    searchable,
    storable,
)


class EmbeddedDirectory:
    """The customer directory in SQLite or PostgreSQL, whichever `engine` is for.

    The engine stays the caller's: dispose of it after the last call. Use
    `crm_link.embedded.engine.open_engine`, or the store's own engine to share its database.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._dialect = engine.dialect.name

    async def create_schema(self) -> None:
        """Create the tables and columns that are missing; what is there stays as it is."""
        with told("create the customer tables"):
            async with self._engine.begin() as connection:
                await connection.run_sync(METADATA.create_all)
                await connection.run_sync(add_missing_columns)

    async def find(self, query: Find) -> tuple[Customer, ...]:
        ready = statements.matches(searchable(query))
        if ready is None:
            return ()
        with told("find a customer"):
            async with self._engine.connect() as connection:
                rows = (await connection.execute(*ready)).all()
                return await _with_details(connection, [r for r in rows if r.rank == rows[0].rank])

    async def get(self, customer_id: str) -> Customer | None:
        row_id = statements.row_of(customer_id)
        if row_id is None:
            return None
        with told("get a customer"):
            async with self._engine.connect() as connection:
                rows = (await connection.execute(statements.by_id(row_id))).all()
                found = await _with_details(connection, rows)
        return found[0] if found else None

    async def create(self, draft: Draft) -> Customer:
        code = checked_code(draft.code)
        numbers = tuple(dict.fromkeys(draft.numbers))
        with told("create a customer"):
            async with self._engine.begin() as connection:
                row = (
                    await connection.execute(
                        statements.insert_new(CUSTOMER, self._dialect, "code")
                        .values(_customer_row(draft))
                        .returning(CUSTOMER)
                    )
                ).one_or_none()
                if row is None:
                    raise CrmConflict(f"create a customer: code {code!r} is taken; use another")
                await _insert_all(connection, NUMBER, _number_rows(row.id, numbers))
                return (await _with_details(connection, [row]))[0]

    async def log(self, entry: Entry, key: str) -> str:
        checked_key(key)
        customer_id = statements.row_of(entry.customer_id)
        row: dict[str, object] = {
            "key": key,
            "at": entry.at,
            "channel": entry.channel,
            "summary": storable(entry.summary),
            "agent": storable(entry.agent),
        }
        with told("log a contact"):
            async with self._engine.begin() as connection:
                logged: int | None = None
                if customer_id is not None:
                    statement = statements.log_once(self._dialect, row, customer_id)
                    logged = (await connection.execute(statement)).scalar_one_or_none()
                if logged is None:  # the key was there before, or the customer is not
                    earlier = select(INTERACTION.c.id).where(INTERACTION.c.key == key)
                    logged = (await connection.execute(earlier)).scalar_one_or_none()
        if logged is None:
            raise CrmNotFound(f"log a contact: there is no customer {entry.customer_id!r}")
        return str(logged)

    async def update_log(self, log_id: str, change: EntryChange) -> None:
        row_id = statements.row_of(log_id)
        changes = {
            name: storable(value)
            for name, value in (("summary", change.summary), ("agent", change.agent))
            if value is not None
        }
        found = None
        if row_id is not None:
            which = INTERACTION.c.id == row_id
            # Writing the id to itself keeps an empty change one statement like any other.
            statement = update(INTERACTION).where(which).values(changes or {"id": row_id})
            with told("change a log entry"):
                async with self._engine.begin() as connection:
                    done = await connection.execute(statement.returning(INTERACTION.c.id))
                    found = done.scalar_one_or_none()
        if found is None:
            raise CrmNotFound(f"change a log entry: there is none with id {log_id!r}")

    async def health(self) -> Health:
        try:
            with told("probe the customer directory"):
                async with self._engine.connect() as connection:
                    await connection.execute(select(CUSTOMER.c.id).limit(1))
        except CrmError as error:
            return Health(ok=False, text=str(error))
        return Health(ok=True, text=f"{self._dialect} answers")

    async def load(self, customers: tuple[Customer, ...]) -> int:
        """Add many customers in one transaction (`crm_link.port.Loadable`)."""
        if any(not checked_code(customer.code) for customer in customers):
            raise ValueError("every customer to be loaded needs a code")
        if not customers:
            return 0
        with told("load customers"):
            async with self._engine.begin() as connection:
                added = await connection.execute(
                    statements.insert_new(CUSTOMER, self._dialect, "code").returning(
                        CUSTOMER.c.code, CUSTOMER.c.id
                    ),
                    [_customer_row(customer) for customer in customers],
                )
                ids = {row.code: row.id for row in added}
                new = [(ids.pop(c.code), c) for c in customers if c.code in ids]
                await _insert_all(
                    connection, NUMBER, [row for i, c in new for row in _number_rows(i, c.numbers)]
                )
                await _insert_all(
                    connection, COMPLAINT, [row for i, c in new for row in _complaint_rows(i, c)]
                )
                await _insert_all(
                    connection, INTERACTION, [row for i, c in new for row in _contact_rows(i, c)]
                )
        return len(new)


async def _insert_all(
    connection: AsyncConnection, table: Any, rows: Sequence[dict[str, object]]
) -> None:
    if rows:
        await connection.execute(insert(table), rows)


async def _with_details(
    connection: AsyncConnection, rows: Sequence[Row[Any]]
) -> tuple[Customer, ...]:
    if not rows:
        return ()
    ids = [row.id for row in rows]
    details: dict[int, list[Row[Any]]] = {row_id: [] for row_id in ids}
    for detail in await connection.execute(*statements.details_of(ids)):
        details[detail.customer_id].append(detail)
    return tuple(_customer(row, details[row.id]) for row in rows)


def _customer(row: Row[Any], details: list[Row[Any]]) -> Customer:
    def of(kind: int) -> list[Row[Any]]:
        return sorted((d for d in details if d.kind == kind), key=lambda d: (d.at, d.id))

    return Customer(
        id=str(row.id),
        code=row.code or "",
        name=row.name,
        name_latin=row.name_latin,
        numbers=tuple(d.text for d in of(statements.NUMBER_ROW)),
        language=row.language,
        grade=row.grade,
        vip=row.vip,
        company=row.company,
        email=row.email,
        segment=row.segment,
        order_value=row.order_value,
        open_complaints=tuple(
            Complaint(id=str(d.id), opened_at=d.at, text=d.text)
            for d in of(statements.COMPLAINT_ROW)
        ),
        last_contacts=tuple(
            Contact(at=d.at, channel=d.channel, summary=d.text, agent=d.agent)
            for d in reversed(of(statements.CONTACT_ROW))
        ),
    )


def _customer_row(of: Draft | Customer) -> dict[str, object]:
    return {
        "code": of.code or None,
        "name": storable(of.name),
        "name_latin": storable(of.name_latin),
        "language": of.language,
        "grade": of.grade,
        "vip": of.vip,
        "company": storable(of.company),
        "email": storable(of.email),
        "segment": storable(of.segment),
        "order_value": of.order_value,
    }


def _number_rows(customer_id: int, numbers: tuple[str, ...]) -> list[dict[str, object]]:
    return [
        {"e164": storable(number), "customer_id": customer_id, "position": position}
        for position, number in enumerate(numbers)
    ]


def _complaint_rows(customer_id: int, customer: Customer) -> list[dict[str, object]]:
    return [
        {"customer_id": customer_id, "opened_at": c.opened_at, "text": storable(c.text)}
        for c in customer.open_complaints
    ]


def _contact_rows(customer_id: int, customer: Customer) -> list[dict[str, object]]:
    # Oldest first, so that ids grow with time as they do for contacts that were logged.
    return [
        {
            "customer_id": customer_id,
            "at": contact.at,
            "channel": contact.channel,
            "summary": storable(contact.summary),
            "agent": storable(contact.agent),
        }
        for contact in reversed(customer.last_contacts)
    ]
