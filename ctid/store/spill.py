"""The local file that takes what the database cannot take now: JSON lines, fsynced, append-only.

All methods block on the disk: call them from a thread, and only one at a time where they write.
Only one process may use a file. Every method raises OSError where the disk fails.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import msgspec

from ctid.ports import JournalledCommand

_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[JournalledCommand] = msgspec.json.Decoder(JournalledCommand)


class SpillRead(msgspec.Struct, frozen=True):
    """Some lines from the file."""

    commands: list[JournalledCommand]
    lines: int
    """How many lines were read; more than commands where some could not be read."""
    end: int
    """Offset behind them: where to read on once they are in the store."""


class Spill:
    """One file. What is in it is read in order, from an offset that the caller keeps."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def refused_path(self) -> Path:
        """Where records are kept that the database will never take."""
        return self._path.with_name(self._path.name + ".refused")

    def prepare(self) -> int:
        """Cut a line that a crash tore; returns how many lines wait since the last run."""
        if not self._path.exists():
            return 0
        lines = whole = 0
        with self._path.open("r+b") as file:
            for raw in file:
                if raw.endswith(b"\n"):
                    lines, whole = lines + 1, whole + len(raw)
            file.truncate(whole)
            os.fsync(file.fileno())
        return lines

    def append(self, commands: Sequence[JournalledCommand]) -> None:
        """Add lines: all are on the disk when this returns, none when it raises."""
        _append(self._path, b"".join(_encoder.encode(command) + b"\n" for command in commands))

    def set_aside(self, command: JournalledCommand) -> None:
        """Keep a record that the database refuses where a person finds it."""
        _append(self.refused_path, _encoder.encode(command) + b"\n")

    def read(self, offset: int, limit: int) -> SpillRead:
        """Up to `limit` lines from `offset`; none at the end of the file."""
        found: list[JournalledCommand] = []
        count = 0
        if not self._path.exists():
            return SpillRead(found, count, offset)
        with self._path.open("rb") as file:
            file.seek(offset)
            while count < limit and (raw := file.readline()).endswith(b"\n"):
                offset += len(raw)
                count += 1
                try:
                    found.append(_decoder.decode(raw))
                except msgspec.MsgspecError:
                    # Damaged, or of another version: kept for a person to see. The command
                    # itself is in the journal.
                    _append(self.refused_path, raw)
        return SpillRead(found, count, offset)

    def clear(self, end: int) -> int:
        """Empty the file if nothing lies behind `end`; returns how many lines do."""
        if not self._path.exists():
            return 0
        with self._path.open("r+b") as file:
            file.seek(end)
            behind = sum(1 for _ in file)
            if not behind:
                file.truncate(0)
                os.fsync(file.fileno())
        return behind


def _append(path: Path, data: bytes) -> None:
    new = not path.exists()
    # Phone numbers and names: for the daemon's own account only.
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        size = os.fstat(file).st_size
        try:
            written = 0
            while written < len(data):
                written += os.write(file, data[written:])
            os.fsync(file)
        except OSError:
            os.ftruncate(file, size)  # a disk that ran full keeps no half of it
            raise
    finally:
        os.close(file)
    if new:
        _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    # A new file's name is on the disk only when its folder is.
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
