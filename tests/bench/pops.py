"""Ring → pop acknowledged, with 200 desktops on the stream: ctid's own figure and the one outside.

The calls are those of the real lab at the lower rate: phones really ring there, Asterisk takes its
share of the machine, and the desktops are a process of their own.
"""

from __future__ import annotations

from collections.abc import Iterator

from sim.load.measure import percentile
from tests.bench.real_pbx import Block
from tests.bench.row import Row

AT_MOST = 100.0
"""Milliseconds, p95."""


def rows(blocks: list[Block], desks: int) -> Iterator[Row]:
    """Two rows over all of ctid's calls at the lowest rate."""
    rate = min(block.rate for block in blocks)
    ours = [block for block in blocks if block.who == "ctid" and block.rate == rate]
    calls = sum(block.placed for block in ours)
    for what, times in (
        ("ring → pop acknowledged, p95", [float(t) for b in ours for t in b.pops]),
        ("agent's channel → page has it, p95", [t for b in ours for t in b.seen]),
    ):
        value = percentile(times, 95)
        yield Row(
            what=f"{what}, {desks} desktops",
            unit="ms",
            ours=value,
            ratio=value,
            bound="at most",
            target=AT_MOST,
            note="" if len(times) >= calls else f"{calls - len(times)} of {calls} not acknowledged",
        )
