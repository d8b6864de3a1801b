"""The callers of the simulator on the telephone: who they are, and what they key."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from crm_link.demo.load import demo_pin
from ctid.core import events as ev
from ctid.core.journal import Line
from ctid.ivr.flow import Collect, Flow, Queue
from sim.live.ami import CTID_READS
from sim.load.callers import Casting, rehearse
from sim.load.session import handling_seconds, working
from sim.run.replication import replicate
from sim.scenario.files import load

CONFIG = Path(__file__).parents[4] / "config"
SMALL = CONFIG / "scenarios/small.toml"
KNOWN = (("100001", "+8613800000001"),)


def test_they_are_the_callers_of_the_simulator() -> None:
    scenario = load(SMALL, {"lasts_h": 0.5, "warm_up_s": 0})
    lines: list[Line] = []
    replicate(scenario, 7, 3, write=lines.append)
    arrived = [(line.t, line.e) for line in lines if isinstance(line.e, ev.CallArrived)]
    played = list(rehearse(scenario, 7, 3))
    assert len(played) > 20
    assert [(at, c.call, c.number) for at, c in played] == [
        (at, e.call, e.number) for at, e in arrived
    ]


def test_times_are_divided_by_the_speed() -> None:
    scenario = load(SMALL)
    casting = [Casting(scenario.centre.flows, {}, KNOWN, speed) for speed in (1.0, 4.0)]
    slow, fast = (
        [one.cast(at, caller).script for at, caller in rehearse(scenario, 1, 0)] for one in casting
    )
    for a, b in zip(slow, fast, strict=True):
        assert b.talk == pytest.approx((a.talk or 0) / 4)
        assert b.patience == pytest.approx((a.patience or 0) / 4)
        assert b.key_delay == pytest.approx(a.key_delay / 4)


def test_keys_fit_what_is_asked() -> None:
    scenario = load(
        SMALL, {"callers.no_digits": 0, "callers.wrong_key": 0, "callers.wrong_code": 0}
    )
    casting = Casting(scenario.centre.flows, {}, KNOWN, 1.0)
    keyed: dict[str, set[str]] = {"choose-language": set(), "menu": set(), "code": set()}
    for at, caller in rehearse(scenario, 1, 0):
        answer = casting.cast(at, caller).script.answer
        assert answer is not None
        for prompt in keyed:
            keyed[prompt].add(answer(f"ctid/zh-CN/{prompt}"))
    assert keyed["choose-language"] == {"1", "2"}
    assert keyed["menu"] == {"0", "1", "2"}
    assert "100001" in keyed["code"]
    assert all(re.fullmatch(r"\d{6}", code) for code in keyed["code"])


@pytest.mark.parametrize(("wrong", "right"), [(0.0, {"1000#"}), (1.0, set())])
def test_pins_are_those_of_the_demo(wrong: float, right: set[str]) -> None:
    """As ctid's own directory has them: sim may not ask it, so this does."""
    scenario = load(SMALL, {"callers.wrong_pin": wrong})
    step = Collect("pin", next="q", on_fail="q", min=4, class_="pin", check="pin", again=("pin-2",))
    flow = Flow("f", "pin", "en", {"pin": step, "q": Queue("sales")}, {})
    casting = Casting({"f": flow}, {}, KNOWN, 1.0)
    keyed: set[str] = set()
    for at, caller in rehearse(scenario, 1, 0):
        answer = casting.cast(at, caller).script.answer
        assert answer is not None
        if caller.customer is not None:
            keyed |= {answer("ctid/en/pin"), answer("ctid/en/pin-2")}
    assert demo_pin(KNOWN[0][0]) == "1000"
    assert keyed == right if not wrong else len(keyed) > 10
    assert all(re.fullmatch(r"\d{4}#", one) for one in keyed)


def test_whose_way_nobody_knows_comes_by_the_queue_s_own_number() -> None:
    scenario = load(SMALL, {"streams": [{"id": "all", "queue": "support", "per_hour": 60}]})
    casting = Casting(scenario.centre.flows, {"support": "000990001"}, (), 1.0)
    dialled = {casting.cast(at, caller).dialled for at, caller in rehearse(scenario, 1, 0)}
    assert dialled == {"000990001"}


def test_time_that_a_call_takes_of_an_agent() -> None:
    spreads = {"kind": "uniform", "low_s": 9, "high_s": 11}
    scenario = load(SMALL, {"callers.talk": spreads, "agents.answer": spreads})
    wrap_up = max(q.wrap_up for q in scenario.centre.acd.queues if q.channel == "call") / 1000
    assert handling_seconds(scenario) == pytest.approx(20 + wrap_up, abs=0.2)


def test_only_who_works_signs_in() -> None:
    scenario = load(SMALL, {"staff": [{"agents": ["anna", "ben"]}]})
    assert [agent.id for agent in working(scenario).acd.agents] == ["anna", "ben"]
    assert len(working(load(SMALL)).acd.agents) == 10


def test_the_pretend_pbx_filters_as_the_snippet_says() -> None:
    text = (CONFIG / "asterisk/manager_ctid.conf").read_text()
    assert set(re.findall(r"name\((\w+)\)\) =", text)) == CTID_READS
