"""Which journal files hold a call or a time, found without running them through the machine."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from ctid.core.commands import Decided
from ctid.core.errors import CtidError
from ctid.core.events import Started
from ctid.core.instants import WallMs
from ctid.core.journal import Header, JournalDamaged, Line, decode, read
from ctid.core.records import CallId
from ctid.store.journal import files


class Stretch(NamedTuple):
    """What one journal file covers."""

    path: Path
    zone: ZoneInfo
    """The site's, for times that people read."""
    begins: WallMs
    ends: WallMs


class _Settings(msgspec.Struct):
    timezone: str = "UTC"


class _State(msgspec.Struct):
    wall_at_zero: WallMs = 0


def covered(folder: Path) -> list[Stretch]:
    """The readable files of a journal, oldest first; files that hold no line yet are left out.

    Raises:
        CtidError: there is no journal in that folder.
    """
    found = [stretch for path in files(folder) if (stretch := _stretch(path)) is not None]
    if not found:
        raise CtidError(
            f"there is no journal in {folder}; name its folder with --journal, or the config that "
            "the daemon runs with (its key is journal.folder) with --config"
        )
    return found


def shown(wall: WallMs, zone: ZoneInfo) -> str:
    """`2026-01-05 12:00:01.000`, on the site's clock."""
    at = datetime.fromtimestamp(wall // 1000, zone)
    return f"{at:%Y-%m-%d %H:%M:%S}.{wall % 1000:03}"


def mentions(path: Path, name: str) -> bool:
    """Whether the name stands in that file, as a whole value."""
    return msgspec.json.encode(name) in path.read_bytes()


def call_of_offer(paths: list[Path], offer: str) -> CallId | None:
    """The call that this offer (or screen pop: they share the id) was for, or None."""
    needle = b'"offer":' + msgspec.json.encode(offer)
    for path in paths:
        for number, raw in enumerate(path.read_bytes().splitlines(keepends=True), 1):
            if needle in raw and isinstance(line := _decoded(raw, number), Line):
                for command in line.c:
                    if isinstance(command, Decided) and command.decision.offer == offer:
                        return command.decision.call
    return None


def moment(text: str, stretches: list[Stretch]) -> WallMs:
    """`14:05`, `14:05:30` or `2026-01-05T14:05`, on the site's clock, as wall milliseconds.

    A time without a date lies on the journal's last day, or the day before where that is yet to
    come.

    Raises:
        CtidError: another form, or before the journal begins.
    """
    first, last = stretches[0], stretches[-1]
    ends = datetime.fromtimestamp(last.ends / 1000, last.zone)
    try:
        if "-" in text:
            at = datetime.fromisoformat(text)
            at = at if at.tzinfo else at.replace(tzinfo=last.zone)
        else:
            clock = datetime.strptime(text, "%H:%M:%S" if text.count(":") == 2 else "%H:%M").time()
            at = datetime.combine(ends.date(), clock, last.zone)
            if at > ends:
                at = datetime.combine(ends.date() - timedelta(days=1), clock, last.zone)
    except ValueError:
        raise CtidError(f"--at {text!r}: write 14:05, 14:05:30 or 2026-01-05T14:05") from None
    wall = round(at.timestamp() * 1000)
    if wall < first.begins:
        raise CtidError(
            f"--at {text}: that is {shown(wall, last.zone)}, and the journal in "
            f"{first.path.parent} begins at {shown(first.begins, first.zone)}; name a later time, "
            "or the folder of an older journal with --journal"
        )
    return wall


def entries(path: Path, damage: list[str]) -> Iterator[Header | Line]:
    """The file's entries; why reading stopped before the end, if it did, goes to `damage`."""
    with path.open("rb") as file:
        try:
            yield from read(file)
        except JournalDamaged as error:
            damage.append(f"{path.name}: {error}")


def _stretch(path: Path) -> Stretch | None:
    with path.open("rb") as file:
        header, first = (_decoded(file.readline(), number) for number in (1, 2))
    if not isinstance(header, Header) or not isinstance(first, Line):
        return None
    try:
        zone = ZoneInfo(msgspec.json.decode(header.settings, type=_Settings).timezone)
        state = msgspec.json.decode(header.state, type=_State | None)
    except (msgspec.DecodeError, KeyError, ValueError):
        return None  # of another version; nothing in it could be replayed either
    zero = state.wall_at_zero if state else 0
    if isinstance(first.e, Started):
        zero = first.e.wall_at_zero
    return Stretch(path, zone, zero + first.t, zero + _last(path, first).t)


def _last(path: Path, first: Line) -> Line:
    """The last good line; the very last may be torn while the daemon writes."""
    for raw in reversed(path.read_bytes().splitlines(keepends=True)[-2:]):
        if isinstance(line := _decoded(raw, 0), Line):
            return line
    return first


def _decoded(raw: bytes, number: int) -> Header | Line | None:
    try:
        return decode(raw, number)
    except JournalDamaged:
        return None
