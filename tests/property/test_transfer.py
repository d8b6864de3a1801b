"""A world in which agents send callers on all the time: nobody is lost, nobody counts twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from ctid.core.commands import Bring, CallClosed, Command, LegClosed
from ctid.core.records import CallRecord
from sim.spreads import Exponential, Spread
from tests.property.centre_machine import Mischief, Run
from tests.property.test_invariants import CUTS


class Booked(Run):
    """Adds up who talked to whom."""

    def __init__(self, mischief: Mischief) -> None:
        super().__init__(mischief)
        self.records: dict[str, CallRecord] = {}
        self.talked: Counter[str] = Counter()
        """Milliseconds of talk by call, from the legs' records."""
        self.talks: Counter[str] = Counter()
        self.with_caller: Counter[str] = Counter()
        """Of `talked`, with the caller on the leg."""
        self.steps: Counter[str] = Counter()
        """Orders of holds and consults, by call."""

    def _note(self, commands: Sequence[Command]) -> None:
        super()._note(commands)
        for command in commands:
            match command:
                case CallClosed(record=record):
                    self.records[record.call] = record
                case LegClosed(record=leg) if leg.bridged_at:
                    self.talked[leg.call] += leg.ended_at - leg.bridged_at
                    self.talks[leg.call] += 1
                    self.with_caller[leg.call] += leg.ended_at - leg.bridged_at - leg.held
                case Bring():
                    self.steps[command.call] += 1
                case _:
                    pass


def handed_on(record: CallRecord) -> int:
    """How often agents sent this caller on."""
    return sum(step.startswith("agent") and ">" in step for step in record.path)


@given(st.integers(0, 10**6), st.integers(2, 6), CUTS, st.sampled_from((0.4, 0.8)))
def test_every_caller_of_a_true_world_has_one_end(
    seed: int, agents: int, cuts: Spread, transfers: float
) -> None:
    run = Booked(Mischief(seed, agents=agents, cut_every=cuts, transfers=transfers))
    run.play()
    assert run.closed == {f"sim.{n}": 1 for n in range(1, 26)}
    assert not run.centre.calls
    assert not run.centre.router.offers
    assert run.world.outside.torn_out == []
    counts = run.centre.router.counts.values()
    assert sum(c.offered for c in counts) == sum(c.answered + c.abandoned for c in counts)


@given(st.integers(0, 10**6), st.integers(2, 6))
def test_talk_is_booked_to_who_talked(seed: int, agents: int) -> None:
    """One leg for each talk; the call's own sum is theirs, but for the moment in which a leg ends
    after its caller has gone on. Outside, nobody of ours talks."""
    run = Booked(Mischief(seed, agents=agents, transfers=0.6))
    run.play()
    for call, record in run.records.items():
        assert record.waited >= 0
        outside = any(">number:" in step for step in record.path)
        if not outside:
            moment = 25 * run.talks[call]
            assert abs(record.talked - run.talked[call]) <= moment, record
            assert run.talks[call] <= handed_on(record) + 1


def test_the_world_does_send_callers_on_everywhere() -> None:
    run = Booked(Mischief(7, agents=5, calls=40, transfers=0.9))
    run.play()
    steps = [step for record in run.records.values() for step in record.path]
    for kind in ("queue", "agent", "number"):
        assert any(f">{kind}:" in step for step in steps), kind


@given(st.integers(0, 10**6))
def test_with_the_link_cut_all_the_time(seed: int) -> None:
    """Each cut loads the machine from its state, as if ctid had been killed."""
    cuts = Exponential(3_000)
    run = Booked(Mischief(seed, agents=5, cut_every=cuts, restarts=True, transfers=0.9))
    run.play()
    assert run.closed == {f"sim.{n}": 1 for n in range(1, 26)}
    assert not run.centre.calls
