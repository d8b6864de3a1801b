"""Who was in which agent's talk: one row for each step."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table; nobody could listen before."""
    op.create_table(
        "supervision",
        sa.Column("boot", sa.Text(), nullable=False),
        sa.Column("line", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("spy", "step", "login", "agent", "call", "mode")
        ),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("boot", "line", "position", name=op.f("pk_supervision")),
    )
    op.create_index(op.f("ix_supervision_at"), "supervision", ["at"], unique=False)


def downgrade() -> None:
    """Drop it."""
    op.drop_index(op.f("ix_supervision_at"), table_name="supervision")
    op.drop_table("supervision")
