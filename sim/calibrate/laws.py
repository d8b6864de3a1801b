"""The laws that durations are fitted with, and their maximum likelihood under right censoring.

A censored duration is one that was longer than what was seen: the patience of a caller who was
answered. Its share of the likelihood is the survival function (Klein and Moeschberger, Survival
Analysis, 3.5). All durations are ms.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special, stats

Array = NDArray[np.float64]
SHAPES = (0.02, 50.0)
"""Weibull's and gamma's shape is looked for in between: beyond it no duration of people lies."""
BINS = 2_000
"""On so many stretches of the logarithm's range the mixture is fitted: it is a matter of speed."""
ROUNDS = 400
GROUPS = 2_000
"""As many points stand for all censored durations in a search."""
TINY = 1e-300
SETTLED = 1e-9
"""A smaller gain of the mean log likelihood in a round ends the fitting of a mixture."""
NARROWEST = 0.02
"""A mixture's part does not shrink to a point, whose likelihood would have no limit."""


@dataclass(frozen=True)
class Sample:
    """Durations in ms, both parts sorted and > 0."""

    seen: Array
    censored: Array

    @property
    def all(self) -> Array:
        """Both parts, the seen ones first."""
        return np.concatenate((self.seen, self.censored))


class Law(Protocol):
    """What a fitted law can say; all of arrays of ms."""

    def logpdf(self, at: Array) -> Array: ...
    def logsf(self, at: Array) -> Array: ...
    def cdf(self, at: Array) -> Array: ...
    def pdf(self, at: Array) -> Array: ...


@dataclass(frozen=True)
class Fitted:
    """One law with the parameters that fit best."""

    name: str
    """As in `sim.spreads`, with which it is drawn."""
    parameters: dict[str, Any]
    """Names and values of that spread's fields: ms, or without unit."""
    law: Law
    freedom: int
    """Number of parameters that were chosen."""


def sample(seen: Array | Sequence[float], censored: Array | Sequence[float] = ()) -> Sample:
    """Sorts both; a duration of 0 becomes half of the clock's step, which is 1 s or 1 ms.

    The logarithm of 0 would rule most laws out, and the clock cannot tell 0 from less than a step.
    """
    both = [np.sort(np.asarray(part, dtype=np.float64)) for part in (seen, censored)]
    whole = all(bool(np.all(part % 1_000 == 0)) for part in both)
    half = 500.0 if whole else 0.5
    return Sample(*(np.maximum(part, half) for part in both))


def exponential(data: Sample) -> Fitted:
    """All the time that was seen, over the number of ends that were seen."""
    mean = float(data.all.sum()) / len(data.seen)
    return Fitted("exponential", {"mean": mean}, stats.expon(scale=mean), 1)


def weibull(data: Sample) -> Fitted:
    """The shape is the root of the profile likelihood's slope; the scale follows."""
    top = float(data.all.max())
    scaled, ends = data.all / top, np.log(data.seen / top).mean()
    logs = np.log(scaled)

    def slope(shape: float) -> float:
        powers = scaled**shape
        return float((powers * logs).sum() / powers.sum() - 1 / shape - ends)

    shape = _root(slope)
    scale = top * float(((scaled**shape).sum() / len(data.seen)) ** (1 / shape))
    law = stats.weibull_min(shape, scale=scale)
    return Fitted("weibull", {"shape": shape, "scale": scale}, law, 2)


def _root(slope: Callable[[float], float]) -> float:
    """Where a rising function crosses zero within SHAPES, or the end that is nearest to it."""
    low, high = SHAPES
    if slope(low) >= 0:
        return low
    if slope(high) <= 0:
        return high
    return float(optimize.brentq(slope, low, high, xtol=1e-10))


def gamma(data: Sample) -> Fitted:
    """Without censoring the shape is the root of digamma's equation, else both are searched."""
    n, logs = len(data.seen), float(np.log(data.seen).sum())
    total = float(data.seen.sum())
    gap = float(np.log(total / n)) - logs / n
    shape = _root(lambda k: gap - (np.log(k) - special.digamma(k)))
    scale = total / n / shape
    if len(data.censored):
        at, weights = grouped(data.censored)

        def against(point: Array) -> float:
            k, theta = np.exp(point)
            ends = (k - 1) * logs - total / theta - n * (k * point[1] + special.gammaln(k))
            beyond = np.maximum(special.gammaincc(k, at / theta), TINY)
            return -float(ends + (weights * np.log(beyond)).sum())

        start = np.log((shape, float(data.all.sum()) / n / shape))
        shape, scale = np.exp(_search(against, start))
    law = stats.gamma(shape, scale=scale)
    return Fitted("gamma", {"shape": float(shape), "scale": float(scale)}, law, 2)


def lognormal(data: Sample) -> Fitted:
    """Without censoring the logarithms' mean and deviation, else both are searched."""
    logs, n = np.log(data.seen), len(data.seen)
    mu, sigma = float(logs.mean()), max(float(logs.std()), NARROWEST)
    if len(data.censored):
        at, weights = grouped(data.censored)
        mean, variance, cut = mu, float(logs.var()), np.log(at)

        def against(point: Array) -> float:
            m, s = point[0], float(np.exp(point[1]))
            ends = -n * (point[1] + ((mean - m) ** 2 + variance) / (2 * s * s))
            return -float(ends + (weights * special.log_ndtr((m - cut) / s)).sum())

        far = float(np.log(data.all.sum() / n))
        found = _search(against, np.array((max(mu, far - 0.5), np.log(sigma))))
        mu, sigma = float(found[0]), float(np.exp(found[1]))
    law = stats.lognorm(sigma, scale=np.exp(mu))
    return Fitted("lognormal", {"median": float(np.exp(mu)), "sigma": sigma}, law, 2)


def grouped(values: Array) -> tuple[Array, Array]:
    """Sorted values as at most GROUPS means of neighbours, and how many each stands for: a survival
    function is so smooth that it does not see the difference."""
    if len(values) <= GROUPS:
        return values, np.ones(len(values))
    begins = np.linspace(0, len(values), GROUPS, endpoint=False).astype(np.int64)
    counts = np.diff(np.append(begins, len(values))).astype(np.float64)
    return np.add.reduceat(values, begins) / counts, counts


def _search(against: Callable[[Array], float], start: Array) -> Array:
    """Where it is least, by Nelder and Mead; both coordinates are logarithms."""

    def within(point: Array) -> float:
        return against(point) if np.abs(point).max() < 60 else np.inf

    found = optimize.minimize(
        within, start, method="Nelder-Mead", options={"xatol": 1e-5, "fatol": 1e-6}
    )
    result: Array = found.x
    return result


def likelihood(law: Law, data: Sample) -> float:
    """The logarithm; -inf where the law rules out what was seen."""
    value = float(law.logpdf(data.seen).sum())
    if len(data.censored):
        value += float(law.logsf(data.censored).sum())
    return value


@dataclass(frozen=True)
class TwoLognormals:
    """A mixture: some are of one kind, the others of the other."""

    shares: tuple[float, float]
    parts: tuple[Law, Law]

    def pdf(self, at: Array) -> Array:
        return self.shares[0] * self.parts[0].pdf(at) + self.shares[1] * self.parts[1].pdf(at)

    def cdf(self, at: Array) -> Array:
        return self.shares[0] * self.parts[0].cdf(at) + self.shares[1] * self.parts[1].cdf(at)

    def logpdf(self, at: Array) -> Array:
        both = [
            np.log(s) + part.logpdf(at) for s, part in zip(self.shares, self.parts, strict=True)
        ]
        total: Array = np.logaddexp(*both)
        return total

    def logsf(self, at: Array) -> Array:
        both = [np.log(s) + part.logsf(at) for s, part in zip(self.shares, self.parts, strict=True)]
        total: Array = np.logaddexp(*both)
        return total


def mixture(data: Sample) -> Fitted | None:
    """Two lognormals by expectation and maximisation; None for censored durations, or where the
    two cannot be told apart."""
    logs = np.log(data.seen)
    if len(data.censored) or logs[-1] - logs[0] < NARROWEST:
        return None
    weights, edges = np.histogram(logs, BINS)
    middle = (edges[1:] + edges[:-1]) / 2
    filled = weights > 0
    found = _two_normals(middle[filled], weights[filled] / len(logs))
    if found is None:
        return None
    shares, mus, sigmas = found
    order = sorted(range(2), key=lambda k: mus[k])
    share = float(shares[order[0]])
    parts = [{"median": float(np.exp(mus[k])), "sigma": float(sigmas[k])} for k in order]
    laws = [stats.lognorm(p["sigma"], scale=p["median"]) for p in parts]
    law = TwoLognormals((share, 1 - share), (laws[0], laws[1]))
    return Fitted("mixture", {"shares": (share, 1 - share), "parts": parts}, law, 5)


def _two_normals(at: Array, weights: Array) -> tuple[Array, Array, Array] | None:
    """Shares, means and deviations; begins with the lower and the upper half of the values."""
    below = np.cumsum(weights) <= 0.5
    halves = [part for part in (below, ~below) if part.any()]
    if len(halves) < 2:
        return None
    mus = np.array([np.average(at[h], weights=weights[h]) for h in halves])
    sigmas = np.full(2, max(float(np.sqrt(np.cov(at, aweights=weights))) / 2, NARROWEST))
    shares, last = np.array([0.5, 0.5]), -np.inf
    for _ in range(ROUNDS):
        densities = shares[:, None] * stats.norm.pdf(at[None, :], mus[:, None], sigmas[:, None])
        total = np.maximum(densities.sum(axis=0), 1e-300)
        mean = float((weights * np.log(total)).sum())
        owned = densities / total * weights
        shares = owned.sum(axis=1)
        if shares.min() < 1e-3:
            return None
        mus = (owned * at).sum(axis=1) / shares
        spread = (owned * (at - mus[:, None]) ** 2).sum(axis=1) / shares
        sigmas = np.maximum(np.sqrt(spread), NARROWEST)
        if mean - last < SETTLED:
            break
        last = mean
    return shares, mus, sigmas
