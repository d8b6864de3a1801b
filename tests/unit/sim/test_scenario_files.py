"""What a scenario file says is what world and centre get, over production's own settings."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from ctid.core.instants import HOUR, MINUTE, SECOND
from ctid.settings.files import load as load_production
from sim.run.replication import replicate
from sim.scenario.files import load
from sim.scenario.model import Scenario
from sim.spreads import Exponential, Fixed, LogNormal, Mixture, moments
from sim.world.habits import Burst, Rest, Shift
from sim.world.plan import PlannedCaller

CONFIG = Path(__file__).parents[3] / "config"
MONDAY = 1_767_571_200_000
"""2026-01-05, 8:00 in Shanghai, in ms."""


def scenario(folder: Path, text: str, **overrides: object) -> Scenario:
    path = folder / "mine.toml"
    head = f'config = "{CONFIG / "ctid.toml"}"\n'
    path.write_text(head + text, encoding="utf-8")
    return load(path, overrides)


def test_the_centre_is_productions_but_for_doors_and_what_is_overridden(tmp_path: Path) -> None:
    made = load_production(CONFIG / "ctid.toml").centre
    path = tmp_path / "mine.toml"
    path.write_text(
        f'config = "{CONFIG / "ctid.toml"}"\n[[streams]]\nid = "a"\nper_hour = 1\n',
        encoding="utf-8",
    )
    plain = load(path)
    assert plain.centre.acd == made.acd
    assert plain.centre.hours == made.hours
    assert made.entries.items() <= plain.centre.entries.items()
    assert made.flows.items() <= plain.centre.flows.items()
    other = load(path, {"config.queues.support.strategy": "fewest_contacts", "streams.a.talk": 7})
    assert other.centre.acd.queues[1].strategy == "fewest_contacts"
    assert other.centre.acd.queues[0] == made.acd.queues[0]
    assert other.world.inflows[0].habits.talk == Fixed(7 * SECOND)
    assert plain.world.staff == {}
    assert plain.world.wall_at_zero == MONDAY


def test_a_config_whose_secrets_are_elsewhere_is_read_without_them(tmp_path: Path) -> None:
    text = (CONFIG / "ctid.toml").read_text(encoding="utf-8")
    text = text.replace('secret = "change-me"', 'secret_env = "NO_SUCH_VARIABLE"')
    text = text.replace('token = "change-me"', 'token_file = "/no/such/file"')
    (tmp_path / "ctid.toml").write_text(text, encoding="utf-8")
    (tmp_path / "flows").symlink_to(CONFIG / "flows")
    path = tmp_path / "mine.toml"
    path.write_text('config = "ctid.toml"\n[[streams]]\nid = "a"\nper_hour = 1\n')
    assert load(path).world.inflows[0].rates == ((0, 1.0),)


def test_rates_follow_the_times_of_day_and_the_days_of_the_week(tmp_path: Path) -> None:
    made = scenario(tmp_path, """
        begins = 2026-01-09T20:00:00
        lasts_h = 62
        load = 2
        [[streams]]
        id = "a"
        day = { "9:00" = 60, "18:00" = 6 }
        [streams.week]
        fri = 0.5
        sun = { "10:30" = 5 }
    """)  # fmt: skip
    assert made.world.inflows[0].rates == (
        (0, 6.0),  # Friday evening, halved
        (4 * HOUR, 0.0),
        (13 * HOUR, 120.0),
        (22 * HOUR, 12.0),
        (28 * HOUR, 0.0),
        (38 * HOUR + 30 * MINUTE, 10.0),
        (52 * HOUR, 0.0),
        (61 * HOUR, 120.0),
    )


def test_a_forecast_says_how_many_come_in_each_interval(tmp_path: Path) -> None:
    (tmp_path / "forecast.csv").write_text(
        "begins,callers,note\n2026-01-05 07:45,10,early\n2026-01-05 08:30,30,\n"
        "2026-01-05 09:00,6.5,\n"
    )
    made = scenario(tmp_path, """
        lasts_h = 4
        load = 2
        [[streams]]
        id = "a"
        forecast = "forecast.csv"
    """)  # fmt: skip
    assert made.world.inflows[0].rates == (
        (0, 2 * 10 / 0.75),
        (30 * MINUTE, 2 * 60.0),
        (HOUR, 2 * 13.0),
        (90 * MINUTE, 0.0),
    )


def test_the_clock_of_the_site_decides_also_where_it_is_changed(tmp_path: Path) -> None:
    """In Berlin the 29 March 2026 has 23 hours: 2:00 is left out."""
    made = scenario(tmp_path, """
        begins = 2026-03-29T00:00:00
        lasts_h = 24
        [[streams]]
        id = "a"
        day = { "1:00" = 1, "3:00" = 3, "9:00" = 9 }
        bursts = [{ at = "12:00", callers = 1 }]
        [[staff]]
        [[staff.shifts]]
        hours = "8:00-24:00"
    """, **{"config.site.timezone": "Europe/Berlin"})  # fmt: skip
    inflow = made.world.inflows[0]
    assert inflow.rates == (
        (0, 0.0), (HOUR, 1.0), (2 * HOUR, 3.0), (8 * HOUR, 9.0), (23 * HOUR, 0.0)
    )  # fmt: skip
    assert inflow.bursts == (Burst(11 * HOUR, 1),)
    assert made.world.staff["anna"].shifts == (Shift(7 * HOUR, 23 * HOUR),)


def test_staff_by_agent_by_group_by_queue_and_all_others(tmp_path: Path) -> None:
    made = scenario(tmp_path, """
        begins = 2026-01-05T00:00:00
        lasts_h = 48
        [[streams]]
        id = "a"
        per_hour = 1
        [[staff]]
        groups = ["backoffice"]
        no_show = 0.1
        answer = 2
        [[staff.shifts]]
        hours = "9:00-17:00"
        days = ["tue"]
        breaks = [{ at = "12:30", lasts_s = 1800, reason = "lunch" }]
        [[staff]]
        like = "ben"
        count = 2
        speed = 1.5
        [[staff]]
        [[staff.shifts]]
        hours = "22:00-24:00"
        [[staff.shifts]]
        hours = "0:00-6:00"
    """)  # fmt: skip
    staff = made.world.staff
    tuesday = 24 * HOUR
    rest = Rest(3 * HOUR + 30 * MINUTE, 30 * MINUTE, "lunch")
    assert staff["anna"].shifts == (Shift(tuesday + 9 * HOUR, tuesday + 17 * HOUR, (rest,)),)
    assert (staff["anna"].no_show, staff["anna"].habits.answer) == (0.1, Fixed(2_000))
    assert staff["ben-2"].shifts == (Shift(0, 48 * HOUR),)
    assert staff["ben-2"].speed == 1.5
    assert [(one.begins // HOUR, one.ends // HOUR) for one in staff["chen"].shifts] == [
        (0, 6), (22, 24), (24, 30), (46, 48)
    ]  # fmt: skip
    twin = made.centre.acd.agents[-1]
    assert (twin.id, twin.phone, twin.queues) == ("ben-2", "PJSIP/ben-2", ("sales", "fallback"))
    assert made.files.main["agents"][-1]["id"] == "ben-2"


def test_an_agent_named_by_id_is_not_taken_with_the_group_or_the_queue(tmp_path: Path) -> None:
    made = scenario(tmp_path, """
        [[streams]]
        id = "a"
        per_hour = 1
        [[staff]]
        queues = ["support"]
        speed = 2
        [[staff]]
        agents = ["chen"]
        speed = 3
        [[staff]]
        like = "dora"
        [[staff]]
        like = "dora"
        count = 2
        speed = 4
    """)  # fmt: skip
    speeds = {name: plan.speed for name, plan in made.world.staff.items()}
    support = ("anna", "dora", "erik", "grace", "hao", "ines", "jun")
    made_ones = {"dora-1": 1.0, "dora-2": 4.0, "dora-3": 4.0}
    assert speeds == dict.fromkeys(support, 2.0) | {"chen": 3.0} | made_ones


def test_a_queue_and_a_stream_say_what_is_different_there(tmp_path: Path) -> None:
    made = scenario(tmp_path, """
        [callers]
        talk = 60
        [queues.sales]
        talk = { kind = "exponential", mean_s = 90 }
        wrap_up = 5
        [[streams]]
        id = "a"
        per_hour = 1
        keys = { menu = { 1 = 3, 2 = 1 } }
        [[streams]]
        id = "b"
        queue = "sales"
        per_hour = 1
        talk = 30
        patience = { kind = "mixture", parts = [
            { weight = 1, kind = "fixed", value_s = 0 },
            { weight = 3, kind = "lognormal", mean_s = 100, cv = 2 } ] }
    """)  # fmt: skip
    a, b = (inflow.habits for inflow in made.world.inflows)
    assert (a.talk, dict(a.talk_in)) == (Fixed(60_000), {"sales": Exponential(90_000)})
    assert (b.talk, dict(b.talk_in)) == (Fixed(30_000), {})
    assert a.menus["menu"].keys == (("1", 0.75), ("2", 0.25))
    assert a.menus["choose-language"].keys == (("1", 0.5), ("2", 0.5))
    assert a.menus["menu"].wrong == "#"
    assert made.world.agents.wrap_up_in == {"sales": Fixed(5_000)}
    assert isinstance(b.patience, Mixture)
    assert b.patience.parts[0] == (0.25, Fixed(0))
    assert isinstance(b.patience.parts[1][1], LogNormal)
    mean, variance = moments(b.patience.parts[1][1])
    assert mean == pytest.approx(100_000)
    assert variance**0.5 / mean == pytest.approx(2)


def test_call_records_come_again_on_the_scenarios_own_day(tmp_path: Path) -> None:
    (tmp_path / "calls.csv").write_text(
        "arrived_at,number,dialled,language,code,queue,outcome,waited,talked\n"
        "2025-12-01T08:04:10,+86138001,4000,en,,sales,answered,12000,184000\n"
        "2025-12-02T08:09:58,,4000,zh-CN,100017,sales,abandoned,37000,\n"
        "2025-12-02T08:10:00,,4000,zh-CN,,sales,ivr_hangup,,\n"
        "2025-12-03T08:00:00,+86138001,4000,en,,sales,answered,12000,184000\n"
    )
    text = 'lasts_h = 26\n[[streams]]\nid = "a"\ncalls = "calls.csv"\n'
    assert scenario(tmp_path, text).world.plan == (
        PlannedCaller(at=250_000, number="+86138001", queue="sales", language="en", code="",
                      talk=184_000, inflow="a"),
        PlannedCaller(at=24 * HOUR + 598_000, number="", queue="sales", language="zh-CN",
                      code="100017", patience=37_000, inflow="a"),
    )  # fmt: skip
    second = scenario(tmp_path, text + "calls_from = 2025-12-02\n").world.plan
    assert [one.at for one in second] == [598_000, 24 * HOUR]


def test_customers_have_the_grades_that_were_asked_for_and_call_by_them(tmp_path: Path) -> None:
    made = scenario(tmp_path, """
        lasts_h = 2
        [customers]
        count = 400
        grades = { A = 1, B = 3 }
        vip = 0.5
        order_value = [10, 20]
        [callers]
        hidden = 0
        [[streams]]
        id = "a"
        queue = "sales"
        per_hour = 120
        grades = { A = 1 }
    """)  # fmt: skip
    cards = made.world.customers
    assert 60 < sum(card.grade == "A" for card in cards) < 140
    assert 150 < sum(card.vip for card in cards) < 250
    assert {card.order_value for card in cards} <= set(range(10, 21))
    assert len({card.code for card in cards} | {card.numbers for card in cards}) == 800


def test_the_same_file_is_the_same_scenario(tmp_path: Path) -> None:
    path = CONFIG / "scenarios" / "reference.toml"
    assert msgspec.json.encode(load(path)) == msgspec.json.encode(load(path))


def test_a_day_with_all_of_it_runs_and_keeps_the_invariants(tmp_path: Path) -> None:
    made = load(CONFIG / "scenarios" / "reference.toml", {"lasts_h": 1.2, "warm_up_s": 0})
    outcome = replicate(made, 1, 0, check=True)
    assert outcome.calls > 50
    assert sum(one.answered for one in outcome.queues["support"]) > 5
    again = replicate(made, 1, 0)
    assert msgspec.json.encode(outcome) == msgspec.json.encode(again)


@pytest.mark.parametrize(
    ("begins", "queued"),
    [
        ("2025-09-27T10:00:00", False),  # Saturday
        ("2025-09-28T10:00:00", True),  # Sunday, worked for the National Day
        ("2025-10-08T10:00:00", False),  # Wednesday, its last day
        ("2025-10-09T10:00:00", True),
        ("2025-10-10T10:00:00", False),  # Friday with hours of its own
    ],
)
def test_callers_meet_the_holidays_of_the_day(tmp_path: Path, begins: str, queued: bool) -> None:
    made = scenario(tmp_path, f"""
        begins = {begins}
        lasts_h = 0.5
        [[streams]]
        id = "a"
        dialled = ["4000"]
        per_hour = 40
    """, **{
        "config.hours.always": {
            "mon": "9:00-18:00", "tue": "9:00-18:00", "wed": "9:00-18:00", "thu": "9:00-18:00",
            "fri": "9:00-18:00", "holidays": "CN", "days": {"2025-10-10": ["8:00-9:00"]},
        },
    })  # fmt: skip
    outcome = replicate(made, 1, 0, check=True)
    assert outcome.arrived > 5
    offered = sum(sums.offered for one in outcome.queues.values() for sums in one)
    assert (offered > 0) == queued
