"""Who switched which opening hours: one row for each step."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table; there was no switch before."""
    op.create_table(
        "hours_turn",
        sa.Column("boot", sa.Text(), nullable=False),
        sa.Column("line", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("hours", "to", "login")),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("at", "until")),
        sa.PrimaryKeyConstraint("boot", "line", "position", name=op.f("pk_hours_turn")),
    )
    op.create_index(op.f("ix_hours_turn_at"), "hours_turn", ["at"], unique=False)


def downgrade() -> None:
    """Drop it."""
    op.drop_index(op.f("ix_hours_turn_at"), table_name="hours_turn")
    op.drop_table("hours_turn")
