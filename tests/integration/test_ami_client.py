"""The AMI client against a scripted manager on real sockets, and against pyst2 and panoramisk."""

from __future__ import annotations

import asyncio
import sys

import pytest

from ctid.core.errors import LocalProtocolError
from ctid.pbx.ami.codec import AmiMessage
from ctid.pbx.ami.errors import (
    AmiActionFailed,
    AmiLoginRefused,
    AmiNotConnected,
    AmiUnknownOutcome,
)
from ctid.pbx.ami.session import AmiUp
from tests.fakes.manager import ScriptedManager, Told, clock, managed, running, settings

SECRET = "geheim"


async def test_up_actions_lists_and_errors() -> None:
    def script(manager: ScriptedManager, action: AmiMessage) -> None:
        match action.get("Action"):
            case "Status":
                manager.respond(action, "Success", "EventList: start")
                for n in range(3):
                    tag = f"ActionID: {action.get('ActionID')}"
                    manager.event("Status", tag, f"Channel: {n}", "ChanVariable: A=1")
                    manager.event("Newstate", f"Channel: {n}")
                manager.event("StatusComplete", tag, "EventList: Complete", "ListItems: 3")
            case "Hangup":
                manager.respond(action, "Error", "Message: No such channel")
            case "Getvar":
                manager.respond(action, "Success", "Value: 王")

    async with managed() as manager:
        manager.script = script
        told = Told()
        async with running(settings(manager.port, filters=("!Event: RTCP.*",)), told) as client:
            with pytest.raises(AmiNotConnected):
                await client.action("Ping")
            await told.until(lambda: told.ups)
            assert told.ups == [AmiUp("22.10.1", 12, "2026-11-22 01:02:03")]
            assert (await client.action("Getvar", [("Variable", "X")])).get("Value") == "王"
            items = await client.action_list("Status")
            assert [item.get("Channel") for item in items] == ["0", "1", "2"]
            assert told.names() == ["Newstate"] * 3
            with pytest.raises(AmiActionFailed, match="No such channel") as failed:
                await client.action("Hangup", [("Channel", "x")])
            assert failed.value.response is not None
            with pytest.raises(LocalProtocolError):
                await client.action("Hangup", [("Channel", "x\r\nAction: Logoff")])
        sent = [action.get("Action") for action in manager.actions]
        assert sent[:3] == ["Challenge", "Login", "Filter"]
        assert "Logoff" not in sent


async def test_events_keep_their_order_while_on_up_waits() -> None:
    def script(manager: ScriptedManager, action: AmiMessage) -> None:
        for n in range(50):
            manager.event("Newstate", f"N: {n}")
        manager.respond(action)
        for n in range(50, 100):
            manager.event("Newstate", f"N: {n}")

    async with managed() as manager:
        manager.script = script
        told = Told()
        seen_in_on_up = 0

        async def on_up(_: AmiUp) -> None:
            nonlocal seen_in_on_up
            await client.action("Slow")
            seen_in_on_up = len(told.names())

        told.on_up = on_up
        async with running(settings(manager.port), told) as client:
            await told.until(lambda: told.ups and len(told.names()) == 100)
            numbers = [event.get("N") for event in told.events if event.name == "Newstate"]
            assert numbers == [str(n) for n in range(100)]
            assert seen_in_on_up >= 50


async def test_reconnects_and_actions_in_flight_are_unknown() -> None:
    async with managed() as manager:
        told = Told()
        async with running(settings(manager.port), told) as client:
            await told.until(lambda: told.ups)
            waiting = asyncio.create_task(client.action("Originate", [("Channel", "x")]))
            await asyncio.sleep(0)
            posted = client.post("Originate", [("Channel", "y")])
            manager.cut()
            with pytest.raises(AmiUnknownOutcome):
                await waiting
            assert told.unknown == [posted]
            await told.until(lambda: len(told.ups) == 2)
            assert len(told.downs) == 1
            assert len({a.get("ActionID").split("-")[0] for a in manager.actions}) == 2


async def test_nobody_listens_then_somebody_does() -> None:
    async with managed() as manager:
        port = manager.port
    told = Told()
    async with running(settings(port), told):
        await told.until(lambda: len(told.downs) >= 3)
        assert f"cannot connect to AMI 127.0.0.1:{port}" in told.downs[0]
        again = ScriptedManager()
        server = await asyncio.start_server(again.serve, "127.0.0.1", port)
        async with server:
            await told.until(lambda: told.ups)
            server.close()
            again.cut()


async def test_wrong_secret_is_reported_and_retried_slowly() -> None:
    async with managed() as manager:
        told = Told()
        slow = settings(manager.port, secret="wrong", refused_pause_ms=150)
        async with running(slow, told) as client:
            await told.until(lambda: told.downs)
            begin = clock()
            assert "Authentication failed" in told.downs[0]
            assert "ctid@AMI 127.0.0.1" in told.downs[0]
            assert isinstance(client.last_failure, AmiLoginRefused)
            await told.until(lambda: len(told.downs) == 2)
            assert clock() - begin >= 140
            assert manager.logins == 2
            assert not told.ups


async def test_half_open_link_is_found_by_pings() -> None:
    async with managed() as manager:
        told = Told()
        quick = settings(manager.port, ping_every_ms=20, ping_timeout_ms=20)
        async with running(quick, told) as client:
            await told.until(lambda: told.ups)
            manager.answer_pings = False
            waiting = asyncio.create_task(client.action("Slow", timeout_ms=60_000))
            await told.until(lambda: told.downs)
            assert "2 pings without an answer" in told.downs[0]
            with pytest.raises(AmiUnknownOutcome):
                await waiting
            manager.answer_pings = True
            await told.until(lambda: len(told.ups) == 2)


async def test_time_out_is_unknown_and_the_late_response_is_counted() -> None:
    held: list[AmiMessage] = []
    async with managed() as manager:
        manager.script = lambda _, action: held.append(action)
        told = Told()
        async with running(settings(manager.port), told) as client:
            await told.until(lambda: told.ups)
            with pytest.raises(AmiUnknownOutcome, match="no response in time"):
                await client.action("Slow", timeout_ms=20)
            posted = client.post("Slow", timeout_ms=20)
            await told.until(lambda: told.unknown)
            assert told.unknown == [posted]
            manager.respond(held[0])
            manager.event("Marker")
            await told.until(lambda: "Marker" in told.names())
            assert (client.late_responses, client.unknown_responses) == (1, 0)


async def test_response_to_a_posted_action_comes_as_an_event() -> None:
    async with managed() as manager:
        manager.script = lambda m, action: m.respond(action, "Error", "Message: Unknown context")
        told = Told()
        async with running(settings(manager.port), told) as client:
            await told.until(lambda: told.ups)
            action_id = client.post("Originate", [("Channel", "x")])
            await told.until(lambda: told.names())
            (refusal,) = (e for e in told.events if e.kind == "response")
            assert (refusal.name, refusal.get("ActionID")) == ("Error", action_id)


async def test_utf8_split_across_reads() -> None:
    async with managed() as manager:
        told = Told()
        async with running(settings(manager.port), told):
            await told.until(lambda: told.ups)
            data = "Event: X\r\nCallerIDName: 欧阳小明\r\n\r\nEvent: Y\n\n".encode()
            for i in range(len(data)):
                manager.writers[-1].write(data[i : i + 1])
                await manager.writers[-1].drain()
            await told.until(lambda: "Y" in told.names())
            (event,) = (e for e in told.events if e.name == "X")
            assert event.get("CallerIDName") == "欧阳小明"


async def test_too_long_a_message_costs_the_link_only() -> None:
    async with managed() as manager:
        told = Told()
        small = settings(manager.port, max_line=500)
        async with running(small, told):
            await told.until(lambda: told.ups)
            manager.event("Before")
            manager.event("X", "Value: " + "x" * 600)
            await told.until(lambda: len(told.ups) == 2)
            assert "line of" in told.downs[0]
            assert told.names() == ["Before"]


async def test_no_manager_at_the_other_end() -> None:
    async def web(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(web, "127.0.0.1", 0) as server:
        told = Told()
        async with running(settings(server.sockets[0].getsockname()[1]), told):
            await told.until(lambda: told.downs)
            assert "in place of an AMI banner" in told.downs[0]


async def test_a_silent_port_is_given_up() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with await asyncio.start_server(silent, "127.0.0.1", 0) as server:
        told = Told()
        port = server.sockets[0].getsockname()[1]
        async with running(settings(port, login_timeout_ms=30), told):
            await told.until(lambda: told.downs)
            assert "no AMI banner in time" in told.downs[0]


async def test_failed_stock_taking_drops_the_link() -> None:
    async with managed() as manager:
        manager.script = lambda m, action: m.respond(action, "Error", "Message: busy")
        told = Told()

        async def on_up(_: AmiUp) -> None:
            if len(told.downs) == 0:
                await client.action_list("Status")

        told.on_up = on_up
        async with running(settings(manager.port), told) as client:
            await told.until(lambda: told.ups)
            assert "could not take stock of the PBX: Status: busy" in told.downs[0]


# The same scripted manager under two independent clients: what our client is tested with is a
# manager that others understand too.


# In a process of its own: pyst2's threads and its deprecated calls stay out of this one.
PYST2 = """
import sys
from asterisk.manager import Manager
manager = Manager()
manager.connect("127.0.0.1", int(sys.argv[1]))
print(manager.login("ctid", sys.argv[2]).get_header("Message"))
print(manager.ping().get_header("Ping"))
manager.close()
"""


async def test_pyst2_understands_the_scripted_manager() -> None:
    def script(manager: ScriptedManager, action: AmiMessage) -> None:
        manager.respond(action, "Goodbye")
        manager.writers[-1].close()

    async with managed() as manager:
        manager.script = script
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-W", "ignore", "-c", PYST2, str(manager.port), SECRET),
            stdout=asyncio.subprocess.PIPE,
        )
        try:
            async with asyncio.timeout(20):
                output, _ = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        assert output.decode().splitlines()[-2:] == ["Authentication accepted", "Pong"]


async def test_panoramisk_understands_the_scripted_manager() -> None:
    panoramisk = pytest.importorskip("panoramisk")
    async with managed() as manager:
        manager.script = lambda m, action: m.respond(action, "Success", "Value: 王")
        other = panoramisk.Manager(
            loop=asyncio.get_running_loop(), port=manager.port, username="ctid", secret=SECRET
        )
        async with asyncio.timeout(10):
            await other.connect()
            await asyncio.sleep(0)
            await other.authenticated_future
            answer = await other.send_action({"Action": "Getvar", "Variable": "X"})
        assert answer.value == "王"
        other.close()
