"""The machine as it was when the last process stopped, from its journal."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import structlog

from ctid.centre.centre import Centre
from ctid.centre.replay import build, feed
from ctid.centre.settings import CentreSettings
from ctid.core.events import Started
from ctid.core.instants import Instant, WallMs
from ctid.core.journal import Line
from ctid.ports import JournalledCommand
from ctid.store.journal import Recovered, recover

_log = structlog.get_logger("ctid.start")


class Beginning(NamedTuple):
    """From where a new process goes on."""

    centre: Centre
    last: Instant
    """The instant of the last journalled line; time goes on from there."""
    next_line: int
    wall_at_zero: WallMs | None
    """None for a fresh start."""
    unwritten: list[JournalledCommand]
    """Facts for the record that the last process may not have written; the store sorts out
    what it has."""


def begin(folder: Path, settings: CentreSettings) -> Beginning:
    """Load and replay the newest journal; a machine that cannot be had again starts fresh.

    Calls are safe either way: the PBX holds them, and the inventory brings them back.
    """
    fresh = Beginning(Centre(settings), 0, 1, None, [])
    found = recover(folder)
    if found is None:
        return fresh
    if found.damage:
        _log.warning("journal_damaged", file=found.path.name, damage=found.damage,
                     kept=len(found.lines))  # fmt: skip
    next_line = found.lines[-1].n + 1 if found.lines else int(found.path.stem)
    try:
        old = build(found.header)
        for line in found.lines:
            feed(old, line)
        centre = Centre.load(settings, old.dump())
    # Broad on purpose: a journal that this version cannot follow must not keep ctid from starting.
    except Exception as error:
        _log.error("journal_unusable", file=found.path.name,
                   error=f"{type(error).__name__}: {error}",
                   next="starting fresh; the PBX's inventory brings the calls back")  # fmt: skip
        return fresh._replace(next_line=next_line)
    last = found.lines[-1].t if found.lines else 0
    unwritten = list(_for_record(found, old.boot))
    return Beginning(centre, last, next_line, old.epoch.wall_at_zero, unwritten)


def _for_record(found: Recovered, boot: str) -> Iterator[JournalledCommand]:
    """Every command of the file with its place, `boot` being the one at the file's end.

    A file holds lines of one process, or of several where one of them wrote little.
    """
    current = next((line.e.boot for line in found.lines if isinstance(line.e, Started)), boot)
    for line in found.lines:
        current = _boot_of(line, current)
        for index, command in enumerate(line.c):
            yield JournalledCommand(current, line.n, index, command)


def _boot_of(line: Line, current: str) -> str:
    return line.e.boot if isinstance(line.e, Started) else current
