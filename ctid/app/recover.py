"""The machine as it was when the last process stopped, from its journal."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec
import structlog

from ctid.centre.centre import Centre
from ctid.centre.replay import build, feed
from ctid.centre.settings import CentreSettings
from ctid.core.events import Started
from ctid.core.instants import Instant, WallMs
from ctid.ports import JournalledCommand
from ctid.store.journal import Recovered, recover

_log = structlog.get_logger("ctid.start")

LOOK_BACK = 3
"""Journal files whose facts are offered to the store again at a start."""


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
    unwritten = list(_for_record(folder, found))
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
        return fresh._replace(next_line=next_line, unwritten=unwritten)
    last = found.lines[-1].t if found.lines else 0
    return Beginning(centre, last, next_line, old.epoch.wall_at_zero, unwritten)


def _for_record(folder: Path, newest: Recovered) -> Iterator[JournalledCommand]:
    """Every command of the last files with its place, oldest first.

    Each start begins a file, so what an earlier process left unwritten is in an older one.
    """
    files = [newest]
    while len(files) < LOOK_BACK and (older := recover(folder, files[-1].path)) is not None:
        files.append(older)
    for file in reversed(files):
        boot = _boot_of(file)
        for line in file.lines:
            if isinstance(line.e, Started):
                boot = line.e.boot
            for index, command in enumerate(line.c):
                yield JournalledCommand(boot, line.n, index, command)


class _Boot(msgspec.Struct):
    boot: str = ""


def _boot_of(file: Recovered) -> str:
    """The boot id at the file's beginning; a fresh machine has none yet."""
    try:
        state = msgspec.json.decode(file.header.state, type=_Boot | None)
    except msgspec.DecodeError:
        return ""  # of another version; its first line is a Started all the same
    return "" if state is None else state.boot
