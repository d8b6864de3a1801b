"""A violation for people: the shortest transcript, a journal of it, and how to see it again."""

from __future__ import annotations

from pathlib import Path

import msgspec

import ctid
from ctid.core.journal import FORMAT, Header, Line, encode
from sim.fuzz.case import Case
from sim.fuzz.play import play
from sim.fuzz.shrink import Shrunk, shrink
from sim.fuzz.steps import Violation
from sim.transcript import Clock

LAST_LINES = 40
"""Of a run that does not shrink."""


class Found(msgspec.Struct):
    """One violation."""

    seed: int
    kind: str
    text: str
    line: int
    """Of the seed's own journal."""
    at: int
    """Instant of that line, in milliseconds."""
    facts: int
    """In the transcript."""
    agents: int
    queues: int
    attempts: int
    """Runs that the shrinking took; 0: the facts alone do not show it."""
    transcript: list[str]
    repeat: str
    """The command that finds it again."""
    journal: str = ""
    """Path; empty where the facts alone do not show it."""
    trouble: str = ""
    """Why there is no journal although there could be."""


def found(case: Case, violation: Violation, repeat: str, folder: Path) -> Found:
    """Plays the case again and shrinks it; writes the journal to `folder`."""
    played = play(case)
    clock = Clock(0, case.world.wall_at_zero)
    short = None
    if played.violation is not None and played.shrinks:
        short = shrink(case.settings, played.lines, played.loads, played.violation)
    made = Found(
        case.seed, violation.kind, violation.text, violation.line, violation.at,
        0, len(case.settings.acd.agents), len(case.settings.acd.queues), 0, [], repeat,
    )  # fmt: skip
    if short is None:
        made.transcript = [t for line in played.lines[-LAST_LINES:] for t in _told(clock, line)]
        made.facts = sum(line.e is not None for line in played.lines)
        return made
    acd = short.settings.acd
    made.facts, made.attempts = short.facts, short.attempts
    made.agents, made.queues = len(acd.agents), len(acd.queues)
    made.transcript = told(short, clock)
    if short.fed.violation is not None:
        made.text = short.fed.violation.text
    try:
        made.journal = str(write(short, folder / f"seed-{case.seed}.ctid"))
    except OSError as error:  # what was found must not be lost with it
        made.trouble = f"the journal is not written: {error}; name another folder with --out"
    return made


def told(short: Shrunk, clock: Clock) -> list[str]:
    """The transcript, with a heading where the machine was loaded from its state."""
    out: list[str] = []
    for done, line in enumerate(short.fed.lines):
        if done in short.fed.loads:
            out += ["", "# killed, and loaded from its state"]
        out += _told(clock, line)
    return out


def _told(clock: Clock, line: Line) -> list[str]:
    return clock.line(line.t, line.e, line.c)


def journal(short: Shrunk) -> list[Header | Line]:
    """What `ctid replay --check` refuses at its last line; it begins where the machine was loaded
    last."""
    settings = msgspec.Raw(msgspec.json.encode(short.settings))
    fed = short.fed
    if not fed.loads:
        return [Header(FORMAT, ctid.__version__, settings), *fed.lines]
    state = msgspec.Raw(fed.state)
    return [Header(FORMAT, ctid.__version__, settings, state), *fed.lines[fed.loads[-1] :]]


def write(short: Shrunk, path: Path) -> Path:
    """The journal's file, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_suffix(".half")
    half.write_bytes(b"".join(encode(entry) for entry in journal(short)))
    half.replace(path)
    return path
