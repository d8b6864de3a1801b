"""The machine does today what it did when the transcripts were read and found right.

A wanted change: `python -m tests.golden.rewrite`, then read the difference.
"""

import pytest

from tests.golden.scenarios import SCENARIOS, TRANSCRIPTS


@pytest.mark.parametrize("name", SCENARIOS)
def test_transcript(name: str) -> None:
    expected = (TRANSCRIPTS / f"{name}.txt").read_text(encoding="utf-8")
    assert SCENARIOS[name]() == expected


def test_no_transcript_without_a_scenario() -> None:
    assert {path.stem for path in TRANSCRIPTS.glob("*.txt")} == set(SCENARIOS)
