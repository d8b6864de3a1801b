"""Two settings side by side: what is real, what is chance, and what common callers save."""

from __future__ import annotations

import math
from functools import cache
from random import Random

import msgspec
import pytest
from scipy import stats

from sim.run.catalogue import BY_NAME
from sim.run.comparing import Difference, compare, holm
from sim.run.figures import Named
from sim.run.outcome import Outcome, QueueSums
from sim.run.pool import Pool, Task
from tests.unit.sim.run.small import scenario

MADE = scenario(agents=1)
LEVEL = Named(BY_NAME["service_level"])
OCCUPANCY = Named(BY_NAME["occupancy"])
ASA = Named(BY_NAME["asa"])


def outcomes(levels: list[int]) -> list[Outcome]:
    """Replications of a thousand calls with so many in target; the others wait a second each."""
    return [
        Outcome(
            replication=n, agents={"agent0": []}, fairness=[],
            queues={
                "sales": [
                    QueueSums(
                        offered=1000, answered=1000, in_target=level,
                        waited_answered=1000 * (1000 - level),
                    )
                ],
                "service": [],
            },
        )
        for n, level in enumerate(levels)
    ]  # fmt: skip


def judged(
    first: list[int], second: list[int], *names: Named, **matters: float
) -> list[Difference]:
    return compare(
        (MADE, MADE), (outcomes(first), outcomes(second)), names or (LEVEL,), 0.95, matters
    )


def levels(seed: int, mean: float, spread: float, count: int = 30) -> list[int]:
    stream = Random(seed)
    return [round(stream.gauss(mean, spread)) for _ in range(count)]


def test_better_worse_and_how_sure() -> None:
    chance = levels(1, 800, 60)
    noise = levels(2, 0, 5)
    better = [one + 30 + two for one, two in zip(chance, noise, strict=True)]
    level, asa = judged(chance, better, LEVEL, ASA)
    assert (level.verdict, asa.verdict) == ("better", "better")
    assert level.value == pytest.approx(0.03, abs=0.003)
    assert asa.value == pytest.approx(-30, abs=3)
    assert level.p == pytest.approx(
        stats.ttest_rel([n / 1000 for n in better], [n / 1000 for n in chance]).pvalue, rel=1e-6
    )
    assert level.p_holm == pytest.approx(2 * level.p)
    (level,) = judged(better, chance)
    assert level.verdict == "worse"
    assert level.variance_reduction is not None
    assert level.variance_reduction > 50, "nearly all of the spread is common"


def test_nothing_to_choose_is_said_only_when_it_is_seen() -> None:
    chance = levels(1, 800, 60)
    close = [n + d for n, d in zip(chance, levels(3, 0, 5), strict=True)]
    wide = levels(4, 800, 60)
    (same,) = judged(chance, close)
    assert same.verdict == "same"
    (unclear,) = judged(chance, wide)
    assert unclear.verdict == "unclear"
    (strict,) = judged(chance, close, service_level=0.0001)
    assert strict.verdict == "unclear"
    assert strict.would_take == pytest.approx(30 * (strict.half / abs(strict.value)) ** 2, abs=1)
    assert (same.would_take, unclear.would_take > 30) == (0, True)


def test_so_many_replications_as_it_says_do_tell() -> None:
    """A real difference of half a spread: what ten replications promise is about right."""
    told, first = [], levels(11, 800, 60, 400)
    second = [n + 40 + d for n, d in zip(first, levels(12, 0, 80, 400), strict=True)]
    for start in range(0, 400, 10):
        (one,) = judged(first[start : start + 10], second[start : start + 10])
        told += [one.would_take] if one.verdict == "unclear" else []
    assert len(told) > 10
    wanted = sorted(told)[len(told) // 2]
    verdicts = [
        judged(first[start : start + wanted], second[start : start + wanted])[0].verdict
        for start in range(0, 400 - wanted, wanted)
    ]
    assert verdicts.count("better") >= 0.4 * len(verdicts)


def test_the_same_twice_is_no_difference() -> None:
    chance = levels(1, 800, 60)
    (none,) = judged(chance, chance)
    assert (none.verdict, none.value, none.p_holm) == ("same", 0, None)
    assert none.variance_reduction is None


def test_a_figure_that_one_side_lacks() -> None:
    (none,) = judged([1, 2, 3], [1, 2, 3], OCCUPANCY)
    assert (none.verdict, none.value) == ("none", None)


def test_neither_is_better() -> None:
    moved = Named(BY_NAME["offered"])
    more, less = ([o] * 3 for o in (outcomes([1])[0], outcomes([1])[0]))
    less[0].queues["sales"][0].offered = 900
    (down,) = compare((MADE, MADE), (more, less), [moved], 0.95)
    (up,) = compare((MADE, MADE), (less, more), [moved], 0.95)
    assert (up.verdict, down.verdict) == ("higher", "lower")


def test_holm() -> None:
    """The example that every textbook has, by hand: 0.01, 0.04, 0.03, 0.005."""
    assert holm([0.01, 0.04, None, 0.03, 0.005]) == [
        pytest.approx(p) if p else None for p in (0.03, 0.06, 0, 0.06, 0.02)
    ]
    assert holm([0.9, 0.8]) == [1, 1]


def test_false_alarms_are_as_rare_as_promised() -> None:
    """With two figures and no difference, one of them is called real in 5 of 100 at most."""
    tries, alarms = 400, 0
    for seed in range(tries):
        first, second = levels(2 * seed, 800, 60, 10), levels(2 * seed + 1, 800, 60, 10)
        found = judged(first, second, LEVEL, Named(BY_NAME["service_level"], "sales"))
        alarms += any(one.verdict in ("better", "worse") for one in found)
    assert alarms <= stats.binom.ppf(0.9999, tries, 0.05)


@cache
def played(apart: int) -> list[Difference]:
    """Six agents against eight, with the same callers or with others."""
    few, many = (scenario(hours=0.3, agents=n) for n in (6, 8))
    numbers = range(12)
    with Pool([few, many], 3, 1) as pool:
        first = pool.run([Task(0, n) for n in numbers])
        second = pool.run([Task(1, n + apart) for n in numbers])
    names = [Named(BY_NAME["abandonment"]), Named(BY_NAME["offered"])]
    return compare((few, many), (first, second), names, 0.95)


def test_the_same_callers_save_replications() -> None:
    """What is said to be saved is what other callers cost: the variances of both differences."""
    common, others = played(0)[0], played(1000)[0]
    assert common.se is not None
    assert others.se is not None
    assert common.variance_reduction is not None
    assert others.variance_reduction is not None
    measured = (others.se / common.se) ** 2
    assert measured > 1.3
    low, high = stats.f.ppf((0.001, 0.999), 11, 11)
    assert low < measured / common.variance_reduction < high
    assert others.variance_reduction < 3, "nothing is common, so nothing is saved but by chance"


def test_the_same_callers_come_to_both() -> None:
    assert played(0)[1].value == pytest.approx(0, abs=3), "but for those who leave the menu"
    assert math.isfinite(played(1000)[1].se or 0)


def test_the_document_can_be_read_back() -> None:
    (one,) = judged(levels(1, 800, 60), levels(2, 700, 60))
    assert msgspec.json.decode(msgspec.json.encode(one), type=Difference) == one
