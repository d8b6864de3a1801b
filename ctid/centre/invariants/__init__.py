"""What must hold of the machine at all times: one checker for every kind of run."""

from ctid.centre.invariants.broken import InvariantBroken
from ctid.centre.invariants.checker import Checker

__all__ = ["Checker", "InvariantBroken"]
