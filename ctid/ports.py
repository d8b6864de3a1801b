"""What the rooms of the shell offer each other; each has a memory twin under the same tests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Literal, Protocol

import msgspec

from ctid.core.commands import Command
from ctid.core.events import Event
from ctid.core.fairness import Fairness
from ctid.core.instants import Duration, Instant, WallMs
from ctid.core.journal import Line
from ctid.core.opening import HoursTurn
from ctid.core.records import AgentId, CallId, CallRecord, Decision, Disposition, Move
from ctid.core.supervision import SpyRecord
from ctid.core.survey import SurveyAnswer, SurveyFigures
from ctid.core.tasks import TaskId, TaskRecord, TaskView
from ctid.core.views import CentreView, WaitingView
from ctid.core.visits import IvrFigures, Visit

Role = Literal["agent", "supervisor", "admin", "service"]
"""`service` is another system, which sends tasks and sees nothing else."""


class Clock(Protocol):
    """The only source of time in the shell."""

    def now(self) -> Instant:
        """Milliseconds on the monotonic axis."""
        ...

    def wall(self) -> WallMs:
        """Milliseconds since 1970 UTC."""
        ...


class Engine(Protocol):
    """The running machine, as the pages and the API see it."""

    def submit(self, event: Event) -> None:
        """Queue one fact; it is handled in the order of arrival. Never blocks, never raises."""
        ...

    def snapshot(self) -> CentreView:
        """The centre as it is now."""
        ...

    def now(self) -> Instant: ...

    def task(self, task: TaskId) -> TaskView | None:
        """A task that is not over, as it is now."""
        ...

    def pullable(self, agent: AgentId) -> tuple[WaitingView, ...]:
        """Whom this agent may take out of turn now, longest wait first."""
        ...


class Switch(Protocol):
    """The PBX. Carries out the commands that concern calls; facts come back as events."""

    def carry_out(self, command: Command) -> None:
        """Start to carry out one command. Never blocks; a command for a call that is gone, or a
        command that is not the PBX's, does nothing."""
        ...


class Message(msgspec.Struct, frozen=True):
    """One message on the bus."""

    topic: str
    """`agent.<id>` (pops and state of one agent), `login.<login>` (what one person is told) or
    `board` (the supervisors' view)."""
    body: bytes
    """JSON, encoded once for all readers."""


class Bus(Protocol):
    """Fan-out between the engine and the pages; in one process or, by Redis, between nodes.

    At most once: a reader that falls behind or reconnects takes a snapshot instead.
    """

    async def publish(self, topic: str, body: bytes) -> None: ...

    def subscribe(
        self, topics: Sequence[str]
    ) -> AbstractAsyncContextManager[AsyncIterator[Message]]:
        """Messages published to `topics` after the context is entered. A topic that ends in `*`
        takes all with that beginning."""
        ...

    async def health(self) -> bool: ...

    async def close(self) -> None: ...


class JournalledCommand(msgspec.Struct, frozen=True):
    """A command for the record, with its place in the journal: the dedupe key of projections."""

    boot: str
    """The boot id of the journal that holds it."""
    line: int
    """Line number in that journal, from 1."""
    index: int
    """Position among the commands of that line, from 0."""
    command: Command


class Store(Protocol):
    """Projections of the journal, written behind, at least once, without doubles."""

    async def write(self, batch: Sequence[JournalledCommand]) -> None:
        """Commit one batch of `CallClosed`, `LegClosed`, `Disposed`, `AgentTimed`, `Decided`,
        `FairnessMeasured`, `Overflowed`, `Escalated`, `TaskClosed`, `Spied`, `SurveyAnswered`,
        `HoursTurned`, `FlowEnded` and `Repaired` (others are passed over); a command that is there
        already changes nothing.

        Raises:
            StoreUnavailable: nothing was committed; try the same batch again later.
        """
        ...

    async def call(self, call: CallId) -> CallRecord | None: ...

    async def calls(self, since: WallMs, until: WallMs, limit: int = 1000) -> list[CallRecord]:
        """Calls that arrived in [since, until), newest first."""
        ...

    async def task(self, task: TaskId) -> TaskRecord | None: ...

    async def decisions(self, call: CallId) -> list[Decision]: ...

    async def moves(self, call: CallId) -> list[Move]:
        """What overflow rules and escalation did with that call or task, oldest first."""
        ...

    async def supervision(self, since: WallMs, until: WallMs) -> list[SpyRecord]:
        """Who was in which agent's talk: the steps in [since, until), by time."""
        ...

    async def hours_turned(self, since: WallMs, until: WallMs) -> list[HoursTurn]:
        """Who switched which opening hours: the steps in [since, until), by time."""
        ...

    async def fairness(self, since: WallMs, until: WallMs) -> list[Fairness]:
        """How evenly agents were loaded in the hours that began in [since, until), by time and
        queue."""
        ...

    async def dispositions(self, call: CallId) -> list[Disposition]:
        """What agents said about how that call ended, oldest first."""
        ...

    async def survey_answers(self, call: CallId) -> list[SurveyAnswer]:
        """What that caller answered after the talk, oldest first."""
        ...

    async def survey_figures(self, since: WallMs, until: WallMs) -> list[SurveyFigures]:
        """What callers answered in [since, until), for each queue, agent and question."""
        ...

    async def visits(self, call: CallId) -> list[Visit]:
        """That call's visits of flows, oldest first."""
        ...

    async def ivr_figures(self, since: WallMs, until: WallMs) -> IvrFigures:
        """What became of visits that began in the quarters of an hour that began in [since,
        until), for each flow and step."""
        ...

    async def health(self) -> bool: ...


class Account(msgspec.Struct, frozen=True):
    """Somebody who may sign in. `agent` is set when the account takes calls."""

    login: str
    name: str
    role: Role
    agent: str
    password_hash: str
    """argon2id, in the usual `$argon2id$…` form."""

    def __repr__(self) -> str:
        return f"Account({self.login!r}, role={self.role!r})"


class Session(msgspec.Struct, frozen=True):
    """One signed-in browser. The cookie holds a random token, the store only its SHA-256."""

    login: str
    role: Role
    agent: str
    name: str
    language: str
    created_at: WallMs
    seen_at: WallMs
    csrf: str
    """What a state-changing request must repeat in its header."""


class Accounts(Protocol):
    """Accounts and server-side sessions."""

    async def account(self, login: str) -> Account | None: ...

    async def put_account(self, account: Account) -> None:
        """Create it, or replace the one of the same login (ending its sessions when the role or
        the password changed)."""
        ...

    async def open_session(self, token_hash: str, session: Session) -> None: ...

    async def session(
        self, token_hash: str, idle: Duration, absolute: Duration, now: WallMs
    ) -> Session | None:
        """The live session, its `seen_at` renewed (at most once a minute); None when it is
        unknown, idle for longer than `idle` or older than `absolute`."""
        ...

    async def close_session(self, token_hash: str) -> None: ...


class StoreUnavailable(Exception):
    """The database cannot be reached or refused the batch; nothing was committed."""


class JournalWriter(Protocol):
    """Where a driver's lines go, before their commands are carried out."""

    def write(self, line: Line) -> None:
        """Append one line. Never blocks for long and never raises: a full disk is an alarm, not an
        end of calls (F16)."""
        ...
