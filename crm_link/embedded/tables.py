"""The tables of the embedded customer directory.

`METADATA` is what migrations compare against. Times are Unix milliseconds in UTC. Every index
below serves one statement of `crm_link.embedded.statements`, named beside it.
"""

from __future__ import annotations

from typing import Final

from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    inspect,
)

METADATA: Final = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

# SQLite numbers rows by itself only in a column of type INTEGER, never BIGINT.
_ID = BigInteger().with_variant(Integer(), "sqlite")

CUSTOMER: Final = Table(
    "crm_customer",
    METADATA,
    Column("id", _ID, primary_key=True),
    # NULL, not '', for a customer without a code: NULLs do not collide in a unique index.
    Column("code", String(32), unique=True),  # find by code
    Column("name", Text, nullable=False),
    Column("name_latin", Text, nullable=False),
    Column("language", String(8), nullable=False),
    Column("grade", String(1), nullable=False),
    Column("vip", Boolean, nullable=False),
    Column("company", Text, nullable=False),
    Column("email", Text, nullable=False),
    # With defaults: directories of earlier versions get these columns (`add_missing_columns`).
    Column("segment", Text, nullable=False, server_default=""),
    Column("order_value", BigInteger, nullable=False, server_default="0"),
    Column("callback_number", String(16), nullable=False, server_default=""),
    CheckConstraint("language IN ('zh-CN', 'en')", name="language"),
    CheckConstraint("grade IN ('A', 'B', 'C', 'D', 'E')", name="grade"),
)

PIN: Final = Table(
    "crm_pin",
    METADATA,
    Column("customer_id", _ID, ForeignKey(CUSTOMER.c.id, ondelete="CASCADE"), primary_key=True),
    Column("hash", Text, nullable=False),  # $argon2id$…
)

NUMBER: Final = Table(
    "crm_number",
    METADATA,
    # The number leads the key: find by number. Families and switchboards share numbers.
    Column("e164", String(32), primary_key=True),
    Column("customer_id", _ID, ForeignKey(CUSTOMER.c.id, ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, nullable=False),
    Index(None, "customer_id", "position"),  # details
)

COMPLAINT: Final = Table(
    "crm_complaint",
    METADATA,
    Column("id", _ID, primary_key=True),
    Column("customer_id", _ID, ForeignKey(CUSTOMER.c.id, ondelete="CASCADE"), nullable=False),
    Column("opened_at", BigInteger, nullable=False),
    Column("closed_at", BigInteger),
    Column("taken_up_at", BigInteger),  # when somebody began to see to it
    Column("text", Text, nullable=False),
    Index(None, "customer_id", "closed_at", "opened_at"),  # details: the open ones, oldest first
)

INTERACTION: Final = Table(
    "crm_interaction",
    METADATA,
    Column("id", _ID, primary_key=True),
    Column("customer_id", _ID, ForeignKey(CUSTOMER.c.id, ondelete="CASCADE"), nullable=False),
    Column("key", String(128), unique=True),  # log once; NULL for imported history
    Column("at", BigInteger, nullable=False),
    Column("channel", String(8), nullable=False),
    Column("summary", Text, nullable=False),
    Column("agent", Text, nullable=False),
    Index(None, "customer_id", "at", "id"),  # details: the newest five, read backwards
)


# -- self-service (crm_link.self_service); amounts are hundredths --

ORDER: Final = Table(
    "crm_order",
    METADATA,
    Column("number", String(40), primary_key=True),
    Column("customer_id", _ID, ForeignKey(CUSTOMER.c.id, ondelete="CASCADE"), nullable=False),
    Column("status", String(16), nullable=False),
    Column("ordered_at", BigInteger, nullable=False),
    Column("due_at", BigInteger, nullable=False, server_default="0"),
    Column("total", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    CheckConstraint(
        "status IN ('received', 'packed', 'shipped', 'delivered', 'cancelled', 'returned')",
        name="status",
    ),
    Index(None, "customer_id", "ordered_at"),  # the latest
)

ACCOUNT: Final = Table(
    "crm_account",
    METADATA,
    Column("customer_id", _ID, ForeignKey(CUSTOMER.c.id, ondelete="CASCADE"), primary_key=True),
    Column("amount", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("due_at", BigInteger, nullable=False, server_default="0"),
)

APPOINTMENT: Final = Table(
    "crm_appointment",
    METADATA,
    Column("customer_id", _ID, ForeignKey(CUSTOMER.c.id, ondelete="CASCADE"), primary_key=True),
    Column("at", BigInteger, primary_key=True),  # the next one after a moment
)


def add_missing_columns(connection: Connection) -> None:
    """Bring the tables of an earlier version up to date; nothing where they are."""
    operations = Operations(MigrationContext.configure(connection))
    for table in METADATA.sorted_tables:
        there = {column["name"] for column in inspect(connection).get_columns(table.name)}
        for column in table.columns:
            if column.name not in there:
                copied = Column(column.name, column.type, nullable=column.nullable,
                                server_default=column.server_default)  # fmt: skip
                operations.add_column(table.name, copied)
