"""Blind transfers on a real Asterisk: out of a talk, to a colleague, a queue, a number outside."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ctid.core.commands import Divert
from ctid.core.records import LegRecord
from ctid.settings import Settings, parse
from tests.real_pbx.desk import Desk, desks
from tests.real_pbx.lab.lab import Lab
from tests.real_pbx.lab.script import answers, calls
from tests.real_pbx.site import STRAIGHT, SiteUnderTest, config_for, flows, settings_for, site
from tests.real_pbx.tones import AGENT_HZ, CALLER_HZ

pytestmark = pytest.mark.asyncio(loop_scope="session")

NUMBER = "+8615400000001"
"""Of a demo customer."""
OUTSIDE = "8001"
"""Somebody in the world who answers."""


async def on_call(desk: Desk) -> str:
    """Wait until this agent talks; the call."""
    call: str = (await desk.state("on_call"))["agent"]["call"]
    return call


def legs(s: SiteUnderTest, call: str) -> dict[str, LegRecord]:
    """The ended legs by agent: one each."""
    found = s.legs(call)
    assert len({leg.agent for leg in found}) == len(found)
    return {leg.agent: leg for leg in found}


async def test_to_a_colleague_with_all_that_is_known(lab: Lab, tmp_path: Path) -> None:
    settings = settings_for(lab, tmp_path, flow="straight", wrap_up=60_000)
    async with site(lab, tmp_path, settings=settings) as s, desks(s.base, "anna", "ben") as desk:
        await lab.world.all_phones(answers(after=0.3, tone=AGENT_HZ, listen=CALLER_HZ))
        script = calls(tone=CALLER_HZ, listen=AGENT_HZ)
        caller = await lab.world.place_call(STRAIGHT, NUMBER, script)
        call = await on_call(desk["anna"])
        first = await lab.world.phone("1001").rings()
        await first.hears_tone(CALLER_HZ)

        note = "想退款 wants a refund"
        await desk["anna"].say("transfer", call=call, kind="agent", target="ben", note=note)
        pop: dict[str, Any] = (await desk["ben"].until("pop.shown"))["pop"]
        assert (pop["call"], pop["customers"][0]["code"]) == (call, "100001")
        handed = pop["handed"]
        assert (handed["by"], handed["name"], handed["note"]) == (
            "anna",
            s.agent("anna").name,
            note,
        )
        assert pop["path"][-1] == "anna>agent:ben"
        assert "preferred agent" in pop["reason"]
        await desk["anna"].state("wrap_up")
        await first.ended()

        assert await on_call(desk["ben"]) == call
        second = await lab.world.phone("1002").rings()
        await second.hears_tone(CALLER_HZ)
        await caller.hears_tone(AGENT_HZ)
        assert s.agent("anna").state == "wrap_up"
        await caller.hang_up()
        await desk["ben"].state("wrap_up")
        await s.at_rest()
        record, mine = s.closed(call), legs(s, call)
        assert (record.outcome, record.agent, record.offers) == ("answered", "ben", 2)
        talked = sum(leg.ended_at - leg.bridged_at for leg in mine.values())
        assert mine.keys() == {"anna", "ben"}
        assert abs(record.talked - talked) < 300
        assert [leg.cause for leg in mine.values()] == ["hangup", "hangup"]


async def test_to_a_queue_where_nobody_is_and_then_somebody(lab: Lab, tmp_path: Path) -> None:
    config = config_for(lab, tmp_path, flow="straight")
    sales, support, _ = config["queues"]
    for agent in config["agents"]:
        agent["queues"] = [(support if agent["id"] == "ben" else sales)["id"]]
        agent["penalties"] = {}
    settings = parse(config, flows())
    async with site(lab, tmp_path, settings=settings) as s, desks(s.base, "anna") as desk:
        caller = await lab.world.place_call(STRAIGHT, NUMBER)
        call = await on_call(desk["anna"])
        await desk["anna"].say("transfer", call=call, kind="queue", target=support["id"], note="")
        await desk["anna"].state("ready")
        [waiting] = s.view().waiting
        assert (waiting.call, waiting.queue, waiting.offered_to) == (call, support["id"], "")
        s.ready("ben")
        await s.state("ben", "on_call")
        await caller.hang_up()
        await s.at_rest()
        assert (s.closed(call).queue, s.closed(call).agent) == (support["id"], "ben")


async def test_the_leg_ends_before_the_redirect(lab: Lab, tmp_path: Path) -> None:
    """ctid is killed, or its link cut, between the variables and the Redirect: the end of the
    agent's leg leads the caller to the queue."""
    async with site(lab, tmp_path) as s, desks(s.base, "anna", "ben") as desk:
        caller = await lab.world.place_call(STRAIGHT, NUMBER)
        call = await on_call(desk["anna"])
        switch = s.app.switch
        post = switch.ami.post

        def lossy(name: str, *headers: Any, **more: Any) -> str:
            return "" if name == "Redirect" else post(name, *headers, **more)

        switch.ami.post = lossy
        await desk["anna"].say("transfer", call=call, kind="agent", target="ben", note="")
        await s.until(lambda: s.done(Divert))
        phone = await lab.world.phone("1001").rings()
        await phone.hang_up()
        assert await on_call(desk["ben"]) == call
        await caller.hang_up()
        await s.at_rest()
        assert legs(s, call).keys() == {"anna", "ben"}


async def test_to_a_number_outside(lab: Lab, tmp_path: Path) -> None:
    settings = allowed(lab, tmp_path)
    async with site(lab, tmp_path, settings=settings) as s, desks(s.base, "anna") as desk:
        caller = await lab.world.place_call(STRAIGHT, NUMBER)
        call = await on_call(desk["anna"])
        await desk["anna"].say("transfer", call=call, kind="number", target="0900", note="")
        refused = await desk["anna"].until("error")
        assert refused["code"] == "no_target"
        assert s.agent("anna").state == "on_call"
        await desk["anna"].say("transfer", call=call, kind="number", target=OUTSIDE, note="")
        await desk["anna"].state("ready")
        centre = s.app.driver.centre
        await s.until(lambda: (sent := centre.calls[call].sent) and sent.answered_at)
        await caller.hang_up()
        await s.at_rest()
        record = s.closed(call)
        assert (record.outcome, record.agent) == ("answered", "anna")
        assert record.path[-1] == f"anna>number:{OUTSIDE}"


def allowed(lab: Lab, folder: Path) -> Settings:
    """OUTSIDE is on the list."""
    config = config_for(lab, folder, flow="straight")
    config["transfer_numbers"] = {"branch": OUTSIDE}
    return parse(config, flows())


async def test_the_caller_hangs_up_in_that_very_moment(lab: Lab, tmp_path: Path) -> None:
    async with site(lab, tmp_path) as s, desks(s.base, "anna", "ben") as desk:
        for _ in range(5):
            caller = await lab.world.place_call(STRAIGHT, NUMBER)
            await s.until(lambda: s.states("on_call"))
            [agent] = s.states("on_call")
            other = "ben" if agent == "anna" else "anna"
            call = s.agent(agent).call
            await desk[agent].say("transfer", call=call, kind="agent", target=other, note="")
            await caller.hang_up()
            await s.at_rest()
            assert s.closed(call).outcome == "answered"
            await s.until(lambda: len(s.states("ready")) == 2)
