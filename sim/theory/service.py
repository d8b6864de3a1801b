"""How long services last in a queueing system: laws with mean one, by their squared coefficient of
variation, variance / mean².

Besides a draw each law gives a draw of the service that an observer finds under way at a random
instant: long ones are found more often, in proportion to their length (the inspection paradox; D.
R. Cox, "Renewal theory", 1962). Begun anywhere in it, it is what a single server in steady state
is busy with.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Literal

Kind = Literal["fixed", "exponential", "gamma", "hyperexponential", "lognormal"]


@dataclass(frozen=True)
class Service:
    """Durations in mean services.

    Raises:
        ValueError: an `scv` that the kind cannot have.
    """

    kind: Kind
    scv: float

    def __post_init__(self) -> None:
        only = {"fixed": 0.0, "exponential": 1.0}.get(self.kind)
        if only is not None and self.scv != only:
            raise ValueError(f"{self.kind} services have an scv of {only:g}, not {self.scv:g}")
        if not math.isfinite(self.scv) or (only is None and self.scv <= 0):
            raise ValueError(f"{self.kind} services need an scv above 0, not {self.scv:g}")
        if self.kind == "hyperexponential" and self.scv < 1:
            raise ValueError(f"hyperexponential services have an scv of at least 1: {self.scv:g}")

    def draws(self, stream: Random) -> Callable[[], float]:
        """What gives one service after the other."""
        if self.kind == "exponential":
            return partial(stream.expovariate, 1.0)  # the plain case is the hot one
        return partial(self._draw, stream, 0)

    def found(self, stream: Random) -> tuple[float, float]:
        """(how long it has lasted, how long it lasts on) of the service under way at any instant of
        a busy server in steady state."""
        whole = self._draw(stream, 1)
        past = stream.random() * whole
        return past, whole - past

    def _draw(self, stream: Random, found: int) -> float:
        """A service, or with `found` = 1 one that is drawn in proportion to its length."""
        match self.kind:
            case "fixed":
                return 1.0
            case "exponential":
                return stream.gammavariate(2.0, 1.0) if found else stream.expovariate(1.0)
            case "gamma":
                return stream.gammavariate(1 / self.scv + found, self.scv)
            case "lognormal":
                variance = math.log1p(self.scv)
                mean = -variance / 2 + found * variance
                return math.exp(mean + math.sqrt(variance) * stream.gauss(0.0, 1.0))
            case "hyperexponential":
                # Balanced means: both phases carry half of the work, so either is found as often.
                first = (1 + math.sqrt((self.scv - 1) / (self.scv + 1))) / 2
                share = 0.5 if found else first
                weight = first if stream.random() < share else 1 - first
                return stream.gammavariate(1.0 + found, 1 / (2 * weight))


EXPONENTIAL = Service("exponential", 1.0)


def with_scv(scv: float) -> Service:
    """A law with that squared coefficient of variation: fixed at 0, gamma below 1 (which is
    Erlang's with k phases at 1/k), exponential at 1, hyperexponential above.

    Raises:
        ValueError: a negative `scv`, or none at all.
    """
    if scv == 0:
        return Service("fixed", 0.0)
    if scv == 1:
        return EXPONENTIAL
    return Service("gamma" if scv < 1 else "hyperexponential", scv)
