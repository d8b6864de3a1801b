"""What the prompts in a folder were made from, so that only what changed is made again."""

from __future__ import annotations

import hashlib
from collections.abc import Container
from pathlib import Path

import msgspec

NAME = "manifest.json"


class Entry(msgspec.Struct, frozen=True):
    """One prompt file."""

    stamp: str
    """What the file was made from, a digest, and with which version of the speech."""
    audio: str
    """Digest of the file itself: one that was changed by hand is made again."""


class Manifest:
    """The entries of one folder, by `LANGUAGE/PROMPT`."""

    def __init__(self, folder: Path, entries: dict[str, Entry]) -> None:
        self._folder, self._entries = folder, entries

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """The folder's manifest; an empty one where there is none that can be read."""
        try:
            content = (folder / NAME).read_bytes()
            return cls(folder, msgspec.json.decode(content, type=dict[str, Entry]))
        except (OSError, msgspec.DecodeError):
            return cls(folder, {})

    def holds(self, name: str, stamp: str) -> bool:
        """Whether the file of that name is there and was made from the same."""
        entry = self._entries.get(name)
        return (
            entry is not None and entry.stamp == stamp and entry.audio == _digest(self._file(name))
        )

    def doubt(self, name: str, source: str) -> str:
        """Why the file of that name should be made again, or empty; `source` is its job's.

        Which version of the speech made it does not matter here.
        """
        if not self._file(name).is_file():
            return "is missing"
        if (entry := self._entries.get(name)) is None:
            return "was not made by ctid prompts build"
        if entry.stamp.partition(" ")[0] != source:
            return "is out of date"
        return "" if entry.audio == _digest(self._file(name)) else "was changed by hand"

    def note(self, name: str, stamp: str) -> None:
        """The file of that name was made just now."""
        self._entries[name] = Entry(stamp, _digest(self._file(name)))

    def drop_all_but(self, names: Container[str]) -> list[str]:
        """Remove the files that we made and that no flow names any more; which."""
        old = [name for name in self._entries if name not in names]
        for name in old:
            self._file(name).unlink(missing_ok=True)
            del self._entries[name]
        return old

    def write(self) -> None:
        """Write it into the folder."""
        self._folder.mkdir(parents=True, exist_ok=True)
        fresh = self._folder / f".{NAME}"
        encoded = msgspec.json.encode(dict(sorted(self._entries.items())))
        fresh.write_bytes(msgspec.json.format(encoded) + b"\n")
        fresh.replace(self._folder / NAME)

    def _file(self, name: str) -> Path:
        return self._folder / f"{name}.wav"


def _digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""
