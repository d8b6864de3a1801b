"""Music for those who wait."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np

RATE = 8000
"""Samples a second, as on the wire of a G.711 call."""


def write_melody(path: Path, *, seconds: float = 8.0) -> None:
    """Write music for waiting callers: soft notes, each of half a second (16 bit mono WAV)."""
    notes = np.array([262, 330, 392, 523, 392, 330, 294, 349, 440, 349])
    at = np.arange(int(seconds * RATE)) / RATE
    place = (at * 2).astype(int)
    fade = np.clip(np.minimum(at * 2 % 1, 1 - at * 2 % 1) * 12, 0, 1)
    samples = 4000 * fade * np.sin(2 * np.pi * notes[place % len(notes)] * at)
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(samples.astype("<i2").tobytes())
