"""How far a caller had proved who it was, at the call's end."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; of earlier calls nobody knows it."""
    column = sa.Column("identity", sa.Text(), nullable=False, server_default="")
    op.add_column("call_record", column)


def downgrade() -> None:
    """Drop it."""
    op.drop_column("call_record", "identity")
