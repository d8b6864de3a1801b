"""Contacts that are not calls: one row for each that has ended."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table; there were no tasks before."""
    op.create_table(
        "task_record",
        sa.Column("task", sa.Text(), nullable=False),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("customer", sa.Text(), nullable=False),
        sa.Column("link", sa.Text(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("submitted_at", sa.BigInteger(), nullable=False),
        sa.Column("deadline", sa.BigInteger(), nullable=False),
        sa.Column("accepted_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=False),
        sa.Column("waited", sa.BigInteger(), nullable=False),
        sa.Column("worked", sa.BigInteger(), nullable=False),
        sa.Column("offers", sa.Integer(), nullable=False),
        sa.Column("returns", sa.Integer(), nullable=False),
        sa.Column("raised", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("boot", sa.Text(), nullable=False),
        sa.Column("line", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("task", name=op.f("pk_task_record")),
        sa.UniqueConstraint(
            "boot", "line", "position", name=op.f("uq_task_record_boot_line_position")
        ),
    )
    op.create_index(
        op.f("ix_task_record_submitted_at_task"), "task_record", ["submitted_at", "task"],
        unique=False,
    )  # fmt: skip


def downgrade() -> None:
    """Drop it."""
    op.drop_index(op.f("ix_task_record_submitted_at_task"), table_name="task_record")
    op.drop_table("task_record")
