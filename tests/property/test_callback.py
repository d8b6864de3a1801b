"""A world in which callers ask to be called back: one promise, and one attempt at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import msgspec
from hypothesis import given
from hypothesis import settings as budget
from hypothesis import strategies as st

from ctid.acd.callback import CallbackRules
from ctid.acd.channels import CALL
from ctid.acd.overflow import Overflow, Rule, ToCallback
from ctid.centre.settings import CentreSettings
from ctid.core.commands import Announce, CallClosed, Command, Divert, Overflowed, RingAgent
from ctid.core.instants import Duration
from ctid.core.records import CallRecord
from sim.spreads import Exponential, Spread, Uniform
from sim.world.world import World
from tests.property.centre_machine import Mischief, Run, site_of
from tests.property.test_invariants import CUTS, goes_on_as_loaded, mischiefs

ATTEMPTS = 2
RULES = CallbackRules(ATTEMPTS, retry_after=4_000, ring_for=10_000, keep=90_000)
LONGEST = 600_000
"""After the last caller; every callback is over long before."""


def settings(mischief: Mischief) -> CentreSettings:
    """1 and 2 ask for a callback, and so does a wait of 20 s."""
    made = site_of(mischief)
    rules = (
        Rule(ToCallback(), "key", key="1"),
        Rule(ToCallback(), "key", key="2"),
        Rule(ToCallback(), "wait", waited=20_000),
    )
    queues = tuple(
        msgspec.structs.replace(queue, overflow=Overflow(rules), callback=RULES)
        if queue.channel == CALL
        else queue
        for queue in made.acd.queues
    )
    return msgspec.structs.replace(made, acd=msgspec.structs.replace(made.acd, queues=queues))


class Promised(Run):
    """Follows each promise to its end."""

    def __init__(self, mischief: Mischief) -> None:
        # Outbound tasks may go on in the very instant in which a callback is withdrawn, and the
        # caller who takes its place is served before them: no overtaking, but it looks like it.
        mischief = msgspec.structs.replace(mischief, tasks=0)
        super().__init__(mischief, settings(mischief))
        habits = self.world.settings
        callers = msgspec.structs.replace(
            habits.callers, hidden=0.1, keys_waiting=0.7, loses_agent=0.1,
            outside_rings=Uniform(500, 15_000),
        )  # fmt: skip
        self.world = World(
            msgspec.structs.replace(habits, callers=callers), self.settings.acd, mischief.seed
        )
        self.records: dict[str, CallRecord] = {}

    def play(self, linger: Duration = LONGEST) -> None:
        super().play(linger)

    def _note(self, commands: Sequence[Command]) -> None:
        moved = {command.move.call for command in commands if isinstance(command, Overflowed)}
        # A word at the very instant of a move is spoken to nobody, for the move goes last; and why
        # there is no callback is said in every queue.
        super()._note([
            c for c in commands
            if not isinstance(c, Announce)
            or (c.call not in moved and not c.prompts[0].startswith("callback"))
        ])  # fmt: skip
        for command in commands:
            match command:
                case CallClosed(record=record):
                    self.records[record.call] = record
                case RingAgent(dial=dial) if dial is not None:
                    assert not command.channel, "there is nobody to bridge"
                case Announce() | Divert():
                    call = self.centre.calls.get(command.call)
                    assert call is None or not call.dials, "nobody is on the line"
                case _:
                    pass


def outcomes(run: Promised) -> Counter[str]:
    return Counter(record.outcome for record in run.records.values())


@given(mischiefs)
@budget(max_examples=25)
def test_the_promises_hold_whatever_comes(mischief: Mischief) -> None:
    """Facts late, doubled, in the wrong order, links cut, restarts: the checker follows it all."""
    run = Promised(mischief)
    run.play()
    assert not run.centre.callbacks.open


@given(st.integers(0, 10**6), st.integers(1, 5), CUTS, st.booleans())
@budget(max_examples=25)
def test_one_promise_one_attempt_at_a_time(
    seed: int, agents: int, cuts: Spread, restarts: bool
) -> None:
    run = Promised(Mischief(seed, agents=agents, cut_every=cuts, restarts=restarts))
    run.play()
    assert run.world.calling_back.twice_at_once == []
    asked = Counter(r.number for r in run.records.values() if r.outcome == "callback")
    for number, dialled in run.world.calling_back.dialled.items():
        assert dialled <= ATTEMPTS * asked[number], number
    callers = {call for call in run.records if "-cb" not in call}
    assert callers == {f"sim.{n}" for n in range(1, 26)}
    for call, record in run.records.items():
        assert (record.outcome in ("not_reached", "cancelled")) <= ("-cb" in call), record


@given(st.integers(0, 10**6), st.integers(1, 5))
@budget(max_examples=25)
def test_nobody_who_asked_counts_as_abandoned(seed: int, agents: int) -> None:
    run = Promised(Mischief(seed, agents=agents))
    run.play()
    counts = run.centre.router.counts.values()
    moved = sum(c.timed_out + c.by_key for c in counts)
    reached = sum("-cb" in r.call and r.outcome == "answered" for r in run.records.values())
    assert sum(c.called_back for c in counts) <= reached
    assert sum(c.offered for c in counts) == sum(c.answered + c.abandoned for c in counts) + moved
    assert sum(c.abandoned for c in counts) <= outcomes(run)["abandoned"]


def test_the_world_does_ask_for_callbacks_and_reaches_some() -> None:
    run = Promised(Mischief(6, agents=2, calls=60))
    run.play()
    found = outcomes(run)
    assert found["callback"] >= 5, found
    assert found["not_reached"], found
    assert found["cancelled"], found
    assert sum("-cb" in r.call and r.outcome == "answered" for r in run.records.values()), found


@given(st.integers(0, 10**6))
@budget(max_examples=20)
def test_with_the_link_cut_all_the_time(seed: int) -> None:
    """Each cut loads the machine from its state, as if ctid had been killed."""
    cuts = Exponential(4_000)
    run = Promised(Mischief(seed, agents=4, cut_every=cuts, restarts=True))
    run.play()
    assert run.world.calling_back.twice_at_once == []
    assert not run.centre.callbacks.open
    assert not run.centre.calls


@given(mischiefs, st.floats(0, 1))
@budget(max_examples=20)
def test_loading_and_going_on_equals_going_on(mischief: Mischief, share: float) -> None:
    run = Promised(msgspec.structs.replace(mischief, restarts=False))
    run.play()
    goes_on_as_loaded(run, share)
