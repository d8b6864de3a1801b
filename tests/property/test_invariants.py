"""Whatever comes, in whatever order: the machine's promises hold, and it never raises."""

from typing import get_args

import msgspec
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ctid.centre.centre import Centre
from ctid.centre.state import CentreState
from ctid.core import events as ev
from ctid.core.identity import PinChecked
from ctid.core.journal import Line
from ctid.core.services import ServiceAnswered, ServiceStatus
from ctid.core.supervision import Supervisor
from ctid.core.tasks import TaskAccepted, TaskCancelled, TaskDone, TaskRejected, TaskSubmitted
from sim import site
from sim.fuzz import supervised
from sim.fuzz.busy import BRANCH
from sim.fuzz.sites import ABSENCES as ABSENCE_RULES
from sim.fuzz.sites import WRAP_UPS as WRAP_UP_RULES
from sim.fuzz.steps import Step, feed
from sim.spreads import Exponential, Fixed
from sim.world.supervisors import WISHES
from tests.property.centre_machine import Mischief, Run, site_of

SHARES = st.sampled_from((0.0, 0.1, 0.4))
CUTS = st.sampled_from((Fixed(0), Exponential(20_000), Exponential(5000)))

WRAP_UPS = st.sampled_from(WRAP_UP_RULES)
ABSENCES = st.sampled_from(ABSENCE_RULES)
mischiefs = st.builds(
    Mischief, wrap_up=WRAP_UPS, absence=ABSENCES,
    seed=st.integers(0, 10**6), agents=st.integers(1, 6), calls=st.integers(1, 40),
    doubled=SHARES, late=SHARES, cut_every=CUTS, restarts=st.booleans(),
    transfers=st.sampled_from((0.0, 0.5, 0.9)), supervisors=st.booleans(),
    asides=st.sampled_from((0.0, 0.5, 0.9)),
    school=st.integers(0, 10**4), tasks=st.sampled_from((0, 0, 12)),
)  # fmt: skip


@given(mischiefs)
def test_invariants_hold(mischief: Mischief) -> None:
    run = Run(mischief)
    run.play()
    assert not run.centre.router.offers, "an agent is kept in an offer that is long over"
    sent = {f"task:{n}" for n in range(1, mischief.tasks + 1)}
    assert set(run.closed) <= {f"sim.{n}" for n in range(1, mischief.calls + 1)} | sent


@given(st.integers(0, 10**6), st.integers(1, 6), CUTS)
def test_every_call_of_a_true_world_is_closed_once(seed: int, agents: int, cuts: object) -> None:
    run = Run(Mischief(seed, agents=agents, cut_every=cuts))
    run.play()
    assert run.closed == {f"sim.{n}": 1 for n in range(1, 26)}
    assert not run.centre.calls
    counts = run.centre.router.counts.values()
    assert sum(c.offered for c in counts) == sum(c.answered + c.abandoned for c in counts)


@given(mischiefs)
def test_replay_is_equal(mischief: Mischief) -> None:
    mischief = msgspec.structs.replace(mischief, restarts=False)
    run = Run(mischief)
    run.play()
    assert replayed(run.journal, Centre(run.settings)) == run.journal


@given(mischiefs, st.floats(0, 1))
@settings(max_examples=50)
def test_loading_and_going_on_equals_going_on(mischief: Mischief, share: float) -> None:
    mischief = msgspec.structs.replace(mischief, restarts=False)
    run = Run(mischief)
    run.play()
    goes_on_as_loaded(run, share)


def goes_on_as_loaded(run: Run, share: float) -> None:
    """Whoever loads the state at some line of this run makes the rest of it the same."""
    cut = int(len(run.journal) * share)
    first, rest = run.journal[:cut], run.journal[cut:]
    centre = Centre(run.settings)
    replayed(first, centre)
    saved = msgspec.json.encode(centre.dump())
    loaded = Centre.load(run.settings, msgspec.json.decode(saved, type=CentreState))
    assert msgspec.json.encode(loaded.dump()) == saved
    assert replayed(rest, loaded) == rest


def replayed(journal: list[Line], centre: Centre) -> list[Line]:
    """What `centre` makes of the same facts at the same instants."""
    lines = []
    for line in journal:
        commands = centre.advance(line.t) if line.e is None else centre.handle(line.e, line.t)
        lines.append(Line(line.n, line.t, line.e, tuple(commands)))
    return lines


ids = st.sampled_from(("c1", "c2", "sim.1", ""))
task_ids = st.sampled_from(("task:1", "task:2", "c1", ""))
offers = st.sampled_from(("b-2", "b-3", "b-4", "x"))
agents = st.sampled_from(("agent0", "agent1", "agent2", "nobody"))
phones = st.sampled_from(("PJSIP/1000", "PJSIP/1001", "PJSIP/9"))
queues = st.sampled_from(("sales", "service", "", "nowhere"))
text = st.text(max_size=20)
walls = st.integers(0, 2_000_000_000_000)
supervisors = st.one_of(
    st.sampled_from((supervised.SUE, supervised.NOBODY)),
    st.builds(Supervisor, st.just("al"), st.just("Al"), agents),
)
channels = st.builds(
    ev.ChannelFact, channel=text, id=st.one_of(st.sampled_from(("c1", "c2", "sim.1")), offers),
    role=st.sampled_from(("caller", "agent", "spy")),
    place=st.sampled_from(("ivr", "queue", "talking", "ringing", "other")),
    call=ids, queue=queues, since=walls, number=text, phone=phones,
)  # fmt: skip
phone_states = st.sampled_from(("idle", "ringing", "in_use", "unreachable"))
anything: st.SearchStrategy[ev.Event] = st.one_of(
    st.just(ev.Started("b", 1_767_578_400_000)),
    st.builds(ev.WallClockAdjusted, walls),
    st.builds(ev.LinkLost, text),
    st.builds(
        ev.Inventory, st.booleans(), st.lists(channels, max_size=6).map(tuple),
        st.lists(st.builds(ev.PhoneFact, phones, phone_states), max_size=3).map(tuple),
    ),
    st.builds(ev.CallArrived, ids, text, text, text, text),
    st.builds(ev.PromptsPlayed, ids),
    st.builds(
        ev.DigitsCollected, ids, st.one_of(text, st.sampled_from(("1", "2", "100001"))),
        st.sampled_from(("full", "terminator", "timeout")),
    ),
    st.builds(ev.IvrLost, ids, text),
    st.builds(
        PinChecked, ids, st.integers(0, 3), st.sampled_from(("right", "wrong", "timeout")),
    ),
    st.builds(
        ev.CallWaiting, ids, text, queues, walls, text, text, text, text, text, st.integers(0, 3)
    ),
    st.builds(ev.CallEnded, ids, text),
    st.builds(ev.Announced, ids),
    *(st.builds(kind, offers) for kind in (ev.AgentRinging, ev.AgentAnswered, ev.CallBridged)),
    st.builds(
        ev.LegEnded, offers,
        st.sampled_from(("no_answer", "busy", "caller_gone", "hangup", "unknown", "failed")),
    ),
    st.builds(ev.PhoneChanged, phones, phone_states),
    *(
        st.builds(kind, agents)
        for kind in (ev.SignInAsked, ev.SignOutAsked, ev.ReadyAsked, ev.WrapUpDone,
                     ev.ExtendWrapUpAsked, ev.HangUpAsked, ev.ScreenLost, ev.ScreenBack)
    ),
    st.builds(ev.BreakAsked, agents, text),
    st.builds(ev.PullAsked, agents, ids),
    st.builds(ev.AssignAsked, supervisors, ids, agents),
    st.builds(ev.SpyAsked, supervisors, agents, st.sampled_from(WISHES)),
    st.builds(ev.SpyStopAsked, supervisors),
    st.builds(
        ev.TransferAsked, agents, ids, st.sampled_from(("queue", "agent", "number")),
        st.one_of(queues, agents, st.just(BRANCH)), text,
    ),
    st.builds(ev.CallDiverted, ids, st.sampled_from(("external", "voicemail")), st.integers(0, 3)),
    st.builds(ev.ExternalAnswered, ids),
    st.builds(ev.DispositionGiven, agents, ids, st.one_of(text, st.just("sold"))),
    st.builds(
        TaskSubmitted, task_ids, st.one_of(queues, st.sampled_from(("mail", "chat"))),
        st.sampled_from(("email", "chat", "call", "")), walls, st.sampled_from((None, 0, 9, 10)),
        st.integers(0, 3), text, text, text,
    ),
    st.builds(TaskCancelled, task_ids),
    st.builds(TaskAccepted, agents, task_ids),
    st.builds(TaskRejected, agents, task_ids),
    st.builds(TaskDone, agents, task_ids, text),
    st.builds(ev.PopAcknowledged, agents, offers),
    st.builds(
        ev.CustomerLookedUp, ids, st.integers(0, 4),
        st.sampled_from(("found", "none", "many", "unavailable", "timeout")),
        st.just(site.customers(2)),
    ),
    st.builds(
        ServiceAnswered, ids, st.integers(0, 3), st.sampled_from(get_args(ServiceStatus)),
        st.lists(st.tuples(text, text), max_size=3).map(tuple),
    ),
)  # fmt: skip


A_TALK_FROM_NOWHERE = ev.Inventory(
    False,
    (
        ev.ChannelFact("", "c1", "caller", "ivr", "c1", "sales"),
        ev.ChannelFact("", "c1", "agent", "talking", "c1", "sales", phone="PJSIP/1000"),
    ),
    (),
)


@given(st.lists(st.tuples(st.integers(0, 30_000), anything), max_size=60), st.integers(0, 1))
@example([(0, A_TALK_FROM_NOWHERE)], 0)
def test_no_fact_makes_it_raise(facts: list[tuple[int, ev.Event]], tasks: int) -> None:
    """Nonsense too: no world explains these facts, and the machine stays on its feet."""
    started = ev.Started("b", 1_767_578_400_000)
    steps = [Step(0, fact) for fact in (started, *(ev.SignInAsked(f"agent{n}") for n in range(3)))]
    for wait, fact in facts:
        steps.append(Step(steps[-1].at + wait, fact))
    assert feed(site_of(Mischief(0, agents=3, tasks=tasks)), steps).violation is None
