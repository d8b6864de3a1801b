"""A recorded day through its own settings and through others. The days are the simulator's own, so
what the other settings would have made of them is known.
"""

from __future__ import annotations

import dataclasses
import json
import math
import shutil
import statistics
from pathlib import Path

import msgspec
import pytest

from ctid.centre.settings import CentreSettings
from ctid.core.events import KeyPressed
from ctid.core.journal import Line
from ctid.core.records import QueueId
from ctid.settings.files import load
from sim import site
from sim.cli import main
from sim.run.outcome import Outcome
from sim.scenario.model import Scenario
from sim.whatif.draws import Draws
from sim.whatif.facts import Caller, Day
from sim.whatif.files import Reel
from sim.whatif.play import play, recorded
from sim.whatif.reading import read_day
from sim.whatif.study import JUDGED, Prices, WhatIf, judge, what_if
from sim.whatif.world import CALLERS, habits
from sim.world.habits import CallerHabits, WorldSettings
from sim.world.plan import PlannedCaller, with_doors
from tests.unit.sim.recorded_days import CALLS, record, world, write

SETTINGS, MORE = site.settings(8), site.settings(10)
DAYS = 6
LIMIT = 4.0


def read(file: Path, settings: CentreSettings, seed: int, of: WorldSettings | None = None) -> Day:
    return read_day(Reel([write(file, settings, record(seed, settings, of)[0])]))


def share(outcome: Outcome, what: str) -> float:
    """Of the calls that joined a queue."""
    every = [sums for one in outcome.queues.values() for sums in one]
    found: int = sum(getattr(sums, what) for sums in every)
    return found / sum(sums.offered for sums in every)


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Day:
    return read(tmp_path_factory.mktemp("day") / "d.ctid", SETTINGS, 1)


def asked(day: Day, new: CentreSettings, **more: object) -> WhatIf:
    wanted: dict[str, object] = {
        "journals": ["d.ctid"], "config": "new", "replications": 3, "seed": 1, **more
    }  # fmt: skip
    return what_if(day, new, **wanted)


def test_the_same_settings_make_no_difference_at_all(day: Day) -> None:
    found = asked(day, SETTINGS)
    assert found.faithful
    assert [note.en[:4] for note in found.told] in ([], ["only"])
    assert found.outcome_changed == found.agent_changed == 0
    assert found.changes == ()
    assert {one.value for one in found.differences} <= {0.0, None}
    assert found.over_day["before"] == found.over_day["after"]
    assert found.same_outcome > 0.9


def test_days_in_the_model_are_like_those_that_were_recorded(tmp_path: Path) -> None:
    """And two more agents do to them what they do to the days themselves."""
    errors: dict[str, list[float]] = {"in_target": [], "abandoned": [], "gain": []}
    same = 0
    for seed in range(DAYS):
        before = read(tmp_path / "d.ctid", SETTINGS, seed)
        draws = Draws(before)
        model, real = play(before, SETTINGS, seed, 0, draws=draws), recorded(before)
        for what in ("in_target", "abandoned"):
            errors[what].append(share(model.outcome, what) - share(real, what))
        pairs = zip(before.callers, model.ends, strict=True)
        same += sum(end is not None and end.agent == caller.agent for caller, end in pairs)
        gain = share(play(before, MORE, seed, 0, draws=draws).outcome, "in_target")
        errors["gain"].append(gain - share(record(seed, MORE)[1], "in_target"))
        assert gain > share(real, "in_target")
    for what, values in errors.items():
        error = statistics.stdev(values) / math.sqrt(DAYS)
        assert abs(statistics.fmean(values)) <= LIMIT * error, what
        assert error < 0.03, what
    # A day that nothing disturbs goes its old way to the last caller.
    assert same > 0.7 * DAYS * CALLS


def test_the_machine_keeps_its_promises_and_everybody_has_an_end(day: Day) -> None:
    played = play(day, MORE, 1, 0, check=True)
    assert None not in played.ends
    assert played.guessed == 0


def test_a_busier_day_is_not_taken_for_the_model(day: Day, tmp_path: Path) -> None:
    busy = recorded(read(tmp_path / "b.ctid", SETTINGS, 1, world(between=9_000)))
    model = [play(day, SETTINGS, 1, number).outcome for number in range(3)]
    scenario = Scenario("day", SETTINGS, WorldSettings(), day.lasts)
    found = {one.name: one.within for one in judge(scenario, busy, model)}
    assert not all(found[name] for name in JUDGED)


def test_the_number_of_processes_changes_nothing(tmp_path: Path) -> None:
    short = read(tmp_path / "d.ctid", SETTINGS, 1, world(calls=30))
    one, two = (asked(short, MORE, replications=2, jobs=jobs) for jobs in (1, 2))
    assert msgspec.json.encode(one) == msgspec.json.encode(two)


def test_cost_counts_hours_and_lost_callers(day: Day) -> None:
    found = asked(day, MORE, prices=Prices(hour=60, abandoned=10))
    cost = {one.name: one for one in found.differences if one.unit == "money"}
    hours = day.lasts / 3_600_000
    assert cost["cost"].value == pytest.approx(2 * 60 * hours, rel=0.02)
    saved = cost["cost"].value - cost["cost_with_lost"].value
    assert 0 < saved < 200
    new = {note.en.split()[1] for note in found.told if note.en.startswith("agent ")}
    assert new == {"agent8", "agent9"}


def test_what_the_new_settings_do_not_have_is_told(day: Day) -> None:
    acd = SETTINGS.acd
    kept = tuple(msgspec.structs.replace(agent, queues=("service",)) for agent in acd.agents[1:])
    flow = SETTINGS.flows["main"]
    steps = {name: step for name, step in flow.steps.items() if name != "sales"}
    steps["code"] = msgspec.structs.replace(steps["code"], next="service")
    new = msgspec.structs.replace(
        SETTINGS,
        acd=msgspec.structs.replace(acd, queues=acd.queues[1:], agents=kept),
        flows={"main": msgspec.structs.replace(flow, steps=steps)},
        entries={"5000": "main"},
    )
    found = asked(day, new, replications=2)
    told = "\n".join(note.en for note in found.told)
    assert "no queue sales: its" in told
    assert "no agent agent0: nobody takes their place" in told
    assert "no entry for 4000, dialled 120 times" in told


def test_a_menu_that_asks_something_new_is_answered_by_chance(day: Day) -> None:
    flow = SETTINGS.flows["main"]
    menu = msgspec.structs.replace(flow.steps["menu"], prompt="other")
    flow = msgspec.structs.replace(
        flow, steps={**flow.steps, "menu": menu}, prompts={**flow.prompts, "other": {"en": "…"}}
    )
    found = asked(day, msgspec.structs.replace(SETTINGS, flows={"main": flow}), replications=2)
    assert any("questions that nobody was asked that day" in note.en for note in found.told)


def test_keys_pressed_while_waiting_are_pressed_again(tmp_path: Path) -> None:
    of = world(calls=60)
    eager = msgspec.structs.replace(of.callers, keys_waiting=0.5)
    of = msgspec.structs.replace(of, callers=eager)
    day = read(tmp_path / "d.ctid", SETTINGS, 1, of)
    lines: list[Line] = []
    play(day, SETTINGS, 1, 0, write=lines.append)
    again = sum(isinstance(line.e, KeyPressed) for line in lines)
    pressed = sum(len(one.keys) for one in day.callers)
    assert pressed > 30
    assert abs(again - pressed) < 0.2 * pressed


def test_callers_of_a_scenario_who_came_past_the_menus_do_so_again(tmp_path: Path) -> None:
    plan = tuple(PlannedCaller(at=20_000 * n, queue="sales") for n in range(1, 40))
    of = WorldSettings(callers=CallerHabits(calls=0), plan=plan)
    day = read(tmp_path / "d.ctid", with_doors(SETTINGS), 1, of)
    found = asked(day, MORE, replications=2)
    assert {note.en.split()[1] for note in found.told if "is new" in note.en} == {
        "agent8",
        "agent9",
    }
    assert not any("no entry" in note.en or "questions" in note.en for note in found.told)
    assert found.same_outcome > 0.8


def test_who_was_not_asked_takes_a_callback_as_those_who_were(day: Day) -> None:
    def caller(takes: bool | None) -> Caller:
        return Caller("c", 0, "", "", "4000", takes_callback=takes)

    other = dataclasses.replace(
        day, callers=[caller(True), caller(False), caller(True), caller(None)],
        dialled_back=[True, False, False, False],
    )  # fmt: skip
    assert habits(other).takes_callback == pytest.approx(2 / 3)
    assert habits(other).outside_answers == 0.25
    assert habits(day).takes_callback == CALLERS.takes_callback


def of_queue(day: Day, queue: QueueId) -> list[int]:
    return [one.talked for one in day.callers if one.queue == queue and one.outcome == "answered"]


def test_what_was_seen_is_played_and_what_was_not_is_drawn_from_it(day: Day) -> None:
    draws = Draws(day)
    plan, again, other = (draws.plan(day, seed) for seed in ("a", "a", "b"))
    assert plan == again
    for caller, one, another in zip(day.callers, plan, other, strict=True):
        if caller.outcome == "answered":
            assert one.talk == another.talk == caller.talked
            assert (one.patience or 0) >= caller.waited
        if caller.outcome == "abandoned":
            assert one.patience == another.patience == caller.waited
            assert one.talk in of_queue(day, caller.queue)
    assert plan != other


# -- the command --


@pytest.fixture(scope="module")
def site_day(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Production's own settings: a journal of them, and a copy with another strategy."""
    folder = tmp_path_factory.mktemp("site")
    settings = load(Path("config/ctid.toml")).centre
    of = msgspec.structs.replace(world(calls=60, between=30_000), customers=())
    journal = write(folder / "000000000001.ctid", settings, record(1, settings, of)[0])
    shutil.copytree("config", folder / "new")
    config = folder / "new/ctid.toml"
    text = config.read_text()
    assert "ring_for_s = 20" in text
    assert '\nsecret = "change-me"' in text
    text = text.replace("ring_for_s = 20", "ring_for_s = 8")
    # Who asks what would be needs no secret: this variable is not set.
    config.write_text(text.replace('\nsecret = "change-me"', '\nsecret_env = "NOT_SET_ANYWHERE"'))
    return journal, config


def test_the_command_says_it_in_words_numbers_and_plots(
    site_day: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    journal, config = site_day
    page = tmp_path / "what.html"
    line = ["replay", str(journal), "--config", str(config), "--replications", "3", "--jobs", "1"]
    assert main([*line, "--out", str(page)]) in (0, 1)
    out = capsys.readouterr().out
    assert "60 callers in" in out
    assert "new - then" in out
    text = page.read_text()
    assert "结果可信吗" in text
    assert "Whom it changes most" in text
    assert "<script src" not in text
    assert main([*line, "--json"]) in (0, 1)
    told = json.loads(capsys.readouterr().out)
    assert (told["version"], told["calls"], told["replications"]) == (1, 60, 3)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (["--replications", "1"], "--replications 1: must be 2 or more"),
        (["--cost-per-hour", "-1"], "--cost-per-hour -1.0: must be 0 or more"),
        (["--out", "/nowhere/what.html"], "cannot write /nowhere/what.html"),
        (["--out", "what.png"], "--out what.png: is a page"),
        (["--config", "/nowhere/ctid.toml"], "there is no file /nowhere/ctid.toml"),
    ],
)
def test_bad_options(
    site_day: tuple[Path, Path], capsys: pytest.CaptureFixture[str], change: list[str], said: str
) -> None:
    journal, config = site_day
    assert main(["replay", str(journal), "--config", str(config), *change]) == 2
    assert said in capsys.readouterr().err


def test_a_bad_journal_leaves_no_page(
    site_day: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad, page = tmp_path / "bad.ctid", tmp_path / "what.html"
    bad.write_bytes(site_day[0].read_bytes()[100:])
    asked = ["replay", str(bad), "--config", str(site_day[1]), "--out", str(page)]
    assert main(asked) == 2
    assert "bad.ctid: line 1" in capsys.readouterr().err
    assert not page.exists()
