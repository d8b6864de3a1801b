"""What a caller hears, by the sound itself: each prompt whole, the right ones, in their order."""

from __future__ import annotations

import itertools
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import fftconvolve

from ctid.settings import parse
from tests.conftest import NEEDS_A_VOICE
from tests.real_pbx.lab.handset import Handset
from tests.real_pbx.lab.lab import Lab
from tests.real_pbx.lab.sound import Packet, heard
from tests.real_pbx.lab.sounds import RATE
from tests.real_pbx.menu_calls import outcomes, tell
from tests.real_pbx.site import config_for, flows, site

pytestmark = [pytest.mark.asyncio(loop_scope="session"), NEEDS_A_VOICE]

Line = NDArray[Any]
SAME = 0.95
"""Correlation of a prompt with itself after G.711 is over 0.99; of two different ones below 0.8."""
FRAME, GAP = 0.02, 0.06
"""Seconds. Asterisk leaves out what is less than a frame at a file's end; and the most between the
end of one prompt and the beginning of the next in a row."""
SOUND = 100
"""Of 32767: less is silence."""


async def test_the_caller_hears_each_prompt_whole_and_in_order(
    lab: Lab, spoken: Path, tmp_path: Path
) -> None:
    question = samples(spoken / "en/keys-top.wav")
    config = config_for(lab, tmp_path, flow="keys")
    config["pbx"]["sounds"] = spoken.name
    packets: list[Packet] = []

    async def listens(handset: Handset) -> None:
        await handset.hears(1)
        await handset.pause(len(question) / RATE + 0.3)
        await handset.press("9")
        await handset.ended(20)
        packets.extend(handset.sound.packets)

    async with site(lab, tmp_path, settings=parse(config, flows())) as s:
        await tell(s, "4000", {"listens": listens})
        await outcomes(s, {"listens": listens})

    # Two prompts of the same words are one sound: the last of their names stands for both.
    names = {file.read_bytes(): file for file in sorted(spoken.glob("en/*.wav"))}
    library = {file.stem: samples(file) for file in names.values()}
    line = np.append(heard(packets), np.zeros(RATE)).astype(float)
    found = sorted(recognised(line, library))
    assert [name for _, name in found] == [
        "keys-top", "keys-told", *(f"number-{figure}" for figure in "3141592"),
    ]  # fmt: skip
    assert found[0][0] == 0, "the first sound is the question's beginning"
    came = {packet.place - packets[0].place: packet.at / 1e9 for packet in packets}
    for (at, name), (then, _) in itertools.pairwise(found[1:]):
        pause = came[then] - came[at] - len(library[name]) / RATE
        assert -FRAME < pause < GAP, name
    for at, name in found:
        line[at : at + len(library[name])] = 0
    assert np.abs(line).max() < SOUND, "nothing else is heard"


def recognised(line: Line, library: dict[str, Line]) -> Iterator[tuple[int, str]]:
    """(place of its first sample, name) of each of these sounds that is heard whole."""
    for name, sound in library.items():
        for at in places(line, sound):
            yield at, name


def places(line: Line, sound: Line) -> Iterator[int]:
    """Where in `line` the whole of `sound` is, by normalised cross-correlation."""
    if len(sound) > len(line):
        return
    product = fftconvolve(line, sound[::-1], "valid")
    power = np.concatenate(([0.0], np.cumsum(line**2)))
    there = power[len(sound) :] - power[: -len(sound)]
    alike = product / (np.sqrt(np.maximum(there, 1.0)) * np.linalg.norm(sound))
    while alike[best := int(alike.argmax())] > SAME:
        yield best
        alike[max(best - len(sound), 0) : best + len(sound)] = 0


def samples(file: Path) -> Line:
    """16 bits each, 8000 a second."""
    with wave.open(str(file)) as sound:
        assert (sound.getframerate(), sound.getnchannels()) == (RATE, 1)
        return np.frombuffer(sound.readframes(sound.getnframes()), "<i2").astype(float)
