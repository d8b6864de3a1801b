"""Customers who are made have codes that the site's flows take, or somebody is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from ctid.app.demo import doubts_of_codes
from ctid.ivr import flow
from ctid.ivr.collecting import fits
from ctid.ivr.customer_codes import doubts_of
from sim.cli import main
from sim.commands.load import doubts_of as load_doubts
from sim.load.order import Order
from sim.run.replication import replicate
from sim.scenario.codes import codes, usual
from sim.scenario.files import load

CONFIG = Path(__file__).parents[3] / "config"
DAY = """
lasts_h = 1
[callers]
wrong_code = 0
no_digits = 0
menu_hang_up = 0
wrong_key = 0
[[streams]]
id = "a"
per_hour = 120
"""


def collect(**form: object) -> flow.Collect:
    usual_form = {"next": "q", "on_fail": "q", "check": "customer"}
    return flow.Collect("p", **{**usual_form, **form})  # type: ignore[arg-type]  # by name


def flows(*steps: flow.Collect) -> dict[str, flow.Flow]:
    named: dict[str, flow.AnyStep] = {f"s{at}": step for at, step in enumerate(steps)}
    return {"f": flow.Flow("f", "s0", "en", named, {})}


@pytest.mark.parametrize(
    "steps",
    [
        [collect(min=8, max=8, check_digit="luhn")],
        [collect(min=8, max=8, check_digit="luhn", pattern="[1-3]x{7}")],
        [collect(min=18, max=18, check_digit="mod11")],
        [collect(min=4, max=20, check_digit="mod97")],
        [collect(pattern="9x{3}|77x{5,9}")],
        [collect(min=8, max=10), collect(min=4, max=9, pattern="8x{3,12}", check_digit="luhn")],
        [collect(min=6, max=8, check=""), collect(min=4, max=4)],
    ],
)
def test_made_codes_are_taken(steps: list[flow.Collect]) -> None:
    made = codes(flows(*steps), 500)
    assert len(set(made)) == 500
    asking = [step for step in steps if step.check]
    assert all(fits(step, code) for step in asking for code in made)
    assert doubts_of(flows(*steps), made, "them") == ()
    assert codes(flows(*steps), 300) == made[:300]


def test_the_usual_codes_stay_where_they_are_taken() -> None:
    assert usual(2) == ("100001", "100002")
    for step in (collect(), collect(min=6, max=8), collect(pattern="[1-4]x{5}")):
        assert codes(flows(step), 100) == usual(100)
    assert codes({}, 3) == usual(3)


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        ([collect(min=2, max=2)], "f/s0 takes 2 figures, and refuses 500 of 500 codes of them"),
        ([collect(min=4, max=4), collect(min=8, max=8)], "f/s1 takes 8 figures, and refuses 500"),
    ],
)
def test_what_cannot_be_made_is_told(steps: list[flow.Collect], told: str) -> None:
    made = codes(flows(*steps), 500)
    assert made == usual(500)
    assert told in "\n".join(doubts_of(flows(*steps), made, "them"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The config that ctid brings along, of a site whose codes have eight figures."""
    (tmp_path / "flows").mkdir()
    (tmp_path / "ctid.toml").write_bytes((CONFIG / "ctid.toml").read_bytes())
    flow = (CONFIG / "flows/main.toml").read_text(encoding="utf-8")
    changed = flow.replace("\nmin = 6\nmax = 6\n", '\nmin = 8\nmax = 8\ncheck_digit = "luhn"\n')
    assert changed.count("luhn") > flow.count("luhn")
    (tmp_path / "flows/main.toml").write_text(changed, encoding="utf-8")
    return tmp_path


def day(folder: Path, customers: str) -> Path:
    path = folder / "mine.toml"
    path.write_text(f'config = "ctid.toml"\n{DAY}\n[customers]\n{customers}\n', encoding="utf-8")
    return path


def test_callers_of_a_scenario_key_codes_that_the_flow_takes(folder: Path) -> None:
    scenario = load(day(folder, "count = 50"))
    assert scenario.doubts == ()
    assert {len(card.code) for card in scenario.world.customers} == {8}
    stays = replicate(scenario, 1, 0).visits.steps["main/sales-code"]
    assert stays.entered > 20
    assert set(stays.ways) == {"next"}


def test_codes_of_a_file_that_the_flow_refuses_are_told(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "people.csv").write_text("id,code,number\n1,100001,+8613800000001\n")
    path = day(folder, 'file = "people.csv"')
    assert main(["run", str(path), "--replications", "1"]) == 0
    told = capsys.readouterr().err
    assert "run: warning: main/sales-code takes 8 figures, luhn, and refuses 1 of 1 codes" in told


def test_the_demo_says_whose_codes_the_flows_refuse() -> None:
    assert doubts_of_codes(flows(collect(min=6, max=6))) == ()
    (line,) = doubts_of_codes(flows(collect(min=8, max=8)))
    assert line.startswith("f/s0 takes 8 figures, and refuses 500 of 500 codes of the demo's")


def test_a_load_run_says_so_too(folder: Path) -> None:
    line, _ = load_doubts(Order(load(day(folder, "count = 5"))))
    assert line.startswith("main/sales-code takes 8 figures, luhn, and refuses")
    assert load_doubts(Order(load(CONFIG / "scenarios/small.toml"))) == ()
