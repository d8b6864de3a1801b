"""The scenarios that we ship load, and the reference knows every key."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sim.scenario import files
from sim.scenario.spreads import KINDS

FOLDER = Path(__file__).parents[3] / "config" / "scenarios"
REFERENCE = FOLDER / "reference.toml"
SHIPPED = sorted(FOLDER.glob("*.toml"))
SPELL, LINK_CUT = r"faults\.\w+\.", "faults.link_cut."
_PARAMETERS = {
    "fixed": ("value_s",),
    "uniform": ("low_s", "high_s"),
    "exponential": ("mean_s",),
    "lognormal": ("mean_s", "cv", "median_s", "sigma"),
    "gamma": ("mean_s", "cv", "shape", "scale_s"),
    "weibull": ("shape", "mean_s", "scale_s"),
    "empirical": ("values_s", "file"),
    "quantiles": ("values_s", "file"),
    "mixture": ("parts", "weight"),
}


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_scenario_loads(path: Path) -> None:
    scenario = files.load(path)
    assert scenario.world.inflows
    assert scenario.lasts > scenario.warm_up
    assert scenario.world.lasts == scenario.lasts


def test_the_shipped_ones_are_these() -> None:
    names = {path.stem for path in SHIPPED}
    assert names >= {"small", "monday", "week", "outage", "reference"}


def test_every_key_stands_in_the_reference() -> None:
    """What [callers] and [agents] have, streams and blocks of staff have as well, and nobody wants
    to read it twice; nor what one spell of faults has, the others have as well."""
    text = REFERENCE.read_text(encoding="utf-8")
    without_comments = re.sub(r"^#(?=\S+ = )", "", text, flags=re.MULTILINE)
    known = _leaves(files.known_keys(REFERENCE))
    written = set(_paths(tomllib.loads(without_comments), "", known))
    twice = {
        path
        for path in known
        for again, once in (
            (r"streams\[\].", "callers."),
            (r"staff\[\].", "agents."),
            (SPELL, LINK_CUT),
        )
        if re.match(again, path) and re.sub(again, once, path, count=1) in known
    }
    assert known - twice - written == set()
    assert written - known == set()


def _leaves(asked: frozenset[str]) -> set[str]:
    """Keys that hold a value: no tables, nothing within a spread."""
    spreads = {path.removesuffix("kind") for path in asked if path.endswith(".kind")}
    found = {path for path in asked if not path.startswith(tuple(spreads))}
    return {
        path for path in found if not any(o.startswith((f"{path}.", f"{path}[")) for o in found)
    }


def _paths(raw: dict[str, Any], at: str, known: set[str]) -> Iterator[str]:
    """The path of each key, in the form in which `known` has it."""
    for key, value in raw.items():
        name = f"{at}{key}"
        free = next(
            (o for o in known if re.fullmatch(re.sub("<.*>", ".+", re.escape(o)), name)), ""
        )
        if name in known or free:
            yield name if name in known else free
        elif isinstance(value, dict):
            yield from _paths(value, f"{name}.", known)
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            for one in value:
                yield from _paths(one, f"{name}[].", known)
        else:
            yield name


def test_every_spread_is_told_with_its_parameters() -> None:
    head = REFERENCE.read_text(encoding="utf-8").partition("config =")[0]
    assert set(_PARAMETERS) == set(KINDS)
    for kind, parameters in _PARAMETERS.items():
        assert f'"{kind}"' in head
        for parameter in parameters:
            assert parameter in head
