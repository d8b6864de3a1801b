"""Carries commands out: each kind to the one room that does it. The driver calls it, in order."""

from __future__ import annotations

from collections.abc import Sequence

import structlog
from prometheus_client import CollectorRegistry, Counter, Histogram

from ctid.app.callers import CallerLookUps
from ctid.app.desk import Desk
from ctid.app.ivr_counters import VisitCounters
from ctid.app.pins import PinChecks
from ctid.app.services import ServiceQuestions
from ctid.core.commands import (
    AgentChanged,
    AgentTimed,
    Announce,
    Bring,
    CallClosed,
    ChangeSpy,
    Collect,
    Command,
    Decided,
    Denied,
    Disposed,
    Divert,
    FairnessMeasured,
    HangUpAgent,
    HangUpCall,
    HoldInQueue,
    LegClosed,
    LookUpCustomer,
    Noticed,
    Overflowed,
    Play,
    PopTimed,
    Repaired,
    Requeue,
    RevokePop,
    RingAgent,
    ShowPop,
    Spied,
    Spy,
    StopRinging,
    UpdatePop,
)
from ctid.core.identity import CheckPin
from ctid.core.opening import HoursTurned
from ctid.core.recording import RecordCaller
from ctid.core.services import AskService
from ctid.core.survey import AskAfter, SurveyAnswered
from ctid.core.tasks import Escalated, OfferTask, TaskClosed
from ctid.core.visits import FlowEnded
from ctid.ports import JournalledCommand, Switch
from ctid.store.writer import WriteBehind

_log = structlog.get_logger("ctid.engine")

KEPT_TIMES = 10_000
"""Ring-to-pop times kept for p50 and p95."""


class Executor:
    """Knows every room that commands go to. Never raises, never waits."""

    def __init__(
        self,
        boot: str,
        switch: Switch,
        desk: Desk,
        callers: CallerLookUps,
        pins: PinChecks,
        services: ServiceQuestions,
        records: WriteBehind,
        registry: CollectorRegistry,
    ) -> None:
        self._boot = boot
        self._switch = switch
        self._desk = desk
        self._callers = callers
        self._pins = pins
        self._services = services
        self._records = records
        self.pop_times: list[int] = []
        """Milliseconds from ring to the browser's acknowledgement, the latest ones."""
        self.pops_shown = 0
        self._commands = Counter(
            "ctid_commands", "Commands of the machine", ["kind"], registry=registry
        )
        self._counters: dict[type[Command], Counter] = {}
        self.visits = VisitCounters(registry)
        self._pop_seconds = Histogram(
            "ctid_pop_seconds", "From ring to the browser's acknowledgement",
            buckets=(0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5), registry=registry,
        )  # fmt: skip

    def carry_out(self, line: int, commands: Sequence[Command]) -> None:
        """All commands of one journal line."""
        for index, command in enumerate(commands):
            self._one(line, index, command)
        for command in commands:  # afterwards: nobody's phone rings later for a count
            self._count(type(command)).inc()

    def _count(self, kind: type[Command]) -> Counter:
        # Looking a label up takes longer than carrying most commands out.
        if (counter := self._counters.get(kind)) is None:
            counter = self._counters[kind] = self._commands.labels(kind.__name__)
        return counter

    def _one(self, line: int, index: int, command: Command) -> None:
        match command:
            case Play() | Collect() | RecordCaller() | HoldInQueue() | HangUpCall():
                self._switch.carry_out(command)
            case Requeue() | Divert():
                self._switch.carry_out(command)
            case RingAgent() | StopRinging() | HangUpAgent() | Announce() | Spy() | ChangeSpy():
                self._switch.carry_out(command)
            case Bring() | AskAfter():
                self._switch.carry_out(command)
            case LookUpCustomer():
                self._callers.carry_out(command)
            case CheckPin():
                self._pins.carry_out(command)
            case AskService():
                self._services.carry_out(command)
            case ShowPop() | UpdatePop() | RevokePop() | AgentChanged() | Denied():
                self.pops_shown += isinstance(command, ShowPop)
                self._desk.carry_out(command)
            case PopTimed():
                self._pop_seconds.observe(command.took / 1000)
                self.pop_times.append(command.took)
                if len(self.pop_times) > 2 * KEPT_TIMES:
                    del self.pop_times[:KEPT_TIMES]
            case (
                CallClosed() | LegClosed() | AgentTimed() | Decided() | Disposed()
                | FairnessMeasured() | Repaired() | TaskClosed() | SurveyAnswered()
            ):  # fmt: skip
                if isinstance(command, Repaired):
                    _log.info("repaired", kind=command.kind, subject=command.subject,
                              text=command.text)  # fmt: skip
                self._records.offer(JournalledCommand(self._boot, line, index, command))
            case FlowEnded():
                self.visits.note(command.visit)
                self._records.offer(JournalledCommand(self._boot, line, index, command))
            case OfferTask():
                pass  # the page shows it with the agent's state
            case Overflowed() | Escalated():
                move = command.move
                kind = type(command).__name__.lower()
                _log.info(kind, call=move.call, queue=move.queue, to=move.to, rule=move.rule,
                          reason=move.reason)  # fmt: skip
                self._records.offer(JournalledCommand(self._boot, line, index, command))
            case Spied():
                record = command.record
                _log.info("spied", step=record.step, login=record.login, agent=record.agent,
                          call=record.call, mode=record.mode)  # fmt: skip
                self._records.offer(JournalledCommand(self._boot, line, index, command))
            case HoursTurned():
                turn = command.record
                _log.info("hours_turned", hours=turn.hours, to=turn.to, login=turn.login,
                          until=turn.until)  # fmt: skip
                self._records.offer(JournalledCommand(self._boot, line, index, command))
            case Noticed():
                _log.warning("noticed", code=command.code, text=command.text)
