"""What agents say about how a call ended."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table of codes."""
    op.create_table(
        "disposition",
        sa.Column("boot", sa.Text(), nullable=False),
        sa.Column("line", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("offer", sa.Text(), nullable=False),
        sa.Column("call", sa.Text(), nullable=False),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("boot", "line", "position", name=op.f("pk_disposition")),
    )
    op.create_index(op.f("ix_disposition_call_at"), "disposition", ["call", "at"], unique=False)


def downgrade() -> None:
    """Drop it with all codes in it."""
    op.drop_table("disposition")
