"""When callers come whose rate is known, and which of several kinds they are."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from ctid.core.instants import HOUR, Instant


class Poisson:
    """The instants of a Poisson stream whose rate changes in steps.

    Exact, by inversion of the integrated rate (E. Çinlar, Introduction to Stochastic Processes,
    1975, ch. 4.7): units of a stream of rate 1 are laid along it.
    """

    def __init__(
        self, rates: Sequence[tuple[Instant, float]], until: Instant, stream: Random
    ) -> None:
        ends = [begin for begin, _ in rates[1:]] + [until]
        self._steps = [
            (begin, end, per_hour / HOUR)
            for (begin, per_hour), end in zip(rates, ends, strict=True)
            if begin < end and per_hour > 0
        ]
        self._stream = stream
        self._step = 0
        self._at = 0.0

    def next(self) -> Instant | None:
        """The next instant, or None after the last."""
        need = self._stream.expovariate(1.0)
        while self._step < len(self._steps):
            begin, end, rate = self._steps[self._step]
            at = max(self._at, begin)
            if need < (end - at) * rate:
                self._at = at + need / rate
                return int(self._at)
            need -= (end - at) * rate
            self._step += 1
        return None


def pick(shares: Sequence[tuple[str, float]], stream: Random) -> str:
    """One of the names, each with its share; the last where shares fall short of 1."""
    draw = stream.random()
    for name, share in shares:
        draw -= share
        if draw < 0:
            return name
    return shares[-1][0]
