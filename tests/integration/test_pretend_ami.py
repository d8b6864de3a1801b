"""The pretend Asterisk's manager interface, against independent clients: pyst2 and panoramisk."""

from __future__ import annotations

import asyncio
import hashlib
import json
import sys
from pathlib import Path

import panoramisk
import pytest

from sim.live.callers import CallScript
from sim.live.phones import PhoneBehaviour
from sim.live.wire import ActionReader, encode, escape_c
from tests.integration.pretend_world import AgiServer, Ami, pretend, virtual, world

QUICK = PhoneBehaviour(ring_delay=0.01, answer_after=(0.05, 0.05))


@virtual
async def test_the_banner_the_challenge_and_a_login_by_md5() -> None:
    async with AgiServer() as agi, pretend(agi) as pbx, await Ami().connect(pbx.ami_port) as ami:
        assert ami.banner == "Asterisk Call Manager/11.0.0\r\n"
        assert (await ami.action("Status"))["Message"] == "Permission denied"
        challenge = (await ami.action("Challenge", AuthType="MD5"))["Challenge"]
        key = hashlib.md5(f"{challenge}demo".encode()).hexdigest()
        answer = await ami.action("Login", AuthType="MD5", Username="ctid", Key=key)
        assert (answer["Response"], answer["Message"]) == ("Success", "Authentication accepted")
        booted = await ami.wait(Event="FullyBooted")
        assert (booted["Status"], booted["Uptime"]) == ("Fully Booted", "0")
        assert (await ami.action("Ping"))["Ping"] == "Pong"
        assert (await ami.action("CoreSettings"))["AsteriskVersion"].startswith("22.")
        assert (await ami.action("CoreStatus"))["CoreStartupDate"] == "2025-10-09"
        assert (await ami.action("Logoff"))["Response"] == "Goodbye"


@pytest.mark.parametrize("wrong", [{"Secret": "no"}, {"Username": "other", "Secret": "demo"}])
def test_a_wrong_login_is_refused_and_the_connection_closed(wrong: dict[str, str]) -> None:
    @virtual
    async def story() -> None:
        async with AgiServer() as agi, pretend(agi) as pbx, Ami() as ami:
            await ami.connect(pbx.ami_port)
            answer = await ami.action("Login", **{"Username": "ctid", **wrong})
            told = answer["Response"], answer["Message"]
            assert told == ("Error", "Authentication failed")
            with pytest.raises(AssertionError, match="closed before"):
                await ami.wait(Event="FullyBooted")

    story()


@virtual
async def test_filters_need_their_privilege_and_then_keep_events_away() -> None:
    async with world() as (_, ami):
        denied = await ami.action("Filter", Operation="Add", Filter="!Event: Newstate")
        assert denied["Message"] == "Permission denied"
    allowed = frozenset({"system", "user"})
    async with world(ami_write=allowed, behaviour=QUICK) as (pbx, ami):
        await ami.action("Filter", Operation="Add", Filter="!Event: (Newstate|MusicOnHold)")
        call = pbx.place_call("4000", script=CallScript(patience=1.0))
        await call.over
        await ami.wait(Event="Hangup")
        assert ami.names("Newchannel", "Newstate", "MusicOnHoldStart") == ["Newchannel"]
        await ami.action("Filter", Operation="Add", Filter="Event: UserEvent")
        before = len(ami.messages)
        await pbx.place_call("4000", script=CallScript(patience=1.0)).over
        await ami.action("UserEvent", UserEvent="Last")
        await ami.wait(UserEvent="Last")
        seen = [m["UserEvent"] for m in ami.messages[before:] if m.get("Event")]
        assert seen == ["CtidWaiting", "Last"]


@virtual
async def test_events_carry_privilege_and_the_time_at_which_they_were_made() -> None:
    async with world() as (pbx, ami):
        pbx.place_call("4000", script=CallScript(hang_up_after=2.5))
        gone = await ami.wait(Event="Hangup")
        assert (gone["Privilege"], gone["Timestamp"]) == ("call,all", "1760000002.500000")
        assert (gone["Cause"], gone["Cause-txt"]) == ("16", "Normal Clearing")
        assert not ami.names("VarSet")  # Class dialplan, which the user may not read.


@virtual
async def test_bad_input_gets_an_error_and_the_connection_lives() -> None:
    async with world() as (_, ami):
        assert "line too long" in (await ami.action("Ping", Pad="x" * 2000))["Message"]
        many = [f"Variable: A{n}=1" for n in range(200)]
        assert "Too many lines" in (await ami.action("Originate", *many))["Message"]
        for headers, message in (
            ({}, "Channel not specified"),
            ({"Channel": "PJSIP"}, "Invalid channel"),
            ({"Channel": "PJSIP/1001", "Context": "x"}, "Originate with 'Exten' requires"),
            (
                {"Channel": "PJSIP/1001", "Context": "x", "Exten": "s", "Priority": "1"},
                "Extension does not exist.",
            ),
        ):
            answer = await ami.action("Originate", **headers)
            assert (answer["Response"], message in answer["Message"]) == ("Error", True), answer
        assert (await ami.action("Ping"))["Response"] == "Success"


def test_any_chunking_and_both_line_ends_give_the_same_actions() -> None:
    raw = "Action: Ping\r\nActionID: 1\r\n\r\n\r\nAction: X\nVariable: a=王\nVariable: b\n\n"
    data = raw.encode()
    whole = ActionReader().feed(data)
    assert [a.get("action") for a in whole] == ["Ping", "X"]
    assert whole[1].all("VARIABLE") == ["a=王", "b"]
    reader = ActionReader()
    assert [a for n in range(len(data)) for a in reader.feed(data[n : n + 1])] == whole


def test_what_is_sent_cannot_break_a_line() -> None:
    assert escape_c('a"b\\c\r\nd') == r"a\"b\\c\r\nd"
    with pytest.raises(ValueError, match="line break"):
        encode([("Event", "X"), ("Name", "a\r\nAction: Y")])


async def _pyst2(port: int, secret: str, channel: str = "") -> dict[str, str]:
    program = Path(__file__).with_name("pyst2_visit.py")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-W", "ignore", str(program), str(port), secret, channel,
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        async with asyncio.timeout(60):
            output, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    told: dict[str, str] = json.loads(output)
    return told


async def test_pyst2_signs_in_and_rings_a_phone() -> None:
    async with AgiServer() as agi, pretend(agi, behaviour=QUICK) as pbx:
        call = pbx.place_call("4000", script=CallScript(talk=0.2))
        assert await call.joined == "sales"
        assert await _pyst2(pbx.ami_port, "demo", call.channel.name) == {
            "title": "Asterisk Call Manager",
            "ping": "Pong",
            "status": "Success",
            "made": "Originate successfully queued",
            "rang": "True",
        }
        assert await call.talking_to == "1001"
        await call.over


async def test_pyst2_is_told_that_the_secret_is_wrong() -> None:
    async with AgiServer() as agi, pretend(agi) as pbx:
        assert await _pyst2(pbx.ami_port, "wrong") == {"refused": "Authentication failed"}


async def test_panoramisk_reads_lists_and_the_events_of_a_call() -> None:
    async with AgiServer() as agi, pretend(agi, behaviour=QUICK) as pbx:
        manager = panoramisk.Manager(
            loop=asyncio.get_running_loop(), host="127.0.0.1", port=pbx.ami_port,
            username="ctid", secret="demo", ping_delay=60, ping_interval=60,
        )  # fmt: skip
        events: list[str] = []
        bridged = asyncio.Event()
        manager.register_event("*", lambda _, message: events.append(message.event))
        manager.register_event("BridgeEnter", lambda _, message: bridged.set())
        await manager.connect()
        async with asyncio.timeout(10):
            while manager.authenticated_future is None:
                await asyncio.sleep(0)
            await manager.authenticated_future
            call = pbx.place_call("4000", "+861", "王", CallScript(talk=0.2))
            await call.joined
            states = await manager.send_action({"Action": "DeviceStateList"}, as_list=True)
            assert [m.device for m in states if m.event == "DeviceStateChange"] == [
                "PJSIP/1001", "PJSIP/1002",
            ]  # fmt: skip
            status = await manager.send_action(
                {"Action": "Status", "Variables": "CTID_QUEUE,CTID_STATE"}, as_list=True
            )
            (row,) = [m for m in status if m.event == "Status"]
            assert row.variable == ["CTID_QUEUE=sales", "CTID_STATE=waiting"]
            assert row.calleridname == "王"
            await manager.send_action({
                "Action": "Originate", "Channel": "PJSIP/1002", "Context": "ctid-agent",
                "Exten": "s", "Priority": "1", "Async": "true", "ChannelId": "o1",
                "Variable": [f"CTID_CALLER={call.channel.name}", "CTID_OFFER=o1"],
            })  # fmt: skip
            await bridged.wait()
            assert await call.talking_to == "1002"
            await call.over
        assert {"Newchannel", "Newstate", "UserEvent", "BridgeCreate"} <= set(events)
        manager.close()
