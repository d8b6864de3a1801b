"""The pretend Asterisk as a FastAGI client: a scripted server asks, the answers are Asterisk's."""

from __future__ import annotations

import asyncio

import pytest

from sim.live.agi_commands import split
from sim.live.callers import CallScript, PlacedCall
from tests.integration.pretend_world import Agi, AgiServer, Flow, pretend, virtual


async def _talk(flow: Flow, script: CallScript | None = None, **changes: object) -> PlacedCall:
    """One caller goes through `flow`; an assertion that fails in there fails here."""
    done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def watched(agi: Agi) -> None:
        try:
            await flow(agi)
        except BaseException as error:
            done.set_exception(error)
        else:
            done.set_result(None)

    async with AgiServer(watched) as agi, pretend(agi, **changes) as pbx:
        call = pbx.place_call("+8675", "+8613800000001", "Wang\r\nLi", script)
        async with asyncio.timeout(300):
            await done
        return call


@virtual
async def test_the_environment_says_who_calls_and_asks_for_our_path() -> None:
    async def flow(agi: Agi) -> None:
        env = agi.env
        assert env["agi_network"] == "yes"
        assert env["agi_network_script"] == "secret-path/inbound"
        assert env["agi_request"].endswith("/secret-path/inbound")
        assert env["agi_channel"] == "PJSIP/trunk-00000000"
        assert env["agi_uniqueid"] == "1760000000.0"
        assert (env["agi_callerid"], env["agi_calleridname"]) == ("+8613800000001", "WangLi")
        assert (env["agi_dnid"], env["agi_arg_1"]) == ("+8675", "+8675")
        assert (env["agi_context"], env["agi_type"]) == ("ctid-inbound", "PJSIP")

    await _talk(flow)


@virtual
async def test_commands_and_their_answers() -> None:
    async def flow(agi: Agi) -> None:
        for command, answer in (
            ("ANSWER", "200 result=0"),
            ("CHANNEL STATUS", "200 result=6"),
            ('SET VARIABLE "CTID_CODE" "a \\"b\\" c"', "200 result=1"),
            ("GET VARIABLE CTID_CODE", '200 result=1 (a "b" c)'),
            ("GET VARIABLE CTID_NONE", "200 result=0"),
            ("SET VARIABLE TIMEOUT(digit) 1.5", "200 result=1"),
            ("GET VARIABLE TIMEOUT(digit)", "200 result=1 (1.500)"),
            ('EXEC MSet "CTID_A=1,CTID_B=2"', "200 result=0"),
            ("GET VARIABLE CTID_B", "200 result=1 (2)"),
            ("EXEC Playback welcome&open", "200 result=0"),
            ("GET VARIABLE PLAYBACKSTATUS", "200 result=1 (SUCCESS)"),
            ("EXEC NoOp hello", "200 result=0"),
            ("EXEC NoSuchApplication", "200 result=-2"),
            ('VERBOSE "hello" 1', "200 result=1"),
            ('STREAM FILE welcome ""', "200 result=0 endpos=12000"),
            ('STREAM FILE nowhere ""', "200 result=-1 endpos=0"),
            ("WAIT FOR DIGIT 500", "200 result=0"),
            ("FLY TO MOON", "510 Invalid or unknown command"),
            ("SET VARIABLE ONLY_A_NAME", "520-Invalid command syntax.  Proper usage follows:"),
        ):
            assert await agi.command(command) == answer, command

    call = await _talk(flow, missing_prompts=frozenset({"nowhere"}))
    assert call.heard_prompts == ["welcome", "open", "welcome"]


@pytest.mark.parametrize(
    ("keys", "command", "answer", "took"),
    [
        ("12345", "GET DATA enter 4000 5", "200 result=12345", 1.5 + 0.6 + 4 * 0.25),
        ("12#", "GET DATA enter 4000 5", "200 result=12", 1.5 + 0.6 + 2 * 0.25),
        ("#", "GET DATA enter 4000 5", "200 result=", 1.5 + 0.6),
        ("12", "GET DATA enter 4000 5", "200 result=12 (timeout)", 1.5 + 0.6 + 0.25 + 4.0),
        ("", "GET DATA enter 4000 5", "200 result= (timeout)", 1.5 + 4.0),
        ("", "GET DATA enter 0 5", "200 result= (timeout)", 1.5 + 6.0),
        ("1", "GET DATA one&two 3000 1", "200 result=-1", 0.0),
    ],
)
def test_get_data(keys: str, command: str, answer: str, took: float) -> None:
    @virtual
    async def story() -> None:
        loop = asyncio.get_running_loop()

        async def flow(agi: Agi) -> None:
            began = loop.time()
            assert await agi.command(command) == answer
            assert loop.time() - began == pytest.approx(took)

        await _talk(flow, CallScript(keys=(keys,)))

    story()


@virtual
async def test_a_key_cuts_the_prompts_short_and_is_the_first_of_the_input() -> None:
    loop = asyncio.get_running_loop()

    async def flow(agi: Agi) -> None:
        began = loop.time()
        assert await agi.command("EXEC Read K,long&longer,2,,1,3") == "200 result=0"
        assert await agi.command("GET VARIABLE K") == "200 result=1 (42)"
        assert loop.time() - began == pytest.approx(0.6 + 0.25)

    call = await _talk(flow, CallScript(keys=("42",), barge_in=True))
    assert call.heard_prompts == ["long"]


@virtual
async def test_read_obeys_the_channels_time_outs_and_its_own_terminator() -> None:
    async def flow(agi: Agi) -> None:
        await agi.command("SET VARIABLE TIMEOUT(response) 3")
        await agi.command("SET VARIABLE TIMEOUT(digit) 1")
        for ended, keys in (("OK", "12"), ("TIMEOUT", "7"), ("TIMEOUT", "")):
            assert await agi.command('EXEC Read "K,enter,5,t(*),1,0"') == "200 result=0"
            assert await agi.command("GET VARIABLE READSTATUS") == f"200 result=1 ({ended})"
            assert await agi.command("GET VARIABLE K") == f"200 result=1 ({keys})"

    await _talk(flow, CallScript(keys=("12*", "7")))


@virtual
async def test_keys_between_two_commands_are_lost() -> None:
    async def flow(agi: Agi) -> None:
        await agi.command("ANSWER")
        await asyncio.sleep(1.0)
        assert await agi.command("WAIT FOR DIGIT 3000") == f"200 result={ord('9')}"

    async with AgiServer(flow) as agi, pretend(agi) as pbx:
        call = pbx.place_call("4000")
        await asyncio.sleep(0.5)
        call.press("12")
        await asyncio.sleep(1.0)
        call.press("9")
        assert await call.joined == "fallback"


@virtual
async def test_two_commands_in_one_packet_leave_the_second_unseen() -> None:
    async def flow(agi: Agi) -> None:
        agi.send("ANSWER\nNOOP\n")
        assert await agi.line() == "200 result=0\n"
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(agi.reader.readline(), 60)
        agi.send("CHANNEL STATUS\n")
        assert await agi.line() == "200 result=0\n"
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(agi.reader.readline(), 60)

    await _talk(flow)


@virtual
async def test_a_new_command_breaks_off_the_collection_without_an_answer_to_it() -> None:
    async def flow(agi: Agi) -> None:
        await agi.command("ANSWER")
        agi.send("GET DATA enter 60000 5\n")
        await asyncio.sleep(2.0)
        agi.send("CHANNEL STATUS\n")
        assert await agi.line() == "200 result=6\n"

    await _talk(flow)


@virtual
async def test_the_callers_hangup_ends_the_command_and_says_so_in_line() -> None:
    async def flow(agi: Agi) -> None:
        assert await agi.command("GET DATA enter 60000 5") == "200 result=-1"
        assert [await agi.line(), await agi.line(), await agi.line()] == ["HANGUP\n"] * 2 + [""]

    call = await _talk(flow, CallScript(hang_up_after=5.0))
    assert (call.queues, call.over.result()) == ([], 16)


@virtual
async def test_without_agiexitonhangup_only_harmless_commands_run_on_a_dead_channel() -> None:
    async def flow(agi: Agi) -> None:
        await agi.command("SET VARIABLE CTID_NEXT queue")
        assert await agi.line() == "HANGUP\n"
        assert (await agi.command('STREAM FILE welcome ""')).startswith("511 Command Not Permitted")
        assert await agi.command("GET VARIABLE CTID_NEXT") == "200 result=1 (queue)"

    call = await _talk(flow, CallScript(hang_up_after=5.0), agi_exit_on_hangup=False)
    assert await call.over == 16


@virtual
async def test_agi_may_hang_up_or_send_the_caller_to_another_place() -> None:
    async def hang_up(agi: Agi) -> None:
        assert await agi.command("HANGUP") == "200 result=1"
        assert await agi.line() == "HANGUP\n"

    assert await (await _talk(hang_up)).over == 16

    async def go(agi: Agi) -> None:
        await agi.command("SET VARIABLE CTID_QUEUE vip")
        await agi.command("SET CONTEXT ctid-queue")
        await agi.command("SET EXTENSION wait")
        assert await agi.command("SET PRIORITY 1") == "200 result=0"

    async with AgiServer(go) as agi, pretend(agi) as pbx:
        assert await pbx.place_call("4000").joined == "vip"


@virtual
async def test_a_server_that_dies_in_a_collection_sends_the_caller_to_the_fallback() -> None:
    async def die(agi: Agi) -> None:
        agi.send("GET DATA enter 60000 5\n")
        await asyncio.sleep(3.0)

    async with AgiServer(die) as agi, pretend(agi) as pbx:
        call = pbx.place_call("4000")
        assert await call.joined == "fallback"
        assert call.channel.variables["AGISTATUS"] == "SUCCESS"


def test_words_of_a_command_line() -> None:
    assert split('SET  VARIABLE\tA "b c"') == ["SET", "VARIABLE", "A", "b c"]
    assert split(r'X "a\"b\\c" ""') == ["X", 'a"b\\c', ""]
    assert split("") == []


@virtual
async def test_read_hides_the_hangup_that_ended_it() -> None:
    async def flow(agi: Agi) -> None:
        assert await agi.command("EXEC Read K,enter,5,,1,60") == "200 result=0"
        assert [await agi.line(), await agi.line(), await agi.line()] == ["HANGUP\n"] * 2 + [""]

    await _talk(flow, CallScript(hang_up_after=5.0))
