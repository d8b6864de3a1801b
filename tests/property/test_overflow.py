"""Whatever rules there are and whatever comes: each contact ends in exactly one place, once."""

from collections import Counter
from collections.abc import Sequence

import msgspec
from hypothesis import given
from hypothesis import settings as budget
from hypothesis import strategies as st

from ctid.acd.overflow import (
    Overflow,
    Rule,
    ToExternal,
    ToHangUp,
    ToMenu,
    ToMessage,
    ToQueue,
    ToVoicemail,
    circles,
)
from ctid.centre.settings import CentreSettings
from ctid.core.commands import Announce, Command, Divert, HangUpCall, Overflowed
from sim import site
from sim.spreads import Spread
from tests.property.centre_machine import Mischief, Run
from tests.property.test_invariants import CUTS, goes_on_as_loaded, mischiefs

ends = st.sampled_from((
    ToVoicemail(), ToMessage(("sorry",)), ToHangUp(), ToExternal("+49301234"), ToMenu("main"),
))  # fmt: skip
HOPS = 2


def rules(queues: tuple[str, ...]) -> st.SearchStrategy[tuple[Rule, ...]]:
    """Up to three rules that lead on to one of `queues`, or out."""
    target = st.one_of(ends, st.sampled_from([ToQueue(q) for q in queues])) if queues else ends
    condition = st.sampled_from((
        {"at": "wait", "waited": 4_000}, {"at": "wait", "waited": 15_000},
        {"at": "join", "length": 2}, {"at": "both", "no_agent": "ready"},
        {"at": "both", "no_agent": "signed_in"}, {"at": "join", "ratio": 1_500},
        {"at": "join", "closed": "office"}, {"at": "both", "no_agent": "free", "length": 1},
        {"at": "wait", "waited": 3_000, "no_agent": "ready"}, {"at": "both", "expected": 20_000},
        {"at": "key", "key": "1"}, {"at": "key", "key": "2", "waited": 2_000},
    ))  # fmt: skip
    rule = st.builds(lambda to, c: msgspec.structs.replace(Rule(to), **c), target, condition)
    return st.lists(rule, max_size=3).map(tuple)


@st.composite
def sites(draw: st.DrawFn, agents: int = 4) -> CentreSettings:
    """The small site with a third queue, and rules that lead from each to later ones only."""
    made = site.settings(agents)
    sales, service = made.acd.queues
    names = ("sales", "service", "night")
    queues = tuple(
        msgspec.structs.replace(
            queue, id=name,
            overflow=Overflow(draw(rules(names[n + 1 :])), hops=HOPS, look_every=2_000),
        )
        for n, (name, queue) in enumerate(zip(names, (sales, service, service), strict=True))
    )  # fmt: skip
    assert not circles({queue.id: queue.overflow for queue in queues})
    staff = tuple(
        msgspec.structs.replace(agent, queues=(*agent.queues, "night") if n == 0 else agent.queues)
        for n, agent in enumerate(made.acd.agents)
    )
    acd = msgspec.structs.replace(made.acd, queues=queues, agents=staff)
    return msgspec.structs.replace(made, acd=acd)


class Watched(Run):
    """Also holds the moves against what the machine knows at that moment."""

    def __init__(self, mischief: Mischief, settings: CentreSettings) -> None:
        super().__init__(mischief, settings)
        self.hops: Counter[str] = Counter()

    def _note(self, commands: Sequence[Command]) -> None:
        moved = {command.move.call for command in commands if isinstance(command, Overflowed)}
        # A word at the very instant of a move is spoken to nobody; the move goes last.
        heard = (c for c in commands if not (isinstance(c, Announce) and c.call in moved))
        super()._note(list(heard))
        for command in commands:
            match command:
                case Overflowed(move=move):
                    self.hops[move.call] += move.to.startswith(("queue:", "external:"))
                    assert self.hops[move.call] <= HOPS, f"{move.call} hops without end"
                    assert move.waited >= 0
                case Divert(leaves="") | HangUpCall(reason="overflow"):
                    offers = self.centre.router.offers.values()
                    rung = [offer.call for offer in offers if not offer.caller_left]
                    assert command.call not in rung, "a phone rings"
                case _:
                    pass


@given(mischiefs, st.data())
def test_the_promises_hold_with_any_rules(mischief: Mischief, data: st.DataObject) -> None:
    run = Watched(mischief, data.draw(sites(mischief.agents)))
    run.play()
    assert set(run.closed) <= {f"sim.{n}" for n in range(1, mischief.calls + 1)}


@given(st.integers(0, 10**6), st.integers(1, 5), CUTS, st.data())
def test_each_contact_ends_in_exactly_one_place(
    seed: int, agents: int, cuts: Spread, data: st.DataObject
) -> None:
    run = Watched(Mischief(seed, agents=agents, cut_every=cuts), data.draw(sites(agents)))
    run.play()
    assert run.closed == {f"sim.{n}": 1 for n in range(1, 26)}
    assert not run.centre.calls
    assert run.world.outside.torn_out == []
    for queue, counts in run.centre.router.counts.items():
        moved = counts.closed + counts.no_agent + counts.full + counts.timed_out + counts.by_key
        assert counts.offered == counts.answered + counts.abandoned + moved, queue
        assert counts.overflowed <= moved


@given(mischiefs, st.floats(0, 1), st.data())
@budget(max_examples=30)
def test_loading_and_going_on_equals_going_on(
    mischief: Mischief, share: float, data: st.DataObject
) -> None:
    made = data.draw(sites(mischief.agents))
    run = Watched(msgspec.structs.replace(mischief, restarts=False), made)
    run.play()
    goes_on_as_loaded(run, share)
