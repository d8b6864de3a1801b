"""Where the past comes from: CSV files of calls, of legs and of agents' times, and journals.

What a CSV file holds is told by its columns: `arrived_at` is of calls, `started_at` of legs,
`began_at` of agents' times, each as in ctid's table of that name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from ctid.core import commands as cmd
from ctid.core.errors import ConfigError
from ctid.core.events import HangUpAsked
from ctid.core.instants import Duration
from ctid.core.journal import Header, JournalDamaged, Line, read
from ctid.core.records import CallRecord, OfferId
from sim.calibrate.records import (
    NEVER_JOINED,
    NOT_CALLERS,
    OUR_TURN,
    BadRows,
    CallSeen,
    Row,
    here,
    read_calls,
    rows,
    shortened,
    time,
    zone_of,
)

JOURNAL = ".ctid"
CUT = "caller_gone"
CUT_OFF = (CUT, "hangup")
"""Ends of ringing that are not the agent's doing: the caller has left. A real PBX says `hangup`."""
KINDS = {"arrived_at": "calls", "started_at": "legs", "began_at": "times"}
Watch = Callable[[int], None]


class RingSeen(msgspec.Struct, frozen=True, gc=False):
    """One ringing of one agent's phone. Durations in ms."""

    agent: str
    rang: Duration
    """To the answer, or to the end."""
    end: str
    """`answered`, or why it was not: as `ctid.core.records.LegCause`."""


class WrapUpSeen(msgspec.Struct, frozen=True, gc=False):
    """One agent's work after one call."""

    agent: str
    took: Duration


@dataclass
class Past:
    """All that was read."""

    calls: list[CallSeen] = field(default_factory=list)
    rings: list[RingSeen] = field(default_factory=list)
    wrap_ups: list[WrapUpSeen] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    """What was passed over, each with its file and line."""


def gather(
    paths: Sequence[Path], timezone: str, *, skip_bad: bool, watch: Watch = lambda _: None
) -> Past:
    """Everything in these files, calls in order of arrival.

    Args:
        timezone: of times in CSV files that are written without one.
        skip_bad: go on without what cannot be read.
        watch: told of bytes as they are read.

    Raises:
        BadRows: rows, or lines of a journal, cannot be read.
        ConfigError: a file cannot be read at all, or is none of the kinds.
    """
    past = Past()
    for path in paths:
        if path.suffix == JOURNAL:
            _journal(path, past, watch)
        else:
            _table(path, timezone, past, watch)
    if past.problems and not skip_bad:
        raise BadRows(shortened(past.problems, "records"))
    past.calls.sort(key=lambda call: call.arrived_at)
    return past


def _table(path: Path, timezone: str, past: Past, watch: Watch) -> None:
    zone = zone_of(timezone)
    kind = _kind(path)
    if kind == "calls":
        calls, problems = read_calls(path, timezone, skip_bad=True, watch=watch)
        past.calls += calls
        past.problems += problems
        return
    for number, row in rows(path, "started_at" if kind == "legs" else "began_at", watch):
        try:
            if kind == "legs":
                past.rings.append(_ring(row, zone))
            elif (row.get("state") or "").strip() == "wrap_up":
                past.wrap_ups.append(_wrap_up(row, zone))
        except ValueError as error:
            past.problems.append(f"{path.name}: line {number}: {error}")


def _kind(path: Path) -> str:
    try:
        with path.open(encoding="utf-8-sig", errors="replace") as file:
            header = file.readline().replace('"', "")
    except OSError as error:
        text = f"{path}: {error.strerror}; name a file of call records or a journal"
        raise ConfigError((text,)) from None
    cells = {cell.strip() for cell in header.split(",")}
    found = [kind for column, kind in KINDS.items() if column in cells]
    if not found:
        text = (
            f"{path.name}: line 1: none of the columns {', '.join(KINDS)}; the first line names the"
            " columns, with commas between them"
        )
        raise ConfigError((text,))
    return found[0]


def _ring(row: Row, zone: ZoneInfo) -> RingSeen:
    started = time(row, "started_at", zone)
    answered, ended = time(row, "answered_at", zone), time(row, "ended_at", zone)
    over = answered or ended
    if not started or not over:
        raise ValueError("started_at, ended_at: one of them is empty; say when it rang")
    if over < started:
        raise ValueError("ended_at: is before started_at; correct one of the two")
    end = "answered" if answered else (row.get("cause") or "").strip()
    return RingSeen((row.get("agent") or "").strip(), over - started, end)


def _wrap_up(row: Row, zone: ZoneInfo) -> WrapUpSeen:
    began, ended = time(row, "began_at", zone), time(row, "ended_at", zone)
    if not began or ended < began:
        raise ValueError("ended_at: is before began_at, or one is empty; correct it")
    return WrapUpSeen((row.get("agent") or "").strip(), ended - began)


# -- journals --


def _journal(path: Path, past: Past, watch: Watch) -> None:
    stopped: set[str] = set()  # only asked for membership
    for entry in entries(path, past.problems, watch):
        if isinstance(entry, Header):
            continue
        stopped.update(stopped_by_us(entry))
        for command in entry.c:
            match command:
                case cmd.CallClosed(record) if (call := seen(record)) is not None:
                    past.calls.append(call)
                case cmd.LegClosed(record):
                    answered = record.answered_at
                    rang = (answered or record.ended_at) - record.started_at
                    cut = record.offer in stopped or record.cause in CUT_OFF
                    end = "answered" if answered else CUT if cut else record.cause
                    past.rings.append(RingSeen(record.agent, rang, end))
                case cmd.AgentTimed(time) if time.state == "wrap_up":
                    past.wrap_ups.append(WrapUpSeen(time.agent, time.ended_at - time.began_at))
                case _:
                    pass


def stopped_by_us(line: Line) -> list[OfferId]:
    """Ringing that the machine took back, as when another phone of several was answered: it is no
    refusal, unless the agent has pressed "hang up"."""
    if isinstance(line.e, HangUpAsked):
        return []
    return [command.offer for command in line.c if isinstance(command, cmd.StopRinging)]


def entries(path: Path, problems: list[str], watch: Watch) -> Iterator[Header | Line]:
    """A journal's entries as far as they are good; what ends it early goes to `problems`.

    Raises:
        ConfigError: it cannot be opened, or not even its first line is good.
    """

    def counted(lines: Iterator[bytes]) -> Iterator[bytes]:
        for raw in lines:
            watch(len(raw))
            yield raw

    begun = False
    try:
        with path.open("rb") as file:
            for entry in read(counted(iter(file))):
                begun = True
                yield entry
    except JournalDamaged as error:
        if not begun:
            raise ConfigError((f"{path.name}: {error}",)) from None
        problems.append(f"{path.name}: {error}; what comes after it is not read")
    except OSError as error:
        raise ConfigError((f"{path}: {error.strerror}; name a journal",)) from None


def seen(record: CallRecord) -> CallSeen | None:
    """A journal's record as a call of the past; None for one that ctid made itself."""
    if OUR_TURN.search(record.call) or record.outcome in NOT_CALLERS:
        return None
    answered = record.outcome == "answered"
    waited = here(record.waited, record.arrived_at, record.queued_at)
    return CallSeen(
        record.arrived_at, record.call, record.number, record.dialled, record.language,
        record.code, record.queue, record.agent, record.outcome, record.queued_at,
        record.answered_at, record.ended_at,
        None if record.outcome in NEVER_JOINED else waited,
        record.talked if answered else None,
    )  # fmt: skip
