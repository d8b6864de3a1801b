"""The FastAGI server on asyncio: one task per call, one command at a time in each.

A session can end only itself. Whatever a peer sends or leaves out costs it its own connection:
limits are in `AgiCodec`, deadlines here, and the dialplan's fallback takes the caller over.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from functools import lru_cache
from hmac import compare_digest
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final, assert_never

import msgspec

from ctid.core.errors import ConfigError, RemoteProtocolError
from ctid.pbx.agi.codec import AgiCodec, AgiEnvironment, AgiFact, AgiHungUp, AgiReply
from ctid.pbx.agi.errors import AgiHangup, AgiReplyTimeout
from ctid.pbx.agi.settings import AgiSettings

_READ_SIZE: Final = 8_192
_ACCEPT_PAUSE_S: Final = 0.5


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
        self._is_peer = lru_cache(1_024)(lambda address: _is_in(address, networks))
        self._listener: socket.socket | None = None
        self._bound_port = settings.port
        self._tasks: asyncio.TaskGroup | None = None
        self._sessions: set[asyncio.Task[None]] = set()
        self._connections: set[_Connection] = set()
        self._closing = asyncio.Event()
        self._closed = asyncio.Event()

    @property
    def port(self) -> int:
        """The port that is listened on, after `start`."""
        return self._bound_port

    @property
    def connections(self) -> int:
        """Open connections now."""
        return len(self._connections)

    async def start(self) -> None:
        """Listen; calls wait in the kernel's backlog until `serve` runs. Raises OSError."""
        settings = self.settings
        family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
        address = (settings.host, settings.port)
        self._listener = socket.create_server(address, family=family, backlog=settings.backlog)
        self._listener.setblocking(False)
        self._bound_port = int(self._listener.getsockname()[1])

    async def serve(self) -> None:
        """Serve until `close`, or until cancelled."""
        if self._listener is None:
            await self.start()
        listener = self._listener
        assert listener is not None, "start() sets it or raises"
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.TaskGroup() as tasks:
                self._tasks = tasks
                loop.add_reader(listener.fileno(), self._on_connection, listener)
                await self._closing.wait()
                for session in list(self._sessions):
                    session.cancel()
        finally:
            self._tasks = None
            loop.remove_reader(listener.fileno())
            listener.close()
            for connection in list(self._connections):
                connection.close()
            self._closed.set()

    async def close(self) -> None:
        """End every session and stop listening; returns when all of it is done."""
        self._closing.set()
        if self._tasks is not None:
            await self._closed.wait()
        elif self._listener is not None:
            self._listener.close()

    def _on_connection(self, listener: socket.socket) -> None:
        try:
            peer, address = listener.accept()
        except (BlockingIOError, InterruptedError, ConnectionAbortedError):
            return
        except OSError as error:  # no file descriptors left, say: give the calls time to end
            self.on_error("AGI listener", error)
            loop = asyncio.get_running_loop()
            loop.remove_reader(listener.fileno())
            loop.call_later(_ACCEPT_PAUSE_S, self._listen_again, listener)
            return
        if self._admit(address[0]):
            peer.setblocking(False)
            self._connections.add(_Connection(self, peer, address[0]))
        else:
            peer.close()

    def _listen_again(self, listener: socket.socket) -> None:
        if self._tasks is not None and not self._closing.is_set():
            loop = asyncio.get_running_loop()
            loop.add_reader(listener.fileno(), self._on_connection, listener)

    def _admit(self, address: str) -> bool:
        if self._closing.is_set():
            return False
        if not self._is_peer(address):
            self.counts.refused_peer += 1
            return False
        if len(self._connections) >= self.settings.max_connections:
            self.counts.refused_full += 1
            return False
        return True

    # Called by the connections

    def forget(self, connection: _Connection) -> None:
        """A connection is gone."""
        self._connections.discard(connection)

    def closed_early(self, connection: _Connection) -> None:
        """A connection is gone before a script ran for it."""
        if not connection.broken and not connection.refused:
            self.counts.half_sent += 1

    def broke(self, peer: str, error: RemoteProtocolError) -> None:
        """A peer broke the protocol."""
        self.counts.broken += 1
        self.on_error(f"AGI peer {peer}", error)

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
        connection.started(session)
        return True

    async def _run(self, call: AgiCall, connection: _Connection) -> None:
        counts = self.counts
        try:
            await self._script(call)
            counts.completed += 1
        except AgiHangup:
            if not connection.broken:
                counts.hung_up += 1
        except asyncio.CancelledError:
            if not connection.overran:
                raise
            counts.overran += 1
        except Exception as error:
            counts.failed += 1
            self.on_error(f"AGI script {call.script}", error)
        finally:
            connection.end()


class _Connection:
    """One socket, without asyncio's transport and streams.

    FastAGI needs little of them: one short command is out at a time, so the kernel's buffer
    always has room for it. Going without halves the CPU time of a session.
    """

    __slots__ = (
        "_codec",
        "_loop",
        "_peer",
        "_server",
        "_session_due",
        "_socket",
        "_timer",
        "_wait_due",
        "_wait_text",
        "_waiter",
        "broken",
        "gone",
        "overran",
        "refused",
        "task",
    )

    def __init__(self, server: AgiServer, peer: socket.socket, address: str) -> None:
        settings = server.settings
        self._server = server
        self._socket: socket.socket | None = peer
        self._peer = address
        self._loop = asyncio.get_running_loop()
        self._codec = AgiCodec(settings.max_line, settings.max_lines, settings.max_bytes)
        self._waiter: asyncio.Future[AgiReply | None] | None = None
        self._wait_due = 0.0
        self._wait_text = ""
        self._session_due = self._loop.time() + settings.request_timeout_ms / 1_000
        # One timer for all deadlines: it is moved forward when it fires, not at each command.
        self._timer = self._loop.call_at(self._session_due, self._on_timer)
        self.task: asyncio.Task[None] | None = None
        self.gone = False
        self.broken = False
        self.overran = False
        self.refused = False
        self._loop.add_reader(peer.fileno(), self._on_readable)

    def close(self) -> None:
        """Close the socket; whoever waits for it is told that the caller left."""
        if self._socket is None:
            return
        self._loop.remove_reader(self._socket.fileno())
        self._socket.close()
        self._socket = None
        # The timer outlives the socket of a session: its script may wait for something else.
        if self.task is None:
            self._timer.cancel()
            self._server.closed_early(self)
        self._server.forget(self)
        self.hang_up("the connection was closed")

    def end(self) -> None:
        """The script has ended."""
        self.close()
        self._timer.cancel()

    def started(self, task: asyncio.Task[None]) -> None:
        """The environment was good: from now on the session's deadline counts."""
        self.task = task
        self._session_due = self._loop.time() + self._server.settings.session_timeout_ms / 1_000
        self._wake_by(self._session_due)

    async def ask(
        self, name: str, words: tuple[str | int, ...], timeout_ms: int | None
    ) -> AgiReply:
        """Send one command and wait for its reply."""
        if timeout_ms is None:
            timeout_ms = self._server.settings.reply_timeout_ms
        self._send(self._codec.command(name, *words))
        reply = await self._wait(timeout_ms, f"AGI {name}: no reply in {timeout_ms} ms")
        assert reply is not None, "only a wait without a text ends with None"
        return reply

    async def await_hangup(self) -> None:
        """Give a HANGUP line the time to come; raises AgiHangup when it does."""
        if self.gone:
            raise AgiHangup("the caller has left")
        await self._wait(self._server.settings.hangup_grace_ms, "")

    def hang_up(self, text: str) -> None:
        """The caller left: whoever waits for this connection learns it."""
        self.gone = True
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(AgiHangup(text))

    async def _wait(self, timeout_ms: int, late: str) -> AgiReply | None:
        waiter: asyncio.Future[AgiReply | None] = self._loop.create_future()
        self._waiter = waiter
        self._wait_text = late
        self._wait_due = self._loop.time() + timeout_ms / 1_000
        self._wake_by(self._wait_due)
        try:
            return await waiter
        finally:
            self._waiter = None

    def _wake_by(self, due: float) -> None:
        if due < self._timer.when():
            self._timer.cancel()
            self._timer = self._loop.call_at(due, self._on_timer)

    def _send(self, line: bytes) -> None:
        assert self._socket is not None, "AgiCall does not ask once the caller is gone"
        try:
            sent = self._socket.send(line)
        except OSError as error:  # BlockingIOError too: see the class's text
            self.close()
            raise AgiHangup(f"the connection was lost: {error}") from error
        if sent < len(line):
            self.close()
            raise AgiHangup("the connection was lost: Asterisk does not read")

    # Called by the loop

    def _on_readable(self) -> None:
        if self._socket is None:
            return
        try:
            data = self._socket.recv(_READ_SIZE)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            data = b""
        if not data:
            self.close()
            return
        try:
            for fact in self._codec.feed(data):
                self._on_fact(fact)
        except RemoteProtocolError as error:
            self._break(error)
            return
        if self._codec.failure is not None:
            self._break(self._codec.failure)

    def _on_timer(self) -> None:
        now = self._loop.time()
        waiter = self._waiter
        waiting = waiter is not None and not waiter.done()
        if waiter is not None and waiting and self._wait_due <= now:
            waiting = False
            if self._wait_text:
                waiter.set_exception(AgiReplyTimeout(self._wait_text))
                self.close()
            else:
                waiter.set_result(None)
        if self._session_due <= now:
            self._overrun()
            return
        due = min(self._wait_due, self._session_due) if waiting else self._session_due
        self._timer.cancel()
        self._timer = self._loop.call_at(due, self._on_timer)

    def _overrun(self) -> None:
        if self.task is None:
            self.close()
        elif not self.task.done():
            self.overran = True
            self.task.cancel()

    def _on_fact(self, fact: AgiFact) -> None:
        match fact:
            case AgiReply():
                if self._waiter is not None and not self._waiter.done():
                    self._waiter.set_result(fact)
            case AgiEnvironment():
                if not self._server.open(self, fact):
                    self.refused = True
                    self.close()
            case AgiHungUp():
                self.hang_up("HANGUP")
            case other:
                assert_never(other)

    def _break(self, error: RemoteProtocolError) -> None:
        if self._socket is not None:
            self.broken = True
            self._server.broke(self._peer, error)
        self.hang_up(str(error))
        self.close()


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
