"""The statements of the embedded directory; each is one round trip.

Finding takes two: one over the unique indexes on code and number, and one that fetches numbers,
complaints and contacts of all customers found, however many there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from sqlalchemy import (
    BigInteger,
    CompoundSelect,
    Executable,
    Insert,
    Select,
    Text,
    bindparam,
    cast,
    literal,
    select,
    union_all,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.schema import Table

from crm_link.embedded.tables import COMPLAINT, CUSTOMER, INTERACTION, NUMBER
from crm_link.port import MOST_COMPLAINTS, MOST_CONTACTS, MOST_MATCHES, Find

NUMBER_ROW, COMPLAINT_ROW, CONTACT_ROW = 0, 1, 2
"""What a row of `details_of` is."""

SHAPES = 64
"""Statements that are kept: more than there are counts of candidates and of matches."""

CODE_RANK = -1
"""Rank of a match by code, before every number."""


_LARGEST_ID = 2**63 - 1

Ready = tuple[Executable, dict[str, object]]
"""A statement and its values. The statement is built once for each shape: building it takes ten
times as long as the database takes to answer, and a look-up runs for every call."""


def row_of(text: str) -> int | None:
    """The row that an id of ours names; None for what cannot be one."""
    if not (text.isascii() and text.isdigit() and len(text) <= 19):
        return None
    row = int(text)
    return row if row <= _LARGEST_ID else None


def matches(query: Find) -> Ready | None:
    """Customers that match, with `rank`: the code first, then the numbers in the order given.

    None when the query names nothing to look for.
    """
    numbers = tuple(dict.fromkeys(query.numbers))
    if not query.code and not numbers:
        return None
    values: dict[str, object] = {f"n{rank}": number for rank, number in enumerate(numbers)}
    if query.code:
        values["code"] = query.code
    return _matches(bool(query.code), len(numbers)), values


@lru_cache(SHAPES)
def _matches(by_code: bool, count: int) -> Select[tuple[object, ...]]:
    ways: list[Select[tuple[int, int]]] = []
    if by_code:
        ways.append(
            select(CUSTOMER.c.id, literal(CODE_RANK).label("rank")).where(
                CUSTOMER.c.code == bindparam("code", type_=Text)
            )
        )
    for rank in range(count):
        ways.append(
            select(NUMBER.c.customer_id.label("id"), literal(rank).label("rank")).where(
                NUMBER.c.e164 == bindparam(f"n{rank}", type_=Text)
            )
        )
    hit = union_all(*ways).subquery("hit")
    return (
        select(CUSTOMER, hit.c.rank)
        .join(hit, hit.c.id == CUSTOMER.c.id)
        .order_by(hit.c.rank, CUSTOMER.c.id)
        .limit(MOST_MATCHES)
    )


def by_id(customer_id: int) -> Select[tuple[object, ...]]:
    return select(CUSTOMER).where(CUSTOMER.c.id == customer_id)


def details_of(customer_ids: Sequence[int]) -> Ready:
    """Rows (kind, customer_id, id, at, text, channel, agent) of all that hangs on the customers.

    One limited select a customer, not one window over all: a customer with ten thousand contacts
    then costs five index entries like any other.
    """
    values: dict[str, object] = {f"c{place}": one for place, one in enumerate(customer_ids)}
    return _details(len(customer_ids)), values


@lru_cache(SHAPES)
def _details(count: int) -> CompoundSelect[tuple[object, ...]]:
    parts: list[Select[tuple[object, ...]]] = []
    for place in range(count):
        customer_id = bindparam(f"c{place}", type_=BigInteger)
        parts.append(
            _detail(
                NUMBER_ROW, NUMBER, id=NUMBER.c.position, at=literal(0), text=NUMBER.c.e164
            ).where(NUMBER.c.customer_id == customer_id)
        )
        complaints = (
            _detail(
                COMPLAINT_ROW,
                COMPLAINT,
                id=COMPLAINT.c.id,
                at=COMPLAINT.c.opened_at,
                text=COMPLAINT.c.text,
            )
            .where(COMPLAINT.c.customer_id == customer_id, COMPLAINT.c.closed_at.is_(None))
            .order_by(COMPLAINT.c.opened_at)
            .limit(MOST_COMPLAINTS)
        )
        contacts = (
            _detail(
                CONTACT_ROW,
                INTERACTION,
                id=INTERACTION.c.id,
                at=INTERACTION.c.at,
                text=INTERACTION.c.summary,
                channel=INTERACTION.c.channel,
                agent=INTERACTION.c.agent,
            )
            .where(INTERACTION.c.customer_id == customer_id)
            .order_by(INTERACTION.c.at.desc(), INTERACTION.c.id.desc())
            .limit(MOST_CONTACTS)
        )
        # SQLite takes no ORDER BY or LIMIT in a part of a UNION, only in a subquery of one.
        parts.append(select(complaints.subquery()))
        parts.append(select(contacts.subquery()))
    return union_all(*parts)


def _detail(
    kind: int,
    table: Table,
    *,
    id: ColumnElement[int],
    at: ColumnElement[int],
    text: ColumnElement[str],
    channel: ColumnElement[str] | None = None,
    agent: ColumnElement[str] | None = None,
) -> Select[tuple[object, ...]]:
    nothing = literal("", Text)
    return select(
        literal(kind).label("kind"),
        table.c.customer_id.label("customer_id"),
        cast(id, BigInteger).label("id"),
        cast(at, BigInteger).label("at"),
        cast(text, Text).label("text"),
        cast(nothing if channel is None else channel, Text).label("channel"),
        cast(nothing if agent is None else agent, Text).label("agent"),
    )


def insert_new(table: Table, dialect: str, *key: str) -> postgresql.Insert | sqlite.Insert:
    """INSERT that leaves rows alone whose unique columns `key` are already there.

    `dialect` is SQLAlchemy's name of the database; raises ValueError for one that is not served.
    """
    match dialect:
        case "postgresql":
            return postgresql.insert(table).on_conflict_do_nothing(index_elements=key)
        case "sqlite":
            return sqlite.insert(table).on_conflict_do_nothing(index_elements=key)
        case other:
            raise ValueError(
                f"the embedded directory knows sqlite and postgresql, not {other!r}; "
                "change the database URL"
            )


def log_once(dialect: str, row: dict[str, object], customer_id: int) -> Insert:
    """INSERT of one interaction, unless its key is there or the customer is not; gives the id."""
    # INSERT … SELECT from the customer, so that one statement checks both on every database,
    # with foreign keys enforced or not.
    values: list[ColumnElement[object]] = [
        literal(value, INTERACTION.c[name].type) for name, value in row.items()
    ]
    source = select(CUSTOMER.c.id, *values).where(CUSTOMER.c.id == customer_id)
    return (
        insert_new(INTERACTION, dialect, "key")
        .from_select(["customer_id", *row], source)
        .returning(INTERACTION.c.id)
    )
