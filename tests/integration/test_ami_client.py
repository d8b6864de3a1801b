"""The AMI client against a scripted manager on real sockets, and against pyst2 and panoramisk."""

from __future__ import annotations

import asyncio
import datetime
import ipaddress
import random
import ssl
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from hashlib import md5
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ctid.core.errors import ConfigError, LocalProtocolError
from ctid.pbx.ami.client import AmiClient
from ctid.pbx.ami.codec import AmiCodec, AmiMessage
from ctid.pbx.ami.errors import (
    AmiActionFailed,
    AmiLoginRefused,
    AmiNotConnected,
    AmiUnknownOutcome,
)
from ctid.pbx.ami.session import AmiUp
from ctid.pbx.ami.settings import AmiSettings

SECRET = "geheim"


class ScriptedManager:
    """Answers logins and pings; `script` may answer, or swallow, any other action."""

    def __init__(self) -> None:
        self.port = 0
        self.logins = 0
        self.accept_login = True
        self.answer_pings = True
        self.actions: list[AmiMessage] = []
        self.script: Callable[[ScriptedManager, AmiMessage], None] = lambda manager, action: None
        self.writers: list[asyncio.StreamWriter] = []

    def send(self, text: str) -> None:
        self.writers[-1].write(text.replace("\n", "\r\n").encode())

    def event(self, name: str, *lines: str) -> None:
        self.send("\n".join([f"Event: {name}", *lines, "", ""]))

    def respond(self, action: AmiMessage, status: str = "Success", *lines: str) -> None:
        tag = f"ActionID: {action.get('ActionID')}"
        self.send("\n".join([f"Response: {status}", tag, *lines, "", ""]))

    def cut(self) -> None:
        for writer in self.writers:
            writer.transport.abort()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.append(writer)
        self.send("Asterisk Call Manager/9.0.0\n")
        codec = AmiCodec(expect_banner=False)
        with suppress(ConnectionError):
            while data := await reader.read(65_536):
                for action in codec.feed(data):
                    self.actions.append(action)
                    self.act(action)
        writer.close()

    def act(self, action: AmiMessage) -> None:
        match action.get("Action"):
            case "Challenge":
                self.respond(action, "Success", "Challenge: 4711")
            case "Login":
                self.logins += 1
                key = md5(f"4711{SECRET}".encode()).hexdigest()
                proof = action.get("Key") == key or action.get("Secret") == SECRET
                if not (proof and self.accept_login):
                    self.respond(action, "Error", "Message: Authentication failed")
                    self.writers[-1].close()
                    return
                self.respond(action, "Success", "Message: Authentication accepted")
                self.event("FullyBooted", "Uptime: 12")
            case "CoreSettings":
                self.respond(action, "Success", "AsteriskVersion: 22.10.1")
            case "CoreStatus":
                date = "CoreStartupDate: 2026-11-22"
                self.respond(action, "Success", date, "CoreStartupTime: 01:02:03")
            case "Ping" if not self.answer_pings:
                pass
            case "Ping" | "Filter":
                self.respond(action, "Success", "Ping: Pong")
            case _:
                self.script(self, action)


class Told:
    """What the client told, with conditions to wait for."""

    def __init__(self) -> None:
        self.events: list[AmiMessage] = []
        self.ups: list[AmiUp] = []
        self.downs: list[str] = []
        self.unknown: list[str] = []
        self.on_up: Callable[[AmiUp], Awaitable[None]] | None = None
        self._changed = asyncio.Event()

    def event(self, event: AmiMessage) -> None:
        self.events.append(event)
        self._changed.set()

    async def up(self, up: AmiUp) -> None:
        if self.on_up is not None:
            await self.on_up(up)
        self.ups.append(up)
        self._changed.set()

    def down(self, text: str) -> None:
        self.downs.append(text)
        self._changed.set()

    def lost(self, action_id: str) -> None:
        self.unknown.append(action_id)
        self._changed.set()

    async def until(self, condition: Callable[[], object]) -> None:
        async with asyncio.timeout(10):
            while not condition():
                self._changed.clear()
                await self._changed.wait()

    def names(self) -> list[str]:
        return [event.name for event in self.events if event.name != "FullyBooted"]


def clock() -> int:
    return int(time.monotonic() * 1_000)


def settings(port: int, **changes: object) -> AmiSettings:
    quick: dict[str, object] = {
        "port": port,
        "username": "ctid",
        "secret": SECRET,
        "response_timeout_ms": 2_000,
        "backoff_min_ms": 5,
        "backoff_max_ms": 20,
    }
    return AmiSettings(**(quick | changes))  # type: ignore[arg-type]


@asynccontextmanager
async def managed(tls: ssl.SSLContext | None = None) -> AsyncIterator[ScriptedManager]:
    manager = ScriptedManager()
    server = await asyncio.start_server(manager.serve, "127.0.0.1", 0, ssl=tls)
    manager.port = server.sockets[0].getsockname()[1]
    async with server:
        yield manager
        server.close()
        manager.cut()


@asynccontextmanager
async def running(settings: AmiSettings, told: Told) -> AsyncIterator[AmiClient]:
    client = AmiClient(settings, told.event, told.up, told.down, random.Random(7), clock, told.lost)
    async with asyncio.TaskGroup() as tasks:
        run = tasks.create_task(client.run())
        try:
            yield client
        finally:
            run.cancel()


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


def certificate(folder: Path, name: str) -> tuple[str, ssl.SSLContext]:
    """A throw-away certificate for `name` and 127.0.0.1, and a server's context with it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    day = datetime.timedelta(days=1)
    names = [x509.DNSName(name), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    signed = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - day)
        .not_valid_after(now + day)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, key_pem = folder / "cert.pem", folder / "key.pem"
    pem.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    key_pem.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pem, key_pem)
    return str(pem), context


async def test_tls_with_a_trusted_certificate(tmp_path: Path) -> None:
    pem, context = certificate(tmp_path, "pbx.example")
    async with managed(context) as manager:
        manager.script = lambda m, action: m.respond(action, "Success", "Value: 1")
        told = Told()
        async with running(settings(manager.port, tls=True, tls_ca=pem), told) as client:
            await told.until(lambda: told.ups)
            assert (await client.action("Getvar")).get("Value") == "1"


@pytest.mark.parametrize("wrong", ["untrusted", "other name"])
async def test_tls_certificates_are_verified(tmp_path: Path, wrong: str) -> None:
    pem, context = certificate(tmp_path, "pbx.example")
    ca = pem if wrong == "other name" else None
    async with managed(context) as manager:
        told = Told()
        bad = settings(manager.port, tls=True, tls_ca=ca, tls_server_name="other.example")
        async with running(bad, told):
            await told.until(lambda: told.downs)
            assert "certificate verify failed" in told.downs[0].lower()
            assert not manager.actions


def test_settings_that_cannot_work(tmp_path: Path) -> None:
    async def up(_: AmiUp) -> None: ...

    for bad in (
        settings(1, tls=True, tls_ca=str(tmp_path / "missing.pem")),
        settings(1, username="a\r\nb"),
    ):
        with pytest.raises(ConfigError, match="ami"):
            AmiClient(bad, print, up, print, random.Random(1), clock)
    assert SECRET not in repr(settings(1))


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
