"""Each figure of fairness on loads that can be checked by hand, and how an hour is counted."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from ctid.acd.fairness import (
    COUNTS_FROM,
    SHOWN_FOR,
    Ledger,
    Load,
    deviation,
    idle_gap,
    jain,
    occupancy,
)
from ctid.acd.settings import AgentSettings
from ctid.core.commands import AgentChanged, Command, FairnessMeasured
from ctid.core.fairness import Fairness
from ctid.core.instants import HOUR, MINUTE, SECOND

AGENTS = (
    AgentSettings("ann", "Ann", "P/1", ("sales",)),
    AgentSettings("bob", "Bob", "P/2", ("sales", "service")),
    AgentSettings("eve", "Eve", "P/3", ("service",)),
)
WALL = 1_790_000_000_000 - 1_790_000_000_000 % HOUR


def ledger(until: int = HOUR) -> Ledger:
    """Counts its first hour from instant 0."""
    made = Ledger(AGENTS, ("sales", "service"))
    assert made.roll(WALL, 0, until, 0) == []
    return made


def changed(agent: str, state: str, since: int) -> AgentChanged:
    return AgentChanged(agent, state, "", since, 0, "", "")


def walk(made: Ledger, agent: str, *steps: tuple[str, int]) -> None:
    """One agent through these states, each with the instant at which it begins."""
    for state, since in steps:
        made.changed(changed(agent, state, since))


def taken(made: Ledger, queue: str, now: int) -> Fairness:
    return made.figures(now)[queue]


def of(commands: list[Command]) -> dict[str, Fairness]:
    return {c.figures.queue: c.figures for c in commands if isinstance(c, FairnessMeasured)}


def test_the_documentation_names_every_figure() -> None:
    text = (Path(__file__).parents[3] / "docs/fairness.md").read_text(encoding="utf-8")
    assert [field for field in Fairness.__struct_fields__ if f"`{field}`" not in text] == []


# -- formulas --


@pytest.mark.parametrize(
    ("busy", "idle", "expected"),
    [(0, 1, 0), (1, 0, 10_000), (45, 15, 7_500), (1, 2, 3_333), (2, 1, 6_667)],
)
def test_occupancy(busy: int, idle: int, expected: int) -> None:
    assert occupancy(busy, idle) == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [([7_000], 0), ([5_000, 5_000], 0), ([4_000, 6_000], 1_000), ([0, 0, 0, 10_000], 4_330)],
)
def test_standard_deviation(values: list[int], expected: int) -> None:
    assert deviation(values) == expected


@pytest.mark.parametrize(
    ("amounts", "staffed", "expected"),
    [
        ([3, 3, 3], [HOUR] * 3, 10_000),
        ([4, 0, 0, 0], [HOUR] * 4, 2_500),
        ([10, 5], [HOUR, HOUR // 2], 10_000),
        ([10, 10], [HOUR, HOUR // 2], 9_000),
        ([0, 0], [HOUR, HOUR], 10_000),
        ([1, 2, 3, 4], [HOUR] * 4, 8_333),
    ],
)
def test_jains_index(amounts: list[int], staffed: list[int], expected: int) -> None:
    assert jain(amounts, staffed) == expected


def test_jains_index_stays_between_one_agents_share_and_one() -> None:
    random = Random(1)
    for _ in range(500):
        n = random.randint(1, 12)
        amounts = [random.randrange(2_000_000) for _ in range(n)]
        staffed = [random.randrange(COUNTS_FROM, HOUR) for _ in range(n)]
        assert 10_000 // n <= jain(amounts, staffed) <= 10_000
        scaled = jain([7 * amount for amount in amounts], staffed)
        assert scaled == pytest.approx(jain(amounts, staffed), abs=1), "the unit plays no part"


def test_idle_gap_is_of_means_and_of_those_who_got_an_offer() -> None:
    often = Load("ready", 0, offers=4, waited=40 * SECOND)
    seldom = Load("ready", 0, offers=1, waited=90 * SECOND)
    never = Load("ready", 0)
    assert idle_gap([often, seldom, never]) == 80 * SECOND
    assert idle_gap([often, never]) == 0
    assert idle_gap([never]) == 0


# -- one hour --


def test_what_counts_as_busy_idle_and_handling() -> None:
    made = ledger()
    walk(
        made, "ann",
        ("not_ready", 0), ("ready", 10 * MINUTE), ("reserved", 20 * MINUTE),
        ("on_call", 21 * MINUTE), ("wrap_up", 30 * MINUTE), ("not_ready", 32 * MINUTE),
        ("ready", 50 * MINUTE),
    )  # fmt: skip
    found = taken(made, "sales", 54 * MINUTE)
    assert (found.agents, found.staffed) == (1, 26 * MINUTE), "10 + 12 + 4; no break"
    assert found.occupancy == occupancy(12, 14)
    load = made.hour.loads["ann"]
    assert (load.contacts, load.offers, load.waited) == (1, 1, 10 * MINUTE)
    assert (load.busy, load.handling) == (12 * MINUTE, 10 * MINUTE)


def test_two_agents_of_whom_one_does_it_all() -> None:
    made = ledger()
    walk(made, "ann", ("ready", 0))
    walk(made, "bob", ("ready", 0))
    for begin in range(0, 60, 10):
        walk(
            made, "ann", ("reserved", begin * MINUTE + SECOND), ("on_call", begin * MINUTE + SECOND)
        )
        walk(made, "ann", ("ready", (begin + 9) * MINUTE))
    found = taken(made, "sales", HOUR)
    assert found.agents == 2
    assert found.occupancy_spread == occupancy(54 * MINUTE - 6 * SECOND, 6 * MINUTE + 6 * SECOND)
    assert found.occupancy_deviation == found.occupancy_spread // 2
    assert (found.jain_time, found.jain_contacts) == (5_000, 5_000)
    alone = taken(made, "service", HOUR)
    assert (alone.agents, alone.jain_contacts, alone.occupancy_spread) == (1, 10_000, 0)


def test_who_was_hardly_there_is_not_compared() -> None:
    made = ledger()
    walk(made, "ann", ("ready", 0))
    walk(made, "bob", ("ready", HOUR - COUNTS_FROM + 1))
    assert taken(made, "sales", HOUR).agents == 1
    assert "service" not in made.figures(HOUR)
    made.roll(WALL + HOUR, HOUR, 2 * HOUR, HOUR)
    assert made.figures(HOUR + COUNTS_FROM - 1) == {}
    assert taken(made, "sales", HOUR + COUNTS_FROM).agents == 2


def test_a_wish_and_a_new_reason_begin_nothing_anew() -> None:
    made = ledger()
    walk(made, "ann", ("ready", 0), ("reserved", MINUTE), ("on_call", 2 * MINUTE))
    walk(made, "ann", ("on_call", 2 * MINUTE))
    assert made.hour.loads["ann"].contacts == 1


def test_a_talk_that_the_inventory_showed_counts() -> None:
    made = ledger()
    walk(made, "ann", ("on_call", MINUTE), ("ready", 10 * MINUTE))
    assert made.hour.loads["ann"].contacts == 1
    assert made.hour.loads["ann"].handling == 9 * MINUTE


def test_a_board_sees_figures_that_are_seconds_old_at_most() -> None:
    made = ledger()
    walk(made, "ann", ("ready", 0))
    seen = made.shown(10 * MINUTE)
    assert made.shown(10 * MINUTE + SHOWN_FOR - 1) is seen
    assert made.shown(10 * MINUTE + SHOWN_FOR) == made.figures(10 * MINUTE + SHOWN_FOR) != seen
    assert made.shown(HOUR - 1) != {}
    made.roll(WALL + HOUR, HOUR, 2 * HOUR, HOUR)
    assert made.shown(HOUR) == {}, "the hour before is over"


# -- from hour to hour --


def test_a_stretch_over_the_full_hour_is_split() -> None:
    made = ledger()
    walk(made, "ann", ("ready", 30 * MINUTE), ("reserved", 40 * MINUTE), ("on_call", 40 * MINUTE))
    first = of(made.roll(WALL + HOUR, HOUR, 2 * HOUR, HOUR))
    assert list(first) == ["sales"], "nobody of service was there"
    assert first["sales"].began_at == WALL
    assert first["sales"].staffed == 30 * MINUTE
    walk(made, "ann", ("ready", HOUR + 15 * MINUTE), ("reserved", 2 * HOUR - 5 * MINUTE))
    second = of(made.roll(WALL + 2 * HOUR, 2 * HOUR, 3 * HOUR, 2 * HOUR))
    assert second["sales"].staffed == HOUR
    assert second["sales"].occupancy == occupancy(20, 40)
    assert second["sales"].jain_contacts == 10_000


def test_the_idle_time_before_an_offer_may_begin_in_the_hour_before() -> None:
    made = ledger()
    walk(made, "ann", ("ready", 50 * MINUTE))
    made.roll(WALL + HOUR, HOUR, 2 * HOUR, HOUR)
    walk(made, "ann", ("reserved", HOUR + MINUTE))
    load = made.hour.loads["ann"]
    assert (load.offers, load.waited, load.idle) == (1, 11 * MINUTE, MINUTE)


def test_who_signed_out_is_in_the_hour_and_not_in_the_next() -> None:
    made = ledger()
    walk(made, "ann", ("ready", 0), ("signed_out", 30 * MINUTE))
    assert of(made.roll(WALL + HOUR, HOUR, 2 * HOUR, HOUR))["sales"].staffed == 30 * MINUTE
    assert made.hour.loads == {}
    assert made.roll(WALL + 2 * HOUR, 2 * HOUR, 3 * HOUR, 2 * HOUR) == []


def test_hours_without_a_process_belong_to_nobody() -> None:
    """Down from 0:50 to 5:20: what is known ends with its hour, and the new one begins whole."""
    made = ledger()
    walk(made, "ann", ("ready", 0))
    at = 5 * HOUR + 20 * MINUTE
    [one] = made.roll(WALL + 5 * HOUR, 5 * HOUR, 6 * HOUR, at)
    assert isinstance(one, FairnessMeasured)
    assert (one.figures.began_at, one.figures.staffed) == (WALL, HOUR)
    assert taken(made, "sales", at).staffed == 20 * MINUTE


def test_a_deadline_that_comes_late_gives_no_hour_more_than_it_has() -> None:
    made = ledger()
    walk(made, "ann", ("ready", 0))
    walk(made, "ann", ("not_ready", HOUR + 7 * MINUTE))
    assert of(made.roll(WALL + HOUR, HOUR, 2 * HOUR, HOUR + 7 * MINUTE))["sales"].staffed == HOUR


@pytest.mark.parametrize("jump", [-30 * HOUR, 400_000 * HOUR])
def test_a_wall_clock_that_jumps_ends_the_hour_where_it_is(jump: int) -> None:
    """Each millisecond counts once, whatever the wall says."""
    made = ledger()
    walk(made, "ann", ("ready", 0))
    at = 20 * MINUTE
    shown = of(made.roll(WALL + jump, 0, HOUR, at))
    assert (shown["sales"].began_at, shown["sales"].staffed) == (WALL, 20 * MINUTE)
    assert taken(made, "sales", 50 * MINUTE).staffed == 30 * MINUTE


def test_a_small_step_of_the_wall_clock_moves_the_end_of_the_hour() -> None:
    made = ledger()
    walk(made, "ann", ("ready", 0))
    assert made.roll(WALL, -SECOND, HOUR - SECOND, MINUTE) == []
    assert taken(made, "sales", 2 * HOUR).staffed == HOUR - SECOND


def test_agents_whom_the_settings_no_longer_know_go() -> None:
    made = ledger()
    walk(made, "ann", ("ready", 0))
    walk(made, "bob", ("ready", 0))
    later = Ledger(AGENTS[1:], ("sales", "service"))
    later.restore(made.hour)
    assert list(later.hour.loads) == ["bob"]
    assert taken(later, "sales", HOUR).agents == 1


def test_tasks_in_hand_are_work_and_an_offer_to_who_has_some_ends_no_idle_time() -> None:
    made = ledger()
    walk(
        made, "ann", ("ready", 0), ("reserved", 10 * MINUTE), ("working", 11 * MINUTE),
        ("reserved", 20 * MINUTE), ("working", 21 * MINUTE), ("ready", 30 * MINUTE),
    )  # fmt: skip
    figures = taken(made, "sales", 40 * MINUTE)
    assert figures.occupancy == 5_000, "20 of 40 minutes"
    [load] = made.hour.loads.values()
    assert (load.offers, load.waited) == (1, 10 * MINUTE)
    assert load.upto(40 * MINUTE).handling == 20 * MINUTE
