"""Text that strangers chose (caller names, digits, variables), made safe to keep and show."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Final

KEYS: Final = "0123456789*#"
"""What a caller can press."""
LONGEST: Final = 80
"""Characters kept of a caller's name: the length of Asterisk's own field."""
MOST_TOLD: Final = 40
"""Words of a list that an error repeats."""


def clean(text: str, longest: int = LONGEST) -> str:
    """`text` without control and format characters, at most `longest` characters.

    Markup stays as it is: each edge (HTML, CSV, log) escapes for itself.
    """
    if not text.isprintable():
        text = "".join(c for c in text[: 4 * longest] if c.isprintable())
    return text[: 4 * longest].strip()[:longest]


def is_number(text: str) -> bool:
    """Whether `text` is figures and nothing else; the figures of other scripts are none."""
    return text.isascii() and text.isdecimal()


def unseen(keys: str) -> str:
    """Keys of which nobody may know more than how many: an `x` for each figure."""
    return "".join("x" if key.isdecimal() else key for key in keys)


def masked(code: str) -> str:
    """A code as pages show it that keep it back: the last third at most, never more than four."""
    shown = min(4, len(code) // 3)
    return "•" * (len(code) - shown) + code[len(code) - shown :]


def whole(text: str) -> int:
    """A whole number that our own dialplan made; 0 for anything else, where somebody changed it."""
    return int(text) if text.isdecimal() and len(text) < 16 else 0


def nearest(word: str, words: Iterable[str]) -> str:
    """`did you mean "queues"?`, or the list of what there is."""
    known = sorted(words)
    if close := difflib.get_close_matches(word, known, 1):
        return f'did you mean "{close[0]}"?'
    if len(known) > MOST_TOLD:
        known = [*known[:MOST_TOLD], f"and {len(known) - MOST_TOLD} more"]
    return f"known are: {', '.join(known)}" if known else "there are none"
