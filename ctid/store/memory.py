"""The store in memory: for the simulator's runs, for tests, and for a look without a database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter
from types import MappingProxyType
from typing import Final, TypeVar

import msgspec

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
from ctid.ports import Account, JournalledCommand, Session
from ctid.store import ivr_figures
from ctid.store.batch import Place, Repair, sort
from ctid.store.intervals import QueueInterval, add, fold
from ctid.store.sessions import RENEW_AFTER, ends_sessions, expired, unknown_login
from ctid.store.surveys import summed_up

_NO_TARGETS: Final[Mapping[QueueId, Duration]] = MappingProxyType({})


class MemoryStore:
    """`Store` and `Accounts` without a database; held to the same tests as `SqlStore`."""

    def __init__(self, service_level_targets: Mapping[QueueId, Duration] = _NO_TARGETS) -> None:
        self._targets = service_level_targets
        self._lines: dict[str, int] = {}
        self._places: set[Place] = set()
        self._calls: dict[CallId, CallRecord] = {}
        self._tasks: dict[TaskId, TaskRecord] = {}
        self._legs: dict[str, LegRecord] = {}
        self._times: dict[Place, AgentTime] = {}
        self._decisions: dict[Place, Decision] = {}
        self._moves: dict[Place, Move] = {}
        self._dispositions: dict[Place, Disposition] = {}
        self._fairness: dict[Place, Fairness] = {}
        self._spied: dict[Place, SpyRecord] = {}
        self._turns: dict[Place, HoursTurn] = {}
        self._answers: dict[Place, SurveyAnswer] = {}
        self._visits: dict[tuple[CallId, int], Visit] = {}
        self._repairs: dict[Place, Repair] = {}
        self._intervals: dict[tuple[WallMs, QueueId], QueueInterval] = {}
        self._accounts: dict[str, Account] = {}
        self._sessions: dict[str, Session] = {}

    async def close(self) -> None:
        """There is nothing to close."""

    async def health(self) -> bool:
        """Always."""
        return True

    # -- projections -------------------------------------------------------------------------

    async def write(self, batch: Sequence[JournalledCommand]) -> None:
        """Keep what is not there yet."""
        parts = sort(batch)
        self._add_calls(parts.calls)
        for place, task in parts.tasks:
            if task.task not in self._tasks and self._first(place):
                self._tasks[task.task] = task
        for place, leg in parts.legs:
            if leg.offer not in self._legs and self._first(place):
                self._legs[leg.offer] = leg
        for place, time in parts.times:
            self._times.setdefault(place, time)
        for place, decision in parts.decisions:
            self._decisions.setdefault(place, decision)
        for place, move in parts.moves:
            self._moves.setdefault(place, move)
        for place, disposition in parts.dispositions:
            self._dispositions.setdefault(place, disposition)
        for place, step in parts.spied:
            self._spied.setdefault(place, step)
        for place, turn in parts.turns:
            self._turns.setdefault(place, turn)
        for place, answer in parts.answers:
            self._answers.setdefault(place, answer)
        for place, visit in parts.visits:
            key = (visit.call, visit.visit)
            if key not in self._visits and self._first(place):
                self._visits[key] = visit
        for place, figures in parts.fairness:
            self._fairness.setdefault(place, figures)
        for place, repair in parts.repairs:
            self._repairs.setdefault(place, repair)
        for boot, line in parts.lines.items():
            self._lines[boot] = max(line, self._lines.get(boot, 0))

    def _add_calls(self, calls: Iterable[tuple[Place, CallRecord]]) -> None:
        new = []
        for place, call in calls:
            if call.call not in self._calls and self._first(place):
                self._calls[call.call] = call
                new.append(call)
        for part in fold(new, self._targets):
            key = (part.began_at, part.queue)
            there = self._intervals.get(key)
            self._intervals[key] = part if there is None else add(there, part)

    def _first(self, place: Place) -> bool:
        """Whether nothing came from that place of the journal before."""
        if place in self._places:
            return False
        self._places.add(place)
        return True

    async def position(self, boot: str) -> int:
        """The highest line of that boot's journal of which something was written, or 0."""
        return self._lines.get(boot, 0)

    async def call(self, call: CallId) -> CallRecord | None:
        """The record of that call, once it has ended and was written."""
        return self._calls.get(call)

    async def calls(self, since: WallMs, until: WallMs, limit: int = 1000) -> list[CallRecord]:
        """Calls that arrived in [since, until), newest first."""
        found = [call for call in self._calls.values() if since <= call.arrived_at < until]
        return sorted(found, key=attrgetter("arrived_at", "call"), reverse=True)[:limit]

    async def task(self, task: TaskId) -> TaskRecord | None:
        """The record of that task, once it has ended and was written."""
        return self._tasks.get(task)

    async def legs(self, call: CallId) -> list[LegRecord]:
        """The agents' legs of that call, in the order in which they rang."""
        found = [leg for leg in self._legs.values() if leg.call == call]
        return sorted(found, key=attrgetter("started_at", "offer"))

    async def decisions(self, call: CallId) -> list[Decision]:
        """Why that call went where it went, oldest first."""
        return _of_call(self._decisions, call)

    async def moves(self, call: CallId) -> list[Move]:
        """What overflow rules did with that call, oldest first."""
        return _of_call(self._moves, call)

    async def dispositions(self, call: CallId) -> list[Disposition]:
        """What agents said about how that call ended, oldest first."""
        return _of_call(self._dispositions, call)

    async def survey_answers(self, call: CallId) -> list[SurveyAnswer]:
        """What that caller answered after the talk, oldest first."""
        return _of_call(self._answers, call)

    async def survey_figures(self, since: WallMs, until: WallMs) -> list[SurveyFigures]:
        """What callers answered in [since, until), for each queue, agent and question."""
        given = (one for one in self._answers.values() if since <= one.at < until)
        return summed_up((a.queue, a.agent, a.question, a.kind, a.value, 1) for a in given)

    async def visits(self, call: CallId) -> list[Visit]:
        """That call's visits of flows, oldest first."""
        return [visit for key, visit in sorted(self._visits.items()) if key[0] == call]

    async def ivr_figures(self, since: WallMs, until: WallMs) -> IvrFigures:
        """What became of visits that began in the quarters of an hour that began in [since,
        until), for each flow and step."""
        flows, steps = ivr_figures.fold(self._visits.values())
        return ivr_figures.figures(
            [part for part in flows if since <= part.began_at < until],
            [part for part in steps if since <= part.began_at < until],
        )

    async def agent_times(self, agent: AgentId, since: WallMs, until: WallMs) -> list[AgentTime]:
        """The agent's stretches that began in [since, until), oldest first."""
        found = [
            (time.began_at, place, time)
            for place, time in self._times.items()
            if time.agent == agent and since <= time.began_at < until
        ]
        return [time for _, _, time in sorted(found, key=lambda item: item[:2])]

    async def intervals(self, since: WallMs, until: WallMs) -> list[QueueInterval]:
        """The intervals that began in [since, until), by time and queue."""
        return [part for key, part in sorted(self._intervals.items()) if since <= key[0] < until]

    async def supervision(self, since: WallMs, until: WallMs) -> list[SpyRecord]:
        """Who was in which agent's talk: the steps in [since, until), by time."""
        steps = ((one.at, place, one) for place, one in self._spied.items())
        found = [step for step in steps if since <= step[0] < until]
        return [one for _, _, one in sorted(found, key=lambda step: step[:2])]

    async def hours_turned(self, since: WallMs, until: WallMs) -> list[HoursTurn]:
        """Who switched which opening hours: the steps in [since, until), by time."""
        turns = ((one.at, place, one) for place, one in self._turns.items())
        found = [turn for turn in turns if since <= turn[0] < until]
        return [one for _, _, one in sorted(found, key=lambda turn: turn[:2])]

    async def fairness(self, since: WallMs, until: WallMs) -> list[Fairness]:
        """How evenly agents were loaded in the hours that began in [since, until), by time and
        queue."""
        found = [
            (one.began_at, one.queue, place, one)
            for place, one in self._fairness.items()
            if since <= one.began_at < until
        ]
        return [one for *_, one in sorted(found, key=lambda item: item[:3])]

    async def repairs(self, boot: str) -> list[Repair]:
        """What was repaired in that run of the daemon, in order."""
        return [repair for place, repair in sorted(self._repairs.items()) if place[0] == boot]

    # -- accounts and sessions -----------------------------------------------------------------

    async def account(self, login: str) -> Account | None:
        """The account of that login."""
        return self._accounts.get(login)

    async def put_account(self, account: Account) -> None:
        """Create or replace; ends its sessions when role, password or agent changed."""
        before = self._accounts.get(account.login)
        self._accounts[account.login] = account
        if before is not None and ends_sessions(before, account):
            self._sessions = {
                token: session
                for token, session in self._sessions.items()
                if session.login != account.login
            }

    async def open_session(self, token_hash: str, session: Session) -> None:
        """Keep a new session.

        Raises:
            Refused: code `unknown_login`; there is no such account.
        """
        if session.login not in self._accounts:
            raise unknown_login(session.login)
        self._sessions[token_hash] = session

    async def session(
        self, token_hash: str, idle: Duration, absolute: Duration, now: WallMs
    ) -> Session | None:
        """The live session, `seen_at` renewed at most once a minute; an expired one is deleted."""
        session = self._sessions.get(token_hash)
        if session is None:
            return None
        if expired(session, idle, absolute, now):
            del self._sessions[token_hash]
            return None
        if now - session.seen_at >= RENEW_AFTER:
            session = msgspec.structs.replace(session, seen_at=now)
            self._sessions[token_hash] = session
        return session

    async def close_session(self, token_hash: str) -> None:
        """End it; unknown is fine."""
        self._sessions.pop(token_hash, None)


FactT = TypeVar("FactT", Decision, Move, Disposition, SurveyAnswer)


def _of_call(facts: Mapping[Place, FactT], call: CallId) -> list[FactT]:
    """Those of one call, oldest first."""
    found = [(one.at, place, one) for place, one in facts.items() if one.call == call]
    return [one for _, _, one in sorted(found, key=lambda item: item[:2])]
