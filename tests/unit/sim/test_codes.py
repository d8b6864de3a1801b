"""Callers of a simulation at the wider steps of a flow: codes read back, PINs, flows that call."""

from __future__ import annotations

from collections import Counter

import msgspec

from ctid.centre.settings import CentreSettings
from ctid.core import events as ev
from ctid.core.commands import Collect
from ctid.core.identity import PinChecked
from ctid.core.records import CustomerCard
from ctid.ivr import flow
from ctid.settings.table import Problems, Table
from sim import site
from sim.scenario.callers import _menus
from sim.world.habits import CallerHabits, PbxHabits, WorldSettings
from sim.world.plan import PlannedCaller
from tests.unit.sim.worlds import Ran, run

STEPS: dict[str, flow.AnyStep] = {
    "code": flow.Collect(
        "code", next="pin", on_fail="queue", min=6, max=6, check="customer", confirm="right",
        again=("code-2",), total=15_000,
    ),
    "pin": flow.Collect("pin", next="other", on_fail="queue", min=4, max=6, class_="pin"),
    "other": flow.Call("other", next="known"),
    "known": flow.Branch("code_status", {"found": "tell"}, otherwise="queue"),
    "tell": flow.Say("digits", "{code}", next="queue"),
    "queue": flow.Queue("sales"),
}  # fmt: skip
OTHER: dict[str, flow.AnyStep] = {
    "menu": flow.Menu("other", {"1": "back"}, on_fail="back", again=("other-2",)),
    "back": flow.Return(),
}


CUSTOMERS = (CustomerCard("7", "100001", "张伟", numbers=("+8613800138000",)),)


def asking() -> CentreSettings:
    made = site.settings()
    flows = {
        "code": flow.Flow("code", "code", "en", STEPS, {}),
        "other": flow.Flow("other", "menu", "en", OTHER, {}),
    }
    return msgspec.structs.replace(made, flows={**made.flows, **flows}, entries={"4000": "code"})


def walked(**changes: object) -> Ran:
    menus = _menus(Table({}, "keys", Problems("day.toml")), {}, asking())
    habits = CallerHabits(calls=40, menus=menus, menu_hang_up=0)
    return run(world(msgspec.structs.replace(habits, **changes)), settings=asking())


def world(callers: CallerHabits, plan: tuple[PlannedCaller, ...] = ()) -> WorldSettings:
    """One whose CRM always answers."""
    return WorldSettings(
        callers=callers, plan=plan, customers=CUSTOMERS, pbx=PbxHabits(crm_silent=0)
    )


def test_callers_confirm_what_was_read_back_and_keep_their_pin() -> None:
    ran = walked(wrong_key=0, no_digits=0, wrong_code=0, strangers=0)
    paths = Counter(record.path for record in ran.records().values())
    known = ("code", "pin", "other", "other/menu=1", "other/back", "known", "tell", "queue")
    assert paths == {known: 40}
    asked = [c for line in ran.lines for c in line.c if isinstance(c, Collect)]
    secrets = {c.call for c in asked if c.secret}
    told = [e for _, e in ran.facts(ev.DigitsCollected) if isinstance(e, ev.DigitsCollected)]
    assert len(secrets) == 40
    assert sum(e.digits == "xxxxxx" for e in told) == 40, "a code, keyed as the PIN"


def test_callers_who_err_are_served_all_the_same() -> None:
    ran = walked(wrong_key=0.2, no_digits=0.2, wrong_code=0.2)
    records = ran.records().values()
    assert len(records) == 40
    assert {record.path[-1] for record in records} == {"queue"}
    firsts = {record.path[0] for record in records}
    assert {"code!", "code~2", "code"} <= firsts


def test_a_plan_knows_nothing_of_a_code_that_is_read_back() -> None:
    """Its keys are for menus: each keeps its place."""
    plan = tuple(
        PlannedCaller(at=1000 * n, dialled="4000", code="100001", keys=("1",)) for n in range(1, 6)
    )
    menus = _menus(Table({}, "keys", Problems("day.toml")), {}, asking())
    habits = CallerHabits(calls=0, menus=menus)
    ran = run(world(habits, plan), settings=asking())
    assert all("other/menu=1" in record.path for record in ran.records().values())
    assert len(ran.records()) == 5


def proving(**changes: object) -> tuple[Counter[str], Ran]:
    """How callers of that kind come out of a check of their PIN: entries of the path."""
    pin = msgspec.structs.replace(STEPS["pin"], check="pin", tries=2)
    flows = {"code": flow.Flow("code", "code", "en", {**STEPS, "pin": pin}, {})}
    made = asking()
    settings = msgspec.structs.replace(made, flows={**made.flows, **flows})
    menus = _menus(Table({}, "keys", Problems("day.toml")), {}, settings)
    habits = CallerHabits(calls=40, menus=menus, menu_hang_up=0, wrong_key=0, no_digits=0, hidden=1)
    callers = msgspec.structs.replace(habits, **changes)
    ran = run(world(callers), settings=settings)
    records = ran.records().values()
    pins = Counter(step for record in records for step in record.path if step.startswith("pin"))
    verified = sum(record.identity == "verified" for record in records)
    assert verified == sum(count for step, count in pins.items() if "!" not in step)
    return pins, ran


def test_callers_prove_who_they_are() -> None:
    pins, ran = proving(wrong_code=0, wrong_pin=0)
    assert pins == {"pin": 40}
    checked = [e.status for _, e in ran.facts(PinChecked) if isinstance(e, PinChecked)]
    assert checked == ["right"] * 40


def test_callers_who_key_wrong_pins() -> None:
    """Their number is hidden, so that no call locks another; the code is, after a while."""
    pins, _ = proving(wrong_code=0, wrong_pin=0.5)
    assert {"pin", "pin~2", "pin!", "pin!locked"} <= pins.keys()


def test_somebody_elses_pin_is_never_right() -> None:
    pins, _ = proving(wrong_code=0, wrong_pin=1)
    assert pins.keys() == {"pin!", "pin!locked"}
    assert pins["pin!"] <= 3, "five wrong ones lock the code"
