"""Figures: definitions, names, and what intervals are worth."""

from __future__ import annotations

import math
from random import Random

import pytest
from scipy import stats

from ctid.core.errors import ConfigError
from ctid.core.instants import HOUR, MINUTE
from sim.run import figures
from sim.run.catalogue import FIGURES
from sim.run.figures import Named
from sim.run.outcome import AgentSums, Outcome, QueueSums
from sim.run.replication import replicate
from sim.run.visits import VisitSums
from tests.unit.sim.run.small import scenario

MADE = scenario(agents=3)
"""agent0 knows both queues, agent1 sales, agent2 service."""


VISITS = VisitSums(
    {
        "main": {"contained": 20, "hung_up": 20, "queue/asked": 100, "queue/failed": 40},
        "evening": {"contained": 10, "broken/lost": 10},
    }
)


def outcome() -> Outcome:
    sales = QueueSums(
        offered=100, answered=60, in_target=40, abandoned=20, abandoned_in_target=5, moved=15,
        moved_on=10, turned_away=4, lost=1, waited=900_000, waited_answered=600_000,
        waiting=30 * MINUTE,
    )  # fmt: skip
    service = QueueSums(
        offered=50, answered=50, in_target=50, waited=50_000, waited_answered=50_000
    )
    agents = {
        "agent0": AgentSums(
            ready=20 * MINUTE, ringing=2 * MINUTE, talking=30 * MINUTE, wrap_up=8 * MINUTE,
            contacts=30, offers=31, waited=31 * 60_000,
        ),
        "agent1": AgentSums(
            ready=30 * MINUTE, talking=20 * MINUTE, away=10 * MINUTE, contacts=10, offers=10,
            waited=10 * 90_000,
        ),
        "agent2": AgentSums(away=HOUR),
    }  # fmt: skip
    return Outcome(
        replication=0, queues={"sales": [sales], "service": [service]},
        agents={agent: [sums] for agent, sums in agents.items()}, fairness=[], calls=200,
        visits=VISITS, callbacks=3, ends=HOUR, interval=HOUR,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("service_level[sales]", 40 / 85),
        ("service_level", 90 / 135),
        ("service_level_answered[sales]", 40 / 60),
        ("service_level_net[sales]", 40 / 80),
        ("asa[sales]", 10_000),
        ("asa", 650_000 / 110),
        ("wait[sales]", 10_000),
        ("abandonment[sales]", 20 / 85),
        ("blocked[sales]", 0.04),
        ("moved[sales]", 0.15),
        ("offered", 140),
        ("queue_length[sales]", 0.5),
        ("occupancy", 60 / 110),
        ("occupancy[sales]", 60 / 110),
        ("occupancy[service]", 40 / 60),
        ("utilisation", 60 / 180),
        ("utilisation[service]", 40 / 120),
        ("handling[service]", 80_000),
        ("jain", (30 + 12) ** 2 / (2 * (30**2 + 12**2))),
        ("jain[service]", 1),
        ("jain_occupancy", (40 / 60 + 20 / 50) ** 2 / (2 * ((40 / 60) ** 2 + (20 / 50) ** 2))),
        ("idle_gap", 30_000),
        ("idle_gap[service]", 0),
        ("containment", 0.15),
        ("drop_off", 0.1),
        ("to_agents", 0.7),
        ("callbacks", 3),
        ("cost", 90),
        ("cost_per_answered", 90 / 110),
    ],
)
def test_definitions(name: str, value: float) -> None:
    found = figures.measure(MADE, [outcome()], [figures.find(name, MADE)])
    assert found[name].value == pytest.approx(value, rel=1e-9)
    assert found[name].half is None, "one replication says nothing of its own spread"


def test_where_there_is_nothing_there_is_no_figure() -> None:
    empty = Outcome(
        replication=0, queues={"sales": [QueueSums()], "service": [QueueSums()]},
        agents={f"agent{n}": [AgentSums()] for n in range(3)}, fairness=[],
    )  # fmt: skip
    found = figures.measure(MADE, [empty, empty])
    assert found["service_level"].value is None
    assert found["jain"].value is None
    assert found["idle_gap[sales]"].half is None
    assert found["offered"].value == 0


def test_every_figure_has_its_words() -> None:
    assert len({figure.name for figure in FIGURES}) == len(FIGURES)
    for figure in FIGURES:
        assert figure.en
        assert figure.zh
        assert figure.formula


def test_names() -> None:
    named = figures.find("service_level[sales]", MADE)
    assert (named.figure.name, named.queue, named.name) == (
        "service_level", "sales", "service_level[sales]",
    )  # fmt: skip
    with pytest.raises(ConfigError, match=r"did you mean service_level\?"):
        figures.find("service_levle", MADE)
    with pytest.raises(ConfigError, match=r"'asa\[billing\]' is unknown"):
        figures.find("asa[billing]", MADE)
    with pytest.raises(ConfigError, match="unknown"):
        figures.find("callbacks[sales]", MADE)


def test_an_interval_by_hand() -> None:
    found = figures.estimate(Named(FIGURES[0]), [(2, 4), (3, 5), (6, 7)])
    # R = 11/16; residuals (x - R y) / (16/3)
    residuals = [(x - 11 / 16 * y) / (16 / 3) for x, y in ((2, 4), (3, 5), (6, 7))]
    se = math.sqrt(sum(r * r for r in residuals) / 2 / 3)
    assert found.value == 11 / 16
    assert found.se == pytest.approx(se, rel=1e-9)
    assert found.half == pytest.approx(4.30265273 * se)
    assert found.high == 1, "no share is above 1"
    assert found.low == pytest.approx(11 / 16 - 4.30265273 * se)


def test_intervals_cover_what_they_say() -> None:
    """Ratios of correlated sums whose true value is known: x | y ~ Gamma with mean 0.8 y."""
    stream, tries, held = Random(4), 3_000, 0
    named = Named(FIGURES[0])
    for _ in range(tries):
        drawn = []
        for _ in range(12):
            y = stream.uniform(50, 150)
            drawn.append((y * 0.3 * stream.gammavariate(8, 1 / 8), y))
        found = figures.estimate(named, drawn, level=0.9)
        assert found.low is not None
        assert found.high is not None
        held += found.low <= 0.3 <= found.high
    assert stats.binom.ppf(1e-4, tries, 0.885) <= held <= stats.binom.ppf(1 - 1e-4, tries, 0.905)


def test_an_interval_of_the_day_is_a_part_of_the_whole() -> None:
    made = scenario(hours=0.5)
    found = [replicate(made, 1, n) for n in range(2)]
    for name in ("abandonment[service]", "occupancy", "queue_length"):
        named = figures.find(name, made)
        whole = [figures.pair(named, made, o) for o in found]
        parts = [[figures.pair(named, made, o, place) for place in range(2)] for o in found]
        for (x, y), cut in zip(whole, parts, strict=True):
            assert x == sum(a for a, _ in cut)
            assert y == sum(b for _, b in cut)
        assert len(figures.over_day(made, found, named)) == 2


def test_numbers_are_cut_where_libraries_may_differ() -> None:
    assert figures.tidy(1 / 3) == 0.3333333333
    assert figures.tidy(123456.789012345) == 123456.789
