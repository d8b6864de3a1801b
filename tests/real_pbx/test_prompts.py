"""Prompts as `ctid prompts build` makes them, on a real Asterisk: each is played to its end."""

from __future__ import annotations

import wave
from pathlib import Path

import pytest

from ctid.core.commands import HangUpCall, Play
from ctid.core.events import PromptsPlayed
from ctid.settings import parse
from tests.conftest import NEEDS_A_VOICE
from tests.real_pbx.lab.lab import Lab
from tests.real_pbx.lab.script import calls
from tests.real_pbx.site import config_for, flows, site

pytestmark = [pytest.mark.asyncio(loop_scope="session"), NEEDS_A_VOICE]


async def test_values_and_recordings_are_played_whole(
    lab: Lab, spoken: Path, tmp_path: Path
) -> None:
    config = config_for(lab, tmp_path, flow="values")
    config["pbx"]["sounds"] = spoken.name
    async with site(lab, tmp_path, settings=parse(config, flows())) as s:
        await lab.world.place_call("4000", "+8613900000001", calls())
        await s.until(lambda: s.done(HangUpCall), 30)
        lines = s.lines()
        orders = [(line.t, c) for line in lines for c in line.c if isinstance(c, Play)]
        ends = [line.t for line in lines if isinstance(line.e, PromptsPlayed)]
        assert [c.prompts for _, c in orders] == [
            ("jingle",),
            ("balance", "number-3", "number-thousand", "number-0", "number-50", "amount-yuan",
             "number-2", "amount-jiao"),
            ("month-11", "ordinal-22", "number-20", "number-26"),
            ("ordinal-21",),
        ]  # fmt: skip
        for (began, order), ended in zip(orders, ends, strict=True):
            lasts = sum(seconds(spoken / f"{order.language}/{name}.wav") for name in order.prompts)
            took = (ended - began) / 1000
            # A file that Asterisk cannot read is passed over in no time; the shortest lasts 0.2 s.
            assert lasts - 0.1 < took < lasts + 0.2 * len(order.prompts), order.prompts
        await s.at_rest()


def seconds(path: Path) -> float:
    with wave.open(str(path)) as file:
        return file.getnframes() / file.getframerate()
