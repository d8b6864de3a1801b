"""How visits of flows ended: a row for each, and sums per quarter of an hour."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

TEXTS = ("flow", "outcome", "way", "last")
LENGTHS = ("1s", "2s", "5s", "10s", "20s", "30s", "60s", "120s")


def upgrade() -> None:
    """Add the tables; nothing was counted before."""
    op.create_table(
        "ivr_visit",
        sa.Column("call", sa.Text(), nullable=False),
        sa.Column("visit", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in TEXTS),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("began_at", "lasted")),
        sa.Column("stays", sa.Text(), nullable=False),
        sa.Column("boot", sa.Text(), nullable=False),
        sa.Column("line", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("call", "visit", name=op.f("pk_ivr_visit")),
        sa.UniqueConstraint(
            "boot", "line", "position", name=op.f("uq_ivr_visit_boot_line_position")
        ),
    )
    op.create_table(
        "ivr_flow_interval",
        sa.Column("began_at", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("flow", "outcome", "way")),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("visits", "early")),
        sa.Column("lasted", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "began_at", "flow", "outcome", "way", name=op.f("pk_ivr_flow_interval")
        ),
    )
    op.create_table(
        "ivr_step_interval",
        sa.Column("began_at", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("flow", "step", "way")),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("stays", "wrong", "silent")),
        sa.Column("spent", sa.BigInteger(), nullable=False),
        *(sa.Column(f"upto_{length}", sa.Integer(), nullable=False) for length in LENGTHS),
        sa.Column("longer", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(
            "began_at", "flow", "step", "way", name=op.f("pk_ivr_step_interval")
        ),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("ivr_step_interval")
    op.drop_table("ivr_flow_interval")
    op.drop_table("ivr_visit")
