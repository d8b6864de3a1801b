"""Prompts that a test can hear: a tone for each, long enough for the world to tell them apart."""

from __future__ import annotations

import wave
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from tests.real_pbx.lab.sounds import RATE

MENU_HZ, CODE_HZ, OTHER_HZ = 600, 900, 750
"""Of the prompts `menu` and `code`, and of all others; far from the notes of the music on hold."""
CALLER_HZ, AGENT_HZ = 1000, 1400
"""What callers and agents send where a test listens to them."""
SECONDS = 0.45

_PITCH = {"menu": MENU_HZ, "code": CODE_HZ}


def write_prompts(folder: Path, flows: Mapping[str, Mapping[str, Any]]) -> Path:
    """Write `<language>/<prompt>.wav` for every prompt of these flows; returns `folder`."""
    for flow in flows.values():
        for prompt, texts in flow.get("prompts", {}).items():
            for language in texts:
                (folder / language).mkdir(parents=True, exist_ok=True)
                _write(folder / language / f"{prompt}.wav", _PITCH.get(prompt, OTHER_HZ))
    return folder


def _write(path: Path, hz: int) -> None:
    at = np.arange(int(SECONDS * RATE)) / RATE
    samples = (8000 * np.sin(2 * np.pi * hz * at)).astype("<i2")
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(samples.tobytes())
