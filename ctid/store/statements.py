"""The statements of the store, for SQLite and PostgreSQL alike, and rows as records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeVar

import msgspec
from sqlalchemy import Row, Table, case
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from ctid.core.records import CallRecord
from ctid.core.visits import Visit
from ctid.store.batch import Batch, Place
from ctid.store.intervals import QueueInterval
from ctid.store.ivr_figures import FlowInterval, StepInterval
from ctid.store.tables import (
    ACCOUNT,
    AGENT_TIME,
    CALL_RECORD,
    DECISION,
    DISPOSITION,
    FAIRNESS,
    HOURS_TURN,
    IVR_FLOW_INTERVAL,
    IVR_STEP_INTERVAL,
    IVR_VISIT,
    LEG_RECORD,
    MOVE,
    PROJECTION,
    QUEUE_INTERVAL,
    REPAIR,
    SUPERVISION,
    SURVEY_ANSWER,
    TASK_RECORD,
)

RecordT = TypeVar("RecordT", bound=msgspec.Struct)
Insert = sqlite.Insert | postgresql.Insert
LISTS: Final[Mapping[type, tuple[str, ...]]] = {
    CallRecord: ("path", "survey", "recordings"),
    Visit: ("stays",),
}
"""Columns that are JSON lists, by record."""


def insert(connection: AsyncConnection, table: Table) -> Insert:
    """An insert of the dialect's own kind: the general one knows no ON CONFLICT."""
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)


async def insert_calls(connection: AsyncConnection, batch: Batch) -> set[str]:
    """Insert the call records; returns the calls that were not there before."""
    if not batch.calls:
        return set()
    statement = insert(connection, CALL_RECORD).on_conflict_do_nothing()
    result = await connection.execute(
        statement.returning(CALL_RECORD.c.call), [row(*call) for call in batch.calls]
    )
    return set(result.scalars())


async def insert_others(connection: AsyncConnection, batch: Batch) -> None:
    """Insert all but calls and intervals; what is there already stays."""
    for table, rows in (
        (TASK_RECORD, [row(*task) for task in batch.tasks]),
        (LEG_RECORD, [row(*leg) for leg in batch.legs]),
        (AGENT_TIME, [row(*time) for time in batch.times]),
        (DECISION, [row(*decision) for decision in batch.decisions]),
        (MOVE, [row(*move) for move in batch.moves]),
        (DISPOSITION, [row(*disposition) for disposition in batch.dispositions]),
        (FAIRNESS, [row(*figures) for figures in batch.fairness]),
        (SUPERVISION, [row(*step) for step in batch.spied]),
        (HOURS_TURN, [row(*turn) for turn in batch.turns]),
        (SURVEY_ANSWER, [row(*answer) for answer in batch.answers]),
        (REPAIR, [row(*repair) for repair in batch.repairs]),
    ):
        if rows:
            await connection.execute(insert(connection, table).on_conflict_do_nothing(), rows)


async def add_intervals(connection: AsyncConnection, parts: Sequence[QueueInterval]) -> None:
    """Add these counts to what the intervals hold already."""
    if not parts:
        return
    statement = insert(connection, QUEUE_INTERVAL)
    there, new = QUEUE_INTERVAL.c, statement.excluded
    longest = case((new.longest > there.longest, new.longest), else_=there.longest)
    await connection.execute(
        statement.on_conflict_do_update(
            index_elements=[there.queue, there.began_at],
            set_={**_sums(QUEUE_INTERVAL, statement), "longest": longest},
        ),
        [msgspec.structs.asdict(part) for part in parts],
    )


async def insert_visits(connection: AsyncConnection, batch: Batch) -> set[tuple[str, int]]:
    """Insert the visits of flows; returns those that were not there before, by call and number."""
    if not batch.visits:
        return set()
    statement = insert(connection, IVR_VISIT).on_conflict_do_nothing()
    result = await connection.execute(
        statement.returning(IVR_VISIT.c.call, IVR_VISIT.c.visit),
        [row(*visit) for visit in batch.visits],
    )
    return {(found.call, found.visit) for found in result}


async def add_visits(
    connection: AsyncConnection, flows: Sequence[FlowInterval], steps: Sequence[StepInterval]
) -> None:
    """Add these counts of visits and stays to what the intervals hold already."""
    parts: tuple[tuple[Table, Sequence[msgspec.Struct]], ...] = (
        (IVR_FLOW_INTERVAL, flows), (IVR_STEP_INTERVAL, steps),
    )  # fmt: skip
    for table, added in parts:
        if added:
            statement = insert(connection, table)
            await connection.execute(
                statement.on_conflict_do_update(
                    index_elements=list(table.primary_key), set_=_sums(table, statement)
                ),
                [msgspec.structs.asdict(part) for part in added],
            )


def _sums(table: Table, statement: Insert) -> dict[str, Any]:
    """Each column that is no key, with what comes added to what is there."""
    columns = [column for column in table.c if not column.primary_key]
    return {column.name: column + statement.excluded[column.name] for column in columns}


async def advance(connection: AsyncConnection, lines: dict[str, int]) -> None:
    """Note how far each boot's journal has come; never backwards."""
    if not lines:
        return
    statement = insert(connection, PROJECTION)
    await connection.execute(
        statement.on_conflict_do_update(
            index_elements=[PROJECTION.c.boot],
            set_={"line": statement.excluded.line},
            where=statement.excluded.line > PROJECTION.c.line,
        ),
        [{"boot": boot, "line": line} for boot, line in lines.items()],
    )


def upsert_account(connection: AsyncConnection) -> Insert:
    """Insert the account, or replace all but its login."""
    statement = insert(connection, ACCOUNT)
    others = [column.name for column in ACCOUNT.c if column.name != "login"]
    return statement.on_conflict_do_update(
        index_elements=[ACCOUNT.c.login], set_={name: statement.excluded[name] for name in others}
    )


def row(place: Place, record: msgspec.Struct) -> dict[str, Any]:
    """A record as a row with its place in the journal."""
    values = msgspec.structs.asdict(record)
    for name in LISTS.get(type(record), ()):
        values[name] = msgspec.json.encode(values[name]).decode()
    values["boot"], values["line"], values["position"] = place
    return values


def record_of(kind: type[RecordT], found: Row[Any]) -> RecordT:
    """A row as the record that it was made of."""
    values = {name: found._mapping[name] for name in kind.__struct_fields__}
    for name in LISTS.get(kind, ()):
        values[name] = msgspec.json.decode(values[name])
    return msgspec.convert(values, kind)
