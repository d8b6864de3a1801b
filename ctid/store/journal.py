"""The journal on disk: one file per start, or per `ROTATE_AFTER` lines, each beginning with the
state of the machine at that moment.

A line goes to the kernel before its commands are carried out, so `kill -9` of the process loses
nothing. A second thread makes the disk durable once a second; the loop never waits for a disk.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import msgspec

from ctid.core.journal import FORMAT, Header, JournalDamaged, Line, encode, read

ROTATE_AFTER = 20_000
"""Lines per file: what a restart reads in about a second."""
SYNC_EVERY = 1.0
"""Seconds between two fsyncs: what a power failure may cost."""
SUFFIX = ".ctid"


class JournalFile:
    """Appends lines to the newest file of `folder`. One writer per folder."""

    def __init__(self, folder: Path, version: str, on_trouble: Callable[[str], None]) -> None:
        self._folder = folder
        self._version = version
        self._on_trouble = on_trouble
        self._fd = -1
        self._lines = 0
        self._failed = False
        self.lost = 0
        """Lines that the disk did not take."""
        self._stop = threading.Event()
        self._syncer: threading.Thread | None = None

    def begin(self, settings: bytes, state: bytes, first_line: int) -> Path:
        """Start a file; `settings` and `state` are JSON, `first_line` names the file.

        Raises:
            OSError: the folder cannot be written; there is no journal then.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{first_line:012d}{SUFFIX}"
        header = Header(FORMAT, self._version, msgspec.Raw(settings), msgspec.Raw(state))
        fresh = path.with_suffix(".new")
        fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
        os.write(fd, encode(header))
        os.fsync(fd)
        os.replace(fresh, path)
        if self._fd >= 0:
            os.close(self._fd)
        self._fd, self._lines = fd, 0
        if self._syncer is None:
            self._syncer = threading.Thread(target=self._sync, name="journal", daemon=True)
            self._syncer.start()
        return path

    @property
    def full(self) -> bool:
        """Whether the file should be followed by a new one."""
        return self._lines >= ROTATE_AFTER

    def write(self, line: Line) -> None:
        """Hand one line to the kernel. A disk that refuses is an alarm, once, and calls go on."""
        data = encode(line)
        try:
            if os.write(self._fd, data) != len(data):
                raise OSError("the disk took only a part of the line")
            self._lines += 1
            self._failed = False
        except OSError as error:
            self.lost += 1
            if not self._failed:
                self._failed = True
                self._on_trouble(f"journal {self._folder}: {error}; calls go on without it")

    def close(self) -> None:
        """Make everything durable and let go of the file."""
        self._stop.set()
        if self._syncer is not None:
            self._syncer.join()
        if self._fd >= 0:
            os.fsync(self._fd)
            os.close(self._fd)
            self._fd = -1

    def _sync(self) -> None:
        while not self._stop.wait(SYNC_EVERY):
            try:
                os.fdatasync(self._fd)
            except OSError as error:
                self._on_trouble(f"journal {self._folder}: {error}")


class Recovered(NamedTuple):
    """What the newest readable journal file holds."""

    path: Path
    header: Header
    lines: list[Line]
    damage: str
    """Why reading stopped before the end, or empty."""


def recover(folder: Path) -> Recovered | None:
    """The newest file of `folder`, cut at the first bad line (F21); None when there is none.

    A file whose header is unreadable is passed over in favour of the one before it.
    """
    damage = ""
    for path in sorted(folder.glob(f"*{SUFFIX}"), reverse=True):
        header: Header | None = None
        lines: list[Line] = []
        with path.open("rb") as file:
            try:
                for entry in read(file):
                    if isinstance(entry, Header):
                        header = entry
                    else:
                        lines.append(entry)
            except JournalDamaged as error:
                damage = f"{path.name}: {error}"
        if header is not None:
            return Recovered(path, header, lines, damage)
    return None


def prune(folder: Path, keep: int) -> None:
    """Delete all but the newest `keep` files."""
    for path in sorted(folder.glob(f"*{SUFFIX}"))[:-keep]:
        path.unlink(missing_ok=True)
