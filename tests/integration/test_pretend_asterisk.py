"""The pretend Asterisk, held against peers of its own: stories of whole calls on virtual time."""

from __future__ import annotations

import asyncio
import json
import sys
from asyncio.subprocess import PIPE

import pytest

from sim.live.callers import CallScript
from sim.live.phones import PhoneBehaviour
from sim.live.traffic import TrafficSettings
from tests.integration.pretend_world import (
    Agi,
    AgiServer,
    Ami,
    pretend,
    run_virtually,
    virtual,
    world,
)

FAST = PhoneBehaviour(answer_after=(2.0, 2.0))


@virtual
async def test_a_call_from_the_trunk_to_the_agents_phone_and_its_events() -> None:
    async with world(behaviour=FAST) as (pbx, ami):
        call = pbx.place_call("4000", "+8613800000001", "Ann", CallScript(talk=30.0))
        assert await call.joined == "sales"
        waiting = await ami.wait(Event="UserEvent", UserEvent="CtidWaiting")
        assert (waiting["Queue"], waiting["Dialled"], waiting["Lost"]) == ("sales", "4000", "")
        assert waiting["Uniqueid"] == call.unique_id
        assert (await ami.ring("1001", call.channel.name))["Response"] == "Success"
        assert await call.talking_to == "1001"
        assert await call.over == 16
        await ami.wait(Event="UserEvent", UserEvent="CtidBridge")
        await ami.wait(Event="Hangup", Uniqueid="offer-1")

        leg = [
            m["Event"] + m.get("ChannelStateDesc", "")
            for m in ami.messages
            if m.get("Event") in ("Newchannel", "Newstate", "Hangup")
            and m.get("Uniqueid") == "offer-1"
        ]
        assert leg == ["NewchannelDown", "NewstateRinging", "NewstateUp", "HangupUp"]
        answered = await ami.wait(Event="OriginateResponse")
        assert (answered["Response"], answered["Reason"]) == ("Success", "4")
        assert answered["Uniqueid"] == "offer-1"
        assert ami.names("BridgeCreate", "BridgeEnter", "BridgeLeave", "BridgeDestroy") == [
            "BridgeCreate", "BridgeEnter", "BridgeEnter",
            "BridgeLeave", "BridgeLeave", "BridgeDestroy",
        ]  # fmt: skip
        assert not pbx.exchange.channels


@virtual
async def test_the_agents_hangup_ends_the_caller_too_by_way_of_ctid_after() -> None:
    phone = PhoneBehaviour(answer_after=(1.0, 1.0), talk=(5.0, 5.0))
    async with world(behaviour=phone) as (pbx, ami):
        call = pbx.place_call("4000", script=CallScript(patience=60.0))
        await call.joined
        await ami.ring("1001", call.channel.name)
        await call.over
        assert call.channel.variables["CTID_STATE"] == "after"
        await ami.wait(Event="Hangup", Uniqueid="offer-1")
        assert not ami.find(Event="UserEvent", UserEvent="CtidBridge")


@virtual
async def test_a_caller_who_left_gives_nonexistent_and_one_who_talks_is_not_taken() -> None:
    async with world(behaviour=FAST) as (pbx, ami):
        gone = pbx.place_call("4000", script=CallScript(patience=1.0))
        await gone.joined
        await ami.ring("1001", gone.channel.name)
        assert (await gone.over, await gone.talking_to) == (16, "")
        lost = await ami.wait(Event="UserEvent", Offer="offer-1")
        assert lost["Result"] == "NONEXISTENT"

        call = pbx.place_call("4000", script=CallScript(talk=20.0))
        await call.joined
        await ami.ring("1001", call.channel.name, "offer-2")
        await call.talking_to
        await ami.ring("1002", call.channel.name, "offer-3")
        assert (await ami.wait(Event="UserEvent", Offer="offer-3"))["Result"] == "TAKEN"
        assert (await ami.wait(Event="UserEvent", Offer="offer-2"))["Result"] == "SUCCESS"


@pytest.mark.parametrize(
    ("behaviour", "reason", "cause"),
    [("never", "3", "19"), ("dead", "3", "19"), ("busy", "0", "17"), ("reject", "0", "21")],
)
def test_a_phone_that_is_not_answered(behaviour: str, reason: str, cause: str) -> None:
    @virtual
    async def story() -> None:
        async with world() as (pbx, ami):
            pbx.phone("1001").behaviour = PhoneBehaviour(on_ring=behaviour)
            call = pbx.place_call("4000")
            await call.joined
            await ami.ring("1001", call.channel.name, timeout=15_000)
            failed = await ami.wait(Event="OriginateResponse")
            assert (failed["Response"], failed["Reason"]) == ("Failure", reason)
            assert (await ami.wait(Event="Hangup", Uniqueid="offer-1"))["Cause"] == cause
            assert call.channel.application == "WaitExten"
            call.hang_up()
            await call.over

    story()


@virtual
async def test_an_unreachable_phone_never_gets_a_channel() -> None:
    async with world() as (pbx, ami):
        pbx.phone("1002").reachable = False
        changed = await ami.wait(Event="DeviceStateChange")
        assert (changed["Device"], changed["State"]) == ("PJSIP/1002", "UNAVAILABLE")
        await ami.ring("1002", "PJSIP/trunk-00000001")
        failed = await ami.wait(Event="OriginateResponse")
        assert (failed["Reason"], failed["Uniqueid"]) == ("0", "offer-1")
        assert not ami.find(Event="Newchannel")


@virtual
async def test_a_channel_id_that_is_alive_is_refused() -> None:
    async with world() as (pbx, ami):
        pbx.phone("1001").behaviour = PhoneBehaviour(on_ring="never")
        await ami.ring("1001", "nobody")
        await ami.wait(Event="Newstate", ChannelStateDesc="Ringing")
        await ami.ring("1002", "nobody")
        refused = await ami.wait(Event="OriginateResponse")
        assert (refused["Channel"], refused["Uniqueid"]) == ("PJSIP/1002", "offer-1")
        assert (await ami.action("Hangup", Channel="offer-1"))["Response"] == "Success"
        await ami.wait(Event="Hangup", Uniqueid="offer-1")


@virtual
async def test_a_phone_in_a_private_call_is_busy_and_says_so() -> None:
    async with world() as (pbx, ami):
        pbx.start_private_call("1001")
        await ami.wait(Event="DeviceStateChange", State="BUSY")
        await ami.action("DeviceStateList")
        await ami.wait(Event="DeviceStateListComplete", ListItems="2")
        await ami.ring("1001", "nobody")
        assert (await ami.wait(Event="Hangup", Uniqueid="offer-1"))["Cause"] == "17"
        pbx.phone("1001").hang_up()
        await ami.wait(Event="DeviceStateChange", Device="PJSIP/1001", State="NOT_INUSE")


@virtual
async def test_status_lists_every_channel_with_the_variables_asked_for() -> None:
    async with world(behaviour=FAST) as (pbx, ami):
        call = pbx.place_call("4000", "+8613800000001", 'Li "王"\n', CallScript(talk=60.0))
        await call.joined
        await ami.ring("1001", call.channel.name)
        await call.talking_to
        await ami.action("Status", Variables="CTID_QUEUE,CTID_STATE,CTID_NONE")
        done = await ami.wait(Event="StatusComplete")
        assert (done["ListItems"], done["Items"]) == ("2", "2")
        caller, leg = ami.find(Event="Status")
        assert caller["Variable"] == "CTID_QUEUE=sales|CTID_STATE=waiting|CTID_NONE=(null)"
        assert caller["CallerIDName"] == r"Li \"王\"\n"
        assert caller["BridgeID"] == leg["BridgeID"] != ""
        assert leg["Application"] == "Bridge"
        assert leg["Linkedid"] == caller["Uniqueid"] == caller["Linkedid"]
        await call.over


@virtual
async def test_redirect_setvar_getvar_userevent_and_an_unknown_action() -> None:
    async with world() as (pbx, ami):
        call = pbx.place_call("4000")
        await call.joined
        name = call.channel.name
        await ami.action("Setvar", Channel=name, Variable="CTID_CODE", Value="C0001")
        got = await ami.action("Getvar", Channel=name, Variable="CTID_CODE")
        assert got["Value"] == "C0001"
        moved = await ami.action(
            "Redirect", Channel=name, Context="ctid-fallback", Exten="s", Priority="1"
        )
        assert moved["Response"] == "Success"
        await ami.wait(Event="UserEvent", UserEvent="CtidWaiting", Queue="fallback")
        assert call.queues == ["sales", "fallback"]
        await ami.action("UserEvent", UserEvent="Hello", Colour="red")
        assert (await ami.wait(Event="UserEvent", UserEvent="Hello"))["Colour"] == "red"
        unknown = await ami.action("Frobnicate")
        assert unknown["Response"] == "Error"
        assert unknown["Message"].startswith("Invalid/unknown command: Frobnicate.")
        assert (await ami.action("Hangup", Channel="PJSIP/none-1"))["Message"] == (
            "No such channel"
        )
        call.hang_up()
        await call.over


@virtual
async def test_a_silent_or_missing_agi_server_leads_to_the_fallback_queue() -> None:
    async def silent(agi: Agi) -> None:
        assert await agi.line() == "HANGUP\n"

    async with AgiServer(silent) as agi, pretend(agi, menu_limit=30.0) as pbx:
        call = pbx.place_call("4000", script=CallScript(patience=5.0))
        assert await call.joined == "fallback"
        assert call.channel.variables["CTID_LOST"] == "late"
        await call.over
    async with AgiServer() as agi:
        pbx = pretend(agi, wait_limit=50.0)
    async with pbx:
        call = pbx.place_call("4000")
        assert await call.joined == "fallback"
        assert call.channel.variables["CTID_LOST"] == "silent"
        assert await call.over == 16
        assert call.queues == ["fallback", "fallback"]


@virtual
async def test_cut_links_drop_the_clients_and_the_calls_go_on() -> None:
    async with AgiServer() as agi, pretend(agi, behaviour=FAST) as pbx:
        first = await Ami().login(pbx.ami_port)
        second = await Ami().login(pbx.ami_port)
        call = pbx.place_call("4000", script=CallScript(talk=30.0))
        await call.joined
        await first.ring("1001", call.channel.name)
        await call.talking_to
        pbx.cut_links()
        for client in (first, second):
            with pytest.raises(AssertionError, match="closed before"):
                await client.wait(Event="None such")
            async with client:
                pass
        async with await Ami().login(pbx.ami_port) as again:
            assert int((await again.wait(Event="FullyBooted"))["Uptime"]) >= 2
            assert (await again.action("CoreStatus"))["CoreCurrentCalls"] == "2"
            await call.over
            await again.wait(Event="Hangup", Uniqueid=call.unique_id)


@virtual
async def test_frozen_links_say_nothing_until_they_thaw_and_lose_nothing() -> None:
    loop = asyncio.get_running_loop()
    async with world() as (pbx, ami):
        pbx.freeze(7.0)
        call = pbx.place_call("4000", script=CallScript(patience=1.0))
        frozen_at = loop.time()
        await ami.action("Ping")
        assert loop.time() - frozen_at == pytest.approx(7.0)
        assert ami.names("Newchannel") == ["Newchannel"]
        assert await call.joined == "sales"
        await call.over


def _day(seed: int) -> tuple[list[str], list[str]]:
    """Ten minutes of traffic, served by ringing both phones in turn; every event, in order."""

    async def story() -> tuple[list[str], list[str]]:
        async with world(seed=seed) as (pbx, ami):
            traffic = TrafficSettings(12.0, customers=(("10001", "+861"), ("10002", "+862")))
            async with asyncio.TaskGroup() as group:
                group.create_task(_serve_by_turns(ami))
                await pbx.run_traffic(traffic, until=600.0)
                ami.send("Action: UserEvent", "UserEvent: EndOfDay")
            tally = pbx.tally
            assert tally.placed > 80
            assert tally.queued > tally.answered > 10
            return [str(m) for m in ami.messages], [str(tally)]

    return run_virtually(story())


async def _serve_by_turns(ami: Ami) -> None:
    """Offers each waiting caller once; enough to exercise everything."""
    offered = 0
    while not ami.find(UserEvent="EndOfDay"):
        waiting = ami.find(UserEvent="CtidWaiting")
        if len(waiting) > offered:
            phone = ("1001", "1002")[offered % 2]
            await ami.ring(phone, waiting[offered]["Channel"], f"offer-{offered}")
            offered += 1
        else:
            await asyncio.sleep(1.0)


def test_the_same_seed_gives_the_same_day_and_another_seed_another() -> None:
    first, again, other = _day(7), _day(7), _day(8)
    assert first == again
    assert first[0] != other[0]


@virtual
async def test_a_key_while_waiting_is_told_and_keeps_the_place() -> None:
    async with world() as (pbx, ami):
        call = pbx.place_call("4000", script=CallScript(patience=60.0))
        await call.joined
        call.press("5")
        pressed = await ami.wait(Event="DTMFEnd", Digit="5")
        assert (pressed["Context"], pressed["Exten"]) == ("ctid-queue", "hold")
        assert await call.over == 16
        await ami.wait(Event="Hangup")
        assert len(ami.find(Event="UserEvent", UserEvent="CtidWaiting")) == 1
        assert ami.names("MusicOnHoldStart", "MusicOnHoldStop") == [
            "MusicOnHoldStart", "MusicOnHoldStop", "MusicOnHoldStart", "MusicOnHoldStop",
        ]  # fmt: skip


async def announce(ami: Ami, channel: str, files: str) -> None:
    await ami.action("Setvar", Channel=channel, Variable="CTID_SAY", Value=files)
    place = {"Context": "ctid-queue", "Exten": "announce", "Priority": "1"}
    assert (await ami.action("Redirect", Channel=channel, **place))["Response"] == "Success"


@virtual
async def test_an_announcement_is_heard_and_the_caller_waits_on_at_the_same_place() -> None:
    async with world() as (pbx, ami):
        call = pbx.place_call("4000", script=CallScript(patience=60.0))
        await call.joined
        before = dict(call.channel.variables)
        await announce(ami, call.channel.name, "ctid/en/a&ctid/en/b")
        heard = await ami.wait(Event="UserEvent", UserEvent="CtidAnnounced")
        assert heard["Uniqueid"] == call.unique_id
        assert call.heard_prompts[-2:] == ["ctid/en/a", "ctid/en/b"]
        assert call.channel.variables == before | {"CTID_SAY": "ctid/en/a&ctid/en/b"}
        assert (call.channel.place.context, call.channel.place.exten) == ("ctid-queue", "hold")
        assert await call.over == 16
        await ami.wait(Event="Hangup")
        assert len(ami.find(Event="UserEvent", UserEvent="CtidWaiting")) == 1
        assert ami.names("MusicOnHoldStart", "MusicOnHoldStop") == [
            "MusicOnHoldStart", "MusicOnHoldStop", "MusicOnHoldStart", "MusicOnHoldStop",
        ]  # fmt: skip


@virtual
async def test_an_agent_takes_the_caller_out_of_an_announcement() -> None:
    async with world(behaviour=FAST) as (pbx, ami):
        call = pbx.place_call("4000", script=CallScript(talk=30.0))
        await call.joined
        await announce(ami, call.channel.name, "&".join(["ctid/en/long"] * 40))
        assert (await ami.ring("1001", call.channel.name))["Response"] == "Success"
        assert await call.talking_to == "1001"
        assert await call.over == 16
        assert ami.find(Event="UserEvent", UserEvent="CtidAnnounced") == []


@virtual
async def test_an_offer_taken_back_while_it_rings_answers_before_its_hangup() -> None:
    async with world() as (pbx, ami):
        pbx.phone("1001").behaviour = PhoneBehaviour(on_ring="never")
        await ami.ring("1001", "nobody")
        await ami.wait(Event="Newstate", ChannelStateDesc="Ringing")
        await ami.wait(Event="DeviceStateChange", State="BUSY")
        await ami.action("Hangup", Channel="offer-1")
        gone = await ami.wait(Event="Hangup")
        assert (gone["Cause"], gone["Context"]) == ("0", "from-phones")
        assert ami.names("OriginateResponse", "Hangup") == ["OriginateResponse", "Hangup"]
        failed = await ami.wait(Event="OriginateResponse")
        assert (failed["Channel"], failed["Reason"]) == ("PJSIP/1001", "0")


@virtual
async def test_stop_in_the_middle_of_calls_leaves_nothing() -> None:
    async def slow(agi: Agi) -> None:
        await agi.command("GET DATA enter 60000 5")

    async with AgiServer(slow) as agi:
        async with pretend(agi) as pbx:
            calls = [pbx.place_call("4000") for _ in range(20)]
            await asyncio.sleep(2.0)
        assert not pbx.exchange.channels
        assert all(call.over.done() for call in calls)


@virtual
async def test_a_defect_in_a_party_comes_out_of_stop() -> None:
    async with AgiServer() as agi:
        pbx = pretend(agi)
        await pbx.start()
        call = pbx.place_call("4000")
        call.waiting = None
        await asyncio.sleep(1.0)
        with pytest.raises(ExceptionGroup):
            await pbx.stop()


async def test_as_a_process_it_obeys_lines_and_ends_with_its_input() -> None:
    async with AgiServer() as agi:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "sim.live", stdin=PIPE, stdout=PIPE
        )
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            async with asyncio.timeout(60):
                orders = {
                    "seed": 1, "agi_host": "127.0.0.1", "agi_port": agi.port, "agi_token": "t",
                    "ami_user": "ctid", "ami_secret": "demo", "phones": ["1001"],
                    "fallback_queue": "fallback", "calls_per_minute": 6000.0,
                }  # fmt: skip
                process.stdin.write(json.dumps(orders).encode() + b"\n")
                port = json.loads(await process.stdout.readline())["ami_port"]
                async with await Ami().login(port) as ami:
                    assert not ami.find(Event="Newchannel")
                    process.stdin.write(b'{"do": "begin"}\n')
                    waiting = await ami.wait(Event="UserEvent", UserEvent="CtidWaiting")
                    assert (waiting["Queue"], waiting["Dialled"]) == ("sales", "4000")
                    process.stdin.close()
                    assert await process.wait() == 0
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
