"""Callers come as planned and as drawn, whatever the machine decides about those before them."""

from __future__ import annotations

from collections import Counter

import msgspec

from ctid.core.instants import HOUR, MINUTE, SECOND
from ctid.core.tasks import TaskSubmitted
from sim import site
from sim.fuzz.tasked import with_tasks
from sim.spreads import Exponential, Fixed
from sim.world.habits import (
    AgentHabits,
    Burst,
    CallerHabits,
    Inflow,
    MenuHabits,
    PbxHabits,
    RedialHabits,
    WorldSettings,
)
from sim.world.plan import PlannedCaller
from sim.world.tasks import TaskHabits
from tests.unit.sim.worlds import run

NOBODY = CallerHabits(calls=0, hidden=0.0, ends_call=1.0)
STEADY = AgentHabits(
    answer=Fixed(SECOND), no_answer=0.0, reject=0.0, decline=0.0, breaks=0.0, private_call=0.0,
    unplugged=0.0, screen_lost=0.0,
)  # fmt: skip

ENDS = ("abandoned", "answered")


def habits(**changes: object) -> WorldSettings:
    return msgspec.structs.replace(
        WorldSettings(callers=NOBODY, agents=STEADY, lasts=HOUR, customers=site.customers()),
        **changes,
    )


def test_a_planned_caller_is_who_the_plan_says() -> None:
    plan = (
        PlannedCaller(at=60_000, number="+8613800000001", queue="sales", code="100003",
                      patience=HOUR, talk=45_000),
        PlannedCaller(at=30_000, number="", dialled="4000", keys=("1",), code="", talk=10_000),
    )  # fmt: skip
    ran = run(habits(plan=plan))
    assert [at for at, _ in ran.arrivals()] == [30_000, 60_000]
    first, second = ran.records().values()
    assert (first.number, first.dialled, first.outcome) == ("", "4000", "answered")
    assert (second.queue, second.number) == ("sales", "+8613800000001")
    assert second.customer == "c3"
    assert second.talked == 45_000
    assert first.talked == 10_000


def test_a_plan_past_the_menus_reaches_its_queue_in_its_language_at_once() -> None:
    plan = tuple(
        PlannedCaller(at=SECOND * n, queue="service", language="en", patience=0, number="")
        for n in (1, 2)
    )
    ran = run(habits(plan=plan, pbx=PbxHabits(setup=Fixed(0))))
    for record in ran.records().values():
        assert (record.queue, record.language, record.outcome) == ("service", "en", "abandoned")
        assert record.waited == 0


def test_a_burst_comes_on_top_within_its_time() -> None:
    inflow = Inflow("rush", NOBODY, bursts=(Burst(10 * MINUTE, 40, MINUTE),), queue="sales")
    came = [at for at, _ in run(habits(inflows=(inflow,))).arrivals()]
    assert len(came) == 40
    assert min(came) >= 10 * MINUTE
    assert max(came) <= 11 * MINUTE


def test_every_line_busy_turns_callers_away_and_some_call_again_as_themselves() -> None:
    redial = RedialHabits(busy=1.0, after=Fixed(20 * SECOND), tries=2)
    callers = msgspec.structs.replace(
        NOBODY, patience=Fixed(HOUR), talk=Fixed(30 * SECOND), redial=redial
    )
    plan = tuple(
        PlannedCaller(at=at, queue="sales", number=f"+861380000000{n}", inflow="all")
        for n, at in enumerate((1_000, 2_000, 3_000))
    )
    ran = run(habits(plan=plan, inflows=(Inflow("all", callers),), trunks=1, boot="sim-1"))
    assert ran.world.tally.blocked == 5
    assert ran.world.tally.redials == 4
    came = [(at, event.call, event.number) for at, event in ran.arrivals()]
    assert came == [(1_000, "sim-1.1", "+8613800000000"), (42_000, "sim-1.2r2", "+8613800000001")]


def test_those_who_gave_up_call_again_until_they_have_tried_often_enough() -> None:
    redial = RedialHabits(abandoned=1.0, after=Fixed(MINUTE), tries=2)
    callers = msgspec.structs.replace(NOBODY, patience=Fixed(5 * SECOND), redial=redial)
    centre = site.settings(agents=1)
    plan = tuple(
        PlannedCaller(at=at, queue="sales", talk=10 * MINUTE, inflow="all", number=f"+8613{at}")
        for at in (1_000, 20_000)
    )
    ran = run(habits(plan=plan, inflows=(Inflow("all", callers),)), settings=centre)
    assert [event.call for _, event in ran.arrivals()] == ["sim.1", "sim.2", "sim.2r1", "sim.2r2"]
    assert len({event.number for _, event in ran.arrivals()}) == 2


def test_callers_are_the_same_whatever_becomes_of_them() -> None:
    """Common random numbers: who comes when, what they press, how long they wait and talk."""
    callers = msgspec.structs.replace(
        NOBODY, patience=Exponential(MINUTE), hidden=0.2, wrong_key=0.2, no_digits=0.2
    )
    inflows = (
        Inflow("a", callers, rates=((0, 120.0),)),
        Inflow("b", callers, rates=((0, 0.0), (HOUR // 2, 160.0)), queue="service"),
    )
    # Whoever gave up and calls again has the time waited, and then it matters what became of them.
    sites = (msgspec.structs.replace(site.settings(n), regain=0) for n in (3, 7))
    few, many = (run(habits(inflows=inflows), settings=one) for one in sites)
    assert few.arrivals() == many.arrivals()
    before, after = few.records(), many.records()
    ended = Counter((before[call].outcome, after[call].outcome) for call in before)
    assert min(ended[one, other] for one in ENDS for other in ENDS[1:]) > 0, ended
    for call, one in before.items():
        other = after[call]
        assert (one.path, one.code, one.queue) == (other.path, other.code, other.queue)
        if one.outcome == other.outcome == "abandoned":
            assert one.waited == other.waited
        if one.outcome == other.outcome == "answered":
            assert one.talked == other.talked


def test_customers_of_the_grades_that_an_inflow_names_call() -> None:
    cards = tuple(
        msgspec.structs.replace(card, grade="AB"[n % 2], numbers=(f"+86138{n:08d}",))
        for n, card in enumerate(site.customers())
    )
    inflow = Inflow("a", NOBODY, ((0, 60.0),), queue="sales", grades=(("B", 1.0),))
    ran = run(habits(inflows=(inflow,), customers=cards))
    called = {event.number for _, event in ran.arrivals()}
    assert len(called) > 10
    assert called <= {card.numbers[0] for card in cards if card.grade == "B"}


def test_callers_press_what_the_menu_is_said_to_get() -> None:
    menus = {"which": MenuHabits((("2", 1.0),), wrong="7")}
    callers = msgspec.structs.replace(
        NOBODY, menus=menus, wrong_key=0.0, no_digits=0.0, menu_hang_up=0.0
    )
    right = run(habits(inflows=(Inflow("a", callers, ((0, 60.0),)),)))
    assert {(one.queue, one.language) for one in right.records().values()} == {("service", "en")}
    wrong = msgspec.structs.replace(callers, wrong_key=1.0)
    lost = run(habits(inflows=(Inflow("a", wrong, ((0, 60.0),)),)))
    assert {one.path[2:] for one in lost.records().values()} == {("menu!", "service")}


def test_what_was_known_of_a_caller_who_found_no_line_holds_when_they_get_one() -> None:
    redial = RedialHabits(busy=1.0, after=Fixed(MINUTE))
    callers = msgspec.structs.replace(NOBODY, patience=Fixed(HOUR), redial=redial)
    plan = tuple(
        PlannedCaller(at=at, queue="sales", talk=30 * SECOND + at, inflow="all")
        for at in (1_000, 2_000)
    )
    ran = run(habits(plan=plan, inflows=(Inflow("all", callers),), trunks=1))
    assert [(call, one.talked) for call, one in ran.records().items()] == [
        ("sim.1", 31_000),
        ("sim.2r1", 32_000),
    ]


def test_tasks_come_the_same_whatever_becomes_of_those_before() -> None:
    found = []
    for agents in (1, 5):
        centre = site.settings(agents=agents)
        centre = msgspec.structs.replace(centre, acd=with_tasks(centre.acd, 1))
        ran = run(habits(tasks=TaskHabits(until=10 * MINUTE)), settings=centre)
        found.append([(line.t, line.e) for line in ran.lines if isinstance(line.e, TaskSubmitted)])
    assert len(found[0]) > 10
    assert found[0] == found[1]
    assert max(at for at, _ in found[0]) < 20 * MINUTE


def test_people_of_one_inflow_stay_when_another_one_is_added() -> None:
    one = Inflow("one", NOBODY, ((0, 60.0),), queue="sales")
    more = Inflow("more", NOBODY, ((0, 60.0),), queue="service")
    alone, beside = run(habits(inflows=(one,))), run(habits(inflows=(more, one)))
    came = [(at, event.number) for at, event in beside.arrivals() if ":sales:" in event.dialled]
    assert [(at, event.number) for at, event in alone.arrivals()] == came
    assert 30 < len(came) < len(beside.arrivals())
