"""What overflow rules did with calls, and the messages that callers left."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table and columns; no rule moved calls from before, and none left a message."""
    op.create_table(
        "move",
        sa.Column("boot", sa.Text(), nullable=False),
        sa.Column("line", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("call", sa.Text(), nullable=False),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("to", sa.Text(), nullable=False),
        sa.Column("rule", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("waited", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("boot", "line", "position", name=op.f("pk_move")),
    )
    op.create_index(op.f("ix_move_call_at"), "move", ["call", "at"], unique=False)
    op.create_index(op.f("ix_move_queue_at"), "move", ["queue", "at"], unique=False)
    op.add_column(
        "call_record", sa.Column("recording", sa.Text(), nullable=False, server_default="")
    )
    op.add_column(
        "call_record", sa.Column("recorded", sa.BigInteger(), nullable=False, server_default="0")
    )
    op.add_column(
        "queue_interval", sa.Column("overflowed", sa.Integer(), nullable=False, server_default="0")
    )


def downgrade() -> None:
    """Drop all of it."""
    op.drop_column("queue_interval", "overflowed")
    op.drop_column("call_record", "recorded")
    op.drop_column("call_record", "recording")
    op.drop_index(op.f("ix_move_queue_at"), table_name="move")
    op.drop_index(op.f("ix_move_call_at"), table_name="move")
    op.drop_table("move")
