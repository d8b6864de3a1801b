"""What a recogniser is, and where one comes from.

Another recogniser than the built-in one is a Python package with an entry point in the group
`ctid.recognisers`: a function without arguments that returns a `Recogniser`. Or it is a server of
its own that speaks AEAP to Asterisk; then none of this is used.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import entry_points
from typing import Final, NamedTuple, Protocol

from ctid.core.errors import CtidError
from ctid.core.grammar import Grammar

RATE: Final = 8_000
"""Samples a second of the audio: a telephone's."""
FRAME: Final = 480
"""Bytes of a frame that is speech or is not: 30 ms of 16 bit samples, low byte first."""
BUILT_IN: Final = "pocketsphinx"
GROUP: Final = "ctid.recognisers"


class NoRecogniser(CtidError):
    """There is no such recogniser here; the text says what to install."""


class Heard(NamedTuple):
    """What one utterance was taken for."""

    text: str
    """A phrase of the grammar, or figures; empty: nothing that may be said here."""
    sure: int
    """0 to 100."""


NOTHING: Final = Heard("", 0)


class Recogniser(Protocol):
    """Serves one thread at a time, and keeps nothing from one call to the next."""

    languages: tuple[str, ...]
    """Those that it understands, as flows write them."""

    def unknown(self, grammar: Grammar) -> tuple[str, ...]:
        """Words of the grammar that it could never understand; all of another language's."""

    def is_speech(self, frame: bytes) -> bool:
        """Whether somebody speaks in these `FRAME` bytes."""

    def recognise(self, audio: bytes, grammar: Grammar) -> Heard:
        """What was said in `audio`, 16 bit samples at `RATE`. May take as long as the audio."""


Make = Callable[[], Recogniser]


def find(name: str) -> Make:
    """How to make the recogniser of that name. Raises NoRecogniser."""
    if name == BUILT_IN:
        try:
            from ctid.pbx.speech.sphinx import Sphinx
        except ImportError as error:
            raise NoRecogniser(
                f"pocketsphinx is not installed ({error}); pip install 'ctid[speech]',"
                " or set speech.recogniser"
            ) from None
        return Sphinx
    for point in entry_points(group=GROUP, name=name):
        try:
            made: Make = point.load()
        except Exception as error:  # another package's code: whatever it raises
            raise NoRecogniser(f"the recogniser {name!r} does not load: {error}") from error
        return made
    raise NoRecogniser(
        f"no installed package has a recogniser {name!r}; install it, or use {BUILT_IN!r}"
    )
