"""Run a journal through the machine again, and say where it first says something else."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from ctid.centre.centre import Centre
from ctid.centre.invariants import Checker
from ctid.centre.settings import CentreSettings
from ctid.centre.state import CentreState
from ctid.core.errors import CtidError
from ctid.core.journal import Header, Line


class Difference(msgspec.Struct, frozen=True):
    """The first line whose commands are not the recorded ones."""

    line: int
    at: int
    event: str
    recorded: tuple[str, ...]
    replayed: tuple[str, ...]


class Replayed(msgspec.Struct, frozen=True):
    """How a replay went."""

    lines: int
    difference: Difference | None


def build(header: Header) -> Centre:
    """The machine as it was when the file began.

    Raises:
        CtidError: the header's settings or state are not of this version.
    """
    try:
        settings = msgspec.json.decode(header.settings, type=CentreSettings)
        state = msgspec.json.decode(header.state, type=CentreState | None)
    except msgspec.DecodeError as error:
        raise CtidError(
            f"the journal was written by ctid {header.ctid}, whose settings or state this version "
            f"cannot read ({error}); replay it with that version"
        ) from None
    return Centre(settings) if state is None else Centre.load(settings, state)


def feed(centre: Centre, line: Line) -> list[object]:
    """One line into the machine; the commands that come out."""
    out = centre.advance(line.t) if line.e is None else centre.handle(line.e, line.t)
    return list(out)


def replay(entries: Iterable[Header | Line], *, check: bool = False) -> Replayed:
    """Replay a whole journal; stops at the first difference. With `check`, all that must hold of
    the machine (ctid.centre.invariants) is looked at after each line, and what is broken is a
    difference.

    Raises:
        JournalDamaged: from `entries`, at a bad line.
        CtidError: as `build`.
    """
    centre: Centre | None = None
    checker: Checker | None = None
    lines = 0
    encode = msgspec.json.encode
    for entry in entries:
        if isinstance(entry, Header):
            centre = build(entry)
            checker = Checker(centre) if check else None
            continue
        assert centre is not None, "read() yields the header first"
        lines += 1
        try:
            out = feed(centre, entry)
            replayed = tuple(encode(command).decode() for command in out)
            if checker is not None:
                checker.follow(out, entry.t, entry.e)
        # Whatever a machine raises that took this line once is the difference that is looked for.
        except Exception as error:
            replayed = (f"raised {type(error).__name__}: {error}",)
        recorded = tuple(encode(command).decode() for command in entry.c)
        if replayed != recorded:
            event = encode(entry.e).decode() if entry.e is not None else "deadlines"
            return Replayed(lines, Difference(entry.n, entry.t, event, recorded, replayed))
    return Replayed(lines, None)
