"""A world in which agents put callers aside and ask each other all the time: nobody is lost."""

from __future__ import annotations

from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from ctid.core.commands import Bring
from ctid.core.records import Bringing
from sim.spreads import Exponential, Spread
from tests.property.centre_machine import Mischief
from tests.property.test_invariants import CUTS
from tests.property.test_transfer import Booked


@given(st.integers(0, 10**6), st.integers(2, 6), CUTS, st.sampled_from((0.4, 0.9)))
def test_every_caller_has_one_end(seed: int, agents: int, cuts: Spread, asides: float) -> None:
    run = Booked(Mischief(seed, agents=agents, cut_every=cuts, asides=asides))
    run.play()
    assert run.closed == {f"sim.{n}": 1 for n in range(1, 26)}
    assert not run.centre.calls
    assert not run.centre.router.offers
    assert not run.world.legs
    counts = run.centre.router.counts.values()
    assert sum(c.offered for c in counts) == sum(c.answered + c.abandoned for c in counts)


@given(st.integers(0, 10**6))
def test_with_the_link_cut_and_ctid_killed_all_the_time(seed: int) -> None:
    cuts = Exponential(3_000)
    run = Booked(Mischief(seed, agents=5, cut_every=cuts, restarts=True, asides=0.9, transfers=0.3))
    run.play()
    assert run.closed == {f"sim.{n}": 1 for n in range(1, 26)}
    assert not run.centre.calls
    assert not run.world.legs


@given(st.integers(0, 10**6), CUTS, st.booleans())
def test_with_all_else_that_agents_and_supervisors_do(
    seed: int, cuts: Spread, restarts: bool
) -> None:
    """Tasks in hand, callers sent on, supervisors who take over, phones that ring together."""
    run = Booked(
        Mischief(
            seed, agents=5, asides=0.7, transfers=0.4, tasks=15, supervisors=True, cut_every=cuts,
            restarts=restarts,
        )
    )  # fmt: skip
    run.play()
    assert {f"sim.{n}": run.closed[f"sim.{n}"] for n in range(1, 26)} == {
        f"sim.{n}": 1 for n in range(1, 26)
    }
    assert not run.centre.calls
    assert not run.world.legs


@given(st.integers(0, 10**6))
def test_with_facts_that_come_twice_and_late(seed: int) -> None:
    run = Booked(Mischief(seed, agents=4, doubled=0.3, late=0.2, asides=0.9))
    run.play()
    assert max(run.closed.values(), default=0) <= 1


@given(st.integers(0, 10**6), st.integers(2, 6))
def test_talk_is_booked_to_who_talked(seed: int, agents: int) -> None:
    """What the legs of a call talked with the caller is what the caller talked, but for moments,
    and for conferences, in which two talk at once."""
    run = Booked(Mischief(seed, agents=agents, asides=0.8))
    run.play()
    for call, record in run.records.items():
        if any("number:" in step for step in record.path):
            continue  # outside, nobody of ours talks
        assert 0 <= record.held <= record.talked
        moments = 60 * (1 + run.steps[call])
        assert run.with_caller[call] >= record.talked - record.held - moments, record


def test_the_world_does_get_everywhere() -> None:
    orders: set[str] = set()
    steps: list[str] = []
    for seed in range(18):
        run = Booked(Mischief(seed, agents=12, calls=60, asides=1.0))
        run.play()
        orders |= {c.to for line in run.journal for c in line.c if isinstance(c, Bring)}
        steps += [step for record in run.records.values() for step in record.path]
    assert orders == set(get_args(Bringing))
    assert any("&agent:" in step for step in steps)
    assert any(step.endswith(">hold") for step in steps)
