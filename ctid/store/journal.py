"""The journal on disk: one file per start, or per `ROTATE_AFTER` lines, each beginning with the
state of the machine at that moment.

A line goes to the kernel before its commands are carried out, so `kill -9` of the process loses
nothing. A second thread makes the disk durable once a second; the loop never waits for a disk.
"""

from __future__ import annotations

import errno
import fcntl
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import msgspec

from ctid.core.errors import CtidError
from ctid.core.journal import FORMAT, Header, JournalDamaged, Line, encode, read

ROTATE_AFTER = 20_000
"""Lines per file: what a restart reads in about a second."""
SYNC_EVERY = 1.0
"""Seconds between two fsyncs: what a power failure may cost."""
SUFFIX = ".ctid"


class JournalFile:
    """Appends lines to the newest file of `folder`. One writer per folder: see `lock`."""

    def __init__(self, folder: Path, version: str, on_trouble: Callable[[str], None]) -> None:
        self._folder = folder
        self._version = version
        self._on_trouble = on_trouble
        self._fd = -1
        self._lock = -1
        self._lines = self._size = 0
        self._broken = self._outdated = False
        self.lost = 0
        """Lines that the disk did not take."""
        self._swap = threading.Lock()
        """Held while the file is exchanged, so that the syncer never uses a closed one."""
        self._stop = threading.Event()
        self._syncer: threading.Thread | None = None

    def lock(self) -> None:
        """Keep every other ctid out of this folder until `close`, or until the process ends.

        Two writers would each continue the other's history. Take it before `recover`.

        Raises:
            CtidError: another ctid has it.
            OSError: the folder cannot be written.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        fd = os.open(self._folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(fd)
            raise CtidError(
                f"journal {self._folder}: another ctid writes there; stop it first, or give this "
                "one a journal.folder of its own"
            ) from None
        self._lock = fd

    def begin(self, settings: bytes, state: bytes, first_line: int) -> Path:
        """Start a file; `settings` and `state` are JSON, `first_line` names the file.

        Raises:
            OSError: the folder cannot be written; an older file, if there is one, stays in use.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{first_line:012d}{SUFFIX}"
        header = encode(Header(FORMAT, self._version, msgspec.Raw(settings), msgspec.Raw(state)))
        fresh = path.with_suffix(".new")
        fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
        try:
            if os.write(fd, header) != len(header):
                raise OSError(errno.ENOSPC, "the disk took only a part of the header")
            os.fsync(fd)
            os.replace(fresh, path)
        except OSError:
            os.close(fd)
            fresh.unlink(missing_ok=True)
            raise
        with self._swap:
            old, self._fd = self._fd, fd
        if old >= 0:
            os.close(old)
        self._lines, self._size, self._outdated = 0, len(header), False
        if self._broken:
            self._broken = False
            self._on_trouble(f"journal {path}: goes on; {self.lost} line(s) are missing before it")
        if self._syncer is None:
            self._syncer = threading.Thread(target=self._sync, name="journal", daemon=True)
            self._syncer.start()
        return path

    @property
    def full(self) -> bool:
        """Whether the file should be followed by a new one."""
        return self._broken or self._outdated or self._lines >= ROTATE_AFTER

    def outdate(self) -> None:
        """The machine's state is no longer what the lines say: a defect stopped it half-way."""
        self._outdated = True

    def write(self, line: Line) -> None:
        """Hand one line to the kernel. A disk that refuses is an alarm, once, and calls go on.

        After a refusal nothing is written until a new file could be begun: lines behind a gap
        could not be replayed.
        """
        if self._broken:
            self.lost += 1
            return
        data = encode(line)
        try:
            if os.write(self._fd, data) != len(data):
                os.ftruncate(self._fd, self._size)  # no half line for the reader to stumble over
                raise OSError(errno.ENOSPC, "the disk took only a part of the line")
            self._lines += 1
            self._size += len(data)
        except OSError as error:
            self.lost += 1
            self.refuse(error)

    def refuse(self, error: OSError) -> None:
        """The disk takes no lines or no new file: say so once."""
        if not self._broken:
            self._broken = True
            self._on_trouble(f"journal {self._folder}: {error}; calls go on without it")

    def close(self) -> None:
        """Make everything durable and let go of the file and the folder."""
        self._stop.set()
        if self._syncer is not None:
            self._syncer.join()
        try:
            if self._fd >= 0:
                os.fsync(self._fd)
        except OSError as error:
            self._on_trouble(f"journal {self._folder}: {error}; its last second may be lost")
        for fd in (self._fd, self._lock):
            if fd >= 0:
                os.close(fd)
        self._fd = self._lock = -1

    def _sync(self) -> None:
        failed = False
        while not self._stop.wait(SYNC_EVERY):
            try:
                with self._swap:
                    fd = os.dup(self._fd)
                try:
                    os.fdatasync(fd)
                finally:
                    os.close(fd)
                failed = False
            except OSError as error:
                if not failed:
                    failed = True
                    self._on_trouble(f"journal {self._folder}: {error}")


class Recovered(NamedTuple):
    """What the newest readable journal file holds."""

    path: Path
    header: Header
    lines: list[Line]
    damage: str
    """Why reading stopped before the end, or empty."""


def recover(folder: Path, before: Path | None = None) -> Recovered | None:
    """The newest file of `folder`, cut at the first bad line (F21); None when there is none.

    With `before`, the newest of those that are older than that one.
    A file whose header is unreadable is passed over in favour of the one before it.
    """
    damage = ""
    for path in reversed(files(folder)):
        if before is not None and path.name >= before.name:
            continue
        header: Header | None = None
        lines: list[Line] = []
        with path.open("rb") as file:
            try:
                for entry in read(file):
                    if isinstance(entry, Header):
                        header = entry
                    elif not lines and entry.n != int(path.stem):
                        raise JournalDamaged(2, f"line {entry.n} where {int(path.stem)} was due")
                    else:
                        lines.append(entry)
            except JournalDamaged as error:
                damage = f"{path.name}: {error}"
        if header is not None:
            return Recovered(path, header, lines, damage)
    return None


def prune(folder: Path, keep: int) -> None:
    """Delete all but the newest `keep` files."""
    for path in files(folder)[:-keep]:
        path.unlink(missing_ok=True)


def files(folder: Path) -> list[Path]:
    """The journal's files, oldest first; others that a person put there are left alone."""
    return sorted(path for path in folder.glob(f"*{SUFFIX}") if path.stem.isdecimal())
