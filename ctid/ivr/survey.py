"""What a caller has answered in a survey."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

SCORES: Final = {"1": 1, "2": 2, "3": 3, "4": 4, "5": 5}
YES_NO: Final = {"1": 1, "2": 0}


@dataclass(slots=True, frozen=True)
class Answer:
    """One answer. Plain data: the journal's state holds it."""

    question: str
    """The step that asked."""
    kind: str
    """`score` or `yes_no`."""
    value: int
    """The score, 1 to 5; of `yes_no` 1 for yes and 0 for no."""


def keys_of(kind: str) -> dict[str, int]:
    """Key → what it answers to a question of that kind."""
    return YES_NO if kind == "yes_no" else SCORES


def value_of(kind: str, key: str) -> int | None:
    """What the key answers to a question of that kind; None where it answers nothing."""
    return keys_of(kind).get(key)
