"""What ends the time after a call, mode by mode."""

import msgspec
import pytest

from ctid.acd.wrapup import MODES, OVER, TALKING, WRAP_UP_TRANSITIONS, Mode, Talk, WrapUpRule, begin


def talk(mode: Mode, lasts: int = 10_000, *, code: str = "", **rule: object) -> Talk:
    return Talk("c1", "o1", "q", lasts, msgspec.convert({"mode": mode, **rule}, WrapUpRule), code)


def test_every_mode_has_a_way_into_it_and_all_but_none_a_state() -> None:
    assert tuple(WRAP_UP_TRANSITIONS[TALKING]) == MODES
    states = set(WRAP_UP_TRANSITIONS) - {TALKING, OVER}
    assert states == set(MODES) - {"none"}


@pytest.mark.parametrize(
    ("mode", "by"),
    [
        ("optional", {"asked", "time"}),
        ("timed", {"asked", "time"}),
        ("timed_full", {"time"}),
        ("disposition", {"code", "time"}),
    ],
)
def test_what_ends_a_wrap_up(mode: Mode, by: set[str]) -> None:
    wrap_up = begin(talk(mode, most=60_000, codes=("sold",)), 0)
    ends = {
        event
        for event in ("asked", "code", "extended", "time")
        if wrap_up.allows(event) and wrap_up.after(event).state == OVER
    }
    assert ends == by


@pytest.mark.parametrize(
    ("made", "until"),
    [
        (talk("timed"), 10_500),
        (talk("timed_full", most=60_000), 10_500),
        (talk("optional"), 0),
        (talk("optional", most=60_000), 60_500),
        (talk("disposition", most=60_000), 60_500),
    ],
    ids=["timed", "timed_full", "optional", "optional with a maximum", "disposition"],
)
def test_when_it_ends_by_itself(made: Talk, until: int) -> None:
    assert begin(made, 500).until == until


@pytest.mark.parametrize(
    "made",
    [talk("none"), talk("timed", 0), talk("timed_full", 0), talk("disposition", code="sold")],
    ids=["none", "timed for nothing", "timed_full for nothing", "code given in the call"],
)
def test_no_wrap_up(made: Talk) -> None:
    assert begin(made, 500).state == OVER


def test_it_is_prolonged_in_steps_up_to_its_maximum() -> None:
    wrap_up = begin(talk("timed", extend=20_000, most=45_000), 0)
    ends = []
    while wrap_up.allows("extended"):
        wrap_up = wrap_up.after("extended")
        ends.append(wrap_up.until)
    assert ends == [30_000, 45_000]


@pytest.mark.parametrize(
    "made",
    [talk("timed"), talk("optional", extend=10, most=1000), talk("disposition", most=1000)],
    ids=["no step", "optional", "disposition"],
)
def test_what_cannot_be_prolonged(made: Talk) -> None:
    assert not begin(made, 0).allows("extended")


def test_a_reload_does_not_change_a_wrap_up_that_goes_on() -> None:
    """The rule travels with the state: what was saved comes back whole."""
    wrap_up = begin(talk("timed", extend=20_000, most=45_000), 7)
    assert msgspec.json.decode(msgspec.json.encode(wrap_up), type=type(wrap_up)) == wrap_up
