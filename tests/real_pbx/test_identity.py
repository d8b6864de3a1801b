"""A customer's code and PIN on a real Asterisk: right, wrong three times, and locked."""

from __future__ import annotations

from pathlib import Path

import pytest

from ctid.core.commands import ShowPop
from ctid.core.events import DigitsCollected
from ctid.core.identity import PinChecked
from ctid.settings import parse
from tests.real_pbx.lab.lab import Lab
from tests.real_pbx.lab.script import answers, calls
from tests.real_pbx.site import SiteUnderTest, config_for, flows, site

pytestmark = pytest.mark.asyncio(loop_scope="session")

CODE, PIN, WRONG = "100123", "73519046", "64820537"


async def seen(s: SiteUnderTest, number: str, *pins: str) -> tuple[str, str, str, str]:
    """One call with that code and these PINs: queue, the PIN's entry in the path, the identity that
    the agent saw, and that of the record."""
    before = len(s.done(ShowPop))
    # A prompt lasts 0.45 s, and a key stops it. Eight figures are taken at once; two more are no
    # part of the PIN, and nobody's answer.
    keys = [(0.8, CODE), *((1.2, f"{pin}62") for pin in pins)]
    await s.lab.world.place_call("4000", number, calls(keys))
    record = (await s.records(before + 1, 40))[0]
    assert record.outcome == "answered", record
    [pop] = [one.pop for one in s.done(ShowPop) if one.pop.call == record.call]
    return pop.queue, pop.path[1], pop.identity, record.identity


async def test_the_agent_sees_who_is_verified(lab: Lab, tmp_path: Path) -> None:
    """Three wrong PINs and then a right one of another caller; the fourth and fifth wrong ones lock
    the first caller, who talks to an agent all the same."""
    config = config_for(lab, tmp_path, flow="identity")
    config["identity"] = {"caller_tries": 4, "code_tries": 20}
    await lab.world.all_phones(answers(after=0.1, talk=0.3))
    settings = parse(config, flows())
    async with site(lab, tmp_path, settings=settings, ready=["anna", "ben"]) as s:
        await s.app.pins.set_pin(CODE, PIN)
        thief, owner = "+8613800138000", "+8613900139000"
        assert await seen(s, thief, WRONG, WRONG, WRONG) == (
            "support", "pin!", "claimed", "claimed",
        )  # fmt: skip
        assert await seen(s, owner, WRONG, PIN) == ("sales", "pin~2", "verified", "verified")
        assert await seen(s, thief, WRONG) == ("support", "pin!locked", "claimed", "claimed")
        assert await seen(s, thief) == ("support", "pin!locked", "claimed", "claimed")

        lines = s.lines()
        told = [line.e.status for line in lines if isinstance(line.e, PinChecked)]
        assert told == ["wrong", "wrong", "wrong", "wrong", "right", "wrong"]
        keyed = {line.e.digits for line in lines if isinstance(line.e, DigitsCollected)}
        assert keyed == {CODE, "x" * 8}
        await s.at_rest()
    for file in tmp_path.rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            assert not any(one.encode() in content for one in (PIN, WRONG)), file
