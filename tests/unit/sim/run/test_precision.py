"""Stopping by precision."""

from __future__ import annotations

from random import Random

import pytest
from scipy import stats

from ctid.core.errors import ConfigError
from sim.run import figures, precision
from sim.run.outcome import Outcome, QueueSums
from sim.run.precision import BATCH, FIRST, Target, parse
from tests.unit.sim.run.small import scenario

MADE = scenario()


def outcomes(numbers: range) -> list[Outcome]:
    """Service levels that go to and fro between 0.7 and 0.9."""
    return [
        Outcome(
            replication=n,
            queues={"sales": [QueueSums(offered=100, in_target=70 + 20 * (n % 2))], "service": []},
            agents={f"agent{a}": [] for a in range(8)},
            fairness=[],
        )
        for n in numbers
    ]


@pytest.mark.parametrize(
    ("text", "half", "relative"),
    [
        ("service_level:0.005", 0.005, False),
        ("asa[sales]:500ms", 500, False),
        ("asa:2", 2_000, False),
        ("asa:1.5s", 1_500, False),
        ("asa : 1min", 60_000, False),
        ("abandonment:5%", 0.05, True),
    ],
)
def test_what_may_be_asked(text: str, half: float, relative: bool) -> None:
    target = parse(text, MADE)
    assert (target.half, target.relative) == (pytest.approx(half), relative)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("service_level", "want FIGURE:WIDTH"),
        ("servicelevel:0.1", "did you mean service_level"),
        ("service_level:0", "no width above 0"),
        ("service_level:-1", "no width above 0"),
        ("service_level:inf", "no width above 0"),
        ("service_level:2s", "no width above 0"),
        ("asa:soon", "no width above 0"),
    ],
)
def test_what_may_not(text: str, why: str) -> None:
    with pytest.raises(ConfigError, match=why):
        parse(text, MADE)


def test_it_stops_at_the_first_batch_that_is_good_enough() -> None:
    asked: list[range] = []

    def batch(numbers: range) -> list[Outcome]:
        asked.append(numbers)
        return outcomes(numbers)

    named = figures.find("service_level", MADE)
    halves = {
        n: figures.measure(MADE, outcomes(range(n)), [named])["service_level"].half
        for n in (20, 30, 40, 50)
    }
    wanted = halves[40]
    assert wanted is not None
    found, met = precision.run(MADE, [Target(named, wanted, False)], 200, batch, 0.95)
    assert met
    assert asked == [range(FIRST), range(20, 30), range(30, 40)]
    assert [outcome.replication for outcome in found] == list(range(40))
    assert FIRST == 2 * BATCH


def test_stopped_intervals_cover_a_little_less_than_they_say() -> None:
    """The rule's known bias: 94.2 % of 95 where it stops after 31 replications on average."""
    stream, tries, held = Random(80), 1_000, 0
    named = figures.find("offered", MADE)
    target = Target(named, 8.0, False)
    for _ in range(tries):
        pairs: list[tuple[float, float]] = []
        upto = FIRST
        while True:
            pairs += [(stream.gauss(100, 20), 1.0) for _ in range(upto - len(pairs))]
            found = figures.estimate(named, pairs)
            if target.met_by(found):
                break
            upto += BATCH
        assert found.low is not None
        assert found.high is not None
        held += found.low <= 100 <= found.high
    assert stats.binom.ppf(1e-4, tries, 0.935) <= held <= stats.binom.ppf(1 - 1e-4, tries, 0.95)


def test_it_gives_up_at_the_most_and_says_what_it_would_take() -> None:
    named = figures.find("service_level", MADE)
    target = Target(named, 0.001, False)
    found, met = precision.run(MADE, [target], 33, outcomes, 0.95)
    assert (len(found), met) == (33, False)
    estimate = figures.measure(MADE, found, [named])["service_level"]
    assert estimate.half is not None
    assert target.would_take(estimate) == pytest.approx(33 * (estimate.half / 0.001) ** 2, abs=1)


def test_figures_without_a_value_are_never_known_well_enough() -> None:
    named = figures.find("cost", MADE)
    empty = figures.estimate(named, [(0, 0), (0, 0)])
    assert not Target(named, 1, True).met_by(empty)
    assert Target(named, 1, True).would_take(empty) == 0
