"""Hold and consult transfer on a real Asterisk: who hears whom, and what is lost: nobody."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from ctid.core.commands import CallClosed, Denied, Repaired
from ctid.core.events import ConsultAsked, TalkAsked
from ctid.core.records import TalkWish, TransferKind
from ctid.settings import parse
from tests.real_pbx.desk import Desk, desks
from tests.real_pbx.lab.ami_link import event
from tests.real_pbx.lab.lab import Lab
from tests.real_pbx.lab.script import answers, calls, rejects
from tests.real_pbx.lab.world import End
from tests.real_pbx.site import (
    STRAIGHT,
    SiteUnderTest,
    config_for,
    flows,
    journal,
    settings_for,
    site,
)
from tests.real_pbx.test_kill import daemon
from tests.real_pbx.tones import AGENT_HZ, CALLER_HZ

pytestmark = pytest.mark.asyncio(loop_scope="session")

NUMBER = "+8615400000001"
COLLEAGUE_HZ = 1700


class Talk:
    """Anna talks to a caller; Ben is ready. Anna's phone tells when it hears the caller, Ben's when
    it hears Anna, the caller when they hear Ben."""

    def __init__(self, s: SiteUnderTest, call: str, caller: End, anna: End) -> None:
        self.s, self.call, self.caller, self.anna = s, call, caller, anna

    def wish(self, wish: TalkWish) -> None:
        self.s.app.submit(TalkAsked("anna", self.call, wish))

    def ask(self, kind: TransferKind = "agent", target: str = "ben") -> None:
        self.s.app.submit(ConsultAsked("anna", self.call, kind, target, "refund"))

    async def state(self, name: str) -> None:
        """Wait until the talk is in this state, nothing awaited."""
        calls_ = self.s.app.driver.centre.calls

        def there() -> bool:
            aside = calls_[self.call].aside
            return (aside.state, aside.pending) == (name, "") if aside else name == "plain"

        await self.s.until(there)

    async def legs(self, agent: str) -> int:
        """The leg records of that agent so far."""
        return sum(leg.agent == agent for leg in self.s.legs(self.call))


@asynccontextmanager
async def talk(
    lab: Lab, folder: Path, *, caller_hears: int = AGENT_HZ, agents_silent: bool = False
) -> AsyncIterator[Talk]:
    """`agents_silent`: of two tones at once none is heard, so with three only the caller sends one,
    and both agents listen to it."""
    settings = settings_for(lab, folder, flow="straight")
    async with site(lab, folder, settings=settings, ready=("anna",)) as s:
        anna_sends, ben_sends = (None, None) if agents_silent else (AGENT_HZ, COLLEAGUE_HZ)
        ben_hears = CALLER_HZ if agents_silent else AGENT_HZ
        await lab.world.phone("1001").behave(answers(tone=anna_sends, listen=CALLER_HZ))
        await lab.world.phone("1002").behave(answers(tone=ben_sends, listen=ben_hears))
        script = calls(tone=CALLER_HZ, listen=caller_hears)
        caller = await lab.world.place_call(STRAIGHT, NUMBER, script)
        call = (await s.state("anna", "on_call")).call
        s.ready("ben")
        await s.state("ben", "ready")
        anna = await lab.world.phone("1001").rings()
        await anna.hears_tone(CALLER_HZ)
        yield Talk(s, call, caller, anna)
        await s.at_rest()


async def test_hold_and_resume(lab: Lab, tmp_path: Path) -> None:
    async with talk(lab, tmp_path) as t:
        for _ in range(2):
            t.wish("hold")
            await t.state("held")
            t.wish("resume")
            await t.state("plain")
            await t.anna.hears_tone(CALLER_HZ)
            await t.caller.hears_tone(AGENT_HZ)
        await t.anna.hang_up()
        await t.caller.ended()


async def test_the_agent_hangs_up_with_the_caller_on_hold(lab: Lab, tmp_path: Path) -> None:
    async with talk(lab, tmp_path) as t:
        t.wish("hold")
        await t.state("held")
        await t.anna.hang_up()
        assert (await t.s.state("ben", "on_call")).call == t.call
        await t.caller.hang_up()


async def test_a_colleague_is_asked_and_gets_the_caller(lab: Lab, tmp_path: Path) -> None:
    async with talk(lab, tmp_path, caller_hears=COLLEAGUE_HZ) as t:
        t.ask()
        await t.state("consulting")
        ben = await lab.world.phone("1002").rings()
        await ben.hears_tone(AGENT_HZ)
        t.wish("complete")
        await t.anna.ended()
        await t.caller.hears_tone(COLLEAGUE_HZ)
        await t.s.until(lambda: t.s.app.driver.centre.calls[t.call].aside is None)
        assert t.s.agent("ben").state == "on_call"
        await t.caller.hang_up()
    record = t.s.closed(t.call)
    assert (record.outcome, record.agent, record.offers) == ("answered", "ben", 2)
    legs = {leg.agent: leg for leg in t.s.legs(t.call)}
    with_caller = sum(leg.ended_at - leg.bridged_at - leg.held for leg in legs.values())
    assert abs(record.talked - record.held - with_caller) < 300
    assert record.held > 0


async def test_toggle_conference_and_the_first_leaves(lab: Lab, tmp_path: Path) -> None:
    async with talk(lab, tmp_path, agents_silent=True) as t:
        t.ask()
        await t.state("consulting")
        ben = await lab.world.phone("1002").rings()
        t.wish("toggle")
        await t.state("with_caller")
        await t.anna.hears_tone(CALLER_HZ)
        t.wish("toggle")
        await t.state("consulting")
        t.wish("conference")
        await t.state("conference")
        await t.anna.hears_tone(CALLER_HZ)
        await ben.hears_tone(CALLER_HZ)
        t.wish("complete")
        await t.anna.ended()
        await ben.hears_tone(CALLER_HZ)
        await t.caller.hang_up()


async def test_conference_out_of_a_toggled_talk_and_the_colleague_leaves(
    lab: Lab, tmp_path: Path
) -> None:
    async with talk(lab, tmp_path, agents_silent=True) as t:
        t.ask("queue", t.s.agent("anna").queues[0])
        await t.state("consulting")
        ben = await lab.world.phone("1002").rings()
        t.wish("toggle")
        await t.state("with_caller")
        t.wish("conference")
        await t.state("conference")
        await ben.hears_tone(CALLER_HZ)
        await ben.hang_up()
        await t.state("plain")
        await t.anna.hears_tone(CALLER_HZ)
        t.wish("hold")
        await t.state("held")
        await t.caller.hang_up()
        await t.anna.ended()


async def test_all_that_is_known_is_on_the_colleagues_page_while_it_rings(
    lab: Lab, tmp_path: Path
) -> None:
    settings = settings_for(lab, tmp_path, flow="straight", wrap_up=60_000)
    async with site(lab, tmp_path, settings=settings) as s, desks(s.base, "anna", "ben") as desk:
        anna, ben = desk["anna"], desk["ben"]
        caller = await lab.world.place_call(STRAIGHT, NUMBER)
        call = (await anna.state("on_call"))["agent"]["call"]
        note = "想退款 wants a refund"
        await anna.say("consult", call=call, kind="agent", target="ben", note=note)
        pop: dict[str, Any] = (await ben.until("pop.shown"))["pop"]
        assert (pop["call"], pop["customers"][0]["code"]) == (call, "100001")
        assert (pop["handed"]["by"], pop["handed"]["note"]) == ("anna", note)
        await aside(ben, "asked")
        told = await aside(anna, "consulting")
        assert (told["name"], "complete" in told["may"]) == (s.agent("ben").name, True)
        assert s.agent("anna").pop is not None
        await anna.say("talk", call=call, wish="complete")
        await anna.state("wrap_up")
        assert (await aside(ben, "talking"))["may"] == ["hold", "consult"]
        assert [p["type"] for p in ben.frames if p["type"] == "pop.revoked"] == []

        await ben.say("consult", call=call, kind="agent", target="anna", note="")
        assert (await ben.until("error"))["code"] == "colleague_busy"
        await caller.hang_up()
        await ben.state("wrap_up")
        await s.at_rest()
        assert s.closed(call).path[-1] == "anna&agent:ben"


async def aside(desk: Desk, state: str) -> dict[str, Any]:
    """Wait until that page shows the talk in that state, with nothing under way."""

    def there(frame: dict[str, Any]) -> bool:
        shown = frame["agent"]["aside"]
        return bool(shown and shown["state"] == state and (shown["may"] or state == "asked"))

    found: dict[str, Any] = (await desk.until("agent", there))["agent"]["aside"]
    return found


async def test_a_colleague_who_does_not_answer_or_hangs_up(lab: Lab, tmp_path: Path) -> None:
    async with talk(lab, tmp_path) as t:
        await lab.world.phone("1002").behave(rejects())
        t.ask()
        await t.state("asking")
        await t.state("held")
        assert [d.code for d in t.s.done(Denied)] == ["colleague_rejected"]
        await t.s.until(lambda: t.s.agent("ben").state == "ready")
        await lab.world.phone("1002").behave(answers(talk=0.5))
        await t.s.until(lambda: t.s.app.driver.centre.router.staff.agents["ben"].available)
        t.ask()
        await t.state("consulting")
        await t.state("held")
        t.wish("resume")
        await t.state("plain")
        await t.caller.hears_tone(AGENT_HZ)
        await t.caller.hang_up()


async def test_the_first_phone_is_hung_up_in_the_middle(lab: Lab, tmp_path: Path) -> None:
    async with talk(lab, tmp_path, agents_silent=True) as t:
        t.ask()
        await t.state("consulting")
        ben = await lab.world.phone("1002").rings()
        await t.anna.hang_up()
        await ben.hears_tone(CALLER_HZ)
        await t.state("plain")
        assert t.s.agent("ben").state == "on_call"
        await ben.hang_up()
        await t.caller.ended()


async def test_the_first_phone_is_hung_up_while_the_colleague_waits(
    lab: Lab, tmp_path: Path
) -> None:
    """The caller stays, for the colleague; and once the colleague has gone, not any more."""
    async with talk(lab, tmp_path, agents_silent=True) as t:
        t.ask()
        await t.state("consulting")
        ben = await lab.world.phone("1002").rings()
        t.wish("toggle")
        await t.state("with_caller")
        await t.anna.hang_up()
        await ben.hears_tone(CALLER_HZ)
        await t.state("plain")
        await ben.hang_up()
        await t.caller.ended()
    async with talk(lab, tmp_path, agents_silent=True) as t:
        t.ask()
        await t.state("consulting")
        t.wish("toggle")
        await t.state("with_caller")
        t.wish("cancel")
        await t.state("plain")
        await t.anna.hang_up()
        await t.caller.ended()


async def test_the_caller_hangs_up_in_the_middle(lab: Lab, tmp_path: Path) -> None:
    async with talk(lab, tmp_path) as t:
        t.ask()
        await t.state("consulting")
        ben = await lab.world.phone("1002").rings()
        await t.caller.hang_up()
        await t.anna.ended()
        await ben.ended()
    assert t.s.closed(t.call).outcome == "answered"


async def test_nobody_is_on_hold_for_ever(lab: Lab, tmp_path: Path) -> None:
    """The dialplan's limit, with ctid's link up: the caller goes to whoever is free."""
    ask = lab.asterisk.ami.ask
    await ask("Setvar", Variable="CTID_HOLD_LIMIT", Value="2")
    try:
        async with talk(lab, tmp_path) as t:
            t.wish("hold")
            await t.state("held")
            await t.anna.ended()
            assert (await t.s.state("ben", "on_call")).call == t.call
            await t.caller.hang_up()
    finally:
        await ask("Setvar", Variable="CTID_HOLD_LIMIT", Value="600")


async def test_killed_in_the_middle_of_a_consult(lab: Lab, tmp_path: Path) -> None:
    """The two talk on, the caller hears music; a new ctid knows all three, and they go on."""
    await lab.world.all_phones(answers(after=0.1, listen=CALLER_HZ))
    async with daemon(lab, tmp_path) as (ctid, base), desks(base, "anna", "ben") as desk:
        anna, ben = desk["anna"], desk["ben"]
        caller = await lab.world.place_call(STRAIGHT, NUMBER, calls(tone=CALLER_HZ))
        call = (await anna.state("on_call"))["agent"]["call"]
        phones = [await lab.world.phone("1001").rings()]
        await anna.say("consult", call=call, kind="agent", target="ben", note="")
        await aside(anna, "consulting")
        phones.append(await lab.world.phone("1002").rings())
        await ctid.kill()
        del anna.frames[:], ben.frames[:]
        await ctid.start()
        await aside(anna, "consulting")
        await anna.say("talk", call=call, wish="conference")
        await aside(anna, "conference")
        for phone in phones:
            await phone.hears_tone(CALLER_HZ)
        await caller.hang_up()
        for phone in phones:
            await phone.ended()
        await lab.nothing_left()
    commands = [c for line in journal(tmp_path) for c in line.c]
    assert [c.record.outcome for c in commands if isinstance(c, CallClosed)] == ["answered"]
    assert {c.kind for c in commands if isinstance(c, Repaired)} <= {"phone_state"}


OUTSIDE, BUSY = "8001", "6001"
"""Somebody in the world who answers and says hello; somebody who is busy."""


async def test_a_number_outside_is_asked_and_gets_the_caller(lab: Lab, tmp_path: Path) -> None:
    config = config_for(lab, tmp_path, flow="straight")
    config["transfer_numbers"] = {"branch": OUTSIDE, "busy": BUSY}
    settings = parse(config, flows())
    async with site(lab, tmp_path, settings=settings, ready=("anna",)) as s:
        await lab.world.phone("1001").behave(answers(listen=CALLER_HZ))
        caller = await lab.world.place_call(STRAIGHT, NUMBER, calls(tone=CALLER_HZ))
        call = (await s.state("anna", "on_call")).call
        t = Talk(s, call, caller, await lab.world.phone("1001").rings())
        t.ask("number", "0900")
        t.ask("number", BUSY)
        await s.until(lambda: len(s.done(Denied)) == 2)
        await t.state("held")
        assert [d.code for d in s.done(Denied)] == ["no_target", "colleague_busy"]
        t.ask("number", OUTSIDE)
        await t.state("consulting")
        t.wish("toggle")
        await t.state("with_caller")
        await t.anna.hears_tone(CALLER_HZ)
        t.wish("toggle")
        await t.state("consulting")
        t.wish("conference")
        await t.state("conference")
        await t.anna.hears_tone(CALLER_HZ)
        t.wish("complete")
        await t.anna.ended()
        await s.until(lambda: s.agent("anna").state in ("wrap_up", "ready"))
        centre = s.app.driver.centre
        assert centre.calls[call].phase == "sent"
        await caller.hang_up()
        await s.at_rest()
        record = s.closed(call)
        assert (record.outcome, record.agent) == ("answered", "anna")
        assert record.path[-1] == f"anna&number:{OUTSIDE}"


async def test_a_number_outside_is_handed_the_caller_without_all_three(
    lab: Lab, tmp_path: Path
) -> None:
    """The phone is put down in the middle; and one that is let go before it has answered."""
    config = config_for(lab, tmp_path, flow="straight")
    config["transfer_numbers"] = {"branch": OUTSIDE, "deaf": "5001"}
    settings = parse(config, flows())
    async with site(lab, tmp_path, settings=settings, ready=("anna",)) as s:
        await lab.world.phone("1001").behave(answers(listen=CALLER_HZ))
        caller = await lab.world.place_call(STRAIGHT, NUMBER, calls(tone=CALLER_HZ))
        call = (await s.state("anna", "on_call")).call
        t = Talk(s, call, caller, await lab.world.phone("1001").rings())
        t.ask("number", "5001")
        await t.state("asking")
        t.wish("cancel")
        await t.state("plain")
        await t.anna.hears_tone(CALLER_HZ)
        t.ask("number", OUTSIDE)
        await t.state("consulting")
        await t.anna.hang_up()
        centre = s.app.driver.centre
        await s.until(lambda: centre.calls[call].phase == "sent")
        ami = lab.asterisk.ami
        name = centre.calls[call].channel
        bridged = event("BridgeEnter", Channel=name, BridgeNumChannels="1")
        await ami.until(bridged, since=0)
        await caller.hang_up()
        await s.at_rest()
        assert s.closed(call).outcome == "answered"
