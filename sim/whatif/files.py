"""Journal files in their order, as one stream of lines on one axis of time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import msgspec

from ctid import __version__
from ctid.centre.settings import CentreSettings
from ctid.centre.state import CentreState
from ctid.core.errors import ConfigError
from ctid.core.events import Started, WallClockAdjusted
from ctid.core.instants import WallMs
from ctid.core.journal import Header, Line
from sim.calibrate.sources import Watch, entries
from sim.whatif.facts import Note


@dataclass
class Reel:
    """One or more journal files that belong together.

    Raises ConfigError when made: a file is no journal, is of another version, or overlaps another.
    """

    paths: Sequence[Path]
    watch: Watch = lambda _: None
    told: list[Note] = field(default_factory=list)
    """Gaps and damage, found as the lines are read."""

    def __post_init__(self) -> None:
        firsts = [(_first_line(path), path) for path in self.paths]
        firsts.sort(key=lambda one: one[0])
        for (line, path), (other, following) in pairwise(firsts):
            if line == other:
                text = f"{following.name}: begins with line {line}, as {path.name} does; name one"
                raise ConfigError((text,))
        self.paths = [path for _, path in firsts]
        header = next(iter(entries(self.paths[0], [], lambda _: None)))
        assert isinstance(header, Header), "read() yields the header first"
        self.settings, self.state = beginning(header, self.paths[0].name)
        if header.ctid != __version__:
            self.told.append(
                Note(
                    f"{self.paths[0].name}: written by ctid {header.ctid}, this is {__version__}:"
                    " what the two decide differently is not the settings' doing",
                    f"{self.paths[0].name}:由 ctid {header.ctid} 写入,当前版本为"
                    f" {__version__}:两个版本之间的差异与设置无关",
                )
            )

    def lines(self) -> Iterator[tuple[WallMs, Line]]:
        """Every line with its wall time, which never runs backwards."""
        zero: WallMs = self.state.wall_at_zero if self.state is not None else 0
        now, number, before = 0, 0, ""
        for path in self.paths:
            damage: list[str] = []
            for entry in entries(path, damage, self.watch):
                if isinstance(entry, Header):
                    self._compare(entry, path.name)
                    continue
                if number and entry.n > number + 1:
                    self.told.append(
                        Note(
                            f"lines {number + 1} to {entry.n - 1} are missing between {before} and"
                            f" {path.name}; what happened then is not played",
                            f"{before} 与 {path.name} 之间缺少第 {number + 1} 至 {entry.n - 1}"
                            " 行;其间发生的事未重演",
                        )
                    )
                elif number and entry.n <= number:
                    text = f"{path.name}: line {entry.n} is in {before} too; name files of one run"
                    raise ConfigError((text,))
                if isinstance(entry.e, Started | WallClockAdjusted):
                    zero = entry.e.wall_at_zero
                number, before = entry.n, path.name
                now = max(now, zero + entry.t)
                yield now, entry
            self.told += [Note(text, f"日志已损坏,其后内容未读取({text})") for text in damage]

    def _compare(self, header: Header, name: str) -> None:
        if msgspec.json.decode(header.settings) != msgspec.json.decode(
            msgspec.json.encode(self.settings)
        ):
            self.told.append(
                Note(
                    f"{name}: the settings are not those of the first file; the day is held against"
                    " those of the first",
                    f"{name}:设置与第一个文件不同;当日以第一个文件的设置为准",
                )
            )


def _first_line(path: Path) -> int:
    """The number of a file's first line; 0 where it has none but the header."""
    found = entries(path, [], lambda _: None)
    next(found)
    line = next(found, None)
    return line.n if isinstance(line, Line) else 0


def beginning(header: Header, name: str) -> tuple[CentreSettings, CentreState | None]:
    """Settings and state that a file begins with.

    Raises:
        ConfigError: they are of another version.
    """
    try:
        settings = msgspec.json.decode(header.settings, type=CentreSettings)
        state = msgspec.json.decode(header.state, type=CentreState | None)
    except msgspec.DecodeError as error:
        text = (
            f"{name}: written by ctid {header.ctid}, whose settings or state this version cannot"
            f" read ({error}); use the ctid-sim of that version"
        )
        raise ConfigError((text,)) from None
    return settings, state
