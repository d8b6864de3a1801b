"""How evenly each queue's agents were loaded, by hour."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table; there is nothing to fill it from."""
    op.create_table(
        "fairness",
        sa.Column("boot", sa.Text(), nullable=False),
        sa.Column("line", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("began_at", sa.BigInteger(), nullable=False),
        sa.Column("agents", sa.Integer(), nullable=False),
        sa.Column("staffed", sa.BigInteger(), nullable=False),
        sa.Column("occupancy", sa.Integer(), nullable=False),
        sa.Column("occupancy_spread", sa.Integer(), nullable=False),
        sa.Column("occupancy_deviation", sa.Integer(), nullable=False),
        sa.Column("idle_gap", sa.BigInteger(), nullable=False),
        sa.Column("jain_time", sa.Integer(), nullable=False),
        sa.Column("jain_contacts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("boot", "line", "position", name=op.f("pk_fairness")),
    )
    op.create_index(
        op.f("ix_fairness_queue_began_at"), "fairness", ["queue", "began_at"], unique=False
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_index(op.f("ix_fairness_queue_began_at"), table_name="fairness")
    op.drop_table("fairness")
