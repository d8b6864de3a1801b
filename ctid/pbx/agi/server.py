"""The FastAGI server on asyncio: one task per call, one command at a time in each.

A session can end only itself. Whatever a peer sends or leaves out costs it its own connection:
limits are in `AgiCodec`, deadlines here, and the dialplan's fallback takes the caller over.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import lru_cache
from hmac import compare_digest
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import assert_never

import msgspec

from ctid.core.errors import ConfigError, RemoteProtocolError
from ctid.pbx.agi.codec import AgiCodec, AgiEnvironment, AgiFact, AgiHungUp, AgiReply
from ctid.pbx.agi.errors import AgiHangup, AgiReplyTimeout
from ctid.pbx.agi.settings import AgiSettings


class AgiCounts(msgspec.Struct):
    """What became of the connections since the start; every one ends in at most one count."""

    completed: int = 0
    """The script came to its end."""
    hung_up: int = 0
    """The caller left before it."""
    failed: int = 0
    """The script raised an error (told to `on_error`)."""
    overran: int = 0
    """The session's deadline passed."""
    broken: int = 0
    """The peer broke the protocol or a limit (told to `on_error`)."""
    half_sent: int = 0
    """The environment was not whole in time, or the peer left before that."""
    refused_peer: int = 0
    refused_token: int = 0
    refused_script: int = 0
    refused_full: int = 0
    """More than `max_connections`."""


class AgiCall:
    """One caller under the control of one script, until that script returns."""

    def __init__(self, environment: AgiEnvironment, script: str, connection: _Connection) -> None:
        self.environment = environment
        self.script = script
        """The allowed script that the dialplan asked for, without token and query."""
        self._connection = connection

    @property
    def hung_up(self) -> bool:
        """Whether the caller has left, as far as we have heard."""
        return self._connection.gone

    async def command(
        self, name: str, *words: str | int, timeout_ms: int | None = None
    ) -> AgiReply:
        """Send ``name "word" …`` and wait for the reply; codes 510 and 520 are replies too.

        `timeout_ms` must cover what the command plays or waits for. After a time-out or a
        cancelled wait no further command can be sent.

        Raises AgiHangup (the caller left), AgiReplyTimeout, LocalProtocolError (a second command
        while one is outstanding, or words that must not be sent).
        """
        connection = self._connection
        if connection.gone:
            raise AgiHangup(f"{name}: not sent, the caller has left")
        reply = await connection.ask(name, words, timeout_ms)
        if reply.code == 511:
            connection.hang_up(f"{name}: {reply.text}")
            raise AgiHangup(f"{name}: {reply.text}")
        if reply.result == "-1":
            # A failed command and a caller who left both give -1; HANGUP follows on the latter.
            await connection.await_hangup()
        return reply


Script = Callable[[AgiCall], Awaitable[None]]


class AgiServer:
    """Accepts calls from Asterisk and runs `script(call)` for each, in a task of its own.

    `on_error(where, error)` hears of scripts that raised and of peers that broke the protocol;
    it must not raise. `counts` has the sums. Await `start` for the port, run `serve` in a task
    group, `close` ends it: sessions are cancelled and their connections closed.

    Raises ConfigError for settings that cannot work.
    """

    def __init__(
        self,
        handler: Script,
        settings: AgiSettings,
        on_error: Callable[[str, Exception], None] = lambda where, error: None,
    ) -> None:
        _check(settings)
        self.settings = settings
        self.counts = AgiCounts()
        self.on_error = on_error
        self._script = handler
        self._scripts = frozenset(settings.scripts)
        self._token = settings.token.encode()
        networks = [ip_network(peer) for peer in settings.peers]
        self.is_peer = lru_cache(1_024)(lambda address: _is_in(address, networks))
        self._server: asyncio.Server | None = None
        self._tasks: asyncio.TaskGroup | None = None
        self._sessions: set[asyncio.Task[None]] = set()
        self._connections: set[_Connection] = set()
        self._closing = asyncio.Event()
        self._closed = asyncio.Event()

    @property
    def port(self) -> int:
        """The port that is listened on, after `start`."""
        if self._server is None:
            return self.settings.port
        return int(self._server.sockets[0].getsockname()[1])

    @property
    def connections(self) -> int:
        """Open connections now."""
        return len(self._connections)

    async def start(self) -> None:
        """Take the port; calls wait in the backlog until `serve` runs. Raises OSError."""
        self._server = await asyncio.get_running_loop().create_server(
            lambda: _Connection(self),
            self.settings.host,
            self.settings.port,
            backlog=self.settings.backlog,
            start_serving=False,
        )

    async def serve(self) -> None:
        """Serve until `close`, or until cancelled."""
        if self._server is None:
            await self.start()
        server = self._server
        assert server is not None, "start() sets it or raises"
        try:
            async with asyncio.TaskGroup() as tasks:
                self._tasks = tasks
                await server.start_serving()
                await self._closing.wait()
                server.close()
                for session in list(self._sessions):
                    session.cancel()
        finally:
            self._tasks = None
            server.close()
            for connection in list(self._connections):
                connection.transport.abort()
            with suppress(OSError):
                await server.wait_closed()
            self._closed.set()

    async def close(self) -> None:
        """End every session and stop listening; returns when all of it is done."""
        self._closing.set()
        if self._tasks is not None:
            await self._closed.wait()
        elif self._server is not None:
            self._server.close()

    # Called by the connections

    def admit(self, connection: _Connection, address: str) -> bool:
        """Whether a new connection may stay."""
        if self._tasks is None or self._closing.is_set():
            return False
        if not self.is_peer(address):
            self.counts.refused_peer += 1
            return False
        if len(self._connections) >= self.settings.max_connections:
            self.counts.refused_full += 1
            return False
        self._connections.add(connection)
        return True

    def forget(self, connection: _Connection) -> None:
        """A connection is gone."""
        self._connections.discard(connection)

    def open(self, connection: _Connection, environment: AgiEnvironment) -> bool:
        """Start the script that was asked for, if it may be."""
        path = environment.network_script.partition("?")[0].removeprefix("/")
        if self._token:
            token, _, path = path.partition("/")
            if not compare_digest(token.encode("utf-8", "replace"), self._token):
                self.counts.refused_token += 1
                return False
        if path not in self._scripts:
            self.counts.refused_script += 1
            return False
        if self._tasks is None or self._closing.is_set():
            return False
        call = AgiCall(environment, path, connection)
        session = self._tasks.create_task(self._run(call, connection))
        self._sessions.add(session)
        session.add_done_callback(self._sessions.discard)
        return True

    async def _run(self, call: AgiCall, connection: _Connection) -> None:
        counts = self.counts
        deadline = asyncio.timeout(self.settings.session_timeout_ms / 1_000)
        try:
            async with deadline:
                await self._script(call)
            counts.completed += 1
        except AgiHangup:
            if not connection.broken:
                counts.hung_up += 1
        except Exception as error:
            if deadline.expired():
                counts.overran += 1
            else:
                counts.failed += 1
                self.on_error(f"AGI script {call.script}", error)
        finally:
            connection.transport.close()


class _Connection(asyncio.Protocol):
    """One socket. Protocol callbacks in place of streams: half the CPU time of a session."""

    transport: asyncio.Transport

    def __init__(self, server: AgiServer) -> None:
        settings = server.settings
        self._server = server
        self._codec = AgiCodec(settings.max_line, settings.max_lines, settings.max_bytes)
        self._loop = asyncio.get_running_loop()
        self._request_timer: asyncio.TimerHandle | None = None
        self._waiter: asyncio.Future[AgiReply | None] | None = None
        self._peer = ""
        self.gone = False
        self.broken = False

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport), "create_server makes stream transports"
        self.transport = transport
        # None when the peer has already left again: then its connection_lost follows.
        address = transport.get_extra_info("peername") or ("",)
        self._peer = str(address[0])
        if not self._server.admit(self, self._peer):
            transport.abort()
            return
        timeout_s = self._server.settings.request_timeout_ms / 1_000
        self._request_timer = self._loop.call_later(timeout_s, transport.abort)

    def data_received(self, data: bytes) -> None:
        try:
            for fact in self._codec.feed(data):
                self._on_fact(fact)
        except RemoteProtocolError as error:
            self._break(error)
            return
        if self._codec.failure is not None:
            self._break(self._codec.failure)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._request_timer is not None:
            self._request_timer.cancel()
            self._request_timer = None
            if not self.broken:
                self._server.counts.half_sent += 1
        self._server.forget(self)
        self.hang_up("the connection was closed")

    # For AgiCall

    async def ask(
        self, name: str, words: tuple[str | int, ...], timeout_ms: int | None
    ) -> AgiReply:
        """Send one command and wait for its reply."""
        if timeout_ms is None:
            timeout_ms = self._server.settings.reply_timeout_ms
        self.transport.write(self._codec.command(name, *words))
        waiter = self._waiter = self._loop.create_future()
        timer = self._loop.call_later(timeout_ms / 1_000, self._overdue, name, timeout_ms)
        try:
            reply: AgiReply | None = await waiter
        finally:
            timer.cancel()
            self._waiter = None
        assert reply is not None, "only await_hangup's waiter ends with None"
        return reply

    async def await_hangup(self) -> None:
        """Give a HANGUP line the time to come; raises AgiHangup when it does."""
        if self.gone:
            raise AgiHangup("the caller has left")
        waiter = self._waiter = self._loop.create_future()
        grace_s = self._server.settings.hangup_grace_ms / 1_000
        timer = self._loop.call_later(grace_s, _answer, waiter, None)
        try:
            await waiter
        finally:
            timer.cancel()
            self._waiter = None

    def hang_up(self, text: str) -> None:
        """The caller left: whoever waits for this connection learns it."""
        self.gone = True
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(AgiHangup(text))

    # Facts

    def _on_fact(self, fact: AgiFact) -> None:
        match fact:
            case AgiReply():
                if self._waiter is not None:
                    _answer(self._waiter, fact)
            case AgiEnvironment():
                if self._request_timer is not None:
                    self._request_timer.cancel()
                    self._request_timer = None
                if not self._server.open(self, fact):
                    self.transport.abort()
            case AgiHungUp():
                self.hang_up("HANGUP")
            case other:
                assert_never(other)

    def _break(self, error: RemoteProtocolError) -> None:
        if not self.broken and not self.transport.is_closing():
            self.broken = True
            self._server.counts.broken += 1
            self._server.on_error(f"AGI peer {self._peer}", error)
        self.transport.abort()
        self.hang_up(str(error))

    def _overdue(self, name: str, timeout_ms: int) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(AgiReplyTimeout(f"AGI {name}: no reply in {timeout_ms} ms"))
        self.gone = True
        self.transport.abort()


def _answer(waiter: asyncio.Future[AgiReply | None], reply: AgiReply | None) -> None:
    if not waiter.done():
        waiter.set_result(reply)


def _is_in(address: str, networks: list[IPv4Network | IPv6Network]) -> bool:
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    return any(ip in network for network in networks)


def _check(settings: AgiSettings) -> None:
    problems = []
    if any(mark in settings.token for mark in "/?, \t\r\n"):
        problems.append("agi.token: use no '/', '?', comma or space; it is one element of a path")
    if not settings.scripts:
        problems.append("agi.scripts: empty; name the scripts that the dialplan asks for")
    for peer in settings.peers:
        try:
            ip_network(peer)
        except ValueError as error:
            problems.append(f"agi.peers: {error}; write a network such as 127.0.0.0/8")
    if problems:
        raise ConfigError(tuple(problems))
