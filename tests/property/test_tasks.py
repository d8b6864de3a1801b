"""Tasks among calls: each in one place and closed once, whatever happens to agents and facts."""

from hypothesis import given, settings
from hypothesis import strategies as st

from ctid.core.instants import SECOND
from sim.spreads import Exponential, Fixed
from tests.property.centre_machine import Mischief, Run

SHARES = st.sampled_from((0.0, 0.1, 0.4))
mischiefs = st.builds(
    Mischief,
    seed=st.integers(0, 10**6), agents=st.integers(1, 6), calls=st.integers(1, 25),
    tasks=st.integers(1, 30), doubled=SHARES, late=SHARES,
    cut_every=st.sampled_from((Fixed(0), Exponential(20_000))), restarts=st.booleans(),
    school=st.integers(0, 10**4),
)  # fmt: skip


@given(mischiefs)
def test_invariants_hold_with_tasks(mischief: Mischief) -> None:
    run = Run(mischief)
    run.play()
    # The run may end while a card is still new: no channel's card stays for longer than this.
    old = run.ended - 10 * SECOND
    cards = [
        o for o in run.centre.router.tasks.open.values()
        if o.state == "ringing" and o.started_at < old
    ]  # fmt: skip
    assert not cards, "an agent is kept in an offer that is long over"


@given(st.integers(0, 10**6), st.integers(2, 6), st.integers(1, 30))
@settings(max_examples=40)
def test_every_task_of_a_true_world_is_closed_once(seed: int, agents: int, tasks: int) -> None:
    run = Run(Mischief(seed, agents=agents, calls=10, tasks=tasks))
    run.play()
    closed = {one: times for one, times in run.closed.items() if one.startswith("task:")}
    # A page that is lost right after the answer may leave one behind that nobody ends.
    assert closed.keys() | run.centre.tasks.open.keys() == {
        f"task:{n}" for n in range(1, tasks + 1)
    }
    assert set(closed.values()) <= {1}
