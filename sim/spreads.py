"""How durations spread: drawn in whole milliseconds from a stream that the caller hands in.

The same stream gives the same durations under every version of Python: they are made of
`random()`, `getrandbits()` and what is built on these by algorithms that do not change. What has a
unit is in ms. `moments` tells mean and variance of any spread.
"""

from __future__ import annotations

import math
from random import Random
from statistics import NormalDist
from typing import assert_never

import msgspec

from ctid.core.instants import Duration

_NORMAL = NormalDist()
_BITS = 52
"""So many fill a fraction that stays below 1 when half a step is added to it."""


class Fixed(msgspec.Struct, frozen=True, tag="fixed"):
    """Always the same."""

    value: Duration

    def draw(self, stream: Random) -> Duration:
        return self.value


class Uniform(msgspec.Struct, frozen=True, tag="uniform"):
    """Each whole millisecond from `low` to `high` is as likely as the other."""

    low: Duration
    high: Duration

    def draw(self, stream: Random) -> Duration:
        return stream.randint(self.low, self.high)


class Exponential(msgspec.Struct, frozen=True, tag="exponential"):
    """Without memory, rounded to the next millisecond."""

    mean: float

    def draw(self, stream: Random) -> Duration:
        return round(stream.expovariate(1.0) * self.mean)


class LogNormal(msgspec.Struct, frozen=True, tag="lognormal"):
    """Its logarithm is normal: most are short, some are long. The usual law of talks."""

    median: float
    sigma: float
    """Standard deviation of the natural logarithm."""

    def draw(self, stream: Random) -> Duration:
        at = (stream.getrandbits(_BITS) + 0.5) / (1 << _BITS)
        return round(self.median * math.exp(self.sigma * _NORMAL.inv_cdf(at)))


class Gamma(msgspec.Struct, frozen=True, tag="gamma"):
    """With a whole `shape`, that many exponential stretches one after the other (Erlang's law)."""

    shape: float
    scale: float

    def draw(self, stream: Random) -> Duration:
        return round(stream.gammavariate(self.shape, self.scale))


class Weibull(msgspec.Struct, frozen=True, tag="weibull"):
    """With a `shape` below 1 the likelihood of an end falls with the time gone by, above it rises.
    The usual law of patience."""

    shape: float
    scale: float

    def draw(self, stream: Random) -> Duration:
        return round(self.scale * math.pow(stream.expovariate(1.0), 1.0 / self.shape))


class Empirical(msgspec.Struct, frozen=True, tag="empirical"):
    """One of the values that were seen, each as likely as the other."""

    values: tuple[Duration, ...]

    def draw(self, stream: Random) -> Duration:
        return self.values[stream.randrange(len(self.values))]


class Quantiles(msgspec.Struct, frozen=True, tag="quantiles"):
    """As many fall between any two neighbours of `values`, evenly spread; at least two, rising."""

    values: tuple[Duration, ...]

    def draw(self, stream: Random) -> Duration:
        at = stream.random() * (len(self.values) - 1)
        place = int(at)
        low, high = self.values[place], self.values[place + 1]
        return low + round((high - low) * (at - place))


class Mixture(msgspec.Struct, frozen=True, tag="mixture"):
    """Of several kinds."""

    parts: tuple[tuple[float, Spread], ...]
    """(share, spread); the shares add up to 1."""

    def draw(self, stream: Random) -> Duration:
        at = stream.random()
        for share, spread in self.parts:
            at -= share
            if at < 0:
                return spread.draw(stream)
        return self.parts[-1][1].draw(stream)


Spread = (
    Fixed | Uniform | Exponential | LogNormal | Gamma | Weibull | Empirical | Quantiles | Mixture
)


def moments(spread: Spread) -> tuple[float, float]:
    """Mean in ms and variance in ms², but for the rounding to whole milliseconds."""
    match spread:
        case Fixed():
            return float(spread.value), 0.0
        case Uniform():
            wide = spread.high - spread.low + 1
            return (spread.low + spread.high) / 2, (wide * wide - 1) / 12
        case Exponential():
            return spread.mean, spread.mean**2
        case LogNormal():
            mean = spread.median * math.exp(spread.sigma**2 / 2)
            return mean, mean**2 * math.expm1(spread.sigma**2)
        case Gamma():
            return spread.shape * spread.scale, spread.shape * spread.scale**2
        case Weibull():
            mean = spread.scale * math.gamma(1 + 1 / spread.shape)
            return mean, spread.scale**2 * math.gamma(1 + 2 / spread.shape) - mean**2
        case Empirical():
            return _of([(1.0, (float(value), 0.0)) for value in spread.values])
        case Quantiles():
            pairs = zip(spread.values, spread.values[1:], strict=False)
            return _of([(1.0, ((a + b) / 2, (b - a) ** 2 / 12)) for a, b in pairs])
        case Mixture():
            return _of([(share, moments(part)) for share, part in spread.parts])
        case _:
            assert_never(spread)


def scv(spread: Spread) -> float:
    """The squared coefficient of variation, variance over mean²; 0 where the mean is 0."""
    mean, variance = moments(spread)
    return variance / mean**2 if mean else 0.0


def _of(parts: list[tuple[float, tuple[float, float]]]) -> tuple[float, float]:
    """Of a mixture of (weight, (mean, variance))."""
    whole = math.fsum(weight for weight, _ in parts)
    mean = math.fsum(weight * of[0] for weight, of in parts) / whole
    around = [weight * (of[1] + (of[0] - mean) ** 2) for weight, of in parts]
    return mean, math.fsum(around) / whole
