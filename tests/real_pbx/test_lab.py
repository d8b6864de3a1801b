"""The lab and the dialplan snippets by themselves, without ctid.

A stub plays the menu and a bare AMI link plays the router: what holds here holds for any ctid
that keeps to the same commands.
"""

from __future__ import annotations

import asyncio

import pytest

from tests.real_pbx.agi_stub import AgiStub, Call, Gone
from tests.real_pbx.lab.ami_link import AmiLink, Message, event
from tests.real_pbx.lab.lab import Lab
from tests.real_pbx.lab.script import answers, calls, is_busy, never_answers, rejects
from tests.real_pbx.lab.world import End

pytestmark = pytest.mark.asyncio(loop_scope="session")

CALLER = "+8613800000001"
CALLER_HZ, AGENT_HZ = 1000, 1400
"""Far from the notes of the music on hold."""


async def wait_in_queue(lab: Lab, ami: AmiLink, number: str = CALLER) -> tuple[End, Message]:
    """A caller who waits, and what the dialplan said of it."""
    since = ami.mark()
    caller = await lab.world.place_call("2000", number)
    waiting = await ami.until(
        event("UserEvent", UserEvent="CtidWaiting", CallerIDNum=number), since=since
    )
    return caller, waiting


async def offer(ami: AmiLink, ext: str, waiting: Message, name: str, ms: int = 8000) -> int:
    """Ring a phone for a waiting caller, as ctid does. Returns the mark before it."""
    since = ami.mark()
    answer = await ami.ask(
        "Originate",
        (("Variable", f"CTID_CALLER={waiting['Channel']}"), ("Variable", f"CTID_OFFER={name}")),
        Channel=f"PJSIP/{ext}",
        ChannelId=name,
        Context="ctid-agent",
        Exten="s",
        Priority="1",
        Timeout=str(ms),
        Async="true",
    )
    assert answer["Response"] == "Success", answer
    return since


async def still_waiting(ami: AmiLink, waiting: Message) -> bool:
    """Whether that caller is in the queue's dialplan and in no bridge."""
    shown = await ami.ask_list("Status")
    mine = [m for m in shown if m["Uniqueid"] == waiting["Uniqueid"]]
    return [(m["Context"], m["BridgeID"]) for m in mine] == [("ctid-queue", "")]


async def test_a_call_from_menu_to_talk_with_audio_both_ways(
    lab: Lab, agi: AgiStub, ami: AmiLink
) -> None:
    async def menu(call: Call) -> None:
        digits = await call.do("EXEC Read MENU,beep&silence/3,5,,1,2")
        assert digits == "200 result=0"
        assert await call.do("GET VARIABLE MENU") == "200 result=1 (1234)"
        await call.queue("sales", CTID_CODE="1234", CTID_LANG="zh")

    agi.menu = menu
    script = calls([(0.8, "1234#")], tone=CALLER_HZ, listen=AGENT_HZ)
    caller = await lab.world.place_call("2000", CALLER, script, name="王小明")
    waiting = await ami.until(event("UserEvent", UserEvent="CtidWaiting", Code="1234"))
    assert (waiting["Queue"], waiting["Lang"], waiting["Dialled"]) == ("sales", "zh", "2000")
    assert waiting["CallerIDName"] == "王小明"
    assert abs(int(waiting["Since"]) - float(waiting["Timestamp"]) * 1000) < 100

    await lab.world.phone(1001).behave(answers(tone=AGENT_HZ, listen=CALLER_HZ))
    await offer(ami, "1001", waiting, "talk-1")
    agent = await lab.world.phone(1001).rings()
    await caller.hears_tone(AGENT_HZ)
    await agent.hears_tone(CALLER_HZ)
    await caller.press("7")
    await agent.hears_digit("7")

    await agent.hang_up()
    assert (await caller.ended())["Cause"] == "16"


async def test_the_agent_is_hung_up_when_the_caller_leaves(
    lab: Lab, agi: AgiStub, ami: AmiLink
) -> None:
    caller, waiting = await wait_in_queue(lab, ami)
    since = await offer(ami, "1001", waiting, "leaves-1")
    agent = await lab.world.phone(1001).rings()
    await ami.until(event("BridgeEnter", Uniqueid="leaves-1"), since=since)
    await caller.hang_up()
    await agent.ended()
    told = await ami.until(event("UserEvent", UserEvent="CtidBridge"), since=since)
    assert (told["Offer"], told["Result"]) == ("leaves-1", "SUCCESS")


async def test_a_caller_gone_before_the_answer_is_nonexistent(
    lab: Lab, agi: AgiStub, ami: AmiLink
) -> None:
    caller, waiting = await wait_in_queue(lab, ami)
    await lab.world.phone(1001).behave(answers(after=0.5))
    since = await offer(ami, "1001", waiting, "gone-1")
    agent = await lab.world.phone(1001).rings()
    await caller.hang_up()
    await agent.ended()
    told = await ami.until(event("UserEvent", UserEvent="CtidBridge"), since=since)
    assert (told["Offer"], told["Result"]) == ("gone-1", "NONEXISTENT")


@pytest.mark.parametrize(
    ("script", "ms", "reason", "cause"),
    [(never_answers(), 700, "3", "19"), (is_busy(), 5000, "0", "17"), (rejects(), 5000, "0", "21")],
    ids=["no-answer", "busy", "rejected"],
)
async def test_an_offer_that_fails_leaves_the_caller_waiting(
    lab: Lab, agi: AgiStub, ami: AmiLink, script: str, ms: int, reason: str, cause: str
) -> None:
    caller, waiting = await wait_in_queue(lab, ami)
    await lab.world.phone(1001).behave(script)
    name = f"fails-{cause}"
    since = await offer(ami, "1001", waiting, name, ms)
    failed = await ami.until(event("OriginateResponse", Uniqueid=name), since=since)
    ended = await ami.until(event("Hangup", Uniqueid=name), since=since)
    assert (failed["Response"], failed["Reason"], ended["Cause"]) == ("Failure", reason, cause)
    assert await still_waiting(ami, waiting)

    await offer(ami, "1002", waiting, f"{name}-next")
    await ami.until(event("BridgeEnter", Uniqueid=f"{name}-next"), since=since)
    await caller.hang_up()


async def test_an_unplugged_phone_turns_unavailable_and_cannot_be_rung(
    lab: Lab, agi: AgiStub, ami: AmiLink
) -> None:
    caller, waiting = await wait_in_queue(lab, ami)
    lab.world.phone(1003).unplug()
    await lab.phones_are("UNAVAILABLE", "1003")
    since = await offer(ami, "1003", waiting, "unplugged-1")
    failed = await ami.until(event("OriginateResponse", Uniqueid="unplugged-1"), since=since)
    assert (failed["Response"], failed["Reason"]) == ("Failure", "0")
    # No channel was made, so OriginateResponse is all that ctid hears of it.
    assert not [m for m in ami.heard[since:] if m.event in ("Newchannel", "Hangup")]
    assert await still_waiting(ami, waiting)
    lab.world.phone(1003).plug_in()
    await lab.phones_are("NOT_INUSE", "1003")
    await caller.hang_up()


async def test_a_private_call_makes_the_phone_busy(lab: Lab) -> None:
    outgoing = await lab.world.place_call("1002", "1001")
    await outgoing.answered()
    await lab.phones_are("BUSY", "1001", "1002")
    await outgoing.hang_up()
    await lab.phones_are("NOT_INUSE", "1001", "1002")


async def test_keys_pressed_while_waiting_keep_the_place(
    lab: Lab, agi: AgiStub, ami: AmiLink
) -> None:
    caller, waiting = await wait_in_queue(lab, ami)
    since, eyes = ami.mark(), lab.asterisk.ami  # keys are filtered out of ctid's own events
    begun = eyes.mark()
    await caller.press("19*#")
    await eyes.until(event("DTMFEnd", Digit="#", Uniqueid=waiting["Uniqueid"]), since=begun)
    assert await still_waiting(ami, waiting)
    await offer(ami, "1001", waiting, "keys-1")
    await ami.until(event("BridgeEnter", Uniqueid="keys-1"), since=since)
    again = [m for m in ami.heard[since:] if m.get("UserEvent") == "CtidWaiting"]
    assert again == []
    await caller.hang_up()


async def test_a_caller_who_talks_is_not_taken_by_a_second_offer(
    lab: Lab, agi: AgiStub, ami: AmiLink
) -> None:
    caller, waiting = await wait_in_queue(lab, ami)
    since = await offer(ami, "1001", waiting, "first-1")
    await ami.until(event("BridgeEnter", Uniqueid="first-1"), since=since)
    await offer(ami, "1002", waiting, "second-1")
    told = await ami.until(event("UserEvent", UserEvent="CtidBridge"), since=since)
    assert (told["Offer"], told["Result"]) == ("second-1", "TAKEN")
    shown = {m["Uniqueid"]: m["BridgeID"] for m in await ami.ask_list("Status")}
    assert shown[waiting["Uniqueid"]] == shown["first-1"] != ""
    await caller.hang_up()


async def test_a_killed_agi_server_sends_the_caller_to_the_fallback(
    lab: Lab, agi: AgiStub, ami: AmiLink
) -> None:
    async def menu(call: Call) -> None:
        await call.do("GET DATA hello-world 20000 3")

    agi.menu = menu
    since = ami.mark()
    caller = await lab.world.place_call("2000", CALLER)
    async with asyncio.timeout(5):
        await agi.calls.get()
    agi.die()
    waiting = await ami.until(event("UserEvent", UserEvent="CtidWaiting"), since=since)
    assert (waiting["Queue"], waiting["Lost"]) == (lab.pbx.fallback_queue, "silent")
    [status] = await ami.ask_list("Status", Variables="CTID_STATE,CTID_QUEUE,AGISTATUS,CTID_NEXT")
    told = dict(line.split("=", 1) for line in status["Variable"].split("\n"))
    assert told == {
        "CTID_STATE": "waiting",
        "CTID_QUEUE": lab.pbx.fallback_queue,
        "AGISTATUS": "SUCCESS",
        "CTID_NEXT": "",
    }
    await caller.hang_up()


async def test_no_agi_server_sends_the_caller_to_the_fallback(lab: Lab, ami: AmiLink) -> None:
    caller, waiting = await wait_in_queue(lab, ami)
    assert (waiting["Queue"], waiting["Lost"]) == (lab.pbx.fallback_queue, "silent")
    await caller.hang_up()


async def test_a_hang_up_in_the_menu_closes_the_agi_session_at_once(
    lab: Lab, agi: AgiStub, ami: AmiLink
) -> None:
    said: asyncio.Future[list[str]] = asyncio.get_running_loop().create_future()

    async def menu(call: Call) -> None:
        answer = await call.do("GET DATA hello-world 20000 5")
        assert answer == "200 result=-1"
        said.set_result(await call.rest())
        raise Gone

    agi.menu = menu
    caller = await lab.world.place_call("2000", CALLER, calls([(0.2, "12")], talk=0.1))
    await caller.ended()
    await lab.nothing_left()
    # The socket is another way than AMI: its last lines may be read a moment later.
    async with asyncio.timeout(5):
        assert await said == ["200 result=-1", "HANGUP", "HANGUP"]


async def test_a_dialled_number_with_dialplan_in_it_is_cleaned(lab: Lab, agi: AgiStub) -> None:
    caller = await lab.world.place_call("+8621555,Set(X=1)", CALLER)
    await caller.answered()
    async with asyncio.timeout(5):
        call = await agi.calls.get()
    assert call.about["arg_1"] == "+86215551"
    await caller.hang_up()


async def test_ctids_account_may_do_what_it_needs_and_no_more(
    lab: Lab, agi: AgiStub, ami: AmiLink
) -> None:
    caller, waiting = await wait_in_queue(lab, ami)
    where = {"Channel": waiting["Channel"]}
    needed = {
        "Getvar": {**where, "Variable": "CTID_QUEUE"},
        "Setvar": {**where, "Variable": "CTID_QUEUE", "Value": "vip"},
        "UserEvent": {"UserEvent": "CtidHello"},
        "CoreStatus": {},
        "CoreSettings": {},
        "Ping": {},
        "PlayDTMF": {**where, "Digit": "1"},
        "Redirect": {**where, "Context": "ctid-queue", "Exten": "wait", "Priority": "1"},
    }
    refused = {
        "Command": {"Command": "core show version"},
        "Reload": {},
        "ModuleLoad": {"LoadType": "reload"},
        "GetConfig": {"Filename": "manager.conf"},
        "Originate": {"Channel": "PJSIP/1001", "Application": "System", "Data": "true"},
    }
    answers_ = {action: await ami.ask(action, more.items()) for action, more in needed.items()}
    assert {a: m["Response"] for a, m in answers_.items()} == dict.fromkeys(needed, "Success")
    answers_ = {action: await ami.ask(action, more.items()) for action, more in refused.items()}
    assert {a: m["Response"] for a, m in answers_.items()} == dict.fromkeys(refused, "Error")
    assert await ami.ask_list("DeviceStateList")
    assert await ami.ask_list("CoreShowChannels")
    assert await still_waiting(ami, waiting)
    await caller.hang_up()


async def test_app_queue_serves_the_same_phones(lab: Lab) -> None:
    eyes = lab.asterisk.ami
    since = eyes.mark()
    caller = await lab.world.place_call(lab.pbx.queue_extension, CALLER)
    await eyes.until(event("AgentConnect"), since=since)
    await caller.hang_up()
