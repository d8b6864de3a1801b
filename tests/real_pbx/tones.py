"""Prompts that a test can hear: a tone for each, long enough for the world to tell them apart."""

from __future__ import annotations

import wave
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from tests.real_pbx.lab.sounds import RATE

MENU_HZ, CODE_HZ, OTHER_HZ, ANNOUNCED_HZ = 600, 900, 750, 1200
"""Of the prompts `menu` and `code`, of all others, and of two that callers hear while they wait:
the place in line, and an announcement that goes on without a sound for `SILENT`. All are far from
the notes of the music on hold."""
CALLER_HZ, AGENT_HZ = 1000, 1400
"""What callers and agents send where a test listens to them."""
SECONDS = 0.45

SILENT = 20.0
"""Seconds."""
LONG, PLACE = "long-message", "queue-position"

_PITCH = {"menu": MENU_HZ, "code": CODE_HZ, LONG: ANNOUNCED_HZ, PLACE: ANNOUNCED_HZ}
_AFTER = {LONG: SILENT}


def write_prompts(folder: Path, flows: Mapping[str, Mapping[str, Any]]) -> Path:
    """Write `<language>/<prompt>.wav` for every prompt of these flows; returns `folder`."""
    for flow in flows.values():
        for prompt, texts in flow.get("prompts", {}).items():
            for language in texts:
                (folder / language).mkdir(parents=True, exist_ok=True)
                _write(
                    folder / language / f"{prompt}.wav", _PITCH.get(prompt, OTHER_HZ),
                    _AFTER.get(prompt, 0.0),
                )  # fmt: skip
    return folder


def _write(path: Path, hz: int, silent: float) -> None:
    at = np.arange(int(SECONDS * RATE)) / RATE
    samples = (8000 * np.sin(2 * np.pi * hz * at)).astype("<i2")
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(samples.tobytes() + bytes(2 * int(silent * RATE)))
