"""One known value, and how it is held against the router."""

from __future__ import annotations

from dataclasses import dataclass

from sim.theory.system import System


@dataclass(frozen=True)
class Held:
    """What is simulated for a row, and what of it is measured."""

    system: System
    measure: str
    """What is measured, by its name in `sim.theory.measures`."""
    gap: float = 0.0
    """What the simulated system differs by from the row's value, known exactly: a limit is
    simulated with many servers."""
    note: str = ""
    """Why there is a gap; for people."""


@dataclass(frozen=True)
class Row:
    """One known value."""

    model: str
    metric: str
    """As the file calls it."""
    value: float
    held: Held
