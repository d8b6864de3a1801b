"""One FastAGI socket: bytes to facts, deadlines, and the wait for a reply."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from contextvars import Context
from typing import Any, Final, Protocol, assert_never

from ctid.core.errors import RemoteProtocolError
from ctid.pbx.agi.codec import AgiCodec, AgiEnvironment, AgiFact, AgiHungUp, AgiReply
from ctid.pbx.agi.errors import AgiHangup, AgiReplyTimeout
from ctid.pbx.agi.settings import AgiSettings

_READ_SIZE: Final = 8_192
_NOTHING_CAME: Final = AgiReply(0, "", "", None, "")
"""Ends a wait for a HANGUP line that did not come; nobody looks at it."""


class Server(Protocol):
    """What a connection tells the server that accepted it."""

    settings: AgiSettings

    def forget(self, connection: Connection) -> None:
        """It is gone."""

    def closed_early(self, connection: Connection) -> None:
        """It is gone before a script ran for it."""

    def broke(self, peer: str, error: RemoteProtocolError) -> None:
        """The peer broke the protocol."""

    def open(self, connection: Connection, environment: AgiEnvironment) -> bool:
        """Start the script that was asked for; False when it may not be."""


class _Waiter(asyncio.Future[AgiReply]):
    """A future whose one waiting task goes on in the very callback that brought the reply.

    A plain future wakes its task in the loop's next turn, and a turn costs more than all of our
    own work on a reply. Every other end (time-out, hang-up, cancelled) goes the plain way.
    """

    _task_goes_on: tuple[Callable[[_Waiter], object], Context | None] | None = None

    def add_done_callback(
        self, fn: Callable[[_Waiter], object], /, *, context: Context | None = None
    ) -> None:
        """asyncio.Task calls this when it begins to wait."""
        if self.done() or self._task_goes_on is not None:
            super().add_done_callback(fn, context=context)
        else:
            self._task_goes_on = fn, context

    def remove_done_callback(self, fn: Callable[[_Waiter], object], /) -> int:
        """asyncio's own waits call this; a task that simply awaits does not."""
        if self._task_goes_on is not None and self._task_goes_on[0] == fn:
            self._task_goes_on = None
            return 1
        return super().remove_done_callback(fn)

    def go_on(self, reply: AgiReply) -> None:
        """The reply is here: run the waiting task up to its next wait, now."""
        waiting, self._task_goes_on = self._task_goes_on, None
        super().set_result(reply)
        if waiting is not None:
            fn, context = waiting
            if context is None:
                fn(self)
            else:
                context.run(fn, self)

    def set_result(self, result: AgiReply, /) -> None:
        self._plainly()
        super().set_result(result)

    def set_exception(self, exception: type | BaseException, /) -> None:
        self._plainly()
        super().set_exception(exception)

    def cancel(self, msg: Any | None = None) -> bool:
        self._plainly()
        return super().cancel(msg)

    def _plainly(self) -> None:
        if self._task_goes_on is not None:
            (fn, context), self._task_goes_on = self._task_goes_on, None
            super().add_done_callback(fn, context=context)


class Connection:
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
        "_wait_ms",
        "_waiter",
        "_waits_for",
        "broken",
        "gone",
        "overran",
        "refused",
        "task",
    )

    def __init__(self, server: Server, peer: socket.socket, address: str) -> None:
        settings = server.settings
        self._server = server
        self._socket: socket.socket | None = peer
        self._peer = address
        self._loop = asyncio.get_running_loop()
        self._codec = AgiCodec(settings.max_line, settings.max_lines, settings.max_bytes)
        self._waiter: _Waiter | None = None
        self._waits_for = ""
        self._wait_ms = 0
        self._wait_due = 0.0
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
        if self._session_due < self._timer.when():
            self._wake_by(self._session_due)

    def ask(self, name: str, words: tuple[str | int, ...], timeout_ms: int | None) -> _Waiter:
        """Send one command; await what this returns for its reply."""
        if timeout_ms is None:
            timeout_ms = self._server.settings.reply_timeout_ms
        self._send(self._codec.command(name, *words))
        self._waits_for = name
        return self._wait(timeout_ms)

    async def await_hangup(self) -> None:
        """Give a HANGUP line the time to come; raises AgiHangup when it does."""
        if self.gone:
            raise AgiHangup("the caller has left")
        self._waits_for = ""
        await self._wait(self._server.settings.hangup_grace_ms)

    def hang_up(self, text: str) -> None:
        """The caller left: whoever waits for this connection learns it."""
        self.gone = True
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(AgiHangup(text))

    def _wait(self, timeout_ms: int) -> _Waiter:
        self._waiter = waiter = _Waiter(loop=self._loop)
        self._wait_ms = timeout_ms
        self._wait_due = due = self._loop.time() + timeout_ms / 1_000
        if due < self._timer.when():
            self._wake_by(due)
        return waiter

    def _wake_by(self, due: float) -> None:
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
        reply = None
        try:
            for fact in self._codec.feed(data):
                if type(fact) is AgiReply:
                    reply = fact
                elif reply is not None and type(fact) is AgiHungUp:
                    self.gone = True  # the reply came first, and the script may have it
                else:
                    self._on_fact(fact)
        except RemoteProtocolError as error:
            self._break(error)
            return
        if self._codec.failure is not None:
            self._break(self._codec.failure)
        # Last of all: the script goes on in this call, and must know of a HANGUP that came along.
        waiter = self._waiter
        if reply is not None and waiter is not None and not waiter.done():
            waiter.go_on(reply)

    def _on_timer(self) -> None:
        now = self._loop.time()
        waiter = self._waiter
        waiting = waiter is not None and not waiter.done()
        if waiter is not None and waiting and self._wait_due <= now:
            waiting = False
            if self._waits_for:
                text = f"AGI {self._waits_for}: no reply in {self._wait_ms} ms"
                waiter.set_exception(AgiReplyTimeout(text))
                self.close()
            else:
                waiter.set_result(_NOTHING_CAME)
        if self._session_due <= now:
            self._overrun()
            return
        due = min(self._wait_due, self._session_due) if waiting else self._session_due
        self._wake_by(due)

    def _overrun(self) -> None:
        if self.task is None:
            self.close()
        elif not self.task.done():
            self.overran = True
            self.task.cancel()

    def _on_fact(self, fact: AgiFact) -> None:
        match fact:
            case AgiReply():
                pass  # taken by _on_readable: a codec makes at most one of a chunk
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
