"""One line of the bench's table: our figure, the peer's, and whether their ratio is good enough."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import Literal

import msgspec


class Pair(msgspec.Struct, frozen=True):
    """Both measured one after the other, so that the machine's mood of that minute is in both."""

    ours: float
    peers: float


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A comparison, or with an empty `peer` a figure held against a limit of its own."""

    what: str
    unit: str
    ours: float
    """Median of our figures."""
    peer: str = ""
    """Name of what we are compared with."""
    peers: float | None = None
    """Median of the peer's figures."""
    ratio: float
    """Median of the pairs' ratios, ours to the peer's; without a peer it is `ours`."""
    spread: tuple[float, float] | None = None
    """Lowest and highest ratio of a pair."""
    bound: Literal["at least", "at most"]
    target: float
    note: str = ""
    """What else must hold and does not; the row fails then whatever its ratio is."""

    @property
    def good(self) -> bool:
        """Whether the target is met and nothing else went wrong."""
        if self.note:
            return False
        return self.ratio >= self.target if self.bound == "at least" else self.ratio <= self.target


def row_of(
    what: str,
    unit: str,
    peer: str,
    pairs: Sequence[Pair],
    bound: Literal["at least", "at most"],
    target: float,
    note: str = "",
) -> Row:
    """The row of some pairs. Raises ValueError where there is none."""
    if not pairs:
        raise ValueError(f"{what}: nothing was measured")
    ratios = [pair.ours / pair.peers for pair in pairs]
    return Row(
        what=what,
        unit=unit,
        ours=statistics.median(pair.ours for pair in pairs),
        peer=peer,
        peers=statistics.median(pair.peers for pair in pairs),
        ratio=statistics.median(ratios),
        spread=(min(ratios), max(ratios)),
        bound=bound,
        target=target,
        note=note,
    )
