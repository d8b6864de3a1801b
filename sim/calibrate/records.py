"""Call records as CSV: the one format that `ctid-sim` reads, for fits and for arrivals from a file.

A header line names the columns, in any order. The names are those of ctid's own tables, so that an
export of `call_record` is such a file as it stands. What each means is in docs/calibrate.md.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TextIO, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from ctid.core.errors import ConfigError
from ctid.core.instants import Duration, WallMs
from ctid.core.records import Outcome

OUTCOMES: tuple[str, ...] = get_args(Outcome)
NEVER_JOINED = ("ivr_hangup", "ivr_ended")
"""Outcomes of callers who never waited."""
NOT_CALLERS = ("not_reached", "cancelled")
OUR_TURN = re.compile(r"-cb\d+$")
"""Calls that ctid itself made, to call somebody back: their records are no arrivals."""
TEXTS = ("call", "number", "dialled", "language", "code", "queue", "agent", "outcome")
TIMES = ("queued_at", "answered_at", "ended_at")
SPANS = ("waited", "talked", "wrap_up", "answer")
OUR_EPOCH: WallMs = 946_684_800_000
"""2000-01-01: an older time was no doubt written in seconds."""
SHOWN = 50
"""Problems that one error lists; of the others it tells the number."""


class CallSeen(msgspec.Struct, frozen=True, gc=False):
    """One call of the past. Times are wall ms, durations ms."""

    arrived_at: WallMs
    call: str = ""
    number: str = ""
    dialled: str = ""
    language: str = ""
    code: str = ""
    queue: str = ""
    """The last one that the caller joined; empty where they joined none."""
    agent: str = ""
    outcome: str = ""
    """As `ctid.core.records.Outcome`."""
    queued_at: WallMs = 0
    answered_at: WallMs = 0
    ended_at: WallMs = 0
    waited: Duration | None = None
    """From joining the queue to the answer or the end, in this call; None for one who joined none.
    """
    talked: Duration | None = None
    """None for one who was never answered."""
    wrap_up: Duration | None = None
    """The agent's, after this call; None where nobody knows."""
    answer: Duration | None = None
    """From the ringing of the phone that was answered to its answer; None where nobody knows."""


Row = dict[str, str]


class BadRows(ConfigError):
    """Rows that cannot be read; everything else of the file can."""


def read_calls(
    path: Path,
    timezone: str = "Asia/Shanghai",
    *,
    skip_bad: bool = False,
    watch: Callable[[int], None] = lambda _: None,
) -> tuple[list[CallSeen], list[str]]:
    """All calls of one file in order of arrival, and what was wrong with the rows passed over.

    Args:
        timezone: of times that are written without one.
        skip_bad: go on without the rows that cannot be read.
        watch: told the number of bytes after each thousand rows or so.

    Raises:
        BadRows: rows cannot be read, each as ``file: line 7: column: what; what to do``.
        ConfigError: the file cannot be read, or has no column `arrived_at`.
    """
    problems: list[str] = []
    calls = list(_calls(path, zone_of(timezone), problems, watch))
    if problems and not skip_bad:
        raise BadRows(shortened(problems, path.name))
    calls.sort(key=lambda call: call.arrived_at)
    return calls, problems


def shortened(problems: Sequence[str], name: str) -> tuple[str, ...]:
    """The first of them, and how many more there are."""
    rest = len(problems) - SHOWN
    return (*problems[:SHOWN], *([f"{name}: and {rest} more rows like these"] if rest > 0 else []))


def rows(
    path: Path, needed: str, watch: Callable[[int], None] = lambda _: None
) -> Iterator[tuple[int, Row]]:
    """The number of each line, from 2, and its cells by column.

    Raises:
        ConfigError: no such file, not text, or the column `needed` is missing.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield from _cells(file, path.name, needed, watch)
    except OSError as error:
        raise ConfigError((f"{path}: {error.strerror}; name a file of call records",)) from None
    except UnicodeDecodeError as error:
        text = f"{path.name}: byte {error.start} is not UTF-8; save the file as CSV in UTF-8"
        raise ConfigError((text,)) from None
    except csv.Error as error:
        raise ConfigError((f"{path.name}: {error}; save the file as CSV in UTF-8",)) from None


def _cells(
    file: TextIO, name: str, needed: str, watch: Callable[[int], None]
) -> Iterator[tuple[int, Row]]:
    reader = csv.reader(file)
    header = [cell.strip() for cell in next(reader, [])]
    if needed not in header:
        text = f"{name}: line 1: there is no column {needed!r}; the first line names the columns"
        raise ConfigError((text,))
    size = 0
    for cells in reader:
        size += sum(map(len, cells)) + len(cells)
        if reader.line_num % 1_000 == 0:
            watch(size)
            size = 0
        if cells:
            # A short row's last columns are empty; what is beyond the header has no name.
            yield reader.line_num, dict(zip(header, cells, strict=False))


def zone_of(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, ZoneInfoNotFoundError):
        text = f"--timezone: there is no time zone {name!r}; write one as in Asia/Shanghai"
        raise ConfigError((text,)) from None


def _calls(
    path: Path, zone: ZoneInfo, problems: list[str], watch: Callable[[int], None]
) -> Iterator[CallSeen]:
    for number, row in rows(path, "arrived_at", watch):
        if OUR_TURN.search(row.get("call") or "") or row.get("outcome") in NOT_CALLERS:
            continue
        try:
            yield _call(row, zone)
        except ValueError as error:
            problems.append(f"{path.name}: line {number}: {error}")


def _call(row: Row, zone: ZoneInfo) -> CallSeen:
    arrived = time(row, "arrived_at", zone)
    if not arrived:
        raise ValueError("arrived_at: is empty; say when the call came")
    texts = {name: (row.get(name) or "").strip() for name in TEXTS}
    if texts["outcome"] and texts["outcome"] not in OUTCOMES:
        raise ValueError(
            f"outcome: there is no {texts['outcome']!r}; it is one of {', '.join(OUTCOMES)}"
        )
    queued, answered, ended = (time(row, name, zone) for name in TIMES)
    spans = {name: span(row, name) for name in SPANS}
    _in_order(arrived, answered, ended)
    outcome = texts["outcome"] or _outcome(queued, answered, spans)
    if spans["waited"] is None and queued and (answered or ended):
        spans["waited"] = max(0, (answered or ended) - queued)
    if spans["talked"] is None and answered and ended:
        spans["talked"] = ended - answered
    if outcome in NEVER_JOINED:
        spans["waited"] = None  # ctid writes 0
    if outcome != "answered":
        spans["talked"] = None
    return CallSeen(
        arrived, texts["call"], texts["number"], texts["dialled"], texts["language"], texts["code"],
        texts["queue"], texts["agent"], outcome, queued, answered, ended,
        here(spans["waited"], arrived, queued), spans["talked"], spans["wrap_up"], spans["answer"],
    )  # fmt: skip


def here(waited: Duration | None, arrived: WallMs, queued: WallMs) -> Duration | None:
    """A wait without what it has from an earlier call: who calls again soon has the old place, and
    the record says since when."""
    return waited if waited is None or not queued else max(0, waited - max(0, arrived - queued))


def _in_order(*times: WallMs) -> None:
    """Raises ValueError where a later one is before an earlier one."""
    names = ("arrived_at", "answered_at", "ended_at")
    last, at = names[0], times[0]
    for name, when in zip(names[1:], times[1:], strict=True):
        if when and when < at:
            raise ValueError(f"{name}: is before {last}; correct one of the two")
        if when:
            last, at = name, when


def _outcome(queued: WallMs, answered: WallMs, spans: dict[str, Duration | None]) -> str:
    if answered or spans["talked"]:
        return "answered"
    if queued or spans["waited"] is not None:
        return "abandoned"
    return "ivr_hangup"


def time(row: Row, name: str, zone: ZoneInfo) -> WallMs:
    """A wall time: ms since 1970, or ISO 8601; 0 where the cell is empty or 0.

    Raises:
        ValueError: it is neither.
    """
    text = (row.get(name) or "").strip()
    if not text or text == "0":
        return 0
    if text.isdecimal():
        if int(text) < OUR_EPOCH:
            raise ValueError(f"{name}: {text} ms lie before 2000; write ms since 1970, not s")
        return int(text)
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(
            f"{name}: {text!r} is no time; write 2026-01-05T10:00:00+08:00, or ms since 1970"
        ) from None
    if when.tzinfo is None:
        when = when.replace(tzinfo=zone)
    return round(when.timestamp() * 1_000)


def span(row: Row, name: str) -> Duration | None:
    """A duration: whole ms in `name`, or seconds in `name_s`; None where both are empty.

    Raises:
        ValueError: it is no number, or below 0.
    """
    for column, factor in ((name, 1), (f"{name}_s", 1_000)):
        text = (row.get(column) or "").strip()
        if not text:
            continue
        try:
            value = round(float(text) * factor)
        except (ValueError, OverflowError):
            raise ValueError(f"{column}: {text!r} is no number; write a duration") from None
        if value < 0:
            raise ValueError(f"{column}: {text} is below 0; a duration is not")
        return value
    return None
