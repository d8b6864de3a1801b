"""A world in which supervisors listen in, take over and assign all the time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from ctid.core.commands import CallClosed, Command, Decided, LegClosed, Spied
from ctid.core.records import CallRecord, LegRecord
from sim.spreads import Exponential, Spread
from tests.property.centre_machine import Mischief, Run
from tests.property.test_invariants import CUTS, mischiefs


class Watched(Run):
    """Keeps who was in which talk, and who had which caller."""

    def __init__(self, mischief: Mischief) -> None:
        super().__init__(mischief)
        self.steps: Counter[str] = Counter()
        self.by_hand = 0
        self.records: dict[str, CallRecord] = {}
        self.legs: dict[str, list[LegRecord]] = {}

    def _note(self, commands: Sequence[Command]) -> None:
        super()._note(commands)
        for command in commands:
            match command:
                case Spied(record=record):
                    self.steps[record.step] += 1
                case Decided(decision=decision):
                    self.by_hand += decision.strategy == "by_hand"
                case CallClosed(record=closed):
                    self.records[closed.call] = closed
                case LegClosed(record=leg) if leg.bridged_at:
                    self.legs.setdefault(leg.call, []).append(leg)
                case _:
                    pass


@given(st.integers(0, 10**6), st.integers(1, 6), CUTS, st.sampled_from((0.0, 0.4)))
def test_every_caller_of_a_true_world_has_one_end(
    seed: int, agents: int, cuts: Spread, transfers: float
) -> None:
    run = Watched(
        Mischief(seed, agents=agents, cut_every=cuts, transfers=transfers, supervisors=True)
    )
    run.play()
    assert run.closed == {f"sim.{n}": 1 for n in range(1, 26)}
    assert not run.centre.calls
    assert not run.centre.router.offers
    assert not run.centre.supervision.spies
    assert run.steps["began"] == run.steps["ended"]


@given(st.integers(0, 10**6), st.integers(2, 6))
def test_talk_is_booked_to_who_talked(seed: int, agents: int) -> None:
    """The legs of a call that was taken over add up to the call, but for the moment in which the
    first agent's leg ends behind the caller."""
    run = Watched(Mischief(seed, agents=agents, supervisors=True))
    run.play()
    for call, record in run.records.items():
        legs = run.legs.get(call, [])
        talked = sum(leg.ended_at - leg.bridged_at for leg in legs)
        assert abs(record.talked - talked) <= 25 * len(legs), record
        taken = any(step.startswith("boss>take:") for step in record.path)
        assert taken == any(leg.agent == "boss" and leg.bridged_at for leg in legs) or (
            record.agent == "boss" and not taken  # sent to the boss by hand
        )


@given(mischiefs)
def test_whatever_comes(mischief: Mischief) -> None:
    run = Watched(msgspec.structs.replace(mischief, supervisors=True))
    run.play()
    assert not run.centre.router.offers
    assert not run.centre.supervision.spies


@given(st.integers(0, 10**6))
def test_with_the_link_cut_all_the_time(seed: int) -> None:
    """Each cut loads the machine from its state, as if ctid had been killed."""
    cuts = Exponential(3_000)
    run = Watched(Mischief(seed, agents=5, cut_every=cuts, restarts=True, supervisors=True))
    run.play()
    assert run.closed == {f"sim.{n}": 1 for n in range(1, 26)}
    assert not run.centre.supervision.spies


def test_the_world_does_all_of_it() -> None:
    run = Watched(Mischief(7, agents=5, calls=200, supervisors=True))
    run.play()
    assert run.by_hand > 0
    for step in ("began", "changed", "took_over", "ended"):
        assert run.steps[step] > 0, run.steps
