"""What the site's recogniser understands, and how sure of it it must be."""

from __future__ import annotations

import msgspec


class SpeechRules(msgspec.Struct, frozen=True):
    """`[speech]`, as far as the machine decides by it."""

    languages: tuple[str, ...] = ()
    """In which callers may speak; in all others, and where it is empty, keys are the only way."""
    sure: int = 50
    """0 to 100: below this what was heard counts as not understood."""
