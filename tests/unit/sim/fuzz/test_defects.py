"""The fuzzer finds defects that are put into the core on purpose, and shrinks them to a few facts.

`nearby` is the seed at which the search begins here, so that the test is quick. From seed 0 on each
of them was found within 10 seeds (docs/fuzz.md).
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from ctid.centre.replay import replay
from ctid.core.journal import read
from sim.fuzz.case import case
from sim.fuzz.found import journal, write
from sim.fuzz.play import play
from sim.fuzz.shrink import shrink
from tests.unit.sim.fuzz import defects
from tests.unit.sim.fuzz.defects import Patch

SEEDS = 40
"""How many seeds may be played from the nearby one on."""


class Sought(NamedTuple):
    """One defect, and what it takes to see it."""

    patch: Patch
    kind: str
    nearby: int
    facts: int
    """At most so many in the shrunk transcript."""


SOUGHT = (
    Sought(defects.kept_reserved, "an agent's offer is open", 1, 6),
    Sought(defects.to_the_end, "who waits keeps the place", 1, 6),
    Sought(defects.drop_not_counted, "whoever joined is there or counted", 1, 6),
    Sought(defects.dialled_twice, "a customer is dialled once in a turn", 113, 25),
    Sought(defects.steps_too_early, "who rings may take that contact by now", 7, 6),
    Sought(defects.endless_wrap_up, "a timed wrap-up has its deadline", 12, 12),
    Sought(defects.offers_into_the_void, "nobody is offered while the link is down", 1, 9),
    Sought(defects.no_tombstones, "one record for one call or task", 29, 6),
    Sought(defects.no_steps, "no idle agent while a contact waits for one", 1, 6),
)


@pytest.mark.parametrize("sought", SOUGHT, ids=lambda sought: sought.patch.__name__)
def test_a_defect_is_found_and_shrunk(
    sought: Sought, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with monkeypatch.context() as patch:
        sought.patch(patch)
        one, played = next(
            (one, played)
            for one in map(case, range(sought.nearby, sought.nearby + SEEDS))
            if (played := play(one)).violation is not None
        )
        assert played.violation is not None
        assert played.violation.kind == sought.kind
        short = shrink(one.settings, played.lines, played.loads, played.violation)
        assert short is not None
        assert short.facts <= sought.facts
        assert short.fed.violation is not None
        path = write(short, tmp_path / "found.ctid")
        refused = replay(read(path.read_bytes().splitlines(keepends=True)), check=True).difference
        assert refused is not None
        assert refused.line == short.fed.violation.line == short.fed.lines[-1].n
        assert sought.kind in refused.replayed[0]
    sound = replay(journal(short), check=True).difference
    said = sound.replayed if sound else ()
    assert not any(sought.kind in text for text in said), "the mended core has it too"
