"""The built-in recogniser: pocketsphinx with the English model that comes with it.

The model was made from speech of 16 kHz. A telephone's has nothing above 4 kHz, and so:

- each utterance is brought to one level, and to 16 kHz, and gets a noise of a fixed level; without
  it the empty half of the band, and a line that is silent between words, look like no speech that
  the model knows (docs/speech.md has the figures);
- `six` and `seven` may be said with the sounds that are left of an s on the telephone.

How sure it is comes from a second pass by phones alone: where any sequence of phones explains the
audio as well as the best phrase does, the phrase was not said.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Final

import numpy as np
import pocketsphinx
from numpy.typing import NDArray
from scipy.signal import resample_poly

from ctid.core.grammar import Grammar
from ctid.pbx.speech.recogniser import FRAME, NOTHING, RATE, Heard

MODEL_RATE: Final = 16_000
LEVEL: Final = 2_000.0
"""Root mean square of an utterance's loud parts, of 32767."""
NOISE: Final = 80.0
"""Standard deviation of the noise that is added."""
AT_EASE: Final = 1e-4
"""Gain of the phrase over free phones, in the decoder's log score for each frame, that makes the
difference between an even chance and 73 of 100."""
SHORTEST: Final = RATE // 5 * 2
"""Bytes of 0.2 s: no word is shorter."""
VAD_MODE: Final = 2
"""Of 0 (lets anything through) to 3."""

FIGURES: Final = {
    **dict(zip(("zero", "one", "two", "three", "four"), "01234", strict=True)),
    **dict(zip(("five", "six", "seven", "eight", "nine"), "56789", strict=True)),
    "oh": "0",
}
BY_TELEPHONE: Final = {
    "six": ("F IH K F", "TH IH K TH", "HH IH K"),
    "seven": ("F EH V AH N", "TH EH V AH N"),
}


class Sphinx:
    """A `Recogniser`. Making one takes 0.2 s and 130 MB."""

    languages: tuple[str, ...] = ("en",)

    def __init__(self) -> None:
        self._decoder = pocketsphinx.Decoder(lm=None, loglevel="FATAL")
        # Its removal of noise learns from one utterance for the next, which is another caller's.
        self._decoder.config["remove_noise"] = False
        self._decoder.reinit_feat()
        self._vad = pocketsphinx.Vad(VAD_MODE, RATE, FRAME / 2 / RATE)
        for word, sounds in BY_TELEPHONE.items():
            for number, phones in enumerate(sounds, start=2):
                self._decoder.add_word(f"{word}({number})", phones, False)
        model = Path(pocketsphinx.get_model_path()) / "en-us"
        self._decoder.add_allphone_file("phones", str(model / "en-us-phone.lm.bin"))

    def unknown(self, grammar: Grammar) -> tuple[str, ...]:
        """Words that the model's dictionary does not have."""
        words = dict.fromkeys(word for phrase in grammar.phrases for word in phrase.split())
        if grammar.language not in self.languages:
            return tuple(words) or tuple(FIGURES)
        return tuple(word for word in words if self._decoder.lookup_word(word) is None)

    def is_speech(self, frame: bytes) -> bool:
        return bool(self._vad.is_speech(frame))

    def recognise(self, audio: bytes, grammar: Grammar) -> Heard:
        """Two passes over the utterance, each about a tenth of its length on one core."""
        if len(audio) < SHORTEST:
            return NOTHING
        prepared = _prepared(np.frombuffer(audio, "<i2"))
        self._decoder.add_jsgf_string("asked", jsgf(grammar))
        text, score = self._decode("asked", prepared)
        if not text:
            return NOTHING
        _, free = self._decode("phones", prepared)
        gain = (score - free) / max(self._decoder.n_frames(), 1)
        if grammar.most:
            text = "".join(FIGURES[word] for word in text.split())
        return Heard(text, sureness(gain))

    def _decode(self, search: str, prepared: bytes) -> tuple[str, float]:
        decoder = self._decoder
        decoder.activate_search(search)
        decoder.start_utt()
        try:
            decoder.process_raw(prepared, full_utt=True)
        finally:
            decoder.end_utt()
        found = decoder.hyp()
        return (found.hypstr, found.best_score) if found is not None else ("", 0.0)


def sureness(gain: float) -> int:
    """0 to 100 from the gain over free phones; 50 where there is none."""
    return round(100 / (1 + math.exp(-max(-50.0, min(50.0, gain / AT_EASE)))))


def jsgf(grammar: Grammar) -> str:
    """The grammar as pocketsphinx reads it."""
    head = "#JSGF V1.0;\ngrammar asked;\n"
    if grammar.phrases:
        return f"{head}public <said> = {' | '.join(grammar.phrases)};\n"
    figure = f"<figure> = {' | '.join(FIGURES)};\n"
    more = ""
    for _ in range(grammar.most - grammar.fewest):
        more = f" [ <figure>{more} ]"
    return f"{head}{figure}public <said> = {'<figure> ' * grammar.fewest}{more};\n"


def _prepared(samples: NDArray[np.int16]) -> bytes:
    """16 bit samples at the model's rate, in one level, with noise: the same for the same."""
    wide = resample_poly(samples.astype(np.float64), MODEL_RATE // RATE, 1)
    peak = float(np.abs(wide).max(initial=0.0))
    if peak > 0:
        loud = wide[np.abs(wide) > peak / 50]
        wide *= LEVEL / math.sqrt(float(np.mean(loud**2)))
    noise = np.random.default_rng(0).normal(0.0, NOISE, len(wide))
    louder = np.clip(wide + noise, -32_768, 32_767).astype("<i2")
    return bytes(louder.tobytes())
