"""The line against a sorted list, whatever the order in which people come and go."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

import pytest

from ctid.acd.line import Line


@dataclass(eq=False)
class Person:
    order: int
    since: int = 0
    token: int = 0
    here: bool = False


def stands(person: Person, token: int) -> bool:
    return person.here and person.token == token


def due(people: list[Person]) -> Person | None:
    """Whose turn it is, by looking at everybody."""
    here = [p for p in people if p.here]
    return min(here, key=lambda p: (p.since, p.order), default=None)


@pytest.mark.parametrize("late", [0.0, 0.02, 0.5, 1.0])
@pytest.mark.parametrize("seed", range(5))
def test_the_front_is_who_a_scan_would_find(seed: int, late: float) -> None:
    """`late`: the share of those who come to an older place."""
    random = Random(seed)
    people = [Person(n) for n in range(200)]
    line = Line(stands)
    for now in range(4_000):
        person = random.choice(people)
        if random.random() < 0.3 and (first := line.first()):
            person = first
        person.token += 1
        person.here = not person.here
        if person.here:
            person.since = random.randrange(now + 1) if random.random() < late else now
            line.push(person.since, person.order, person.token, person)
        assert line.first() is due(people)
        assert len(line) <= 64 + 3 * len(people)


def test_an_empty_line_has_no_first() -> None:
    assert Line(stands).first() is None
