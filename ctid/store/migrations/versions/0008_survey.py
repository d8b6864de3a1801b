"""What callers answered after the talk: a row for each answer, and all of a call on its record."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add them; nobody could be asked before."""
    op.add_column(
        "call_record", sa.Column("survey", sa.Text(), nullable=False, server_default="[]")
    )
    op.create_table(
        "survey_answer",
        sa.Column("boot", sa.Text(), nullable=False),
        sa.Column("line", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("call", "queue", "agent", "flow", "question", "kind")
        ),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("boot", "line", "position", name=op.f("pk_survey_answer")),
    )
    op.create_index(op.f("ix_survey_answer_call_at"), "survey_answer", ["call", "at"], unique=False)
    op.create_index(op.f("ix_survey_answer_at"), "survey_answer", ["at"], unique=False)


def downgrade() -> None:
    """Drop them."""
    op.drop_index(op.f("ix_survey_answer_at"), table_name="survey_answer")
    op.drop_index(op.f("ix_survey_answer_call_at"), table_name="survey_answer")
    op.drop_table("survey_answer")
    op.drop_column("call_record", "survey")
