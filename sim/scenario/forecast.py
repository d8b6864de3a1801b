"""A forecast as planners have it: how many callers are expected in each interval, as CSV."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TextIO

from ctid.core.instants import HOUR, Instant
from ctid.settings.table import Table
from sim.calibrate.records import SHOWN
from sim.scenario.calendar import Calendar
from sim.scenario.values import local

COLUMNS = ("begins", "callers")
_MOST = 1e6


def forecast(table: Table, days: Calendar, folder: Path) -> tuple[tuple[Instant, float], ...]:
    """Reads `forecast`: (from when on, callers an hour); empty where there is no such key.

    An interval ends where the next one begins; the last is as long as the one before it.
    """
    name = table.text("forecast", "")
    if not name:
        return ()
    path = folder / name
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = _rows(table, path.name, file, days)
    except OSError as error:
        table.wrong("forecast", f"{path} cannot be read ({error.strerror}); check the path")
        return ()
    except (UnicodeDecodeError, csv.Error) as error:
        table.wrong("forecast", f"{path.name} is no CSV in UTF-8 ({error}); save it again")
        return ()
    if rows is None:
        return ()
    if len(rows) < 2:
        table.wrong("forecast", f"{path.name} has fewer than two intervals; add the others")
        return ()
    return _rates(table, path.name, rows, days)


def _rows(
    table: Table, name: str, file: TextIO, days: Calendar
) -> list[tuple[Instant, float]] | None:
    """(beginning, callers) of each interval; None where anything is wrong."""
    rows = csv.reader(file)
    header = [cell.strip() for cell in next(rows, [])]
    missing = [column for column in COLUMNS if column not in header]
    if missing:
        table.wrong(
            "forecast", f"{name}: there is no column {missing[0]}; name it in the first line"
        )
        return None
    found: list[tuple[Instant, float]] = []
    wrong = 0
    for cells in rows:
        if wrong == SHOWN:
            table.wrong("forecast", f"{name}: and perhaps more; correct these first")
            break
        row = dict(zip(header, cells, strict=False))
        if not cells:
            continue
        begins, callers = local(row.get("begins", "")), _count(row.get("callers", ""))
        what = ""
        if begins is None:
            what = f"begins: {row.get('begins', '')!r} is no local date and time"
        elif callers is None:
            what = f"callers: {row.get('callers', '')!r} is no number of callers"
        elif found and days.at(begins) <= found[-1][0]:
            what = "begins: is not after the line before"
        else:
            found.append((days.at(begins), callers))
        if what:
            table.wrong("forecast", f"{name}: line {rows.line_num}: {what}; correct the line")
            wrong += 1
    return None if wrong else found


def _count(text: str | None) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if 0 <= value <= _MOST else None


def _rates(
    table: Table, name: str, rows: list[tuple[Instant, float]], days: Calendar
) -> tuple[tuple[Instant, float], ...]:
    last = 2 * rows[-1][0] - rows[-2][0]
    ends = [begin for begin, _ in rows[1:]] + [last]
    steps = [
        (max(begin, 0), callers * HOUR / (end - begin))
        for (begin, callers), end in zip(rows, ends, strict=True)
        if end > 0 and begin < days.lasts
    ]
    if not steps:
        table.wrong("forecast", f"{name} has no interval within the run; see begins and lasts_h")
        return ()
    return (*steps, *(((last, 0.0),) if last < days.lasts else ()))
