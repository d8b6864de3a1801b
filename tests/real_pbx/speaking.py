"""Callers who speak: espeak-ng's voices as files that the world's ends play into their calls."""

from __future__ import annotations

import subprocess
import wave
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy.signal import resample_poly

from tests.real_pbx.lab.lab import Lab
from tests.real_pbx.lab.sounds import RATE

ESPEAK_RATE = 22_050
QUIET = 0.2
"""Seconds of silence before and after what is said."""


class Voice(NamedTuple):
    """How somebody speaks."""

    name: str
    """As espeak-ng knows it."""
    words_a_minute: int = 150


def say(lab: Lab, text: str, voice: Voice) -> str:
    """Lets the world's ends say that: the file's name for the script's step `play`."""
    name = f"said/{'-'.join((voice.name, str(voice.words_a_minute), *text.split()))}"
    path = lab.folder / "world/data/sounds" / f"{name.replace(',', '')}.wav"
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        write(path, text, voice)
    return name.replace(",", "")


def write(path: Path, text: str, voice: Voice) -> None:
    """The same as a file of 8 kHz."""
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(samples(text, voice))


def samples(text: str, voice: Voice) -> bytes:
    """The same as samples of 16 bit."""
    command = ["espeak-ng", "-v", voice.name, "-s", str(voice.words_a_minute), "--stdout", text]
    spoken = subprocess.run(command, capture_output=True, check=True).stdout
    # A stream's head gives no length that could be believed; it has 44 bytes.
    wide = np.frombuffer(spoken[44:], "<i2").astype(np.float64)
    narrow = resample_poly(wide, RATE * 2, ESPEAK_RATE * 2) * 0.5
    quiet = np.zeros(int(QUIET * RATE))
    whole = np.concatenate([quiet, narrow, quiet])
    return bytes(np.clip(whole, -32_768, 32_767).astype("<i2").tobytes())
