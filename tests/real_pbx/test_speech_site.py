"""A whole ctid that listens: its recogniser's process, the machine, and what is left without."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import pytest

from ctid.core.commands import Collect
from ctid.core.events import DigitsCollected
from ctid.settings import parse
from tests.real_pbx.lab.lab import Lab
from tests.real_pbx.lab.script import answers
from tests.real_pbx.site import config_for, flows, site
from tests.real_pbx.speaking import Voice, say

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_word_and_figures_lead_to_the_queue_and_keys_do_when_it_is_killed(
    lab: Lab, tmp_path: Path
) -> None:
    config = config_for(lab, tmp_path, flow="spoken")
    config["speech"] = {"on": True, "port": lab.pbx.speech_port}
    await lab.world.all_phones(answers(after=0.1, talk=0.3))
    word = say(lab, "delivery", Voice("en-us"))
    async with site(lab, tmp_path, settings=parse(config, flows()), ready=["anna"]) as s:
        assert s.app.speech is not None
        async with asyncio.timeout(30):
            await s.app.speech.up.wait()
        # The number is keyed: figures that are heard wrong are test_speech's affair.
        script = f"wait:1|play:{word}|wait:4|digits:4711|stay"
        await lab.world.place_call("4000", "+8613900000001", script)
        [record] = await s.records(1, 40)
        assert (record.outcome, record.path) == ("answered", ("menu=1", "order", "sales"))
        lines = s.lines()
        [first, second] = [c.listen for line in lines for c in line.c if isinstance(c, Collect)]
        assert (first, second) == ("en words delivery|operator", "en digits 4 4")
        told = [line.e for line in lines if isinstance(line.e, DigitsCollected)]
        assert [(fact.spoken, fact.said, fact.digits) for fact in told] == [
            (True, "delivery", ""), (False, "", "4711"),
        ]  # fmt: skip

        os.kill(s.app.speech.pid, signal.SIGKILL)
        await lab.world.place_call("4000", "+8613900000002", "wait:1|digits:2|stay")
        both = await s.records(2, 40)
        assert {(record.outcome, record.path) for record in both} == {
            ("answered", ("menu=1", "order", "sales")),
            ("answered", ("menu=2", "operator")),
        }
        await s.at_rest()
