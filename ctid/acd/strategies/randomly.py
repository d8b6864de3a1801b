"""At random, each available agent with the same chance, or by weight.

An agent draws an exponential waiting time with the rate of its weight when it becomes available,
and is placed that much behind the last agent picked. The exponential has no memory: at every pick
all available agents, old and new, have the same distribution of what is left, so each is first
with the probability weight / sum of weights (the race of exponentials; Efraimidis and Spirakis,
Inf. Proc. Letters 97(5), 2006). So a random pick is a place in line like any other.
"""

from __future__ import annotations

from decimal import Context, Decimal
from hashlib import blake2b
from typing import Final

from ctid.acd.strategies.strategy import Sight, Strategy
from ctid.core.instants import Instant

SCALE: Final = 1 << 40
"""Places are whole numbers: so many to the mean of one draw with weight 1."""


_EXACT: Final = Context(prec=28)
"""Decimal's logarithm is correctly rounded, the same on every machine; the C library's is not."""


def exponential(seed: str) -> Decimal:
    """A draw with mean 1 that looks random and follows from `seed` alone."""
    draw = int.from_bytes(blake2b(seed.encode(), digest_size=8).digest(), "big") + 1
    return -_EXACT.ln(_EXACT.divide(Decimal(draw), Decimal(2**64)))


def _place(sight: Sight, weight: int) -> int:
    seed = f"{sight.boot()}/{sight.id}/{sight.agent.id}/{sight.agent.token}"
    return sight.queue.picked + int(exponential(seed) * SCALE / weight)


def _reason(sight: Sight, now: Instant) -> str:
    return "drawn by lot"


def _weighted(sight: Sight, now: Instant) -> str:
    return f"drawn by lot, weight {sight.weight}"


RANDOM: Final = Strategy(lambda sight: _place(sight, 1), _reason, drawn=True)
"""Each available agent with the same chance."""

WEIGHTED_RANDOM: Final = Strategy(lambda sight: _place(sight, sight.weight), _weighted, drawn=True)
"""Each available agent with a chance in proportion to the agent's weight."""
