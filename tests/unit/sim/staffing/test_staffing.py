"""The least staff: what is asked, where the search begins, how it goes on, and what comes of it."""

import json
import math
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest

from ctid.core.errors import ConfigError
from ctid.core.instants import HOUR, MINUTE
from sim import cli
from sim.erlang.sizing import Demand, figures
from sim.run.figures import Estimate, find
from sim.staffing.crew import template, with_crew
from sim.staffing.goal import Goal, parse
from sim.staffing.plan import Asked, plan
from sim.staffing.search import NotReached, Search
from sim.staffing.start import NothingToGoBy, modified_offered_load
from sim.world.habits import AgentPlan, Shift
from tests.unit.sim.run.small import scenario as two_queues
from tests.unit.sim.staffing.day import TALK, day

GOAL = parse("service_level:0.8", day())


def told(value: float | None) -> Estimate:
    """A figure that is known for sure."""
    return Estimate("service_level", "share", value, 0.0, 0.0, value, value, 20, 0.95)


# -- what is asked --


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("service_level:0.8", "service_level", 0.8),
        ("service_level[q] : 80%", "service_level[q]", 0.8),
        ("abandonment:5%", "abandonment", 0.05),
        ("asa:20", "asa", 20_000),
        ("asa:1500ms", "asa", 1_500),
        ("wait[q]:0.5min", "wait[q]", 30_000),
    ],
)
def test_targets(text: str, name: str, value: float) -> None:
    goal = parse(text, day())
    assert (goal.named.name, goal.value) == (name, pytest.approx(value))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("service_level", "FIGURE:VALUE"),
        ("service_levle:0.8", "did you mean service_level"),
        ("service_level[nowhere]:0.8", "unknown"),
        ("jain:0.9", "cannot be sought"),
        ("service_level:80", "between 0 and 1"),
        ("service_level:soon", "'soon'"),
        ("asa:0", "a time above 0"),
        ("asa:nan", "a time above 0"),
    ],
)
def test_targets_that_are_none(text: str, problem: str) -> None:
    with pytest.raises(ConfigError, match=problem):
        parse(text, day())


def test_enough_is_the_whole_interval() -> None:
    found = Estimate("service_level", "share", 0.82, 0.02, 0.04, 0.78, 0.86, 20, 0.95)
    assert GOAL.reached(found)
    assert not GOAL.sure(found)
    assert GOAL.sure(msgspec.structs.replace(found, low=0.8))
    waits = Goal(find("asa", day()), 10_000)
    late = Estimate("asa", "ms", 9_000, 900, 1_800, 7_200, 10_800, 20, 0.95)
    assert (waits.reached(late), waits.sure(late)) == (True, False)


# -- the crew --


def test_a_crew_comes_and_goes_by_the_interval() -> None:
    made = with_crew(day(), template(day(), ""), [2, 3, 3, 1])
    half = 30 * MINUTE
    assert [agent.id for agent in made.centre.acd.agents] == ["a0-1", "a0-2", "a0-3"]
    shifts = {name: plan.shifts for name, plan in made.world.staff.items()}
    assert shifts == {
        "a0-1": (Shift(0, 2 * HOUR + HOUR),),
        "a0-2": (Shift(0, 3 * half),),
        "a0-3": (Shift(half, 3 * half),),
    }
    assert with_crew(day(), template(day(), ""), [0, 1, 0, 1]).world.staff["a0-1"].shifts == (
        Shift(half, 2 * half), Shift(3 * half, 2 * HOUR + HOUR),
    )  # fmt: skip


def test_others_stay_as_they_are() -> None:
    made = two_queues(agents=5)
    one = template(made, "agent1")
    crew = with_crew(made, one, [2] * 8)
    names = [agent.id for agent in crew.centre.acd.agents]
    assert names == ["agent0", "agent2", "agent3", "agent1-1", "agent1-2"]
    assert crew.world.staff["agent2"].shifts == (Shift(0, made.lasts),)
    alone = with_crew(made, one, [2] * 8, alone=True)
    assert list(alone.world.staff) == ["agent1-1", "agent1-2"]


def test_copies_work_as_the_agent_does_and_are_always_there() -> None:
    made = day()
    slow = AgentPlan(made.world.agents, (Shift(0, HOUR),), speed=0.5, no_show=0.5)
    made = msgspec.structs.replace(
        made, world=msgspec.structs.replace(made.world, staff={"a0": slow})
    )
    (one,) = with_crew(made, template(made, "a0"), [1] * 4).world.staff.values()
    assert (one.speed, one.no_show, one.late) == (0.5, 0, 0)


def test_whose_copies() -> None:
    with pytest.raises(ConfigError, match="agent0 and agent1 differ"):
        template(two_queues(), "")
    with pytest.raises(ConfigError, match="no such agent"):
        template(two_queues(), "agnet1")


# -- where it begins --


def test_the_load_is_carried_over() -> None:
    loads = modified_offered_load([0, 60, 60, 0], [HOUR] * 4, HOUR / 2)
    assert loads[0] == 0
    # It rises to 30 and falls again: what began in an hour is still on in the next.
    assert loads[1] == pytest.approx(30 * (1 - (1 - math.exp(-2)) / 2))
    assert loads[1] < loads[2] < 30
    assert 0 < loads[3] < loads[1]
    assert math.fsum(loads) == pytest.approx(60, rel=0.04)


def test_long_intervals_are_the_stationary_load() -> None:
    assert modified_offered_load([120], [10 * HOUR], MINUTE)[0] == pytest.approx(0.2, rel=0.01)


# -- how it goes on --


def by_erlang(loads: Sequence[float], counts: Sequence[int]) -> list[Estimate]:
    """A centre that is Erlang A's, and in which half of what an interval lacks is felt in the
    next."""
    found: list[Estimate] = []
    left = 0.0
    for load, count in zip(loads, counts, strict=True):
        demand = Demand(load + left, 180, 180, 120)
        found.append(told(figures(demand, count, 20).service_level))
        left = max(load + left - count, 0.0) / 2
    return found


@pytest.mark.parametrize("begin", [0, -4, 6])
def test_the_least_for_each(begin: int) -> None:
    loads = [2.0, 5.0, 11.0, 14.0, 13.0, 6.0, 3.0, 1.0]
    tried: list[tuple[int, ...]] = []

    def play(counts: Sequence[int]) -> list[Estimate]:
        tried.append(tuple(counts))
        return by_erlang(loads, counts)

    around = [max(1, round(load) + 2 + begin) for load in loads]
    counts = Search(play, GOAL, 1, [50] * 8).each(around)
    assert all(GOAL.sure(one) for one in by_erlang(loads, counts))
    for place, count in enumerate(counts):
        fewer = [*counts[:place], count - 1, *counts[place + 1 :]]
        assert count == 1 or not all(GOAL.sure(one) for one in by_erlang(loads, fewer))
    assert len(tried) < 40


@pytest.mark.parametrize("begin", [1, 12, 14, 15, 40])
def test_the_least_for_all(begin: int) -> None:
    def play(counts: Sequence[int]) -> list[Estimate]:
        return by_erlang([14.0], counts)

    least = Search(play, GOAL, 1, [50]).one(begin)
    assert GOAL.sure(play([least])[0])
    assert not GOAL.sure(play([least - 1])[0])


def test_an_interval_without_calls_keeps_its_number() -> None:
    def play(counts: Sequence[int]) -> list[Estimate]:
        return [told(None), *by_erlang([3.0], counts[1:])]

    assert Search(play, GOAL, 1, [50, 50]).each([4, 9])[0] == 4


def test_what_no_staff_can_reach() -> None:
    def never(counts: Sequence[int]) -> list[Estimate]:
        return [told(0.5) for _ in counts]

    with pytest.raises(NotReached, match=r"30 agents, which is plenty, .* in interval 2"):
        Search(never, GOAL, 1, [40, 30]).each([3, 3])
    with pytest.raises(NotReached, match="30 agents"):
        Search(never, GOAL, 1, [30]).one(3)


def test_too_few_calls_to_be_sure() -> None:
    """Nobody waits from three agents on, and the interval is as wide as before."""

    def play(counts: Sequence[int]) -> list[Estimate]:
        return [
            told(0.5)
            if count < 3
            else Estimate("service_level", "share", 0.9, 0.1, 0.2, 0.7, 1.0, 20, 0.95)
            for count in counts
        ]

    search = Search(play, GOAL, 1, [9, 9])
    assert search.each([2, 4]) == [3, 3]
    assert search.unsure == {0, 1}
    whole = Search(play, GOAL, 1, [9])
    assert (whole.one(5), whole.unsure) == (3, {0})


# -- what comes of it --


def asked(**more: object) -> Asked:
    usual = Asked(GOAL, True, 4, 1, 1, 0.95, 1, 60)
    return msgspec.structs.replace(usual, **more)


def test_a_morning() -> None:
    made = day(rates=(10.0, 40.0))
    found = plan(made, template(made, ""), asked(replications=3, level=0.5))
    assert found.verified
    assert found.start.handling == pytest.approx(TALK, rel=0.5)
    assert found.start.patience == 2 * MINUTE
    assert [row.agents for row in found.intervals] == sorted(row.agents for row in found.intervals)
    assert found.hours(made) == sum(row.agents for row in found.intervals) / 2


def test_nobody_answers() -> None:
    made = day(rates=(0.0, 0.0))
    with pytest.raises(NothingToGoBy, match="answered nobody"):
        plan(made, template(made, ""), asked())


SCENARIO = """\
config = "ctid.toml"
begins = 2026-01-05T09:00:00
lasts_h = 1
interval_s = 1800
[callers]
patience = { kind = "exponential", mean_s = 120 }
[[streams]]
id = "all"
queue = "sales"
per_hour = 30
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    config = Path(__file__).parents[4] / "config"
    (tmp_path / "small.toml").write_text(
        SCENARIO.replace('"ctid.toml"', f'"{config / "ctid.toml"}"')
    )
    return tmp_path / "small.toml"


def test_the_command(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, rows = file.with_name("staff.html"), file.with_name("staff.csv")
    arguments = ["staff", str(file), "--target", "service_level[sales]:0.7", "--like", "ben"]
    arguments += ["--alone", "--replications", "3", "--jobs", "1", "--level", "0.5"]
    assert cli.main([*arguments, "--csv", str(rows), "--out", str(out), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    first, second = found["intervals"]
    assert first["agents"] == second["agents"] > 1
    assert found["agent_hours"] == first["agents"]
    head, *lines = rows.read_text().splitlines()
    assert head == "begins,calls,load,erlang,agents,value,low,high"
    assert lines[1].startswith("2026-01-05 09:30,")
    assert lines[1].split(",")[4] == str(second["agents"])
    page = out.read_text()
    assert "The least staff" in page
    assert "最少人员" in page
    assert cli.main([*arguments, "--per-interval"]) in {0, 1}
    assert "service_level[sales] at least 70.00 % in every interval" in capsys.readouterr().out


IDLE = ("--set", "config.agents.ines.queues=[]")


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        (["--target", "service_level:0.8"], "name with --like"),
        (["--target", "service_level:0.8", "--like", "nobody"], "there is no such agent"),
        (["--target", "service_level:0.8", "--like", "ines", *IDLE], "ines serves no queue"),
        (["--target", "service_level[sales]:0.8", "--like", "dora"], "dora does not serve sales"),
        (["--target", "jain:0.8", "--like", "ben"], "cannot be sought"),
        (["--target", "asa:9", "--like", "ben", "--replications", "1"], "must be 2 or more"),
        (["--target", "asa:9", "--like", "ben", "--least", "0"], "--least 0"),
        (["--target", "asa:9", "--like", "ben", "--csv", "/nowhere/x.csv"], "cannot write"),
    ],
)
def test_bad_input(
    file: Path, more: list[str], problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["staff", str(file), *more]) == 2
    assert problem in capsys.readouterr().err
