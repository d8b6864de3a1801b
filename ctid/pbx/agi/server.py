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
from typing import Final

import msgspec

from ctid.core.errors import ConfigError, RemoteProtocolError
from ctid.pbx.agi.codec import AgiEnvironment, AgiReply
from ctid.pbx.agi.connection import Connection
from ctid.pbx.agi.errors import AgiHangup
from ctid.pbx.agi.settings import AgiSettings

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

    def __init__(self, environment: AgiEnvironment, script: str, connection: Connection) -> None:
        self.environment = environment
        self.script = script
        """The allowed script that the dialplan asked for, without token and query."""
        self._connection = connection

    @property
    def hung_up(self) -> bool:
        """Whether the caller has left, as far as we have heard."""
        return self._connection.gone

    def close(self) -> None:
        """End the conversation now: the dialplan goes on. No command may follow."""
        self._connection.end()

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
        self._connections: set[Connection] = set()
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
            self._connections.add(Connection(self, peer, address[0]))
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

    def forget(self, connection: Connection) -> None:
        """A connection is gone."""
        self._connections.discard(connection)

    def closed_early(self, connection: Connection) -> None:
        """A connection is gone before a script ran for it."""
        if not connection.broken and not connection.refused:
            self.counts.half_sent += 1

    def broke(self, peer: str, error: RemoteProtocolError) -> None:
        """A peer broke the protocol."""
        self.counts.broken += 1
        self.on_error(f"AGI peer {peer}", error)

    def open(self, connection: Connection, environment: AgiEnvironment) -> bool:
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

    async def _run(self, call: AgiCall, connection: Connection) -> None:
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
