"""One case to its end, under the checker."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from random import Random

import msgspec

from ctid.centre.centre import Centre
from ctid.centre.replay import feed as feed_line
from ctid.core.commands import CallClosed
from ctid.core.errors import CtidError
from ctid.core.events import CallArrived
from ctid.core.instants import MINUTE
from ctid.core.journal import Line
from sim.driver import Write
from sim.faults.beset import beset
from sim.faults.engine import RecoveryFailed, loaded, saved_state
from sim.fuzz.case import Case
from sim.fuzz.steps import Violation, violation_of
from sim.world.world import World

LAST = 3 * MINUTE
"""Quiet time at the end: longer than callbacks of the fuzzer's sites are kept."""
ENDLESS = 50_000
"""No run has so many lines, unless machine and world send each other round in circles."""


class Endless(CtidError):
    """A run does not come to its end."""


class Played(msgspec.Struct):
    """What became of one case."""

    lines: list[Line]
    loads: list[int]
    """After how many lines the machine was loaded from its state."""
    violation: Violation | None
    shrinks: bool = True
    """Whether the facts alone show it; not where it took the world's knowledge to see it."""


def play(case: Case, *, again: bool = False) -> Played:
    """Runs a case; `again`: also holds the run against its own replay, with the machine loaded from
    its state once more at a random place."""
    lines: list[Line] = []
    world = World(case.world, case.settings.acd, case.seed)
    write = _limited(lines)
    run = beset(Centre(case.settings), world, case.faults, case.seed, write=write)
    loads = run.engine.restarts
    try:
        run.driver.run(LAST)
    except Exception as error:  # whatever is wrong is what is looked for
        return Played(
            lines, loads, violation_of(error, lines), not isinstance(error, RecoveryFailed)
        )
    text = _untrue(case, world, run.driver.centre, lines)
    if not text and again:
        text = _differs(case, lines, loads)
    violation = Violation(text.partition(";")[0], text, len(lines), lines[-1].t) if text else None
    return Played(lines, loads, violation, shrinks=False)


def _limited(lines: list[Line]) -> Write:
    def write(line: Line) -> None:
        lines.append(line)
        if len(lines) > ENDLESS:
            raise Endless(f"a run of {ENDLESS} lines; who goes round in circles?")

    return write


def _untrue(case: Case, world: World, centre: Centre, lines: Sequence[Line]) -> str:
    """What the machine believes at the end that is not so at the PBX; empty where it is all so."""
    if gone := sorted(centre.router.offers.keys() - world.legs.keys()):
        return f"no leg is kept that is over; {gone}"
    if not case.lawful:
        return ""
    if world.calling_back.twice_at_once:
        return f"no number is dialled twice at once; {world.calling_back.twice_at_once}"
    if world.outside.torn_out:
        return f"nobody is taken out of a talk that was not meant; {world.outside.torn_out}"
    turns = {callback.call for callback in centre.callbacks.open.values()}
    if left := sorted(centre.calls.keys() - world.callers.keys() - turns):
        return f"no call is kept that is over; {left}"
    records = Counter(c.record.call for line in lines for c in line.c if isinstance(c, CallClosed))
    came = {line.e.call for line in lines if isinstance(line.e, CallArrived)}
    if wrong := sorted(call for call in came - world.callers.keys() if records[call] != 1):
        return f"each caller has one record; {wrong}"
    return ""


def _differs(case: Case, lines: Sequence[Line], loads: Sequence[int]) -> str:
    """Where the same facts lead to something else; empty where they do not."""
    somewhere = Random(f"load {case.seed}").randrange(len(lines))
    centre = Centre(case.settings)
    for done, line in enumerate(lines):
        if done in loads or done == somewhere:
            saved = saved_state(centre)
            centre = loaded(case.settings, saved)
            if saved_state(centre) != saved:
                return f"what is saved is loaded; line {line.n}"
        if tuple(feed_line(centre, line)) != line.c:
            return f"a replay is equal; line {line.n}, loaded before line {somewhere + 1}"
    return ""
