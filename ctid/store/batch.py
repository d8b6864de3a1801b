"""A batch of journalled commands sorted by the projection that each goes to. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeVar

import msgspec

from ctid.core.commands import (
    AgentTimed,
    CallClosed,
    Command,
    Decided,
    Disposed,
    FairnessMeasured,
    LegClosed,
    Overflowed,
    Repaired,
    Spied,
)
from ctid.core.fairness import Fairness
from ctid.core.opening import HoursTurn, HoursTurned
from ctid.core.records import AgentTime, CallRecord, Decision, Disposition, LegRecord, Move
from ctid.core.supervision import SpyRecord
from ctid.core.survey import SurveyAnswer, SurveyAnswered
from ctid.core.tasks import Escalated, TaskClosed, TaskRecord
from ctid.core.visits import FlowEnded, Visit
from ctid.ports import JournalledCommand

Place = tuple[str, int, int]
"""Boot, line and index: the dedupe key."""
RecordT = TypeVar("RecordT", bound=msgspec.Struct)


class Repair(msgspec.Struct, frozen=True):
    """One `Repaired`, as it is kept."""

    subject: str
    kind: str
    text: str


class Batch(msgspec.Struct):
    """What is for the record, each kind once per key and ordered by key.

    The order is the same for every writer, so two writers of the same rows never wait for each
    other in a circle.
    """

    calls: list[tuple[Place, CallRecord]]
    tasks: list[tuple[Place, TaskRecord]]
    legs: list[tuple[Place, LegRecord]]
    times: list[tuple[Place, AgentTime]]
    decisions: list[tuple[Place, Decision]]
    dispositions: list[tuple[Place, Disposition]]
    fairness: list[tuple[Place, Fairness]]
    moves: list[tuple[Place, Move]]
    repairs: list[tuple[Place, Repair]]
    spied: list[tuple[Place, SpyRecord]]
    turns: list[tuple[Place, HoursTurn]]
    answers: list[tuple[Place, SurveyAnswer]]
    visits: list[tuple[Place, Visit]]
    lines: dict[str, int]
    """Highest line of each boot in this batch."""


FOR_RECORD: Final = (
    CallClosed, LegClosed, AgentTimed, Decided, Disposed, FairnessMeasured, Overflowed,
    Repaired, TaskClosed, Escalated, Spied, HoursTurned, SurveyAnswered, FlowEnded,
)  # fmt: skip
"""Commands that the store keeps."""


def for_record(command: Command) -> bool:
    """Whether the store keeps this command."""
    return isinstance(command, FOR_RECORD)


def sort(commands: Sequence[JournalledCommand]) -> Batch:
    """The batch by kind; of two records of one call or one offer, the first stays."""
    calls: dict[str, tuple[Place, CallRecord]] = {}
    tasks: dict[str, tuple[Place, TaskRecord]] = {}
    legs: dict[str, tuple[Place, LegRecord]] = {}
    times: dict[Place, AgentTime] = {}
    decisions: dict[Place, Decision] = {}
    dispositions: dict[Place, Disposition] = {}
    fairness: dict[Place, Fairness] = {}
    moves: dict[Place, Move] = {}
    repairs: dict[Place, Repair] = {}
    spied: dict[Place, SpyRecord] = {}
    turns: dict[Place, HoursTurn] = {}
    answers: dict[Place, SurveyAnswer] = {}
    visits: dict[tuple[str, int], tuple[Place, Visit]] = {}
    lines: dict[str, int] = {}
    for entry in commands:
        place = (entry.boot, entry.line, entry.index)
        lines[entry.boot] = max(entry.line, lines.get(entry.boot, 0))
        match entry.command:
            case CallClosed(record=call):
                calls.setdefault(call.call, (place, storable(call)))
            case TaskClosed(record=task):
                tasks.setdefault(task.task, (place, storable(task)))
            case LegClosed(record=leg):
                legs.setdefault(leg.offer, (place, storable(leg)))
            case AgentTimed(time=time):
                times.setdefault(place, storable(time))
            case Decided(decision=decision):
                decisions.setdefault(place, storable(decision))
            case Disposed(disposition=disposition):
                dispositions.setdefault(place, storable(disposition))
            case Overflowed(move=move) | Escalated(move=move):
                moves.setdefault(place, storable(move))
            case FairnessMeasured(figures=figures):
                fairness.setdefault(place, storable(figures))
            case Spied(record=step):
                spied.setdefault(place, storable(step))
            case HoursTurned(record=turn):
                turns.setdefault(place, storable(turn))
            case SurveyAnswered(answer=answer):
                answers.setdefault(place, storable(answer))
            case FlowEnded(visit=visit):
                visits.setdefault((visit.call, visit.visit), (place, storable(visit)))
            case Repaired(subject=subject, kind=kind, text=text):
                repairs.setdefault(place, storable(Repair(subject, kind, text)))
            case _:
                pass  # not for the record
    return Batch(
        calls=[calls[key] for key in sorted(calls)],
        tasks=[tasks[key] for key in sorted(tasks)],
        legs=[legs[key] for key in sorted(legs)],
        times=sorted(times.items(), key=lambda item: item[0]),
        decisions=sorted(decisions.items(), key=lambda item: item[0]),
        dispositions=sorted(dispositions.items(), key=lambda item: item[0]),
        fairness=sorted(fairness.items(), key=lambda item: item[0]),
        moves=sorted(moves.items(), key=lambda item: item[0]),
        repairs=sorted(repairs.items(), key=lambda item: item[0]),
        spied=sorted(spied.items(), key=lambda item: item[0]),
        turns=sorted(turns.items(), key=lambda item: item[0]),
        answers=sorted(answers.items(), key=lambda item: item[0]),
        visits=[visits[key] for key in sorted(visits)],
        lines=dict(sorted(lines.items())),
    )


def storable(record: RecordT) -> RecordT:
    """The record with U+FFFD for what PostgreSQL's text cannot hold (NUL, lone surrogates).

    A caller chooses what stands in the caller ID: it must not be able to stop the records.
    """
    changes: dict[str, object] = {}
    for name in record.__struct_fields__:
        value = getattr(record, name)
        if isinstance(value, str):
            clean = _clean(value)
            if clean is not value:
                changes[name] = clean
        elif isinstance(value, tuple):
            changes[name] = tuple(_clean(item) if isinstance(item, str) else item for item in value)
    return msgspec.structs.replace(record, **changes) if changes else record


def _clean(text: str) -> str:
    if text.isascii() and "\0" not in text:
        return text
    whole = text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    return whole.replace("\0", "\ufffd")
