"""The store on SQLite or PostgreSQL: projections of the journal, accounts and sessions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

import msgspec
from sqlalchemy import BigInteger, Row, Select, Table, cast, delete, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncEngine

from ctid.core.fairness import Fairness
from ctid.core.instants import Duration, WallMs
from ctid.core.opening import HoursTurn
from ctid.core.records import (
    AgentId,
    AgentTime,
    CallId,
    CallRecord,
    Decision,
    Disposition,
    LegRecord,
    Move,
    QueueId,
)
from ctid.core.supervision import SpyRecord
from ctid.core.survey import SurveyAnswer, SurveyFigures
from ctid.core.tasks import TaskId, TaskRecord
from ctid.core.visits import IvrFigures, Visit
from ctid.ports import Account, JournalledCommand, Session, StoreUnavailable
from ctid.store import ivr_figures, statements
from ctid.store.batch import RecordT, Repair, sort
from ctid.store.engine import (
    CONNECT_LIMIT,
    MIGRATION_LIMIT,
    STATEMENT_LIMIT,
    open_engine,
    reading,
    writing,
)
from ctid.store.intervals import QueueInterval, fold
from ctid.store.ivr_figures import FlowInterval, StepInterval
from ctid.store.migrate import is_newest, upgrade
from ctid.store.sessions import RENEW_AFTER, ends_sessions, expired, unknown_login
from ctid.store.surveys import summed_up
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
    SESSION,
    SUPERVISION,
    SURVEY_ANSWER,
    TASK_RECORD,
)

_NO_TARGETS: Final[Mapping[QueueId, Duration]] = MappingProxyType({})


class SqlStore:
    """`Store` and `Accounts` on one database. Make it with `open`; safe for concurrent use.

    Every method raises `StoreUnavailable` where the database fails or does not answer in time.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        service_level_targets: Mapping[QueueId, Duration] = _NO_TARGETS,
        limit: Duration = CONNECT_LIMIT + STATEMENT_LIMIT,
    ) -> None:
        self._engine, self._targets, self._limit = engine, service_level_targets, limit

    @classmethod
    async def open(
        cls,
        url: str,
        service_level_targets: Mapping[QueueId, Duration] = _NO_TARGETS,
        *,
        connect_limit: Duration = CONNECT_LIMIT,
        statement_limit: Duration = STATEMENT_LIMIT,
    ) -> SqlStore:
        """Connect, bring the schema up to date, and return the store.

        Args:
            url: ``sqlite+aiosqlite:///path`` or ``postgresql+asyncpg://user:password@host/name``.
            service_level_targets: threshold of each queue, in milliseconds; 20 s for the others.
            connect_limit: how long a connection may take, in milliseconds.
            statement_limit: how long a statement may take, in milliseconds.

        Raises:
            ConfigError: a URL of another kind.
            StoreUnavailable: no connection, or the schema could not be brought up to date.
        """
        migrating = open_engine(url, connect_limit, MIGRATION_LIMIT)
        try:
            async with reading(migrating, "connecting", connect_limit) as connection:
                migrated = await is_newest(connection)
            if not migrated:
                await upgrade(migrating)
        finally:
            await migrating.dispose()
        engine = open_engine(url, connect_limit, statement_limit)
        return cls(engine, service_level_targets, connect_limit + statement_limit)

    def __repr__(self) -> str:
        return f"SqlStore({self._engine.url.render_as_string(hide_password=True)})"

    async def close(self) -> None:
        """Close all connections."""
        await self._engine.dispose()

    async def health(self) -> bool:
        """Whether the database answers now."""
        try:
            async with reading(self._engine, "health", self._limit) as connection:
                await connection.execute(text("SELECT 1"))
        except StoreUnavailable:
            return False
        return True

    # -- projections -------------------------------------------------------------------------

    async def write(self, batch: Sequence[JournalledCommand]) -> None:
        """Commit the batch in one transaction of a few statements, however many commands.

        Raises:
            StoreUnavailable: nothing was committed; try the same batch again later.
            BatchRefused: nothing was committed; the batch holds something that never can be.
        """
        parts = sort(batch)
        if not parts.lines:
            return
        async with writing(self._engine, "writing records", self._limit) as connection:
            new = await statements.insert_calls(connection, parts)
            calls = (call for _, call in parts.calls if call.call in new)
            await statements.add_intervals(connection, fold(calls, self._targets))
            await statements.insert_others(connection, parts)
            fresh = await statements.insert_visits(connection, parts)
            visits = (one for _, one in parts.visits if (one.call, one.visit) in fresh)
            await statements.add_visits(connection, *ivr_figures.fold(visits))
            await statements.advance(connection, parts.lines)

    async def position(self, boot: str) -> int:
        """The highest line of that boot's journal of which something was committed, or 0.

        After a crash, offer the journal again from this line on (the line itself too: a batch
        may have ended inside it).
        """
        found = await self._rows(select(PROJECTION.c.line).where(PROJECTION.c.boot == boot))
        return int(found[0].line) if found else 0

    async def call(self, call: CallId) -> CallRecord | None:
        """The record of that call, once it has ended and was written."""
        found = await self._records(
            CallRecord, select(CALL_RECORD).where(CALL_RECORD.c.call == call)
        )
        return found[0] if found else None

    async def calls(self, since: WallMs, until: WallMs, limit: int = 1000) -> list[CallRecord]:
        """Calls that arrived in [since, until), newest first."""
        return await self._records(
            CallRecord,
            select(CALL_RECORD)
            .where(CALL_RECORD.c.arrived_at >= since, CALL_RECORD.c.arrived_at < until)
            .order_by(CALL_RECORD.c.arrived_at.desc(), CALL_RECORD.c.call.desc())
            .limit(limit),
        )

    async def task(self, task: TaskId) -> TaskRecord | None:
        """The record of that task, once it has ended and was written."""
        found = await self._records(
            TaskRecord, select(TASK_RECORD).where(TASK_RECORD.c.task == task)
        )
        return found[0] if found else None

    async def legs(self, call: CallId) -> list[LegRecord]:
        """The agents' legs of that call, in the order in which they rang."""
        return await self._records(
            LegRecord,
            select(LEG_RECORD)
            .where(LEG_RECORD.c.call == call)
            .order_by(LEG_RECORD.c.started_at, LEG_RECORD.c.offer),
        )

    async def decisions(self, call: CallId) -> list[Decision]:
        """Why that call went where it went, oldest first."""
        return await self._of_call(Decision, DECISION, call)

    async def moves(self, call: CallId) -> list[Move]:
        """What overflow rules did with that call, oldest first."""
        return await self._of_call(Move, MOVE, call)

    async def dispositions(self, call: CallId) -> list[Disposition]:
        """What agents said about how that call ended, oldest first."""
        return await self._of_call(Disposition, DISPOSITION, call)

    async def survey_answers(self, call: CallId) -> list[SurveyAnswer]:
        """What that caller answered after the talk, oldest first."""
        return await self._of_call(SurveyAnswer, SURVEY_ANSWER, call)

    async def survey_figures(self, since: WallMs, until: WallMs) -> list[SurveyFigures]:
        """What callers answered in [since, until), for each queue, agent and question."""
        c = SURVEY_ANSWER.c
        what = (c.queue, c.agent, c.question, c.kind, c.value)
        found = await self._rows(
            select(*what, func.count().label("times"))
            .where(c.at >= since, c.at < until)
            .group_by(*what)
        )
        return summed_up((o.queue, o.agent, o.question, o.kind, o.value, o.times) for o in found)

    async def visits(self, call: CallId) -> list[Visit]:
        """That call's visits of flows, oldest first."""
        query = select(IVR_VISIT).where(IVR_VISIT.c.call == call).order_by(IVR_VISIT.c.visit)
        return await self._records(Visit, query)

    async def ivr_figures(self, since: WallMs, until: WallMs) -> IvrFigures:
        """What became of visits that began in the quarters of an hour that began in [since,
        until), for each flow and step."""
        return ivr_figures.figures(
            await self._summed(FlowInterval, IVR_FLOW_INTERVAL, since, until),
            await self._summed(StepInterval, IVR_STEP_INTERVAL, since, until),
        )

    async def _summed(
        self, kind: type[RecordT], table: Table, since: WallMs, until: WallMs
    ) -> list[RecordT]:
        """Intervals that began in [since, until), those of one key added up."""
        began, *names = table.primary_key.columns
        sums = [
            cast(func.sum(column), BigInteger).label(column.name)
            for column in table.c
            if not column.primary_key
        ]
        query = (
            select(func.min(began).label(began.name), *names, *sums)
            .where(began >= since, began < until)
            .group_by(*names)
        )
        return await self._records(kind, query)

    async def _of_call(self, kind: type[RecordT], table: Table, call: CallId) -> list[RecordT]:
        c = table.c
        oldest_first = (c.at, c.boot, c.line, c.position)
        return await self._records(
            kind, select(table).where(c.call == call).order_by(*oldest_first)
        )

    async def agent_times(self, agent: AgentId, since: WallMs, until: WallMs) -> list[AgentTime]:
        """The agent's stretches that began in [since, until), oldest first."""
        c = AGENT_TIME.c
        return await self._records(
            AgentTime,
            select(AGENT_TIME)
            .where(c.agent == agent, c.began_at >= since, c.began_at < until)
            .order_by(c.began_at, c.boot, c.line, c.position),
        )

    async def intervals(self, since: WallMs, until: WallMs) -> list[QueueInterval]:
        """The intervals that began in [since, until), by time and queue."""
        c = QUEUE_INTERVAL.c
        return await self._records(
            QueueInterval,
            select(QUEUE_INTERVAL)
            .where(c.began_at >= since, c.began_at < until)
            .order_by(c.began_at, c.queue),
        )

    async def supervision(self, since: WallMs, until: WallMs) -> list[SpyRecord]:
        """Who was in which agent's talk: the steps in [since, until), by time."""
        return await self._steps(SpyRecord, SUPERVISION, since, until)

    async def hours_turned(self, since: WallMs, until: WallMs) -> list[HoursTurn]:
        """Who switched which opening hours: the steps in [since, until), by time."""
        return await self._steps(HoursTurn, HOURS_TURN, since, until)

    async def fairness(self, since: WallMs, until: WallMs) -> list[Fairness]:
        """How evenly agents were loaded in the hours that began in [since, until), by time and
        queue."""
        c = FAIRNESS.c
        return await self._records(
            Fairness,
            select(FAIRNESS)
            .where(c.began_at >= since, c.began_at < until)
            .order_by(c.began_at, c.queue, c.boot, c.line, c.position),
        )

    async def repairs(self, boot: str) -> list[Repair]:
        """What was repaired in that run of the daemon, in order."""
        c = REPAIR.c
        return await self._records(
            Repair, select(REPAIR).where(c.boot == boot).order_by(c.line, c.position)
        )

    # -- accounts and sessions -----------------------------------------------------------------

    async def account(self, login: str) -> Account | None:
        """The account of that login."""
        found = await self._records(Account, select(ACCOUNT).where(ACCOUNT.c.login == login))
        return found[0] if found else None

    async def put_account(self, account: Account) -> None:
        """Create or replace; ends its sessions when role, password or agent changed."""
        async with writing(self._engine, "writing an account", self._limit) as connection:
            result = await connection.execute(
                select(ACCOUNT).where(ACCOUNT.c.login == account.login).with_for_update()
            )
            before = result.one_or_none()
            await connection.execute(
                statements.upsert_account(connection), msgspec.structs.asdict(account)
            )
            if before is not None and ends_sessions(statements.record_of(Account, before), account):
                await connection.execute(delete(SESSION).where(SESSION.c.login == account.login))

    async def open_session(self, token_hash: str, session: Session) -> None:
        """Keep a new session.

        Raises:
            Refused: code `unknown_login`; there is no such account.
        """
        async with writing(self._engine, "opening a session", self._limit) as connection:
            known = await connection.scalar(
                select(ACCOUNT.c.login)
                .where(ACCOUNT.c.login == session.login)
                .with_for_update(read=True, key_share=True)
            )
            if known is None:
                raise unknown_login(session.login)
            await connection.execute(
                statements.insert(connection, SESSION),
                {"token_hash": token_hash, **msgspec.structs.asdict(session)},
            )

    async def session(
        self, token_hash: str, idle: Duration, absolute: Duration, now: WallMs
    ) -> Session | None:
        """The live session, `seen_at` renewed at most once a minute; an expired one is deleted."""
        mine = SESSION.c.token_hash == token_hash
        found = await self._records(Session, select(SESSION).where(mine))
        if not found:
            return None
        session = found[0]
        if expired(session, idle, absolute, now):
            await self.close_session(token_hash)
            return None
        if now - session.seen_at < RENEW_AFTER:
            return session
        async with writing(self._engine, "renewing a session", self._limit) as connection:
            result = await connection.execute(update(SESSION).where(mine).values(seen_at=now))
            # Ended by somebody else in this very moment: then it is over.
            alive = result.rowcount == 1
        return msgspec.structs.replace(session, seen_at=now) if alive else None

    async def close_session(self, token_hash: str) -> None:
        """End it; unknown is fine."""
        async with writing(self._engine, "closing a session", self._limit) as connection:
            await connection.execute(delete(SESSION).where(SESSION.c.token_hash == token_hash))

    # -- reading -------------------------------------------------------------------------------

    async def _steps(
        self, kind: type[RecordT], table: Table, since: WallMs, until: WallMs
    ) -> list[RecordT]:
        """Rows of what people have done, by time and place in the journal."""
        c = table.c
        return await self._records(
            kind,
            select(table)
            .where(c.at >= since, c.at < until)
            .order_by(c.at, c.boot, c.line, c.position),
        )

    async def _records(self, kind: type[RecordT], query: Select[*tuple[Any, ...]]) -> list[RecordT]:
        return [statements.record_of(kind, found) for found in await self._rows(query)]

    async def _rows(self, query: Select[*tuple[Any, ...]]) -> list[Row[Any]]:
        async with reading(self._engine, "reading", self._limit) as connection:
            return list(await connection.execute(query))
