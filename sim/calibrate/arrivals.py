"""How many callers come in each interval of the day, and whether they come one by one by chance."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import numpy as np
from scipy import stats

from ctid.core.instants import MINUTE, Duration, WallMs
from sim.calibrate.fit import TooFew
from sim.calibrate.laws import Array

FEWEST = 20
"""Arrivals below which rates say more of chance than of callers."""
FEWEST_SPACINGS = 30
"""Spacings below which they are not tested."""
DAY = 24 * 60 * MINUTE


@dataclass(frozen=True)
class Spread:
    """Whether the number of callers in an interval varies from day to day as Poisson's does."""

    index: float
    """Variance over mean: 1 for Poisson, above 1 where days differ."""
    freedom: int
    p: float
    """Two-sided, by chi square: how likely a Poisson stream is to be as far from 1."""


@dataclass(frozen=True)
class Spacings:
    """Brown et al. (JASA 100, 2005, 36-50, section 3): within an interval of constant rate the
    logarithms of the spacings are exponential, whatever the rate."""

    count: int
    distance: float
    """Kolmogorov's, to the exponential of mean 1."""
    p: float


@dataclass(frozen=True)
class Arrivals:
    """What was made of the arrivals."""

    zone: str
    interval: Duration
    days: tuple[date, ...]
    """Those on which somebody came, in the zone's calendar."""
    counts: Array
    """Per day and interval."""
    spread: Spread | None
    """None for a single day."""
    spacings: Spacings | None
    """None where there are too few."""

    @property
    def per_hour(self) -> Array:
        """Mean arrivals an hour, by interval of the day."""
        rates: Array = self.counts.mean(axis=0) * (60 * MINUTE / self.interval)
        return rates


def arrivals(at: Sequence[WallMs], zone: str, interval: Duration = 30 * MINUTE) -> Arrivals:
    """Rates and tests of arrivals in order.

    Raises:
        TooFew: fewer than FEWEST.
        ValueError: the interval does not divide a day.
    """
    if len(at) < FEWEST:
        raise TooFew(f"{len(at)} calls arrived, and it takes {FEWEST}")
    if interval <= 0 or DAY % interval:
        raise ValueError(f"an interval of {interval} ms does not divide a day; take 30 minutes")
    begins = _midnights(at[0], at[-1], ZoneInfo(zone))
    wall = np.asarray(at, dtype=np.int64)
    day = np.searchsorted(np.asarray([start for _, start in begins]), wall, "right") - 1
    starts = np.asarray([start for _, start in begins])[day]
    # On the day of a change of the clock the last hour has no interval of its own.
    slot = np.minimum((wall - starts) // interval, DAY // interval - 1)
    counts = np.zeros((len(begins), DAY // interval))
    np.add.at(counts, (day, slot), 1)
    came = counts.sum(axis=1) > 0
    days = tuple(when for (when, _), some in zip(begins, came, strict=True) if some)
    within = (wall - starts - slot * interval).astype(np.float64)
    return Arrivals(
        zone, interval, days, counts[came], _spread(counts[came]),
        _spacings(within, day * counts.shape[1] + slot, interval),
    )  # fmt: skip


def midnight(day: date, zone: ZoneInfo) -> WallMs:
    """The instant at which it begins there."""
    return round(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp() * 1_000)


def _midnights(first: WallMs, last: WallMs, zone: ZoneInfo) -> list[tuple[date, WallMs]]:
    """Every day from the first to the last, with the instant at which it begins."""
    day = datetime.fromtimestamp(first / 1_000, zone).date()
    found: list[tuple[date, WallMs]] = []
    while True:
        start = midnight(day, zone)
        if start > last:
            return found
        found.append((day, start))
        day += timedelta(days=1)


def _spread(counts: Array) -> Spread | None:
    """Each interval of the day has a mean of its own; what is left over is chance, or is not."""
    days = counts.shape[0]
    means = counts.mean(axis=0)
    used = means > 0
    freedom = int(used.sum()) * (days - 1)
    if days < 2 or not freedom:
        return None
    square = float((((counts - means) ** 2)[:, used] / means[used]).sum())
    below = float(stats.chi2.cdf(square, freedom))
    return Spread(square / freedom, freedom, 2 * min(below, 1 - below))


def _spacings(within: Array, block: Array, interval: Duration) -> Spacings | None:
    """Times that were written in whole seconds are spread over their second first: equal ones
    would otherwise speak against any stream (Kim and Whitt, MSOM 16 (2014), 464-480)."""
    if np.all(within % 1_000 == 0):
        stream = Random("spacings")
        within = within + np.asarray([stream.random() * 1_000 for _ in range(len(within))])
    found: list[Array] = []
    order = np.lexsort((within, block))
    edges = np.flatnonzero(np.diff(block[order])) + 1
    for part in np.split(within[order], edges):
        before = np.concatenate(((0.0,), part[:-1]))
        left = np.arange(len(part), 0, -1)
        found.append(-left * np.log((interval - part) / (interval - before)))
    spacings = np.concatenate(found)
    spacings = spacings[np.isfinite(spacings)]
    if len(spacings) < FEWEST_SPACINGS:
        return None
    held = stats.kstest(spacings, "expon")
    p = float(held.pvalue)
    return Spacings(len(spacings), float(held.statistic), p if math.isfinite(p) else 0.0)
