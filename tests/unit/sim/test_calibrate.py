"""`ctid-sim calibrate`, from records of known make to a scenario that can be played."""

from __future__ import annotations

import csv
import json
import math
import shutil
import tomllib
from collections.abc import Sequence
from pathlib import Path
from random import Random

import numpy as np
import pytest

from ctid.core.instants import HOUR
from sim import spreads
from sim.calibrate.arrivals import DAY, arrivals
from sim.calibrate.fit import TooFew
from sim.cli import main
from sim.scenario.files import load

SHANGHAI = "Asia/Shanghai"
MONDAY = 1_767_542_400_000
"""2026-01-05, 0:00 in Shanghai."""
CONFIG = Path("config").resolve()


def poisson(rate: float, begin: int, end: int, stream: Random) -> list[int]:
    """Arrivals at `rate` an hour."""
    found, at = [], float(begin)
    while (at := at + stream.expovariate(rate / HOUR)) < end:
        found.append(int(at))
    return found


def week_of(rates: Sequence[float], seed: int, days: int = 5) -> list[int]:
    """Days with these rates in their hours, from 8:00 on."""
    stream = Random(seed)
    return [
        at
        for day in range(days)
        for hour, rate in enumerate(rates, 8)
        for at in poisson(rate, MONDAY + day * DAY + hour * HOUR,
                          MONDAY + day * DAY + (hour + 1) * HOUR, stream)
    ]  # fmt: skip


def test_rates_and_a_poisson_stream_is_called_one() -> None:
    """p below 1 % in about one of a hundred: of forty streams hardly ever three."""
    rates = (60.0, 120.0, 30.0)
    found = [arrivals(week_of(rates, seed), SHANGHAI, HOUR) for seed in range(40)]
    means = np.mean([one.per_hour[8:11] for one in found], axis=0)
    errors = (means - rates) / np.sqrt(np.asarray(rates) / (5 * 40))
    assert np.abs(errors).max() < 4
    assert sum(one.spread is not None and one.spread.p < 0.01 for one in found) < 3
    assert sum(one.spacings is not None and one.spacings.p < 0.01 for one in found) < 3
    assert found[0].per_hour[:8].max() == 0
    assert len(found[0].days) == 5


def test_days_that_differ_are_told_from_chance() -> None:
    stream = Random(1)
    busy = [
        at
        for day in range(8)
        for at in poisson(stream.choice((40.0, 160.0)), MONDAY + day * DAY + 8 * HOUR,
                          MONDAY + day * DAY + 12 * HOUR, stream)
    ]  # fmt: skip
    found = arrivals(busy, SHANGHAI, HOUR)
    assert found.spread is not None
    assert found.spread.index > 5
    assert found.spread.p < 1e-6


def test_callers_who_come_in_pairs_are_told_from_chance() -> None:
    pairs = sorted(at + jump for at in week_of((60.0,) * 4, 3) for jump in (0, 400))
    found = arrivals(pairs, SHANGHAI, HOUR)
    assert found.spacings is not None
    assert found.spacings.p < 1e-6


def test_times_in_whole_seconds_do_not_speak_against_poisson() -> None:
    rounded = [at // 1_000 * 1_000 for at in week_of((600.0,) * 4, 3)]
    found = arrivals(rounded, SHANGHAI, HOUR)
    assert found.spacings is not None
    assert found.spacings.p > 0.01


def test_the_day_on_which_the_clock_changes_has_its_hours() -> None:
    """2026-03-29 in Berlin lasts 23 hours: from 3:00 summer time on nothing moves by a day."""
    begin = 1_774_738_800_000
    at = [begin + hour * HOUR + minute * 60_000 for hour in range(23) for minute in (1, 31)]
    found = arrivals(at, "Europe/Berlin", HOUR)
    assert [f"{day}" for day in found.days] == ["2026-03-29"]
    assert found.counts.sum() == 46


def test_too_few_and_an_interval_that_does_not_fit() -> None:
    with pytest.raises(TooFew, match="19 calls arrived"):
        arrivals([MONDAY] * 19, SHANGHAI)
    with pytest.raises(ValueError, match="does not divide a day"):
        arrivals([MONDAY] * 20, SHANGHAI, 7 * 60_000)


# -- the command --


def records(file: Path, calls: int = 2_000, seed: int = 1) -> Path:
    """Talks lognormal, patience Weibull, wrap-up gamma and cut off at 15 s, answers exponential."""
    stream = Random(seed)
    rate = calls / 20
    with file.open("w", newline="") as out:
        writer = csv.writer(out)
        names = "arrived_at,queue,waited,talked,outcome,wrap_up,answer"
        writer.writerow(names.split(","))
        for at in week_of((rate,) * 4, seed):
            queue = stream.choice(("sales", "sales", "support"))
            patience = round(90_000 * (-math.log(stream.random())) ** (1 / 1.4))
            offered = round(stream.expovariate(1 / 40_000))
            if patience < offered:
                writer.writerow([at, queue, patience, "", "abandoned", "", ""])
                continue
            talk = round(math.exp(stream.gauss(math.log(120_000), 0.7)))
            after = min(round(stream.gammavariate(2, 5_000)), 15_000)
            answer = round(stream.expovariate(1 / 3_000))
            writer.writerow([at, queue, offered, talk, "answered", after, answer])
    return file


def test_from_records_to_a_scenario_that_loads(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(CONFIG, tmp_path / "config")
    (tmp_path / "config/scenarios").mkdir(exist_ok=True)
    part = tmp_path / "config/scenarios/fitted.toml"
    file = records(tmp_path / "calls.csv")
    assert main(["calibrate", str(file), "--out", str(part), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["version"] == 1
    scenario = load(part)
    callers, agents = scenario.world.callers, scenario.world.agents
    assert isinstance(callers.patience, spreads.Weibull)
    assert callers.patience.shape == pytest.approx(1.4, rel=0.1)
    assert callers.patience.scale == pytest.approx(90_000, rel=0.1)
    assert isinstance(callers.talk, spreads.LogNormal)
    assert callers.talk.median == pytest.approx(120_000, rel=0.1)
    assert isinstance(agents.wrap_up, spreads.Gamma)
    assert agents.wrap_up.shape == pytest.approx(2, rel=0.15)
    assert agents.early_wrap_up == 1
    assert isinstance(agents.answer, spreads.Exponential)
    assert agents.answer.mean == pytest.approx(3_000, rel=0.1)
    assert set(callers.talk_in) == {"sales", "support"}
    rates = {one.queue: sum(rate for _, rate in one.rates) / 8 for one in scenario.world.inflows}
    assert rates["sales"] == pytest.approx(100 * 2 / 3, rel=0.1)
    assert rates["support"] == pytest.approx(100 / 3, rel=0.1)


def test_the_table_and_the_plots(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, page = records(tmp_path / "calls.csv", 600), tmp_path / "fit.html"
    assert main(["calibrate", str(file), "--plot", str(page)]) == 0
    out = capsys.readouterr().out
    assert "patience" in out
    assert "as Poisson has it" in out
    text = page.read_text()
    assert text.count("<figure") >= 6
    assert "http://" not in text.replace("http://www.w3.org", "")
    for word in ("Patience", "耐心时长", "Kaplan–Meier", "通话时长"):
        assert word in text
    again = tmp_path / "again.html"
    assert main(["calibrate", str(file), "--plot", str(again)]) == 0
    assert again.read_text() == text


def test_legs_and_times_of_agents_from_ctids_own_tables(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    legs, times = tmp_path / "leg_record.csv", tmp_path / "agent_time.csv"
    rows = [f"o{n},a{n % 2},{MONDAY},{0 if n % 5 == 0 else MONDAY + 1_000 + n},{MONDAY + 9_000},"
            f"{'no_answer' if n % 5 == 0 else 'hangup'}" for n in range(100)]  # fmt: skip
    legs.write_text("offer,agent,started_at,answered_at,ended_at,cause\n" + "\n".join(rows))
    work = [f"a,{'wrap_up' if n % 2 else 'ready'},{MONDAY},{MONDAY + 5_000 + n * 37}"
            for n in range(80)]  # fmt: skip
    times.write_text("agent,state,began_at,ended_at\n" + "\n".join(work))
    assert main(["calibrate", str(legs), str(times), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    fits = {one["what"]: one for one in told["fits"]}
    assert fits["answer"]["seen"] == 80
    assert fits["wrap_up"]["seen"] == 40
    assert told["answering"][0]["no_answer"] == pytest.approx(0.2)
    assert fits["patience"]["why_none"].startswith("0 durations")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("arrived_at,waited\nnever,1\n", "line 2: arrived_at: 'never' is no time"),
        ("arrived_at,waited\n", "0 calls arrived, and it takes 20"),
        ("when\n1\n", "none of the columns arrived_at"),
        ("", "none of the columns arrived_at"),
    ],
)
def test_bad_records_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, said: str
) -> None:
    file, out = tmp_path / "calls.csv", tmp_path / "out.toml"
    file.write_text(text)
    assert main(["calibrate", str(file), "--out", str(out)]) == 2
    assert said in capsys.readouterr().err
    assert not out.exists()


def test_bad_rows_can_be_passed_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = records(tmp_path / "calls.csv", 400)
    with file.open("a") as more:
        more.write("soon,sales,1,2,answered,,\n")
    assert main(["calibrate", str(file)]) == 2
    assert main(["calibrate", str(file), "--skip-bad"]) == 0
    error = capsys.readouterr().err
    assert "1 rows passed over" in error
    assert "arrived_at: 'soon'" in error


def test_queues_of_any_name_make_a_file_that_is_toml(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, part = tmp_path / "calls.csv", tmp_path / "part.toml"
    text = records(file, 400).read_text()
    file.write_text(text.replace("sales", '"a ""b"" c"').replace("support", "客服"))
    assert main(["calibrate", str(file), "--out", str(part)]) == 0
    made = tomllib.loads(part.read_text())
    assert {one["queue"] for one in made["streams"]} == set(made["queues"]) == {'a "b" c', "客服"}


def test_plots_are_a_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = records(tmp_path / "calls.csv", 100)
    assert main(["calibrate", str(file), "--plot", str(tmp_path / "fit.png")]) == 2
    assert "fit.png: is a page; name a file that ends in .html" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["none.csv", "none.ctid"])
def test_no_such_file(tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    assert main(["calibrate", str(tmp_path / name)]) == 2
    assert "No such file" in capsys.readouterr().err
