"""Which law fits durations best, and how well: likelihood with a price per parameter, and distances
to what was seen.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from sim import spreads
from sim.calibrate.laws import (
    Array,
    Fitted,
    Sample,
    exponential,
    gamma,
    likelihood,
    lognormal,
    mixture,
    weibull,
)

Criterion = Literal["aic", "bic"]
FEWEST = 20
"""Ends that must have been seen: with fewer, the parameters say more of chance than of people."""
FAR = 0.08
"""A Kolmogorov distance above this, from as many as FEW durations, and no law will do."""
FEW = 200
PAYS = 10.0
"""A mixture must be better by so much: its likelihood is easily flattered."""
POINTS = 101
"""Quantiles of an empirical law, both ends included."""


class TooFew(ValueError):
    """There is nothing to be fitted; the text says how many there are and how many it takes."""


@dataclass(frozen=True)
class Curve:
    """A distribution as steps: at `at` its value jumps to `value`. For censored durations the
    estimate of Kaplan and Meier, which ends at the longest end that was seen."""

    at: Array
    value: Array
    """Of the distribution function."""


@dataclass(frozen=True)
class Candidate:
    """One law, and how well it fits."""

    fitted: Fitted
    aic: float
    bic: float
    ks: float
    """Kolmogorov's distance to the curve; of censored durations as far as `seen_enough`."""
    ad: float
    """Anderson and Darling's A²; nan for censored durations."""


@dataclass(frozen=True)
class Fit:
    """What was made of one sample."""

    data: Sample
    curve: Curve
    candidates: tuple[Candidate, ...]
    """The best first."""
    empirical: Array | None
    """Quantiles in ms, evenly spaced, where no law will do."""

    @property
    def best(self) -> Candidate:
        return self.candidates[0]

    @property
    def spread(self) -> spreads.Spread:
        """What a scenario draws from."""
        if self.empirical is not None:
            return spreads.Quantiles(tuple(round(float(value)) for value in self.empirical))
        return spread_of(self.best.fitted)


def spread_of(fitted: Fitted) -> spreads.Spread:
    """A law in the words of `sim.spreads`; parameters to six digits, which is more than any sample
    tells."""
    found = {name: tidy(value) for name, value in fitted.parameters.items() if name in SCALARS}
    match fitted.name:
        case "exponential":
            return spreads.Exponential(**found)
        case "lognormal":
            return spreads.LogNormal(**found)
        case "gamma":
            return spreads.Gamma(**found)
        case "weibull":
            return spreads.Weibull(**found)
        case "mixture":
            parts = [spreads.LogNormal(tidy(p["median"]), tidy(p["sigma"]))
                     for p in fitted.parameters["parts"]]  # fmt: skip
            share = tidy(fitted.parameters["shares"][0])
            return spreads.Mixture(((share, parts[0]), (tidy(1 - share), parts[1])))
        case _:
            raise ValueError(f"no spread is made of {fitted.name}")


SCALARS = ("mean", "median", "sigma", "shape", "scale")


def tidy(value: float) -> float:
    return float(f"{value:.6g}")


def fit(data: Sample, by: Criterion = "bic") -> Fit:
    """All laws, the best first.

    Raises:
        TooFew: fewer than FEWEST ends were seen.
    """
    if len(data.seen) < FEWEST:
        raise TooFew(
            f"{len(data.seen)} durations were seen to their end, and it takes {FEWEST}"
            + (f" ({len(data.censored)} more were cut off)" if len(data.censored) else "")
        )
    curve = kaplan_meier(data)
    laws = [law(data) for law in (exponential, lognormal, gamma, weibull)]
    if (mixed := mixture(data)) is not None:
        laws.append(mixed)
    solid = seen_enough(curve, data)
    found = [_judge(law, data, solid) for law in laws]
    price = {id(one): (getattr(one, by) + PAYS * (one.fitted.name == "mixture")) for one in found}
    found.sort(key=lambda one: price[id(one)])
    poor = len(data.seen) >= FEW and not len(data.censored) and found[0].ks > FAR
    quantiles = np.quantile(data.seen, np.linspace(0, 1, POINTS)) if poor else None
    return Fit(data, curve, tuple(found), quantiles)


def kaplan_meier(data: Sample) -> Curve:
    """The product-limit estimate; without censoring the empirical distribution function.

    E. L. Kaplan and P. Meier, JASA 53 (1958), 457-481. At a tie ends come before censorings.
    """
    at, ends = np.unique(data.seen, return_counts=True)
    total = len(data.seen) + len(data.censored)
    gone = np.searchsorted(data.seen, at, "left") + np.searchsorted(data.censored, at, "left")
    survive = np.cumprod(1 - ends / (total - gone))
    return Curve(at, 1 - survive)


def seen_enough(curve: Curve, data: Sample) -> Curve:
    """As far as FEWEST durations are still under way: beyond that a single end moves it far."""
    if not len(data.censored):
        return curve
    until = np.sort(data.all)[-FEWEST]
    kept = curve.at <= until
    return Curve(curve.at[kept], curve.value[kept])


def _judge(fitted: Fitted, data: Sample, curve: Curve) -> Candidate:
    log = likelihood(fitted.law, data)
    log = log if math.isfinite(log) else -math.inf
    count = len(data.seen) + len(data.censored)
    aic = 2 * fitted.freedom - 2 * log
    bic = fitted.freedom * math.log(count) - 2 * log
    ad = math.nan if len(data.censored) else _anderson_darling(fitted, data.seen)
    return Candidate(fitted, aic, bic, distance(fitted, curve), ad)


def distance(fitted: Fitted, curve: Curve) -> float:
    """The greatest gap between the law and the curve, on both sides of each step."""
    law = fitted.law.cdf(curve.at)
    before = np.concatenate(((0.0,), curve.value[:-1]))
    return float(max(np.abs(law - curve.value).max(), np.abs(law - before).max()))


def _anderson_darling(fitted: Fitted, seen: Array) -> float:
    """T. W. Anderson and D. A. Darling, JASA 49 (1954), 765-769, formula (2)."""
    n = len(seen)
    law = np.clip(fitted.law.cdf(seen), 1e-12, 1 - 1e-12)
    odd = 2 * np.arange(1, n + 1) - 1
    return float(-n - (odd * (np.log(law) + np.log1p(-law[::-1]))).sum() / n)
