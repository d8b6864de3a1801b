"""What is varied, as written on the command line."""

from __future__ import annotations

import pytest

from ctid.core.errors import ConfigError
from sim.run.options import overrides_of, value_of
from sim.run.sweeping import Axis, axis, combinations


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("a.b=18..21", (18, 19, 20, 21)),
        ("a.b=18..24..3", (18, 21, 24)),
        ("a.b=0..1..0.25", (0.0, 0.25, 0.5, 0.75, 1.0)),
        ("a.b=0.1..0.3..0.1", (0.1, 0.2, 0.3)),
        ("a.b=-2..0", (-2, -1, 0)),
        ("a.b=longest_idle,fewest_contacts", ("longest_idle", "fewest_contacts")),
        ("a.b=true, 3 ,1..2", (True, 3, 1, 2)),
        ("a.b=7..7", (7,)),
    ],
)
def test_values(text: str, values: tuple[object, ...]) -> None:
    assert axis(text) == Axis("a.b", values)
    assert [type(one) for one in axis(text).values] == [type(one) for one in values]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a.b", "want PATH=VALUES"),
        ("=1,2", "want PATH=VALUES"),
        ("a.b=", "want PATH=VALUES"),
        ("a.b=5..3", "with a step above 0"),
        ("a.b=1..3..0", "with a step above 0"),
        ("a.b=1..1000000", "more than 10000 values"),
        ("a.b=1,2,1", "stands there twice"),
    ],
)
def test_what_may_not_be_varied(text: str, why: str) -> None:
    with pytest.raises(ConfigError, match=why):
        axis(text)


def test_every_combination_the_last_axis_fastest() -> None:
    points = combinations([axis("a=1..2"), axis("b=x,y")], {"c": 3})
    assert points == [
        {"c": 3, "a": 1, "b": "x"},
        {"c": 3, "a": 1, "b": "y"},
        {"c": 3, "a": 2, "b": "x"},
        {"c": 3, "a": 2, "b": "y"},
    ]


def test_combinations_that_cannot_be() -> None:
    with pytest.raises(ConfigError, match="a is set twice"):
        combinations([axis("a=1,2")], {"a": 1})
    with pytest.raises(ConfigError, match="a is set twice"):
        combinations([axis("a=1,2"), axis("a=3")], {})
    with pytest.raises(ConfigError, match="1000000 combinations are too many"):
        combinations([axis("a=1..1000"), axis("b=1..1000")], {})


def test_values_on_the_command_line_are_those_of_toml_or_words() -> None:
    texts = ("12", "1.5", "true", '"18"', "[1, 2]", "longest_idle", "2026-01-05", "")
    assert [str(value_of(text)) for text in texts] == [
        "12", "1.5", "True", "18", "[1, 2]", "longest_idle", "2026-01-05", "",
    ]  # fmt: skip
    assert overrides_of(["a.b=1", "c = x=y"]) == {"a.b": 1, "c": "x=y"}
    with pytest.raises(ConfigError) as failed:
        overrides_of(["a", "=3", "b=1", "b=2"])
    assert len(failed.value.problems) == 3
