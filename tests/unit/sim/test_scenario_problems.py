"""Whatever is wrong with a scenario is named, with its path and what to do, all at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from ctid.core.errors import ConfigError
from sim.scenario.files import load

CONFIG = Path(__file__).parents[3] / "config"
SMALL = f"""
config = "{CONFIG / "ctid.toml"}"
lasts_h = 2

[[streams]]
id = "all"
per_hour = 60
"""


def problems(folder: Path, text: str, overrides: dict[str, object] | None = None) -> list[str]:
    """What is wrong with that scenario."""
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load(path, overrides or {})
    return list(caught.value.problems)


def test_the_small_one_is_good(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(SMALL, encoding="utf-8")
    assert load(path).name == "mine"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        # unknown names
        ("[caller]", 'caller: unknown key; did you mean "callers"?'),
        ("[callers]\npatiance = 3", 'callers.patiance: unknown key; did you mean "patience"?'),
        ("[queues.sale]", "queues.sale: there is no queue 'sale'; did you mean \"sales\"?"),
        ("[queues.sales]\nringing = 1", "queues.sales.ringing: unknown key"),
        ("[callers.keys]\nmeno = { 1 = 1 }", "callers.keys.meno: there is no menu 'meno' in the"),
        ("[callers.steps]\nmenu = {}", "callers.steps.menu: says nothing; write what is different"),
        ("[callers.steps.menu]\nkeyed = []", "callers.steps.menu.keyed: is empty; write what is"),
        ("[callers.keys]\nmenu = { 7 = 1 }", "callers.keys.menu: there is no key '7'; known are"),
        ("[[staff]]\nagents = ['ana']", "staff[1].agents: there is no agent 'ana'; did you mean"),
        ("[[staff]]\ngroups = ['x']", "staff[1].groups: there is no group 'x'; known are: backof"),
        ("[[staff]]\nqueues = ['x']", "staff[1].queues: there is no queue 'x'; known are"),
        ("[[staff]]\nlike = 'x'", "staff[1].like: there is no agent 'x'; known are"),
        ("[customers]\ngrades = { F = 1 }", "customers.grades: there is no grade 'F'; known are"),
        # shares, rates, times
        ("[callers]\nhidden = 1.5", "callers.hidden: 1.5 is no share; use 0 to 1"),
        ("[callers]\nhidden = -0.1", "callers.hidden: -0.1 is no share; use 0 to 1"),
        ("[callers]\nhidden = nan", "callers.hidden: nan is no share; use 0 to 1"),
        ("[agents]\nreject = true", "agents.reject: True is no share; use 0 to 1"),
        ("[agents]\nreject = 0.6\ndecline = 0.6", "agents.no_answer: and reject and decline are"),
        ("[customers]\ngrades = { A = 0 }", "customers.grades: all shares are 0; give at least"),
        ("[customers]\ngrades = { A = -1 }", "customers.grades: A = -1 is no share; use 0 or mo"),
        ("[customers]\ngrades = 3", "customers.grades: 3 does not fit; write shares"),
        ("[customers]\norder_value = [9, 1]", "customers.order_value: [9, 1] does not fit"),
        ("[customers]\ncount = -1", "customers.count: -1 is out of range; use 0 to"),
        ("[tasks]\nper_hour = -1", "tasks.per_hour: -1 is out of range; use 0 to"),
        ("[callers.redial]\ntries = 0", "callers.redial.tries: 0 is out of range; use 1 to 100"),
        # shifts
        ("[[staff]]\n[[staff.shifts]]\nhours = '17:00-9:00'",
         "staff[1].shifts[1].hours: '17:00-9:00' ends before it begins; split a night at 24:00"),
        ("[[staff]]\n[[staff.shifts]]\nhours = '9 to 5'",
         "staff[1].shifts[1].hours: '9 to 5' is no time span; write \"9:00-17:30\""),
        ("[[staff]]\n[[staff.shifts]]\n", "staff[1].shifts[1].hours: is missing; add it"),
        ("[[staff]]\n[[staff.shifts]]\nhours = '9:00-12:00'\ndays = ['monday']",
         "staff[1].shifts[1].days: there is no day 'monday'; did you mean \"mon\"?"),
        ("[[staff]]\n[[staff.shifts]]\nhours = '8:00-12:00'\n[[staff.shifts]]\n"
         "hours = '11:00-13:00'",
         "staff[1].shifts[2].hours: overlap another shift of the same day"),
        ("[[staff]]\n[[staff.shifts]]\nhours = '8:00-12:00'\n[[staff.shifts.breaks]]\nat = '13:00'",
         "staff[1].shifts[1].breaks[1].at: 13:00 is not within the shift; move it"),
        ("[[staff]]\n[[staff.shifts]]\nhours = '8:00-12:00'\n[[staff.shifts.breaks]]\nat = 'noon'",
         "staff[1].shifts[1].breaks[1].at: 'noon' is no time of day; write \"12:00\""),
        ("[[staff]]\n[[staff.shifts]]\nhours = '18:00-19:00'",
         "staff: nobody works within the run; see begins, lasts_h and the shifts"),
        ("[[staff]]\nagents = ['anna']\n[[staff]]\nagents = ['anna']",
         "staff[2]: anna stands at staff[1] already; take one of them out"),
        ("[[staff]]\n[[staff]]\n", "staff[2]: names nobody, as staff[1] does; name agents"),
        ("[[staff]]\ncount = 3", "staff[1].count: says how many agents to make; say"),
        ("[[staff]]\nagents = ['anna']\nspeed = 0", "staff[1].speed: 0 is out of range; use more"),
        # spreads
        ("[callers]\ntalk = -1", "callers.talk: -1 is out of range; use 0 to"),
        ("[callers]\ntalk = 'long'", "callers.talk: 'long' is no spread; write seconds, or {"),
        ("[callers]\ntalk = {}", "callers.talk.kind: is missing; add it"),
        ("[callers]\ntalk = { kind = 'normal' }", "callers.talk.kind: there is no spread 'normal'"),
        ("[callers]\ntalk = { kind = 'exponential' }", "callers.talk.mean_s: is missing; add it"),
        ("[callers]\ntalk = { kind = 'exponential', mean_s = 0 }",
         "callers.talk.mean_s: 0 is out of range; use more than 0"),
        ("[callers]\ntalk = { kind = 'exponential', mean_s = inf }", "callers.talk.mean_s: inf is"),
        ("[callers]\ntalk = { kind = 'exponential', mean_s = 9, sd_s = 3 }",
         "callers.talk.sd_s: unknown key; known are: kind, mean_s"),
        ("[callers]\ntalk = { kind = 'uniform', low_s = 9, high_s = 3 }",
         "callers.talk.high_s: is less than low_s; swap them"),
        ("[callers]\ntalk = { kind = 'lognormal', median_s = 9, sigma = -1 }",
         "callers.talk.sigma: -1 is out of range; use more than 0"),
        ("[callers]\ntalk = { kind = 'weibull', shape = 0.005, scale_s = 3 }",
         "callers.talk.shape: 0.005 is out of range; use more than 0.02 to 1000"),
        ("[callers]\ntalk = { kind = 'empirical' }",
         "callers.talk.values_s: stands beside file, or neither does; give one of them"),
        ("[callers]\ntalk = { kind = 'empirical', values_s = [] }",
         "callers.talk.values_s: has 0 values; give 1 to"),
        ("[callers]\ntalk = { kind = 'empirical', values_s = [3, -1] }",
         "callers.talk.values_s: -1 is out of range; use 0 to"),
        ("[callers]\ntalk = { kind = 'empirical', file = 'none.txt' }",
         "callers.talk.file: "),
        ("[callers]\ntalk = { kind = 'quantiles', values_s = [9, 3] }",
         "callers.talk.values_s: are fewer than two, or do not rise; write them in order"),
        ("[callers]\ntalk = { kind = 'mixture' }", "callers.talk.parts: has none; write"),
        ("[callers]\ntalk = { kind = 'mixture', parts = [{ weight = 0, kind = 'fixed', "
         "value_s = 1 }] }",
         "callers.talk.parts[1].weight: 0 is out of range; use more than 0"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(tmp_path: Path, text: str, problem: str) -> None:
    found = problems(tmp_path, f"{SMALL}\n{text}\n")
    assert len(found) == 1, found
    assert found[0].startswith(f"mine.toml: {problem}"), found


@pytest.mark.parametrize(
    ("stream", "problem"),
    [
        ("", "streams[1]: has no callers; add per_hour, day, forecast, between, bursts"),
        ("per_hour = -3", "streams[1].per_hour: -3 is no rate; use 0 to 1000000 callers an hour"),
        ("per_hour = 3\nday = { '9:00' = 1 }", "streams[1].per_hour: stands beside day; keep one"),
        ("per_hour = 3\ndialled = ['4999x']", "streams[1].dialled: '4999x' cannot be dialled; use"),
        ("per_hour = 3\nbetween = 9", "streams[1].between: stands beside per_hour, day, week"),
        ("day = { '25:00' = 1 }", "streams[1].day: '25:00' is no time of day; write \"9:00\""),
        ("day = { '9:00' = 1, '8:00' = 2 }", "streams[1].day: '8:00' is not after the time ahead"),
        ("day = { '9:00' = -1 }", "streams[1].day: 9:00 = -1 is no rate; use 0 to 1000000"),
        ("day = 4", "streams[1].day: 4 does not fit; write {"),
        ("per_hour = 3\nweek = { mon = -1 }", "streams[1].week.mon: -1 is no factor; use 0 to"),
        ("per_hour = 3\nweek = { monday = 1 }", "streams[1].week.monday: unknown key"),
        ("per_hour = 3\nqueue = 'sale'", "streams[1].queue: there is no queue 'sale'; did you"),
        ("per_hour = 3\nqueue = 'mail'", "streams[1].queue: there is no queue 'mail'; known are"),
        ("per_hour = 3\nqueue = 'sales'\ndialled = ['4000']",
         "streams[1].dialled: stands beside queue, which leads past the menus; keep one"),
        ("per_hour = 3\nlanguages = { en = 1 }", "streams[1].languages: are of no use without qu"),
        ("per_hour = 3\nlanguages = { de = 1 }\nqueue = 'sales'",
         "streams[1].languages: there is no language 'de'; known are: en, zh-CN"),
        ("per_hour = 3\nbursts = [{ at = '9:00' }]", "streams[1].bursts[1].callers: 0 is out of"),
        ("per_hour = 3\nbursts = [{ at = '23:00', callers = 3 }]",
         "streams[1].bursts[1].at: '23:00' is not within the run; see begins and lasts_h"),
        ("per_hour = 3\nbursts = [{ at = 'soon', callers = 3 }]",
         "streams[1].bursts[1].at: 'soon' is no time; write \"9:00\" for each day, or"),
        ("calls = 'none.csv'", "streams[1].calls: "),
        ("between = { kind = 'uniform', low_s = 0, high_s = 0 }",
         "streams[1].between: has a mean of 0, so that callers would never end; use more"),
        ("per_hour = 3\ngrades = { A = 1 }", "streams[1].grades: no customer has the grade A; see"),
        ("forecast = 'none.csv'", "streams[1].forecast: "),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_stream_is_named(tmp_path: Path, stream: str, problem: str) -> None:
    text = SMALL.replace("per_hour = 60", stream)
    found = problems(tmp_path, text)
    assert len(found) == 1, found
    assert found[0].startswith(f"mine.toml: {problem}"), found


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (("lasts_h = 2", "lasts_h = 0"), "mine.toml: lasts_h: 0 is out of range; use more than 0"),
        (("lasts_h = 2", "lasts_h = 'x'"), "mine.toml: lasts_h: 'x' is no number; write one such"),
        (("lasts_h = 2", "warm_up_s = 90000"), "mine.toml: warm_up_s: is not shorter than lasts_h"),
        (("lasts_h = 2", "begins = 'x'"), "mine.toml: begins: 'x' is no local date and time; wri"),
        (("lasts_h = 2", "begins = 2026-01-05T08:00:00Z"), "mine.toml: begins: "),
        (("lasts_h = 2", "interval_s = 0.1"), "mine.toml: interval_s: cuts the run into 288000 "),
        (("lasts_h = 2", "load = -1"), "mine.toml: load: -1 is out of range; use 0 to 1000"),
        (("lasts_h = 2", "lines = -1"), "mine.toml: lines: -1 is out of range; use 0 to"),
        (("[[streams]]", "[[strems]]"), 'mine.toml: strems: unknown key; did you mean "streams"?'),
        (('id = "all"', 'id = "a b"'), "mine.toml: streams[1].id: 'a b' does not fit; use 1 to"),
        (("per_hour = 60", "per_hour = 60\n[[streams]]\nid = 'all'\nper_hour = 1"),
         "mine.toml: streams[2].id: another stream is called 'all'; change one of the two"),
        (("per_hour = 60", "per_hour = "), "mine.toml: line 7, column"),
        (("ctid.toml", "none.toml"), "none.toml: there is no file "),
    ],
)  # fmt: skip
def test_what_is_wrong_with_the_whole_is_named(
    tmp_path: Path, change: tuple[str, str], problem: str
) -> None:
    found = problems(tmp_path, SMALL.replace(*change))
    assert any(line.startswith(problem) for line in found), found


def test_problems_of_production_and_of_the_scenario_are_told_together(tmp_path: Path) -> None:
    overrides = {
        "config.queues.sales.target_s": -1,
        "config.queues.nowhere.target_s": 1,
        "streams.all.per_hour": -1,
    }
    found = problems(tmp_path, SMALL, overrides)
    assert [line.partition(";")[0] for line in found] == [
        "ctid.toml: queues.nowhere.target_s: there is no 'nowhere' there",
        "ctid.toml: queues[1].target_s: -1 is out of range",
    ]


def test_an_override_that_leads_nowhere_is_a_problem(tmp_path: Path) -> None:
    found = problems(tmp_path, SMALL, {"streams.al.per_hour": 1})
    assert found == [
        "mine.toml: streams.al.per_hour: there is no 'al' there; did you mean \"all\"?"
    ]
    assert problems(tmp_path, SMALL, {"callers.patiance": 1}) == [
        'mine.toml: callers.patiance: unknown key; did you mean "patience"?'
    ]


def test_a_config_without_agents_cannot_be_simulated(tmp_path: Path) -> None:
    nobody = {
        "config.agents": [],
        "config.queues.sales.relax": [],
        "config.queues.mail.escalate": [],
    }
    found = problems(tmp_path, SMALL, nobody)
    assert found == [
        "mine.toml: staff: there are no agents, in the config or here; add some to the config"
    ]


def test_each_bad_row_of_a_file_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "calls.csv").write_text(
        "arrived_at,queue,waited,talked\n"
        "2026-01-05T08:10:00,sales,1000,2000\n"
        ",sales,1000,2000\n"
        "2026-01-05T08:12:00,sales,soon,\n"
    )
    (tmp_path / "who.csv").write_text("id,number,grade\nc1,+86138,A\nc1,+86139,B\nc2,,Z\n")
    (tmp_path / "talk.txt").write_text("12\nlong\n")
    found = problems(
        tmp_path,
        SMALL.replace("per_hour = 60", 'calls = "calls.csv"')
        + '[customers]\nfile = "who.csv"\n'
        + '[callers]\ntalk = { kind = "empirical", file = "talk.txt" }\n',
    )
    told = [line.partition(";")[0].partition(": ")[2] for line in found]
    assert told[:4] == [
        "callers.talk.file: talk.txt: line 2: 'long' is no number",
        "customers.file: who.csv: line 3: the customer 'c1' stands there twice",
        "customers.file: who.csv: line 4: there is no grade 'Z'",
        "streams[1].calls: calls.csv: line 3: arrived_at: is empty",
    ]
    assert told[4].startswith("streams[1].calls: calls.csv: line 4: waited: ")
    assert len(told) == 5


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ("begins\n", "there is no column callers; name it in the first line"),
        ("begins,callers\n2026-01-05T08:00,9\n", "forecast.csv has fewer than two intervals"),
        ("begins,callers\n8:00,9\n", "line 2: begins: '8:00' is no local date and time"),
        ("begins,callers\n2026-01-05T08:00,-9\n", "line 2: callers: '-9' is no number of callers"),
        ("begins,callers\n2026-01-05T08:00,9\n2026-01-05T08:00,9\n", "line 3: begins: is not af"),
        ("begins,callers\n2025-01-05T08:00,9\n2025-01-05T09:00,9\n", "has no interval within the"),
        ("begins,callers\n2026-01-05T08:00\n2026-01-05T08:30,nan\n", "line 2: callers: '' is no"),
    ],
)
def test_what_is_wrong_with_a_forecast_is_named(tmp_path: Path, rows: str, problem: str) -> None:
    (tmp_path / "forecast.csv").write_text(rows)
    found = problems(tmp_path, SMALL.replace("per_hour = 60", "forecast = 'forecast.csv'"))
    assert found[0].startswith("mine.toml: streams[1].forecast: forecast.csv")
    assert problem in found[0]


def test_of_very_many_bad_rows_the_first_are_named(tmp_path: Path) -> None:
    (tmp_path / "who.csv").write_text("id,number\n" + ",1\n" * 500)
    (tmp_path / "soon.csv").write_text("begins,callers\n" + "x,1\n" * 500)
    text = SMALL.replace("per_hour = 60", 'forecast = "soon.csv"')
    found = problems(tmp_path, f'{text}\n[customers]\nfile = "who.csv"\n')
    assert len(found) == 102
    assert [line.rpartition(": ")[2] for line in (found[50], found[101])] == [
        "and perhaps more; correct these first"
    ] * 2
