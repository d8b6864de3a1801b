"""How durations spread: drawn in whole milliseconds from a stream that the caller hands in."""

from __future__ import annotations

from random import Random

import msgspec

from ctid.core.instants import Duration


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

    mean: Duration

    def draw(self, stream: Random) -> Duration:
        return round(stream.expovariate(1.0) * self.mean)


Spread = Fixed | Uniform | Exponential
