"""What a checker raises."""

from __future__ import annotations

from ctid.core.errors import CtidError


class InvariantBroken(CtidError):
    """The machine is in a state that must not be: a defect of ours, not of the PBX or of people."""

    def __init__(self, what: str, *about: object) -> None:
        super().__init__("; ".join((what, *map(str, about))))
        self.what = what
        """What should hold: the same words for the same defect."""


def must(holds: object, what: str, *about: object) -> None:
    """Raises InvariantBroken with `what` should be and what it is about, where it does not hold."""
    if not holds:
        raise InvariantBroken(what, *about)
