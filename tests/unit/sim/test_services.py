"""Callers of the simulator serve themselves: services answer as they are told to, each caller goes
on, and a recorded day hears again what it heard."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import msgspec
import pytest

from ctid.centre.settings import CentreSettings
from ctid.core.journal import Line
from ctid.core.services import AskService, ServiceAnswered
from ctid.ivr import flow
from ctid.ivr.service_steps import Appointment, OrderStatus, Request
from sim import site
from sim.spreads import Fixed, Uniform
from sim.whatif.files import Reel
from sim.whatif.play import play
from sim.whatif.reading import read_day
from sim.world.habits import CallerHabits, PbxHabits, ServiceHabits, WorldSettings
from tests.unit.sim.recorded_days import record, write
from tests.unit.sim.worlds import Ran, run

CALLS = 60
STEPS: dict[str, flow.AnyStep] = {
    "code": flow.Collect(
        "code", next="order", on_fail="queue", min=6, max=6, check="customer", tries=1
    ),
    "order": OrderStatus(
        needs="claimed", next="day", none="queue", on_fail="queue", prompt="one-moment"
    ),
    "day": Appointment(needs="claimed", next="stock", none="stock", on_fail="queue"),
    "stock": Request(
        service="shop", ask="GET /stock/{code}", into={"left": "left"}, next="bye", none="queue",
        on_fail="queue",
    ),
    "bye": flow.HangUp(),
    "queue": flow.Queue("sales"),
}  # fmt: skip


def settings() -> CentreSettings:
    made = site.settings()
    flows = {"own": flow.Flow("own", "code", "en", STEPS, {})}
    return msgspec.structs.replace(made, flows=flows, entries={"*": "own"})


def world(services: ServiceHabits) -> WorldSettings:
    """Every caller is a customer who knows the code."""
    callers = CallerHabits(calls=CALLS, wrong_code=0, no_digits=0, menu_hang_up=0, strangers=0)
    return WorldSettings(
        callers=callers, customers=site.customers(20), pbx=PbxHabits(crm_silent=0),
        services=services,
    )  # fmt: skip


def walked(**habits: float) -> Ran:
    usual = {"silent": 0.0, "broken": 0.0, "none": 0.0}
    return run(world(msgspec.convert({**usual, **habits}, ServiceHabits)), settings=settings())


@pytest.mark.parametrize(
    ("habits", "path", "outcome"),
    [
        ({}, ("code", "order=done", "day=done", "stock=done", "bye"), "ivr_ended"),
        ({"silent": 1.0}, ("code", "order!timeout", "queue"), ""),
        ({"broken": 1.0}, ("code", "order!unavailable", "queue"), ""),
        ({"none": 1.0}, ("code", "order=none", "queue"), ""),
    ],
)
def test_whatever_services_do_callers_go_on(
    habits: dict[str, float], path: tuple[str, ...], outcome: str
) -> None:
    records = walked(**habits).records().values()
    assert {record.path for record in records} == {path}
    assert len(records) == CALLS
    if outcome:
        assert {record.outcome for record in records} == {outcome}


def test_an_answer_that_takes_longer_than_the_step_waits_is_none() -> None:
    slow = msgspec.structs.replace(world(ServiceHabits()).services, answer=Fixed(3_001), silent=0.0)
    ran = run(world(slow), settings=settings())
    assert {record.path[1] for record in ran.records().values()} == {"order!timeout"}


def test_a_little_of_everything() -> None:
    ran = walked(silent=0.1, broken=0.1, none=0.2)
    told = Counter(
        event.status
        for _, event in ran.facts(ServiceAnswered)
        if isinstance(event, ServiceAnswered)
    )
    assert set(told) == {"done", "none", "unavailable", "timeout"}
    assert told["none"] > told["unavailable"]


def heard(lines: list[Line]) -> Counter[tuple[object, ...]]:
    """What callers asked, and what they were told."""
    asked = {(c.call, c.request): c for line in lines for c in line.c if isinstance(c, AskService)}
    found: Counter[tuple[object, ...]] = Counter()
    for line in lines:
        if isinstance(line.e, ServiceAnswered):
            question = asked[line.e.call, line.e.request]
            found[question.operation, question.arguments, line.e.status, line.e.values] += 1
    return found


def test_a_recorded_day_hears_again_what_it_heard(tmp_path: Path) -> None:
    habits = ServiceHabits(answer=Uniform(20, 900), silent=0.1, broken=0.1, none=0.2)
    lines, _ = record(1, settings(), world(habits))
    day = read_day(Reel([write(tmp_path / "day.ctid", settings(), lines)]))
    again: list[Line] = []
    play(day, settings(), 1, 0, write=again.append, check=True)
    assert heard(again) == heard(lines)
    assert len(heard(lines)) > 20
