"""Callbacks on a real Asterisk: the place is kept, the customer is dialled once, and both hear."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ctid.core.callbacks import CallbackView
from ctid.core.commands import RingAgent
from ctid.core.events import HangUpAsked
from ctid.settings import Settings, parse
from tests.real_pbx.lab.lab import Lab
from tests.real_pbx.lab.script import answers, calls
from tests.real_pbx.lab.world import End
from tests.real_pbx.site import STRAIGHT, SiteUnderTest, config_for, flows, site
from tests.real_pbx.tones import AGENT_HZ, OTHER_HZ

pytestmark = pytest.mark.asyncio(loop_scope="session")

PERSON, BUSY = "+8613900008001", "+8613900006001"
"""What the world does when it is called back: answers after a second, is busy."""


def settings(lab: Lab, folder: Path, **rules: Any) -> Settings:
    """1 asks for a callback in sales, which STRAIGHT leads to."""
    config = config_for(lab, folder)
    sales = config["queues"][0]
    sales["overflow"] = [{"to": "callback", "key": "1"}]
    sales["callback"] = {"retry_after_s": 1, "ring_for_s": 5, **rules}
    return parse(config, flows())


async def asks(lab: Lab, s: SiteUnderTest, number: str) -> CallbackView:
    """A caller waits, asks for a callback, confirms it, hears the promise; then the call ends."""
    before = len(s.view().callbacks)
    caller: End = await lab.world.place_call(STRAIGHT, number, calls(listen=OTHER_HZ))
    await s.until(lambda: any(w.number == number for w in s.view().waiting))
    await caller.press("1")
    await caller.hears_tone(OTHER_HZ)
    await caller.press("1")
    await caller.ended()
    await s.until(lambda: len(s.view().callbacks) == before + 1)
    return s.view().callbacks[-1]


def state(s: SiteUnderTest) -> list[tuple[str, int]]:
    return [(callback.state, callback.attempts) for callback in s.view().callbacks]


async def test_the_place_is_kept_and_the_customer_dialled_once(lab: Lab, tmp_path: Path) -> None:
    async with site(lab, tmp_path, settings=settings(lab, tmp_path)) as s:
        await lab.world.phone("1001").behave(answers(tone=AGENT_HZ))
        callback = await asks(lab, s, PERSON)
        later = await lab.world.place_call(STRAIGHT, "+8613900000002", calls(listen=AGENT_HZ))
        await s.until(lambda: len(s.view().waiting) == 2)
        s.ready("anna")
        await s.state("anna", "on_call")
        [ring] = s.done(RingAgent)
        assert ring.dial is not None
        assert (ring.call.startswith(callback.callback), ring.dial.number) == (True, PERSON)
        assert state(s) == [("talking", 0)]
        # Asterisk knows whose line it is, and the number that was dialled is shown.
        channel = s.app.switch.translator.callers[ring.call]
        asked = await lab.asterisk.ami.ask("Getvar", Channel=channel, Variable="CTID_CALL")
        assert asked["Value"] == ring.call
        await lab.asterisk.ami.ask("Hangup", Channel=channel, Cause="16")
        await later.hears_tone(AGENT_HZ)
        assert s.view().callbacks == ()
        await later.hang_up()
        await s.at_rest()
        records = {record.call: record for record in await s.records(3)}
        assert records[callback.callback].outcome == "callback"
        assert records[ring.call].outcome == "answered"
        assert records[ring.call].waited >= records[callback.callback].waited
        assert [leg.cause for leg in s.legs(ring.call)] == ["hangup"]


async def test_busy_is_an_attempt_and_the_agent_is_free_at_once(lab: Lab, tmp_path: Path) -> None:
    async with site(lab, tmp_path, settings=settings(lab, tmp_path, attempts=2)) as s:
        await asks(lab, s, BUSY)
        s.ready("anna")
        await s.until(lambda: state(s) == [("resting", 1)])
        await s.state("anna", "ready")
        await s.until(lambda: s.view().callbacks == ())
        await s.at_rest()
        outcomes = sorted((r.outcome, r.cause) for r in await s.records(3))
        assert outcomes == [("callback", "16"), ("not_reached", "17"), ("not_reached", "17")]
        assert len(s.done(RingAgent)) == 2


async def test_who_presses_another_key_waits_on(lab: Lab, tmp_path: Path) -> None:
    async with site(lab, tmp_path, settings=settings(lab, tmp_path)) as s:
        script = calls(listen=OTHER_HZ)
        caller = await lab.world.place_call(STRAIGHT, PERSON, script)
        await s.until(lambda: len(s.view().waiting) == 1)
        since = s.view().waiting[0].since
        await caller.press("1")
        await caller.hears_tone(OTHER_HZ)
        await caller.press("2")
        await s.until(lambda: [w.since for w in s.view().waiting] == [since])
        assert s.view().callbacks == ()
        await caller.hang_up()
        await s.at_rest()


async def test_ten_customers_are_called_back_at_once(lab: Lab, tmp_path: Path) -> None:
    """Every one of them comes out of Dial() into the agent's Bridge()."""
    async with site(lab, tmp_path, settings=settings(lab, tmp_path)) as s:
        numbers = [f"+861390000{8000 + n}" for n in range(10)]
        for number in numbers:
            await asks(lab, s, number)
        agents = [agent.agent for agent in s.view().agents]
        s.ready(*agents)
        await s.until(lambda: len(s.states("on_call")) == 10)
        assert state(s) == [("talking", 0)] * 10
        for agent in agents:
            s.app.submit(HangUpAsked(agent))
        await s.at_rest()
        records = await s.records(20)
        assert sorted(r.number for r in records if r.outcome == "answered") == numbers
        assert len(s.done(RingAgent)) == 10


async def test_ctid_is_gone_while_the_customers_phone_rings(lab: Lab, tmp_path: Path) -> None:
    """Asterisk goes on alone; the next ctid finds the two talking, and dials nobody."""
    settings_now = settings(lab, tmp_path)
    async with site(lab, tmp_path, settings=settings_now) as s:
        callback = await asks(lab, s, PERSON)
        s.ready("anna")
        await s.until(lambda: [c for c in s.app.switch.translator.callers if "-cb" in c])
    async with site(lab, tmp_path, settings=settings_now) as s:
        view = await s.state("anna", "on_call")
        assert view.call.startswith(callback.callback)
        assert state(s) == [("talking", 0)]
        s.app.submit(HangUpAsked("anna"))
        await s.at_rest()
        outcomes = {r.call: r.outcome for r in await s.records(2)}
        assert outcomes == {callback.callback: "callback", view.call: "answered"}
        assert len(s.done(RingAgent)) == 1
