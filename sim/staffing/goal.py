"""What the staff is to reach: `service_level:0.8`, `asa[sales]:20s`."""

from __future__ import annotations

import math

import msgspec

from ctid.core.errors import ConfigError
from sim.erlang.sizing import Figures
from sim.run import figures
from sim.run.catalogue import Unit
from sim.run.figures import Estimate, Named
from sim.scenario.model import Scenario

ERLANG = {
    "service_level": "service_level",
    "service_level_answered": "of_answered",
    "service_level_net": "without_short",
    "asa": "asa",
    "wait": "mean_wait",
    "abandonment": "abandonment",
}
"""Figures that can be a target, and what Erlang A calls them. More agents make each better."""


class Goal(msgspec.Struct, frozen=True):
    """One figure, and the value that it must reach."""

    named: Named
    value: float
    """In the figure's unit: shares of 1, milliseconds."""

    @property
    def at_least(self) -> bool:
        """Whether more of it is better."""
        return self.named.figure.better == 1

    def sure(self, found: Estimate) -> bool:
        """Whether the whole interval lies on the right side; where there was no call it does."""
        if found.value is None:
            return True
        edge = found.low if self.at_least else found.high
        return edge is not None and self._right(edge)

    def reached(self, found: Estimate) -> bool:
        """Whether the value itself does."""
        return found.value is None or self._right(found.value)

    def far(self, found: Estimate) -> bool:
        """Whether it is so far off that one agent more will not do."""
        if found.value is None:
            return False
        if self.named.figure.unit == "share":
            return abs(found.value - self.value) > 0.1
        return found.value > 3 * self.value

    def by_erlang(self, found: Figures) -> bool:
        """Whether the formula says so; its times are milliseconds here."""
        value: float = getattr(found, ERLANG[self.named.figure.name])
        return self._right(value)

    def _right(self, value: float) -> bool:
        return value >= self.value if self.at_least else value <= self.value


def parse(text: str, scenario: Scenario) -> Goal:
    """`service_level:0.8`, `service_level[sales]:80%`, `abandonment:0.05`, `asa:20s`; a time
    without a unit is in seconds.

    Raises:
        ConfigError: no such figure, or a value that it cannot have.
    """
    name, colon, value = text.rpartition(":")
    if not colon:
        raise ConfigError((f"--target {text}: want FIGURE:VALUE, as service_level:0.8",))
    named = figures.find(name.strip(), scenario)
    if named.figure.name not in ERLANG:
        known = ", ".join(ERLANG)
        raise ConfigError((f"--target {text}: staff cannot be sought for it; use {known}",))
    share = named.figure.unit == "share"
    number = _number(value.strip(), named.figure.unit)
    if not 0 < number < (1 if share else math.inf):
        fits = "a share between 0 and 1, as 0.8 or 80%" if share else "a time above 0, as 20s"
        raise ConfigError((f"--target {text}: {value.strip()!r} does not fit; write {fits}",))
    return Goal(named, number)


def _number(text: str, unit: Unit) -> float:
    """NaN for what is none."""
    of_100 = unit == "share" and text.endswith("%")
    text, scale = (text[:-1], 0.01) if of_100 else figures.without_unit(text, unit)
    try:
        return float(text) * scale
    except ValueError:
        return math.nan
