"""Opening hours against a model that paints every minute of the calendar, one after the other."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from ctid.ivr.hours import DAYS
from ctid.ivr.opening import Opening, Switch, until_wall
from ctid.settings.hours import read_hours
from ctid.settings.table import Problems, Table

ZONES = ("Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC")
FIRST = date(2026, 1, 1)
HOLIDAYS = {
    "": (set(), set()),
    "CN": (
        {date(2026, 1, 1), date(2026, 1, 2), date(2026, 2, 16), date(2026, 2, 17),
         date(2026, 2, 18), date(2026, 2, 19), date(2026, 2, 20), date(2026, 2, 23)},
        {date(2026, 1, 4), date(2026, 2, 14), date(2026, 2, 28)},
    ),
}  # fmt: skip
"""January to March of 2026: off, and worked. The State Council's list, not the library's."""

minutes = st.integers(0, 288).map(lambda five: five * 5)


@st.composite
def spans(draw: st.DrawFn) -> list[tuple[int, int]]:
    """In order, none touching itself twice."""
    edges = sorted(draw(st.sets(minutes, max_size=6)))
    return list(zip(edges[::2], edges[1::2], strict=False))


def written(found: list[tuple[int, int]]) -> list[str]:
    return [f"{b // 60}:{b % 60:02}-{e // 60}:{e % 60:02}" for b, e in found]


days = st.integers(0, 85).map(lambda n: FIRST + timedelta(days=n))
schedules = st.fixed_dictionaries(
    {
        "timezone": st.sampled_from(ZONES),
        "week": st.tuples(*[spans()] * 7),
        "holidays": st.sampled_from(sorted(HOLIDAYS)),
        "makeup": st.sampled_from((*DAYS, "none")),
        "special": st.dictionaries(days, spans(), max_size=3),
        "closed_on": st.sets(days, max_size=3),
    }
)


def painted(made: dict, day: date) -> list[bool]:
    """All 1,440 minutes of one day."""
    off, worked = HOLIDAYS[made["holidays"]]
    today = made["week"][day.weekday()]
    if day in off:
        today = []
    if day in worked and made["makeup"] != "none":
        today = made["week"][DAYS.index(made["makeup"])]
    if day in made["closed_on"]:
        today = []
    today = made["special"].get(day, today)
    paint = [False] * 1440
    for begin, end in today:
        for minute in range(begin, end):
            paint[minute] = True
    return paint


def opening_of(made: dict) -> Opening:
    """Read as the file would say it."""
    raw: dict = {day: ", ".join(written(made["week"][n])) for n, day in enumerate(DAYS)}
    raw["timezone"] = made["timezone"]
    if made["holidays"]:
        raw |= {"holidays": made["holidays"], "makeup": made["makeup"], "years": [2026, 2026]}
    made["closed_on"] -= set(made["special"])
    raw["closed_on"] = [str(day) for day in sorted(made["closed_on"])]
    raw["days"] = {str(day): written(found) for day, found in made["special"].items()}
    problems = Problems("p.toml")
    hours = read_hours(Table({"p": raw}, "hours", problems), "UTC")["p"]
    assert problems.lines == []
    return Opening(hours)


@given(schedules, days)
def test_open_is_what_the_painted_minute_says(made: dict, day: date) -> None:
    """Over a day by UTC, minute by minute, whatever zone and whatever night."""
    opening, zone = opening_of(made), ZoneInfo(made["timezone"])
    at = datetime(day.year, day.month, day.day, tzinfo=UTC)
    paint = {d: painted(made, d) for d in (day + timedelta(days=n) for n in (-1, 0, 1, 2))}
    for _ in range(1440):
        local = at.astimezone(zone)
        ms = round(at.timestamp() * 1000)
        wanted = paint[local.date()][local.hour * 60 + local.minute]
        assert opening.open_at(ms) == opening.open_at(ms + 59_999) == wanted, local
        at += timedelta(minutes=1)


@given(schedules, days, st.integers(0, 1439))
def test_the_next_turn_is_the_first_painted_minute_that_differs(
    made: dict, day: date, minute: int
) -> None:
    hours = opening_of(made).hours
    wall = round(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000)
    wall += minute * 60_000 + 1
    at, now_open = wall // 60_000 * 60_000, hours.open_at(wall)
    for _ in range(3 * 1440):
        at += 60_000
        if hours.open_at(at) != now_open:
            break
    else:
        turn = hours.turn_after(wall)
        assert turn == 0 or turn > at
        return
    assert hours.turn_after(wall) == at


@given(
    schedules, st.integers(0, 10**9), st.integers(0, 10**9), st.booleans(), st.integers(0, 10**9)
)
def test_a_switch_holds_for_its_time_and_for_no_longer(
    made: dict, since: int, lasts: int, opened: bool, later: int
) -> None:
    opening, plain = opening_of(made), opening_of(made)
    base = 1_767_225_600_000 + since  # in January
    opening.switch = Switch(opened, "eve", "Eve", base, base + lasts if lasts else 0)
    at = base + later
    held = not lasts or later < lasts
    assert opening.open_at(at) == (opened if held else plain.open_at(at))


@given(
    st.integers(0, 23), st.integers(0, 59), st.sampled_from(ZONES),
    st.integers(1_767_225_600_000, 1_798_761_600_000),
)  # fmt: skip
def test_until_a_clock_time_is_the_next_minute_that_shows_it(
    hour: int, minute: int, zone: str, wall: int
) -> None:
    """No earlier minute shows it, and none but those that a night leaves out is shown late."""
    until = until_wall(f"{hour:02}:{minute:02}", zone, wall)
    assert wall < until <= wall + 25 * 3_600_000
    at = datetime.fromtimestamp(until / 1000, ZoneInfo(zone))
    left_out = (at.hour, at.minute) != (hour, minute)
    if left_out:
        naive = at.replace(hour=hour, minute=minute, tzinfo=ZoneInfo(zone))
        there = datetime.fromtimestamp(naive.timestamp(), ZoneInfo(zone))
        assert there.hour * 60 + there.minute != hour * 60 + minute, "the clock leaves it out"
    step = until - 60_000
    while step > wall and not left_out:
        shown = datetime.fromtimestamp(step / 1000, ZoneInfo(zone))
        assert (shown.hour, shown.minute) != (hour, minute)
        step -= 60_000


@given(st.text(max_size=20) | st.from_regex(r"(\d{4}-\d{2}-\d{2}T)?\d{2}:\d{2}", fullmatch=True),
       st.sampled_from(ZONES))  # fmt: skip
def test_whatever_is_typed_is_a_later_time_or_an_error_that_says_so(text: str, zone: str) -> None:
    wall = 1_767_571_200_000
    try:
        found = until_wall(text, zone, wall)
    except ValueError as error:
        said = str(error)
    else:
        said = "" if found > wall else "not later"
    assert not said or "is no time; write" in said or "is over already; choose" in said
