"""What callers said after a tone in a menu, on the call's record."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add it; nobody was recorded before but in voicemail."""
    op.add_column(
        "call_record", sa.Column("recordings", sa.Text(), nullable=False, server_default="[]")
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_column("call_record", "recordings")
