"""From a caller's audio to one utterance: where it begins, and where it ends."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Final

from ctid.core.grammar import Grammar
from ctid.pbx.speech.recogniser import FRAME

FRAME_MS: Final = 30
BEGIN: Final = (3, 5)
"""Speech has begun once so many of the last so many frames are speech: a click has fewer."""
BEFORE: Final = 10
"""Frames that are kept from before that: soft beginnings are no speech to the detector."""
AFTER: Final = 10
"""Frames of silence that are kept behind it."""
PAUSE_MS: Final = 700
"""A silence of so long ends a phrase."""
DIGITS_PAUSE_MS: Final = 1_100
"""Figures come in groups, and people take a breath between them."""
PHRASE_LIMIT_MS: Final = 6_000
FIGURE_LIMIT_MS: Final = 1_500
"""Longest utterance: of a phrase, and of each figure beside that."""


class Utterance:
    """One answer of one caller. Feed it audio until `whole`."""

    def __init__(self, grammar: Grammar, is_speech: Callable[[bytes], bool]) -> None:
        self._is_speech = is_speech
        digits = bool(grammar.most)
        self._pause = (DIGITS_PAUSE_MS if digits else PAUSE_MS) // FRAME_MS
        limit = PHRASE_LIMIT_MS + FIGURE_LIMIT_MS * grammar.most
        self._limit = limit // FRAME_MS * FRAME
        self._rest = b""
        self._recent: deque[tuple[bytes, bool]] = deque(maxlen=BEFORE)
        self._audio = bytearray()
        self._silent = 0
        self.whole = False
        """It has ended; what is fed now is passed over."""

    @property
    def speaking(self) -> bool:
        """It has begun, and has not ended."""
        return bool(self._audio) and not self.whole

    @property
    def audio(self) -> bytes:
        """The utterance so far, with a little from before and after it."""
        silence = max(self._silent - AFTER, 0) * FRAME
        return bytes(self._audio[: len(self._audio) - silence])

    def feed(self, data: bytes) -> None:
        """The caller's next samples, any number of them."""
        self._rest += data
        while len(self._rest) >= FRAME and not self.whole:
            frame, self._rest = self._rest[:FRAME], self._rest[FRAME:]
            self._take(frame, self._is_speech(frame))
        if self.whole:
            self._rest = b""

    def _take(self, frame: bytes, speech: bool) -> None:
        if not self._audio:
            self._recent.append((frame, speech))
            least, window = BEGIN
            if sum(flag for _, flag in list(self._recent)[-window:]) >= least:
                self._audio += b"".join(kept for kept, _ in self._recent)
            return
        self._audio += frame
        self._silent = 0 if speech else self._silent + 1
        self.whole = self._silent >= self._pause or len(self._audio) >= self._limit
