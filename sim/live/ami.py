"""The manager interface: connections, sign-in, event delivery. What actions do is in actions.py."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable

import msgspec

from sim.live.channels import Exchange
from sim.live.valve import Valve
from sim.live.watch import Watch
from sim.live.wire import Action, ActionReader, Fields, encode

BANNER = b"Asterisk Call Manager/11.0.0\r\n"
_WRITE_LIMIT = 32 * 1024 * 1024
"""Bytes that may wait for a slow reader; then it is cut off, as Asterisk does by time."""


CTID_READS = frozenset({
    "FullyBooted", "Shutdown", "Newchannel", "Newstate", "BridgeEnter", "BridgeDestroy",
    "HangupRequest", "Hangup", "OriginateResponse", "UserEvent", "DeviceStateChange",
})  # fmt: skip
"""What the `eventfilter` lines of config/asterisk/manager_ctid.conf let through."""


class AmiSettings(msgspec.Struct, frozen=True):
    """Who may sign in, and to do what; as config/asterisk/manager_ctid.conf says."""

    user: str = "ctid"
    secret: str = "demo"
    port: int = 0
    """0: any free one."""
    write: frozenset[str] = frozenset({"call", "agent", "originate", "reporting", "user"})
    """Classes of actions that the user may send."""
    read: frozenset[str] = frozenset(
        {"system", "call", "agent", "user", "dtmf", "reporting", "security", "cdr"}
    )
    """Classes of events that the user gets. `dialplan` (VarSet) is not among them."""
    only: frozenset[str] | None = None
    """Names of the events that the account's `eventfilter` lines let through; None: all."""


class AmiConnection(asyncio.Protocol):
    """One client of the manager interface."""

    def __init__(self, server: AmiServer) -> None:
        self._server = server
        self._reader = ActionReader()
        self._transport: asyncio.Transport | None = None
        self.user = ""
        """Empty until signed in."""
        self.challenge = ""
        self.events = True
        self.only: list[re.Pattern[str]] = []
        self.never: list[re.Pattern[str]] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # TCP gives nothing else.
        self._transport = transport
        self._server.connections.append(self)
        self._server.valve.through(self._write, BANNER)

    def data_received(self, data: bytes) -> None:
        self._server.valve.through(self._take, data)

    def connection_lost(self, exc: Exception | None) -> None:
        self._server.connections.remove(self)

    def send(self, fields: Fields) -> None:
        """Send one message."""
        self._server.valve.through(self._write, encode(fields))

    def respond(self, action: Action, response: str, *fields: tuple[str, object]) -> None:
        """Answer an action, repeating its ActionID."""
        self.send([("Response", response), *action_id(action), *fields])

    def ack(self, action: Action, message: str) -> None:
        self.respond(action, "Success", ("Message", message))

    def error(self, action: Action, message: str) -> None:
        self._server.watch.refused(action, message)
        self.respond(action, "Error", ("Message", message))

    def deliver(self, data: bytes) -> None:
        """Pass an event on, when this client wants to see it."""
        if not self.user or not self.events:
            return
        if self.only or self.never:
            text = data.decode("utf-8", "replace")
            if self.only and not any(wanted.search(text) for wanted in self.only):
                return
            if any(unwanted.search(text) for unwanted in self.never):
                return
        self._server.valve.through(self._write, data)

    def close(self) -> None:
        """Close after what was written is out."""
        if self._transport is not None:
            self._transport.close()

    def cut(self) -> None:
        """Break the connection as a failing network does."""
        if self._transport is not None:
            self._transport.abort()

    def _take(self, data: bytes) -> None:
        for action in self._reader.feed(data):
            self._server.watch.acted(action)
            self._server.perform(self, action)

    def _write(self, data: bytes) -> None:
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        transport.write(data)
        if transport.get_write_buffer_size() > _WRITE_LIMIT:
            transport.abort()


def action_id(action: Action) -> list[tuple[str, object]]:
    """The ActionID line of everything that belongs to this action, when it has one."""
    given = action.get("ActionID")
    return [("ActionID", given)] if given else []


class AmiServer:
    """Listens for clients and sends them the exchange's events."""

    def __init__(
        self,
        exchange: Exchange,
        settings: AmiSettings,
        valve: Valve,
        perform: Callable[[AmiConnection, Action], None],
        watch: Watch,
    ) -> None:
        self.settings, self.valve, self.perform = settings, valve, perform
        self.watch = watch
        self.connections: list[AmiConnection] = []
        self._exchange = exchange
        self._listener: asyncio.Server | None = None
        exchange.listeners.append(self._emit)
        exchange.unread = frozenset({"dialplan"}) - settings.read

    @property
    def port(self) -> int:
        """Where it listens; it must have been opened."""
        assert self._listener is not None, "open() first"
        port = self._listener.sockets[0].getsockname()[1]
        return int(port)

    async def open(self) -> None:
        """Listen on loopback.

        Raises:
            OSError: the port is taken.
        """
        self._listener = await self._exchange.loop.create_server(
            lambda: AmiConnection(self), "127.0.0.1", self.settings.port
        )

    async def close(self) -> None:
        """Stop to listen and drop every client."""
        self.cut()
        if self._listener is not None:
            self._listener.close()
            await self._listener.wait_closed()

    def cut(self) -> None:
        """Drop every client at once; the port stays open."""
        for connection in tuple(self.connections):
            connection.cut()

    def _emit(self, kind: str, event: str, fields: Fields) -> None:
        settings = self.settings
        if not self.connections or kind not in settings.read:
            return
        if settings.only is not None and event not in settings.only:
            return
        stamp = f"{self._exchange.wall():.6f}"
        data = encode(
            [("Event", event), ("Privilege", f"{kind},all"), ("Timestamp", stamp), *fields]
        )
        for connection in tuple(self.connections):
            connection.deliver(data)
