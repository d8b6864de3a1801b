"""How busy the machine is as a whole: the load, ctid and all others share it."""

from __future__ import annotations

import os
from pathlib import Path

_STAT = Path("/proc/stat")
_IDLE, _WAITS, _MEASURED = 3, 4, 8
"""Columns of the line `cpu`: idle, waiting for disks; guests count in the first columns already.
Time stolen by other machines of the same host (the eighth) counts as taken: it was not ours."""


def busy_seconds() -> float | None:
    """Seconds of all cores since the start that were not idle; None where nobody tells them."""
    try:
        first = _STAT.read_text(encoding="ascii").partition("\n")[0]
    except OSError:
        return None
    return busy_of(first, os.sysconf("SC_CLK_TCK"))


def busy_of(line: str, ticks: int) -> float:
    """The same from the line, in which a second has so many ticks."""
    values = [int(word) for word in line.split()[1 : 1 + _MEASURED]]
    return (sum(values) - values[_IDLE] - values[_WAITS]) / ticks
