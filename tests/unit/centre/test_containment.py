"""How visits of flows end: each end once, each step with the way out of it and its time."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from ctid.core import events as ev
from ctid.core.commands import Command
from ctid.core.visits import FlowEnded, Stay, Visit, VisitOutcome, VisitWay
from ctid.ivr import flow
from tests.golden.ivr import arrive, centre, opened
from tests.golden.site import phones
from tests.golden.transcript import WALL, Scenario

STEPS: dict[str, flow.AnyStep] = {
    "menu": flow.Menu(
        "which", {"1": "tell", "2": "code", "0": "sales", "9": "bye"}, on_fail="service", tries=2
    ),
    "tell": flow.Play("news", next="more", serves=True),
    "more": flow.Menu("more", {"1": "menu", "0": "sales"}, on_fail="bye", tries=1),
    "code": flow.Collect("code", next="route", on_fail="route", min=3, max=3, tries=2),
    "route": flow.Branch("code", {"111": "sales"}, otherwise="service"),
    "bye": flow.HangUp(),
}


def site() -> Scenario:
    return opened(STEPS, "menu")


def ends(commands: list[Command]) -> list[Visit]:
    return [c.visit for c in commands if isinstance(c, FlowEnded)]


def told(s: Scenario, *facts: ev.Event, after: int = 1_000) -> Visit:
    """The one visit that ends with the last of these."""
    *before, last = facts
    for fact in before:
        assert not ends(s.say(fact, after=after))
    [visit] = ends(s.say(last, after=after))
    return visit


def key(digits: str) -> ev.DigitsCollected:
    return ev.DigitsCollected("c1", digits, "full" if digits else "timeout")


GONE = ev.CallEnded("c1", "16")
PLAYED = ev.PromptsPlayed("c1")


@pytest.mark.parametrize(
    ("facts", "outcome", "way", "last"),
    [
        ([GONE], "hung_up", "", "main/menu"),
        ([key("1"), GONE], "hung_up", "", "main/tell"),
        ([key("1"), PLAYED, GONE], "contained", "", "main/more"),
        ([key("1"), PLAYED, key("")], "contained", "", "main/bye"),
        ([key("9")], "unserved", "", "main/bye"),
        ([key("0")], "queue", "asked", "main/sales"),
        ([key("1"), PLAYED, key("0")], "queue", "asked", "main/sales"),
        ([key(""), key("7")], "queue", "failed", "main/service"),
        ([key("2"), key("111")], "queue", "asked", "main/sales"),
        ([key("2"), key("12"), key("")], "queue", "failed", "main/service"),
        ([key("2"), ev.IvrLost("c1", "reset")], "broken", "lost", "main/code"),
    ],
)
def test_each_end(facts: list[ev.Event], outcome: VisitOutcome, way: VisitWay, last: str) -> None:
    s = site()
    arrive(s)
    visit = told(s, *facts)
    assert (visit.outcome, visit.way, visit.last) == (outcome, way, last)
    assert (visit.call, visit.visit, visit.flow) == ("c1", 1, "main")
    assert visit.lasted == 1_000 * len(facts)
    assert not ends(s.say(GONE))


def test_each_step_has_its_tries_its_way_and_its_time() -> None:
    s = site()
    arrive(s)
    facts = [key(""), key("2"), key("12"), key("222")]
    visit = told(s, *facts, after=2_000)
    assert visit.began_at == WALL + 1_200
    assert visit.stays == (
        Stay("main", "menu", "2", silent=1, spent=4_000),
        Stay("main", "code", "next", wrong=1, spent=4_000),
        Stay("main", "route", "next"),
        Stay("main", "service", "queue"),
    )


def test_a_flow_that_needs_nobody_is_led() -> None:
    s = opened({"start": flow.Set("a", "b", next="sales")}, "start")
    s.wait(1_000)
    [visit] = ends(s.say(ev.CallArrived("c1", "PJSIP/t", "", "", "4000")))
    assert (visit.outcome, visit.way, visit.lasted) == ("queue", "led", 0)


def test_steps_of_called_flows_stand_under_their_own_flow() -> None:
    ask = flow.Flow("ask", "which", "en", {
        "which": flow.Menu("which", {"1": "back"}, on_fail="back"), "back": flow.Return(),
    }, {})  # fmt: skip
    s = opened({"first": flow.Call("ask", next="sales")}, "first", ask)
    arrive(s)
    visit = told(s, key("1"))
    assert visit.flow == "main"
    assert [(stay.flow, stay.step, stay.way) for stay in visit.stays] == [
        ("main", "first", "next"), ("ask", "which", "1"), ("ask", "back", "next"),
        ("main", "sales", "queue"),
    ]  # fmt: skip


def test_a_menu_to_which_a_rule_has_led_is_another_visit() -> None:
    s = site()
    arrive(s)
    assert told(s, key("0")).visit == 1
    s.say(ev.CallWaiting("c1", "PJSIP/t", "sales", WALL + s.now), after=50)
    call = s.centre.calls["c1"]
    s.centre.menus.again(call, "main", s.now)
    visit = told(s, key("9"))
    assert (visit.visit, visit.outcome) == (2, "unserved")


def test_the_dialplan_that_falls_back_ends_a_visit() -> None:
    s = site()
    arrive(s)
    visit = told(s, ev.CallWaiting("c1", "PJSIP/t", "", WALL + s.now))
    assert (visit.outcome, visit.way) == ("broken", "lost")


def test_a_pbx_that_says_nothing() -> None:
    s = site()
    arrive(s)
    due = s.centre.next_deadline()
    while due is not None and not (found := ends(s.centre.advance(due))):
        due = s.centre.next_deadline()
    assert [(visit.outcome, visit.way) for visit in found] == [("broken", "overdue")]


def restart(s: Scenario) -> list[Command]:
    s.restart()
    return s.say(ev.Started("b2", WALL))


def pbx_restart(s: Scenario) -> list[Command]:
    return s.say(ev.Inventory(True, (), phones()))


@pytest.mark.parametrize("begins_anew", [restart, pbx_restart])
def test_whoever_begins_anew_breaks_a_visit_once(
    begins_anew: Callable[[Scenario], list[Command]],
) -> None:
    s = site()
    arrive(s)
    s.say(key("2"))
    [visit] = ends(begins_anew(s))
    assert (visit.outcome, visit.way, visit.last) == ("broken", "restarted", "main/code")
    assert not ends(restart(s))
    assert not ends(s.say(ev.Inventory(False, (), phones())))
    assert not ends(s.say(GONE))


def test_a_caller_whose_end_nobody_saw_has_hung_up() -> None:
    s = site()
    arrive(s)
    [visit] = ends(s.say(ev.LinkLost("cut"), ev.Inventory(False, (), phones())))
    assert visit.outcome == "hung_up"


def test_new_settings_that_take_the_step_away_break_a_visit() -> None:
    s = site()
    arrive(s)
    s.say(key("2"))
    others = {name: step for name, step in STEPS.items() if name not in ("menu", "code")}
    changed = centre({"start": flow.Queue("sales"), **others}, "start")
    saved = s.centre.dump()
    s.centre = type(s.centre).load(
        changed, msgspec.convert(msgspec.to_builtins(saved), type(saved))
    )
    s.say(ev.Reloaded())
    visit = told(s, key("111"))
    assert (visit.outcome, visit.way, visit.last) == ("broken", "changed", "main/code")


def test_a_session_that_was_saved_before_anybody_counted_ends_without_a_word() -> None:
    s = site()
    arrive(s)
    saved = msgspec.to_builtins(s.centre.dump())
    for call in saved["calls"]:
        del call["session"]["trail"], call["visits"]
    s.centre = type(s.centre).load(s.settings, msgspec.convert(saved, type(s.centre.dump())))
    assert not ends(s.say(key(""), key("9")))
