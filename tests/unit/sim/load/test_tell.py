"""A load run as people and programs read it."""

from __future__ import annotations

import io
import json
from pathlib import Path

import msgspec
from rich.console import Console

from sim.load import tell
from sim.load.measure import Limits, Step, judge, latency
from sim.load.order import Report
from sim.load.ramp import Ramp
from sim.run.output import as_json
from tests.unit.sim.load.test_measure import GOOD

SLOW = latency([0.9] * 100)


def step(rate: float, **changes: object) -> Step:
    made = msgspec.structs.replace(GOOD, rate=rate, **changes)
    return judge(made, Limits(), everybody_can=True)


def report(*steps: Step, **changes: object) -> Report:
    made = Report(
        scenario="monday", seed=1, speed=20.0, agents=50, ramp=Ramp(5, 20, 5), limits=Limits(),
        steps=steps, good=10.0, bad=15.0, ended_by="bad",
    )  # fmt: skip
    return msgspec.structs.replace(made, **changes)


RAMP = report(step(10), step(15, agi=SLOW), step(15, agi=SLOW))


def test_the_table_says_what_broke_and_where() -> None:
    text = io.StringIO()
    tell.print_table(RAMP, Console(file=text, width=220))
    told = text.getvalue()
    assert "monday: 50 agents, all 20 times as fast" in told
    assert "900 / 900 / 900 / 900" in told
    assert "15 calls/s: agi p95 900 ms > 50 ms" in told
    assert "10 calls/s held, 15 did not" in told


def test_conclusions() -> None:
    def last(made: Report) -> str:
        return list(tell.conclusion(made))[-1]

    good = step(10)
    assert last(report(good, bad=None, ended_by="")).startswith("all rates held, up to 10")
    assert "load generator itself was late" in last(report(good, ended_by="generator"))
    assert "other programs took too much" in last(report(good, ended_by="machine"))
    assert last(report(good, good=0.0)) == "not even 15 calls/s held; begin lower"
    assert last(report(good, alone=True)) == "this program plays 10 calls/s, and not 15"
    late = step(10, agi=SLOW, generator_cpu=0.99)
    assert last(report(late, ramp=None)).endswith("nothing is known of ctid")
    assert last(report(good, troubles=("level=warning event=x",))).endswith("event=x")


def test_json_has_it_all() -> None:
    told = json.loads(as_json(RAMP))
    assert [one["verdict"] for one in told["steps"]] == ["good", "bad", "bad"]
    assert (told["good"], told["bad"], told["limits"]["agi_p95"]) == (10, 15, 50)


def test_held() -> None:
    assert RAMP.held
    assert not report(step(5, agi=SLOW), good=0.0).held
    assert not report(step(5, agi=SLOW), ramp=None).held


def test_the_plot_is_the_same_each_time(tmp_path: Path) -> None:
    for name in ("a.svg", "b.svg"):
        tell.plot(RAMP, tmp_path / name)
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()
    assert {path.name for path in tmp_path.iterdir()} == {"a.svg", "b.svg"}
