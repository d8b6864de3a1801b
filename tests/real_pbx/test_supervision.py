"""Supervisors on a real Asterisk: who hears whom in which way, and who has the caller."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from ctid.core.commands import Spied
from ctid.ports import Account
from ctid.settings import parse
from tests.fakes.relay import Relay
from tests.fakes.webroom import HASH
from tests.real_pbx.desk import Desk, desks
from tests.real_pbx.lab.lab import Lab
from tests.real_pbx.lab.script import answers, calls
from tests.real_pbx.lab.world import End
from tests.real_pbx.site import STRAIGHT, SiteUnderTest, config_for, flows, site
from tests.real_pbx.tones import AGENT_HZ, CALLER_HZ

pytestmark = pytest.mark.asyncio(loop_scope="session")

SUPERVISOR_HZ = 1800
SILENCE = 0
"""A tone without a sound: an end that only listens would send nothing at all, and ChanSpy does not
let go of a channel without a single frame (docs/asterisk-facts.md)."""
PHONE = {"anna": "1001", "sue": "1009", "tom": "1010"}
"""Tom is the agent jun too; Sue is none."""


@asynccontextmanager
async def supervised(
    lab: Lab, folder: Path, port: int = 0
) -> AsyncIterator[tuple[SiteUnderTest, dict[str, Desk]]]:
    """Anna is available; Sue and Tom are at their boards. `port`: of AMI, where it is another."""
    config = config_for(lab, folder, flow="straight")
    config["pbx"]["port"] = port or lab.pbx.ami_port
    config["agents"] = [agent for agent in config["agents"] if agent["id"] != "ines"]
    config["supervision_phones"] = {"sue": f"PJSIP/{PHONE['sue']}"}
    config["queues"][0]["pull"] = True
    async with site(lab, folder, settings=parse(config, flows())) as s:
        await s.app.store.put_account(Account("tom", "Tom", "supervisor", "jun", HASH))
        async with desks(s.base, "anna", "sue", "tom") as desk:
            yield s, desk


async def in_talk(s: SiteUnderTest, desk: Desk, wish: str) -> None:
    """A supervisor is in Anna's talk in that way, and the PBX has taken it."""
    since = s.lab.asterisk.ami.mark()
    await desk.say("spy", agent="anna", wish=wish)
    await s.lab.asterisk.ami.until(lambda m: m.event == "ChanSpyStart", 5.0, since=since)
    await s.until(lambda: [v.mode for v in s.view().spies if v.state == "on"] == [wish])


async def heard(lab: Lab, ends: dict[str, End], first: str, *, times: int = 4) -> set[str]:
    """Who hears the tone that they listen to, while `first` has heard it so many times from now."""
    ami = lab.world.asterisk.ami
    since = ami.mark()
    for _ in range(times):
        await ends[first].hears_tone(SUPERVISOR_HZ)
    told = Counter(m["Uniqueid"] for m in ami.heard[since:] if m.get("UserEvent") == "Heard")
    return {name for name, end in ends.items() if told[end.id]}


async def test_whisper_is_heard_by_the_agent_and_not_by_the_caller(
    lab: Lab, tmp_path: Path
) -> None:
    """Barge by both, listen by neither; and it ends with the talk."""
    listens = answers(after=0.1, tone=SILENCE, listen=SUPERVISOR_HZ)
    await lab.world.phone(PHONE["anna"]).behave(listens)
    await lab.world.phone(PHONE["sue"]).behave(answers(after=0.1, tone=SUPERVISOR_HZ))
    async with supervised(lab, tmp_path) as (s, desk):
        script = calls(tone=SILENCE, listen=SUPERVISOR_HZ)
        caller = await lab.world.place_call(STRAIGHT, script=script)
        await desk["anna"].state("on_call")
        ends = {"anna": await lab.world.phone(PHONE["anna"]).rings(), "caller": caller}
        await in_talk(s, desk["sue"], "whisper")
        assert await heard(lab, ends, "anna") == {"anna"}
        told = await desk["anna"].until("agent", lambda f: f["agent"]["listeners"])
        assert told["agent"]["listeners"] == [{"name": "Sue", "mode": "whisper"}]
        await in_talk(s, desk["sue"], "barge")
        assert await heard(lab, ends, "caller") == {"anna", "caller"}
        await in_talk(s, desk["sue"], "listen")
        sue = await lab.world.phone(PHONE["sue"]).rings()
        since = lab.world.asterisk.ami.mark()
        await caller.hang_up()
        await sue.ended()
        late = [m for m in lab.world.asterisk.ami.heard[since:] if m.get("UserEvent") == "Heard"]
        assert late == []
        await s.at_rest()
        assert [c.record.step for c in s.done(Spied)] == ["began", "changed", "changed", "ended"]


@pytest.mark.parametrize("hz", [CALLER_HZ, AGENT_HZ])
async def test_the_supervisor_hears_both(lab: Lab, tmp_path: Path, hz: int) -> None:
    agent = AGENT_HZ if hz == AGENT_HZ else SILENCE
    await lab.world.phone(PHONE["anna"]).behave(answers(after=0.1, tone=agent))
    await lab.world.phone(PHONE["sue"]).behave(answers(after=0.1, listen=hz))
    async with supervised(lab, tmp_path) as (s, desk):
        script = calls(tone=CALLER_HZ if hz == CALLER_HZ else SILENCE)
        caller = await lab.world.place_call(STRAIGHT, script=script)
        await desk["anna"].state("on_call")
        await in_talk(s, desk["sue"], "listen")
        sue = await lab.world.phone(PHONE["sue"]).rings()
        await sue.hears_tone(hz)
        await desk["sue"].say("spy.stop")
        await sue.ended()
        assert s.agent("anna").state == "on_call"
        await caller.hang_up()
        await s.at_rest()


async def test_take_over(lab: Lab, tmp_path: Path) -> None:
    """The caller goes from Anna's phone to Tom's without a word in between, and the card too."""
    await lab.world.phone(PHONE["anna"]).behave(answers(after=0.1, tone=AGENT_HZ))
    await lab.world.phone(PHONE["tom"]).behave(
        answers(after=0.1, tone=SUPERVISOR_HZ, listen=CALLER_HZ)
    )
    async with supervised(lab, tmp_path) as (s, desk):
        script = calls(tone=CALLER_HZ, listen=SUPERVISOR_HZ)
        caller = await lab.world.place_call(STRAIGHT, "+8615400000001", script)
        call = (await desk["anna"].state("on_call"))["agent"]["call"]
        anna = await lab.world.phone(PHONE["anna"]).rings()
        await desk["tom"].say("spy", agent="anna", wish="take")
        assert (await desk["tom"].until("error"))["code"] == "listen_first"
        await in_talk(s, desk["tom"], "listen")
        await desk["tom"].say("spy", agent="anna", wish="take")
        pop = (await desk["tom"].until("pop.shown"))["pop"]
        assert (pop["call"], pop["customers"][0]["code"]) == (call, "100001")
        await anna.ended()
        await desk["anna"].state("ready")
        tom = await lab.world.phone(PHONE["tom"]).rings()
        await tom.hears_tone(CALLER_HZ)
        await caller.hears_tone(SUPERVISOR_HZ)
        await caller.hang_up()
        await tom.ended()
        await s.state("jun", "signed_out")
        await s.at_rest()
        record, legs = s.closed(call), {leg.agent: leg for leg in s.legs(call)}
        assert (record.agent, record.path[-1], record.outcome) == (
            "jun", "jun>take:anna", "answered",
        )  # fmt: skip
        assert legs.keys() == {"anna", "jun"}
        talked = sum(leg.ended_at - leg.bridged_at for leg in legs.values())
        assert abs(record.talked - talked) < 300


async def test_the_caller_is_put_on_hold_meanwhile(lab: Lab, tmp_path: Path) -> None:
    """Whoever listens stays with the agent, and takes the caller over once the two talk again."""
    await lab.world.phone(PHONE["anna"]).behave(answers(after=0.1, tone=SILENCE))
    await lab.world.phone(PHONE["tom"]).behave(answers(after=0.1, tone=SILENCE, listen=CALLER_HZ))
    async with supervised(lab, tmp_path) as (s, desk):
        caller = await lab.world.place_call(STRAIGHT, script=calls(tone=CALLER_HZ))
        call = (await desk["anna"].state("on_call"))["agent"]["call"]
        await in_talk(s, desk["tom"], "listen")
        tom = await lab.world.phone(PHONE["tom"]).rings()
        mine = s.app.driver.centre.calls[call]
        await desk["anna"].say("talk", call=call, wish="hold")
        await s.until(lambda: mine.aside is not None and mine.aside.state == "held")
        await desk["tom"].say("spy", agent="anna", wish="take")
        assert (await desk["tom"].until("error"))["code"] == "caller_aside"
        await desk["anna"].say("talk", call=call, wish="resume")
        await s.until(lambda: mine.aside is None)
        await tom.hears_tone(CALLER_HZ)
        await desk["tom"].say("spy", agent="anna", wish="take")
        await s.state("jun", "on_call")
        await tom.hears_tone(CALLER_HZ)
        await caller.hang_up()
        await s.at_rest()


async def test_the_link_is_cut_while_somebody_listens(lab: Lab, tmp_path: Path) -> None:
    """Neither an agent's leg nor a caller to the inventory; the talk's end is its end."""
    relay = Relay(lab.pbx.host, lab.pbx.ami_port)
    await relay.start()
    async with supervised(lab, tmp_path, relay.port) as (s, desk):
        caller = await lab.world.place_call(STRAIGHT, script=calls(tone=CALLER_HZ))
        await desk["anna"].state("on_call")
        await in_talk(s, desk["sue"], "listen")
        await relay.cut()
        await s.until(lambda: s.view().frozen)
        await relay.start()
        await s.until(lambda: not s.view().frozen)
        [spy] = s.view().spies
        assert (spy.login, spy.state) == ("sue", "on")
        assert [a.agent for a in s.view().agents if a.call] == ["anna"]
        await caller.hang_up()
        await s.until(lambda: not s.view().spies)
        await s.at_rest()
    await relay.cut()


async def test_pulled_from_a_break(lab: Lab, tmp_path: Path) -> None:
    async with supervised(lab, tmp_path) as (s, desk):
        await desk["anna"].say("break", reason="paperwork")
        await s.until(lambda: s.agent("anna").reason == "paperwork")
        callers = [await lab.world.place_call(STRAIGHT) for _ in range(2)]
        await s.until(lambda: len(s.view().waiting) == 2)
        late = (await desk["anna"].get("/api/pull"))["waiting"][1]["call"]
        await desk["anna"].say("pull", call=late)
        assert (await desk["anna"].state("on_call"))["agent"]["call"] == late
        for caller in callers:
            await caller.hang_up()
        await s.until(lambda: s.agent("anna").reason == "paperwork")
        await s.at_rest()
