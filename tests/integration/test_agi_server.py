"""The FastAGI server against scripted callers on real sockets, and a caller against panoramisk."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from ctid.core.errors import ConfigError, LocalProtocolError, RemoteProtocolError
from ctid.pbx.agi.errors import AgiHangup, AgiReplyTimeout
from ctid.pbx.agi.server import AgiCall, AgiServer, Script
from ctid.pbx.agi.settings import AgiSettings


class Caller:
    """Asterisk's end of one FastAGI connection."""

    dialled: list[Caller]

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self.dialled.append(self)

    @classmethod
    async def dial(cls, port: int, path: str = "secret/inbound") -> Caller:
        caller = await cls.connect(port)
        caller.say(f"agi_network: yes\nagi_network_script: {path}\nagi_callerid: 王\n\n")
        return caller

    @classmethod
    async def connect(cls, port: int) -> Caller:
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    def say(self, text: str | bytes) -> None:
        self._writer.write(text.encode() if isinstance(text, str) else text)

    async def hear(self) -> str:
        """The next command, or an empty text when the server closed."""
        async with asyncio.timeout(10):
            try:
                return (await self._reader.readline()).decode().rstrip("\n")
            except ConnectionResetError:
                return ""

    def leave(self) -> None:
        self._writer.transport.abort()


@pytest.fixture(autouse=True)
async def _callers_leave() -> AsyncIterator[None]:
    Caller.dialled = []
    yield
    for caller in Caller.dialled:
        caller.leave()
    await asyncio.sleep(0)  # the loop closes aborted sockets in its next turn


class Told:
    """What the server told, and what the script saw."""

    def __init__(self) -> None:
        self.errors: list[tuple[str, Exception]] = []
        self.seen: list[object] = []
        self._changed = asyncio.Event()

    def error(self, where: str, error: Exception) -> None:
        self.errors.append((where, error))
        self._changed.set()

    def see(self, what: object) -> None:
        self.seen.append(what)
        self._changed.set()

    async def until_seen(self, count: int = 1) -> None:
        async with asyncio.timeout(10):
            while len(self.seen) < count:
                self._changed.clear()
                await self._changed.wait()


@asynccontextmanager
async def serving(script: Script, told: Told, **changes: object) -> AsyncIterator[AgiServer]:
    chosen: dict[str, object] = {"port": 0, "token": "secret", "scripts": ("inbound", "ivr/main")}
    server = AgiServer(script, AgiSettings(**(chosen | changes)), told.error)
    await server.start()
    async with asyncio.timeout(30), asyncio.TaskGroup() as tasks:
        tasks.create_task(server.serve())
        try:
            yield server
        finally:
            await server.close()
    assert server.connections == 0


async def until(condition: Callable[[], object]) -> None:
    """For counts, which nobody announces: look again after each turn of the loop."""
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.001)


async def two_commands(call: AgiCall) -> None:
    await call.command("ANSWER")
    await call.command("SET VARIABLE", "CTID_NEXT", 'a "b"')


async def answer_all(caller: Caller) -> list[str]:
    heard = []
    while command := await caller.hear():
        heard.append(command)
        caller.say("200 result=1\n")
    return heard


ALL = ["ANSWER", 'SET VARIABLE "CTID_NEXT" "a \\"b\\""']


async def test_a_session_from_end_to_end() -> None:
    told = Told()

    async def script(call: AgiCall) -> None:
        told.see((call.script, call.environment.get("agi_callerid"), call.hung_up))
        await two_commands(call)
        told.see(await call.command("GET DATA", "menu", 3_000, 4, timeout_ms=5_000))

    async with serving(script, told) as server:
        caller = await Caller.dial(server.port, "secret/ivr/main?lang=zh")
        for expected in ALL:
            assert await caller.hear() == expected
            caller.say("200 result=0\n")
        assert await caller.hear() == 'GET DATA "menu" "3000" "4"'
        caller.say("200 result=12")
        caller.say(" (timeout)\n")
        assert await caller.hear() == ""
        assert told.seen[0] == ("ivr/main", "王", False)
        reply = told.seen[1]
        assert (reply.result, reply.timed_out) == ("12", True)
        assert server.counts.completed == 1
    assert told.errors == []


@pytest.mark.parametrize(
    ("path", "count"),
    [
        ("wrong/inbound", "refused_token"),
        ("inbound", "refused_token"),
        ("", "refused_token"),
        ("secret/unknown", "refused_script"),
        ("secret/", "refused_script"),
        ("secret", "refused_script"),
        ("secret/inbound/../x", "refused_script"),
    ],
)
async def test_wrong_token_or_script_is_closed_and_counted(path: str, count: str) -> None:
    told = Told()
    async with serving(two_commands, told) as server:
        good = await Caller.dial(server.port)
        assert await good.hear() == "ANSWER"
        bad = await Caller.dial(server.port, path)
        assert await bad.hear() == ""
        assert getattr(server.counts, count) == 1
        good.say("200 result=0\n")
        assert await answer_all(good) == ALL[1:]
        assert server.counts.completed == 1


async def test_no_token_where_none_is_set() -> None:
    async with serving(two_commands, Told(), token="") as server:
        assert await answer_all(await Caller.dial(server.port, "inbound")) == ALL


async def test_half_sent_requests_disturb_nobody_and_are_closed() -> None:
    async with serving(two_commands, Told(), request_timeout_ms=100) as server:
        halves = [await Caller.connect(server.port) for _ in range(20)]
        for half in halves:
            half.say("agi_network: yes\nagi_net")
        assert await answer_all(await Caller.dial(server.port)) == ALL
        assert [await half.hear() for half in halves] == [""] * 20
        await until(lambda: server.counts.half_sent == 20)


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"\x16\x03\x01\x02\x00",
        b"agi_a: " + b"x" * 20_000,
        b"agi_network_script: secret/inbound\nagi_network_script: secret/ivr/main\n\n",
        b"".join(b"agi_arg_%d: x\n" % n for n in range(300)) + b"\n",
    ],
)
async def test_broken_requests_are_closed_and_told(data: bytes) -> None:
    told = Told()
    async with serving(two_commands, told) as server:
        bad = await Caller.connect(server.port)
        bad.say(data)
        assert await bad.hear() == ""
        assert server.counts.broken == 1
        ((where, error),) = told.errors
        assert where == "AGI peer 127.0.0.1"
        assert isinstance(error, RemoteProtocolError)
        assert await answer_all(await Caller.dial(server.port)) == ALL


async def see_end(told: Told, call: AgiCall) -> None:
    try:
        await call.command("STREAM FILE", "welcome", "")
    except Exception as error:
        told.see((type(error), call.hung_up))
        raise
    told.see("went on")


@pytest.mark.parametrize(
    "says",
    [
        "HANGUP\n",
        "200 result=-1 endpos=1\nHANGUP\n",
        "511 Command Not Permitted on a dead channel\n",
        None,
    ],
)
async def test_the_caller_leaves(says: str | None) -> None:
    told = Told()
    async with serving(lambda call: see_end(told, call), told) as server:
        caller = await Caller.dial(server.port)
        await caller.hear()
        if says is None:
            caller.leave()
        else:
            caller.say(says)
        await told.until_seen()
        assert told.seen == [(AgiHangup, True)]
        await until(lambda: server.counts.hung_up == 1)
    assert told.errors == []


async def test_hangup_line_shortly_after_minus_one() -> None:
    told = Told()
    slow = {"hangup_grace_ms": 5_000}
    async with serving(lambda call: see_end(told, call), told, **slow) as server:
        caller = await Caller.dial(server.port)
        await caller.hear()
        caller.say("200 result=-1\n")
        await asyncio.sleep(0.02)
        caller.say("HANGUP\n")
        await told.until_seen()
        assert told.seen == [(AgiHangup, True)]


async def test_minus_one_without_hangup_is_a_reply() -> None:
    told = Told()
    quick = {"hangup_grace_ms": 10}
    async with serving(lambda call: see_end(told, call), told, **quick) as server:
        caller = await Caller.dial(server.port)
        await caller.hear()
        caller.say("200 result=-1\n")
        await told.until_seen()
        assert told.seen == ["went on"]


async def test_nothing_is_sent_after_the_caller_left() -> None:
    told = Told()

    async def script(call: AgiCall) -> None:
        with pytest.raises(AgiHangup):
            await call.command("ANSWER")
        with pytest.raises(AgiHangup, match="not sent"):
            await call.command("VERBOSE", "x")
        told.see("done")

    async with serving(script, told) as server:
        caller = await Caller.dial(server.port)
        assert await caller.hear() == "ANSWER"
        caller.say("HANGUP\n")
        assert await caller.hear() == ""
        await told.until_seen()


async def test_a_dead_peer_ends_by_the_reply_deadline() -> None:
    told = Told()
    quick = {"reply_timeout_ms": 30}
    async with serving(lambda call: see_end(told, call), told, **quick) as server:
        caller = await Caller.dial(server.port)
        await caller.hear()
        assert await caller.hear() == ""
        assert told.seen == [(AgiReplyTimeout, True)]
        assert server.counts.failed == 1


async def test_a_session_ends_at_its_deadline() -> None:
    async def script(call: AgiCall) -> None:
        await asyncio.Event().wait()

    told = Told()
    async with serving(script, told, session_timeout_ms=30) as server:
        caller = await Caller.dial(server.port)
        assert await caller.hear() == ""
        assert server.counts.overran == 1
    assert told.errors == []


async def test_one_script_error_touches_one_session() -> None:
    async def script(call: AgiCall) -> None:
        await call.command("ANSWER")
        if call.environment.network_script.endswith("inbound"):
            raise ZeroDivisionError("a defect")
        await call.command("NOOP")

    told = Told()
    async with serving(script, told) as server:
        good = await Caller.dial(server.port, "secret/ivr/main")
        bad = await Caller.dial(server.port)
        assert await answer_all(bad) == ["ANSWER"]
        ((where, error),) = told.errors
        assert (where, type(error)) == ("AGI script inbound", ZeroDivisionError)
        assert await answer_all(good) == ["ANSWER", "NOOP"]
        assert (server.counts.failed, server.counts.completed) == (1, 1)


async def test_two_commands_at_once_are_refused() -> None:
    told = Told()

    async def script(call: AgiCall) -> None:
        first = asyncio.ensure_future(call.command("ANSWER"))
        await asyncio.sleep(0)
        with pytest.raises(LocalProtocolError, match="one command at a time"):
            await call.command("HANGUP")
        told.see((await first).result)

    async with serving(script, told) as server:
        assert await answer_all(await Caller.dial(server.port)) == ["ANSWER"]
        assert told.seen == ["1"]


async def test_an_unasked_reply_ends_the_session() -> None:
    told = Told()
    async with serving(lambda call: see_end(told, call), told) as server:
        caller = await Caller.dial(server.port)
        await caller.hear()
        caller.say("200 result=0\n200 result=0\n")
        assert await caller.hear() == ""
        await until(lambda: server.counts.broken == 1)


async def test_connections_beyond_the_limit_are_closed_at_once() -> None:
    async with serving(two_commands, Told(), max_connections=2) as server:
        first, second = [await Caller.dial(server.port) for _ in range(2)]
        assert [await first.hear(), await second.hear()] == ["ANSWER", "ANSWER"]
        third = await Caller.connect(server.port)
        assert await third.hear() == ""
        assert server.counts.refused_full == 1
        first.leave()
        await until(lambda: server.connections == 1)
        assert await answer_all(await Caller.dial(server.port)) == ALL


async def test_only_named_peers_may_connect() -> None:
    async with serving(two_commands, Told(), peers=("192.0.2.0/24",)) as server:
        caller = await Caller.connect(server.port)
        assert await caller.hear() == ""
        assert server.counts.refused_peer == 1


async def test_close_ends_sessions_and_listening() -> None:
    told = Told()

    async def script(call: AgiCall) -> None:
        try:
            await call.command("ANSWER")
        finally:
            told.see("ended")

    async with serving(script, told) as server:
        caller = await Caller.dial(server.port)
        assert await caller.hear() == "ANSWER"
        port = server.port
        await server.close()
        assert told.seen == ["ended"]
        assert await caller.hear() == ""
        with pytest.raises(OSError, match="Connect call failed"):
            await Caller.connect(port)


async def test_a_hundred_callers_at_once() -> None:
    async with serving(two_commands, Told()) as server:
        callers = [await Caller.dial(server.port) for _ in range(100)]
        heard = await asyncio.gather(*map(answer_all, callers))
        assert heard == [ALL] * 100
        assert server.counts.completed == 100


def test_settings_that_cannot_work() -> None:
    async def script(call: AgiCall) -> None: ...

    bad = AgiSettings(token="a/b", scripts=(), peers=("10.0.0.1/8",))
    with pytest.raises(ConfigError) as refused:
        AgiServer(script, bad)
    paths = [problem.partition(":")[0] for problem in refused.value.problems]
    assert paths == ["agi.token", "agi.scripts", "agi.peers"]


async def test_panoramisk_understands_the_scripted_caller() -> None:
    """What our server is tested with is a caller that another server understands too."""
    fast_agi = pytest.importorskip("panoramisk.fast_agi")

    async def route(request: object) -> None:
        for command in ALL:
            await request.send_command(command)

    application = fast_agi.Application(loop=asyncio.get_running_loop())
    application.add_route("secret/inbound", route)
    async with await asyncio.start_server(application.handler, "127.0.0.1", 0) as server:
        caller = await Caller.dial(server.sockets[0].getsockname()[1])
        assert await answer_all(caller) == ALL
