"""How long callers were on hold, apart from the talk."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; nobody could be put on hold before."""
    for table in ("call_record", "leg_record"):
        op.add_column(table, sa.Column("held", sa.BigInteger(), nullable=False, server_default="0"))


def downgrade() -> None:
    """Drop them."""
    for table in ("leg_record", "call_record"):
        op.drop_column(table, "held")
