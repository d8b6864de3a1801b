"""A skill that a contact asks for."""

from __future__ import annotations

import msgspec


class Need(msgspec.Struct, frozen=True):
    """A skill, and how good at it an agent must be."""

    skill: str
    level: int = 1
    """The lowest level that will do, 1 to 5."""
