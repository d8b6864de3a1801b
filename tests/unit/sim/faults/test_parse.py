"""`[faults]` of a scenario: every key reaches the run, and bad values are told with their path."""

from __future__ import annotations

import tomllib
from pathlib import Path

import msgspec
import pytest

from ctid.settings.table import Problems, Table
from sim.faults.model import NONE, Faults, Spell
from sim.faults.parse import SHARES, SPELLS, parse
from sim.run.replication import replicate
from sim.scenario.files import load
from sim.spreads import Exponential, Fixed


def parsed(text: str) -> tuple[Faults, list[str]]:
    problems = Problems("day.toml")
    return parse(Table(tomllib.loads(text), "faults", problems)), problems.lines


def test_nothing_said_is_a_world_without_faults() -> None:
    assert parsed("") == (NONE, [])


def test_all_that_can_be_said() -> None:
    shares = "\n".join(f"{key} = 0.25" for key in SHARES)
    spells = "\n".join(f"[{key}]\nevery_s = 60\nlasts_s = 2.5\nat_s = [7, 3.5]" for key in SPELLS)
    found, problems = parsed(
        "seed = 5\nlate_by_s = 1\ndoubled_within_s = 2\nreload_after_cut = true\ncrm_slow_s = 4\n"
        f"clock_jump_by_s = 9\nflood_calls = 10\nchatter = 3\n{shares}\n{spells}"
    )
    assert problems == []
    spell = Spell(Exponential(60_000), Fixed(2_500), (3_500, 7_000))
    assert found == Faults(
        seed=5, late_by=1_000, doubled_within=2_000, reload_after_cut=True,
        crm_slow=Exponential(4_000), clock_jump_by=9_000, flood_calls=10, chatter=3,
        doubled=0.25, late=0.25, lost=0.25, crm_silent=0.25, crm_unavailable=0.25, crm_many=0.25,
        **dict.fromkeys(SPELLS, spell),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("late = 1.5", "day.toml: faults.late: 1.5 is no share; use 0 to 1"),
        ("late = true", "faults.late: True is no share"),
        ("flood_calls = 0", "faults.flood_calls: 0 is out of range; use 1 to 100000"),
        ("link_cuts = 3", 'faults.link_cuts: unknown key; did you mean "link_cut"?'),
        ("link_cut = 3", "faults.link_cut: is a number; write it as a table"),
        ("[link_cut]\nevery = 3", 'faults.link_cut.every: unknown key; did you mean "every_s"?'),
        ("[pbx_restart]\nat_s = [0]", "faults.pbx_restart.at_s: [0] does not fit; write seconds"),
        ("[flood]\nlasts_s = 0", "faults.flood.lasts_s: 0 is out of range"),
        ("crm_silent = 0.6\ncrm_many = 0.6", "faults.crm_silent: and crm_unavailable, crm_many"),
    ],
)
def test_what_is_wrong_is_told(text: str, told: str) -> None:
    _, problems = parsed(text)
    assert len(problems) == 1
    assert told in problems[0]


SHIPPED = Path(__file__).parents[4] / "config" / "scenarios" / "faults.toml"


def test_every_key_stands_in_the_example() -> None:
    raw = tomllib.loads(SHIPPED.read_text(encoding="utf-8"))["faults"]
    problems = Problems("faults.toml")
    parse(Table(raw, "", problems))
    assert problems.lines == []
    spell = {f"link_cut.{key}" for key in raw["link_cut"]}
    assert problems.asked - {path for path in problems.asked if "." in path} == set(raw)
    assert {path for path in problems.asked if path.startswith("link_cut.")} == spell


def test_the_example_runs_with_everything_checked() -> None:
    scenario = load(SHIPPED, {"lasts_h": 0.5, "interval_s": 900})
    outcome = replicate(scenario, 1, 0)
    assert outcome.calls > 30
    again = replicate(scenario, 1, 0)
    assert msgspec.json.encode(outcome) == msgspec.json.encode(again)
