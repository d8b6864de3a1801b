"""Holidays, make-up working days and special days: real dates, and every mistake by its path."""

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from ctid.app import demo
from ctid.ivr.hours import Hours
from ctid.settings.holiday_days import calendar, calendar_problem
from tests.unit.test_settings import changed, problems, read

WEEK = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), "9:00-18:00")


def office(**keys: Any) -> Hours:
    """Monday to Friday, and what `keys` add."""
    return read(changed("hours.office", {**WEEK, **keys})).centre.hours["office"]


def at(hours: Hours, day: str, clock: str = "10:00") -> bool:
    """Whether it is open when the clock in its zone shows that."""
    when = datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=ZoneInfo(hours.timezone))
    return hours.open_at(round(when.timestamp() * 1000))


CHINA = [
    # 2025, from the State Council's list of 2024-11-12
    ("2025-01-01", "holiday"),
    ("2025-01-02", "week"),
    ("2025-01-26", "makeup"),  # Sunday, for the Spring Festival
    ("2025-01-28", "holiday"),
    ("2025-02-04", "holiday"),
    ("2025-02-08", "makeup"),  # Saturday
    ("2025-04-27", "makeup"),
    ("2025-05-05", "holiday"),
    ("2025-06-02", "holiday"),
    ("2025-09-28", "makeup"),  # Sunday, for the National Day
    ("2025-10-01", "holiday"),
    ("2025-10-08", "holiday"),
    ("2025-10-09", "week"),
    ("2025-10-11", "makeup"),  # Saturday, for the National Day
    # 2026, from the list of 2025-11-04
    ("2026-01-02", "holiday"),
    ("2026-01-04", "makeup"),  # Sunday, for the New Year
    ("2026-02-14", "makeup"),
    ("2026-02-16", "holiday"),
    ("2026-02-23", "holiday"),
    ("2026-02-28", "makeup"),
    ("2026-05-09", "makeup"),
    ("2026-09-20", "makeup"),  # Sunday, for the National Day
    ("2026-09-25", "holiday"),  # Mid-Autumn
    ("2026-10-01", "holiday"),
    ("2026-10-07", "holiday"),
    ("2026-10-08", "week"),
    ("2026-10-10", "makeup"),  # Saturday, for the National Day
    ("2026-10-11", "week"),
]


@pytest.mark.parametrize(("day", "kind"), CHINA)
def test_days_of_china(day: str, kind: str) -> None:
    hours = office(holidays="CN", years=[2025, 2026])
    known = date.fromisoformat(day)
    assert hours.on(known)[0] == kind
    weekday = known.weekday() < 5
    assert at(hours, day) == (kind == "makeup" or (kind == "week" and weekday))


def test_a_make_up_day_is_like_the_weekday_that_is_named_or_like_none() -> None:
    friday = office(holidays="CN", fri="9:00-11:00", sun="20:00-21:00", makeup="fri")
    assert friday.on(date(2025, 9, 28)) == ("makeup", ((540, 660),))
    none = office(holidays="CN", sun="20:00-21:00", makeup="none")
    assert none.on(date(2025, 9, 28)) == ("week", ((1200, 1260),))
    assert none.unlisted == (), "nobody asks for the list"


def test_what_the_site_says_goes_before_what_the_country_says() -> None:
    hours = office(
        holidays="CN",
        closed_on=["2025-09-28", "2025-10-09"],
        days={"2025-10-01": ["9:00-12:00", "13:00-24:00"], "2025-10-11": [], "2025-10-12": []},
    )
    assert hours.on(date(2025, 9, 28)) == ("closed", ())
    assert hours.on(date(2025, 10, 9)) == ("closed", ())
    assert hours.on(date(2025, 10, 1)) == ("special", ((540, 720), (780, 1440)))
    assert hours.on(date(2025, 10, 11)) == ("special", ())
    assert at(hours, "2025-10-01", "11:59")
    assert not at(hours, "2025-10-01", "12:00")
    assert list(hours.days) == sorted(hours.days), "the journal's header has one order"


def test_parts_of_a_country() -> None:
    epiphany = date(2026, 1, 6)
    assert office(holidays="DE-BY").on(epiphany)[0] == "holiday"
    assert office(holidays="DE-BE").on(epiphany)[0] == "week"
    assert office(holidays="DE").on(epiphany)[0] == "week"
    assert office(holidays="DE").on(date(2026, 5, 1))[0] == "holiday"


@pytest.mark.parametrize(
    ("wall", "is_open"),
    [
        # 9:00 in Berlin before, between and after the nights in which the clock is set
        ("2026-03-27T07:59", False),
        ("2026-03-27T08:00", True),
        ("2026-03-30T06:59", False),
        ("2026-03-30T07:00", True),
        ("2026-10-26T07:59", False),
        ("2026-10-26T08:00", True),
        # Easter Monday, and the day of the switch to summer with hours of its own, 1:00 to 4:00
        ("2026-04-06T08:00", False),
        ("2026-03-28T23:59", False),
        ("2026-03-29T00:00", True),
        ("2026-03-29T00:59", True),  # 1:59
        ("2026-03-29T01:00", True),  # 3:00
        ("2026-03-29T01:59", True),  # 3:59
        ("2026-03-29T02:00", False),  # 4:00
        # and to winter, 1:00 to 4:00: four hours long
        ("2026-10-24T23:00", True),  # 1:00
        ("2026-10-25T01:30", True),  # 2:30 again
        ("2026-10-25T02:59", True),  # 3:59
        ("2026-10-25T03:00", False),
    ],
)
def test_nights_in_which_the_clock_is_set(wall: str, is_open: bool) -> None:
    night = ["1:00-4:00"]
    days = {"2026-03-29": night, "2026-10-25": night}
    hours = office(timezone="Europe/Berlin", holidays="DE", days=days)
    at = datetime.fromisoformat(wall).replace(tzinfo=UTC)
    assert hours.open_at(round(at.timestamp() * 1000)) == is_open


def test_years_whose_list_is_not_out_yet_and_years_beyond_the_range() -> None:
    hours = office(holidays="CN", years=[2025, 2054])
    assert (hours.calendar, hours.years) == ("CN", (2025, 2054))
    assert 2025 not in hours.unlisted
    assert 2054 in hours.unlisted
    assert hours.doubt(2025) == ""
    assert "in 2054 are not known yet; update the package holidays" in hours.doubt(2054)
    assert hours.doubt(2055).endswith("2025 to 2054; set years = [2025, 2055]")
    assert hours.doubt(2024).endswith("2025 to 2054; set years = [2024, 2054]")
    assert office(holidays="DE", years=[2025, 2050]).unlisted == ()
    assert office().doubt(2054) == "", "no holidays, no doubt"


def test_a_working_day_that_the_next_year_moves_into_this_one() -> None:
    """2019-01-01 was bridged by Saturday 2018-12-29."""
    assert date(2018, 12, 29) in calendar("CN", 2018, 2018).makeup
    assert date(2018, 12, 29) not in calendar("CN", 2019, 2019).makeup


def test_the_journal_reads_them_back_and_reads_older_ones() -> None:
    hours = office(holidays="CN", days={"2025-10-01": ["9:00-12:00"]})
    assert msgspec.json.decode(msgspec.json.encode(hours), type=Hours) == hours
    old = b'{"id":"o","timezone":"UTC","week":[[],[],[],[],[],[],[]],"closed_on":["2026-01-01"]}'
    assert msgspec.json.decode(old, type=Hours).on(date(2026, 1, 1)) == ("closed", ())


def test_the_demo_is_open_at_all_times() -> None:
    hours = {"holidays": "CN", "days": {"2025-10-03": []}, "closed_on": ["2025-10-05"]}
    made = demo._always_open(read(changed("hours.office", {**WEEK, **hours})))["office"]
    assert isinstance(made, Hours)
    assert all(at(made, f"2025-10-{day:02}", "03:00") for day in range(1, 12))
    assert made.doubt(2095) == ""


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        ({"holidays": "XX"}, "holidays: there are no holidays of 'XX'; use a country of ISO 3166"),
        ({"holidays": "china"}, "holidays: there are no holidays of 'china'; use a country"),
        ({"holidays": "DE-XX"}, "holidays: DE has no part 'XX' with holidays of its own; "),
        ({"holidays": "DE-"}, "holidays: DE has no part '' with holidays of its own; known are"),
        ({"holidays": "CN-BJ"}, "holidays: CN has no part 'BJ' with holidays of its own; there"),
        ({"holidays": 1}, "holidays: is a number; write a text in quotes"),
        ({"holidays": "CN", "makeup": "monday"}, 'makeup: \'monday\' is no weekday; did you mean'),
        ({"makeup": "mon"}, 'makeup: is of no use without holidays; set holidays = "CN"'),
        ({"years": [2025, 2026]}, 'years: is of no use without holidays; set holidays = "CN"'),
        ({"holidays": "CN", "years": 2026}, "years: is not two years; write the first and the"),
        ({"holidays": "CN", "years": [2026]}, "years: is not two years; write the first and the"),
        ({"holidays": "CN", "years": [2026, True]}, "years: is not two years; write the first"),
        ({"holidays": "CN", "years": [2027, 2026]}, "years: 2027 to 2026 is out of range; use"),
        ({"holidays": "CN", "years": [2026, 2099]}, "years: 2026 to 2099 is out of range; use"),
        ({"holidays": "CN", "years": [2090, 2100]}, "years: 2090 to 2100 is out of range; use"),
        ({"days": {"24.12.2026": []}}, "days.24.12.2026: is no date; write \"2026-12-24\" = "),
        ({"days": {"2026-02-30": []}}, "days.2026-02-30: is no date; write"),
        ({"days": {"20261224": []}}, "days.20261224: is no date; write"),
        ({"days": {"2026-12-24": "9:00-12:00"}}, "days.2026-12-24: is not a list of spans; write"),
        ({"days": {"2026-12-24": [9]}}, "days.2026-12-24: is not a list of spans; write"),
        ({"days": {"2026-12-24": ["9-12"]}}, "days.2026-12-24: '9-12' is no time span; write"),
        (
            {"days": {"2026-12-24": ["9:00-12:00", "11:00-13:00"]}},
            "days.2026-12-24: '11:00-13:00' begins before the span ahead of it ends; put them",
        ),
        (
            {"closed_on": ["2026-12-24"], "days": {"2026-12-24": []}},
            "days.2026-12-24: stands in closed_on too; take it out of one of them",
        ),
        ({"days": 3}, "days: is a number; write it as a table, [hours.office.days]"),
    ],
)  # fmt: skip
def test_every_mistake_is_named(keys: dict[str, Any], problem: str) -> None:
    found = problems(changed("hours.office", {**WEEK, **keys}))
    assert [one for one in found if one.startswith(f"ctid.toml: hours.office.{problem}")], found
    assert len(found) == 1


def test_every_calendar_of_a_country_has_a_name_that_fits() -> None:
    assert calendar_problem("CN") == calendar_problem("DE-BY") == calendar_problem("US-CA") == ""
    assert calendar_problem("CHN") != "", "an alias is no code of ISO 3166-1 alpha-2"
