"""Runs migrations on the connection that `ctid.store.migrate` opened and will commit."""

from __future__ import annotations

from alembic import context

from ctid.store.tables import METADATA

connection = context.config.attributes.get("connection")
if connection is None:
    raise SystemExit(
        "ctid migrates its database when it starts (ctid.store.migrate.upgrade); "
        "start it, or call that function, instead of the alembic command"
    )
context.configure(
    connection=connection,
    target_metadata=METADATA,
    version_table=context.config.attributes["version_table"],
)
with context.begin_transaction():
    context.run_migrations()
