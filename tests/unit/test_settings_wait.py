"""The caller's wait in the settings: what loads, and what is wrong with it."""

from typing import Any

import pytest

from ctid.acd.announce import WaitSettings
from tests.unit.test_settings import changed, problems, read


def wait(**keys: object) -> dict[str, Any]:
    """The shipped file with only these keys in the first queue's `wait`."""
    return changed("queues.0.wait", keys)


def test_nothing_said_is_nothing_told() -> None:
    settings = read(wait()).centre.acd.queues[0].wait
    assert settings == WaitSettings()
    silent = (settings.position_up_to, settings.expected_wait, settings.periodic)
    assert (*silent, settings.comfort_every) == (0, False, (), 0)


def test_everything_can_be_said() -> None:
    main = wait(
        handling_s=90, half_life=20, position_up_to=9, expected_wait=True, first_after_s=5,
        every_s=25.5, only_if_improved=False, min_minutes=2, max_minutes=20,
        periodic=["closed", "welcome"], periodic_every_s=40, periodic_order="random",
        comfort="silence", comfort_every_s=30,
    )  # fmt: skip
    assert read(main).centre.acd.queues[0].wait == WaitSettings(
        handling=90_000, half_life=20, position_up_to=9, expected_wait=True, first_after=5_000,
        every=25_500, only_if_improved=False, least_minutes=2, most_minutes=20,
        periodic=("closed", "welcome"), periodic_every=40_000, periodic_order="random",
        comfort="silence", comfort_every=30_000,
    )  # fmt: skip


def test_a_high_minimum_lifts_the_maximum_that_nobody_named() -> None:
    assert read(wait(min_minutes=45)).centre.acd.queues[0].wait.most_minutes == 45


@pytest.mark.parametrize(
    ("key", "value", "problem"),
    [
        ("half_life", 0, ".half_life: 0 is out of range; use 1 to"),
        ("handling_s", 0, ".handling_s: 0 is out of range; use more than 0"),
        ("handling", 9, '.handling: unknown key; did you mean "handling_s"?'),
        ("position_up_to", 100, ".position_up_to: 100 is out of range; use 0 to 99"),
        ("expected_wait", 1, ".expected_wait: is a number; write true or false"),
        ("every_s", 0, ".every_s: 0 is out of range; use more than 0"),
        ("first_after_s", -1, ".first_after_s: -1 is out of range; use more than 0"),
        ("max_minutes", 1, ".max_minutes: 1 is out of range; use 2 to 99"),
        ("periodic", "closed", ".periodic: is a text; write a list of texts"),
        ("periodic", ["../x"], ".periodic: '../x' does not fit; use 1 to 60 of a-z"),
        ("periodic", ["hint"], ".periodic: there is no prompt 'hint'; write its texts under ["),
        ("comfort", "no-such", ".comfort: there is no prompt 'no-such'; write its texts under ["),
        ("comfort", "", ".comfort: is empty; give it a value"),
        ("periodic_order", "any", ".periodic_order: 'any' is no order; known are: in_order, rand"),
    ],
)
def test_problem(key: str, value: object, problem: str) -> None:
    [found] = problems(wait(**{"min_minutes": 2, key: value}))
    assert found.startswith(f"ctid.toml: queues[1].wait{problem}")


def test_it_must_be_a_table() -> None:
    [found] = problems(changed("queues.0.wait", 60))
    assert "queues[1].wait: is a number; write it as a table" in found
