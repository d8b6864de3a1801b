"""The AMI link on asyncio: the socket, the clock and the callers around `AmiSession`."""

from __future__ import annotations

import asyncio
import random
import ssl
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from typing import Any, Final, assert_never

from ctid.core.errors import ConfigError, LocalProtocolError, RemoteProtocolError
from ctid.pbx.ami.codec import AmiCodec, AmiMessage, encode_action
from ctid.pbx.ami.errors import (
    AmiActionFailed,
    AmiLinkLost,
    AmiLoginRefused,
    AmiNotConnected,
    AmiUnknownOutcome,
)
from ctid.pbx.ami.session import (
    ActionEnded,
    AmiSession,
    AmiUp,
    Answered,
    Fact,
    Failed,
    LinkBroken,
    LinkUp,
    Phase,
    Purpose,
    Unknown,
)
from ctid.pbx.ami.settings import AmiSettings

_READ_SIZE: Final = 262_144
"""Bytes asked for at once: about 400 events, a few milliseconds of work between two awaits."""

Headers = Iterable[tuple[str, str]]


class _Tap(asyncio.StreamReader):
    """Hands bytes on in the callback that brought them.

    A task that waits in `read` is woken a turn of the loop later; that turn would stand between a
    caller who waits and the agent's phone. `read` here only waits for the end.
    """

    def __init__(self) -> None:
        super().__init__(limit=_READ_SIZE)
        self._on_data: Callable[[bytes], None] | None = None
        self._early: list[bytes] = []

    def attach(self, on_data: Callable[[bytes], None]) -> None:
        """From now on; what came before is handed on at once. `on_data` may raise."""
        self._on_data = on_data
        early, self._early = self._early, []
        for data in early:
            self.feed_data(data)

    def feed_data(self, data: Any) -> None:
        """The transport's callback. What `on_data` raises comes out of `read`."""
        if self._on_data is None:
            self._early.append(data)
        elif self.exception() is None:
            try:
                self._on_data(data)
            except Exception as error:
                self.set_exception(error)


class _Link:
    """One connection, with its session and its timer's state."""

    def __init__(self, reader: _Tap, writer: asyncio.StreamWriter, session: AmiSession) -> None:
        self.reader = reader
        self.writer = writer
        self.session = session
        self.tasks: asyncio.TaskGroup | None = None
        self.rearm = asyncio.Event()
        self.armed_for: int | None = None
        self.was_up = False


class AmiClient:
    """Keeps one AMI link up for ever and hands its events on in the order of their arrival.

    `on_event(message)` is called from the reader for each event, also while `on_up` runs, and
    for the response to a posted action (kind ``response``). It must be quick and must not raise:
    an exception from it is a defect and ends `run`.
    `on_up(up)` is awaited once per connection, beside the reader; `action` and `action_list`
    work in it. An AmiActionFailed or AmiUnknownOutcome that leaves it drops the link.
    `on_down(text)` is called once for each connection that ended or could not be made.
    `on_unknown(action_id)`, if given, is called for each posted action whose outcome nobody
    knows: its response did not come in time, or the link was lost.
    `rng` gives jitter and ActionID prefixes, `clock` the time in milliseconds, never backwards.

    Raises ConfigError when the file with the trusted certificates cannot be used, or when the
    login would not be a legal action.
    """

    def __init__(
        self,
        settings: AmiSettings,
        on_event: Callable[[AmiMessage], None],
        on_up: Callable[[AmiUp], Awaitable[None]],
        on_down: Callable[[str], None],
        rng: random.Random,
        clock: Callable[[], int],
        on_unknown: Callable[[str], None] | None = None,
    ) -> None:
        self._settings = settings
        self._on_event = on_event
        self._on_up = on_up
        self._on_down = on_down
        self._on_unknown = on_unknown
        self._rng = rng
        self._clock = clock
        _check_login(settings)
        self._tls = _tls_context(settings)
        self._link: _Link | None = None
        self._waiting: dict[str, asyncio.Future[Answered]] = {}
        self._late = 0
        self._unknown = 0
        self.last_failure: AmiLinkLost | None = None
        """Why the last connection ended; an AmiLoginRefused for a wrong user or secret."""

    @property
    def connected(self) -> bool:
        """Whether actions can be sent now."""
        return self._link is not None and self._link.session.phase is Phase.UP

    @property
    def late_responses(self) -> int:
        """Responses after their deadline, over all connections."""
        return self._late + (self._link.session.late_responses if self._link else 0)

    @property
    def unknown_responses(self) -> int:
        """Responses to nothing we sent, over all connections."""
        return self._unknown + (self._link.session.unknown_responses if self._link else 0)

    async def run(self) -> None:
        """Connect, serve, and connect again, for ever; cancel it to stop."""
        attempt = 0
        while True:
            was_up, failure = await self._serve_one_link()
            self.last_failure = failure
            self._on_down(str(failure))
            attempt = 0 if was_up else attempt + 1
            await asyncio.sleep(self._pause_ms(attempt, failure) / 1_000)

    async def action(
        self, name: str, headers: Headers = (), timeout_ms: int | None = None
    ) -> AmiMessage:
        """Send an action and wait for its response.

        Raises AmiActionFailed (refused, or AmiNotConnected: not sent), AmiUnknownOutcome (no
        response in `timeout_ms`, or the link was lost), LocalProtocolError (must not be sent).
        """
        return (await self._ask(name, headers, Purpose.RESPONSE, timeout_ms)).response

    async def action_list(
        self, name: str, headers: Headers = (), timeout_ms: int | None = None
    ) -> list[AmiMessage]:
        """Send an action and wait for its whole event list; the closing event is left out.

        Raises as `action` does; a list that Asterisk cancels is an AmiActionFailed.
        """
        return list((await self._ask(name, headers, Purpose.LIST, timeout_ms)).items)

    def post(self, name: str, headers: Headers = (), timeout_ms: int | None = None) -> str:
        """Send an action without waiting; return its ActionID.

        The response, also a refusal, goes to `on_event`; where none comes, `on_unknown` is told.
        Raises AmiNotConnected or LocalProtocolError; nothing was sent then.
        """
        return self._send(name, headers, Purpose.POSTED, timeout_ms)

    async def _ask(
        self, name: str, headers: Headers, purpose: Purpose, timeout_ms: int | None
    ) -> Answered:
        action_id = self._send(name, headers, purpose, timeout_ms)
        future: asyncio.Future[Answered] = asyncio.get_running_loop().create_future()
        self._waiting[action_id] = future
        try:
            return await future
        finally:
            self._waiting.pop(action_id, None)

    def _send(self, name: str, headers: Headers, purpose: Purpose, timeout_ms: int | None) -> str:
        link = self._link
        if link is None or link.session.phase is not Phase.UP:
            raise AmiNotConnected(f"{name}: not sent, the AMI link is down")
        if link.writer.transport.get_write_buffer_size() > self._settings.max_unsent_bytes:
            raise AmiNotConnected(f"{name}: not sent, Asterisk does not read what we sent before")
        action_id = link.session.send(
            name, headers, self._clock(), purpose=purpose, timeout_ms=timeout_ms
        )
        _flush(link)
        return action_id

    # One connection

    async def _serve_one_link(self) -> tuple[bool, AmiLinkLost]:
        try:
            reader, writer = await self._connect()
        except OSError as error:  # TimeoutError and the errors of TLS are OSErrors too
            return False, AmiLinkLost(f"cannot connect to {self._where}: {_say(error)}")
        prefix = f"ctid{self._rng.getrandbits(32):08x}"
        link = _Link(reader, writer, AmiSession(self._settings, prefix, self._clock()))
        failure = AmiLinkLost("the client was stopped")
        self._link = link
        try:
            async with asyncio.TaskGroup() as tasks:
                link.tasks = tasks
                tasks.create_task(self._read(link))
                tasks.create_task(self._keep_time(link))
        except* AmiLinkLost as lost:
            failure = next(e for e in lost.exceptions if isinstance(e, AmiLinkLost))
        finally:
            self._drop(link, str(failure))
            # Aborted, not closed: a dead peer must not hold up the next connection.
            writer.transport.abort()
            with suppress(OSError):
                await writer.wait_closed()
        return link.was_up, failure

    async def _connect(self) -> tuple[_Tap, asyncio.StreamWriter]:
        settings, loop = self._settings, asyncio.get_running_loop()
        name = settings.tls_server_name or settings.host
        reader = _Tap()
        async with asyncio.timeout(settings.connect_timeout_ms / 1_000):
            transport, protocol = await loop.create_connection(
                lambda: asyncio.StreamReaderProtocol(reader),
                settings.host,
                settings.port,
                ssl=self._tls,
                server_hostname=name if self._tls else None,
            )
        return reader, asyncio.StreamWriter(transport, protocol, reader, loop)

    async def _read(self, link: _Link) -> None:
        settings, session, on_event = self._settings, link.session, self._on_event
        codec = AmiCodec(settings.max_line, settings.max_message_bytes, settings.max_headers)

        def on_data(data: bytes) -> None:
            now = self._clock()
            messages = codec.feed(data)
            if session.phase is Phase.GREETING and codec.banner is not None:
                session.greet(codec.banner, now)
            for message in messages:
                for fact in session.handle(message, now):
                    if type(fact) is AmiMessage:
                        on_event(fact)
                    else:
                        self._act_on(link, fact)
            if codec.failure is not None:
                raise codec.failure
            _flush(link)

        try:
            link.reader.attach(on_data)
            await link.reader.read()
        except (OSError, RemoteProtocolError) as error:
            raise AmiLinkLost(f"{self._where}: {_say(error)}") from error
        raise AmiLinkLost(f"{self._where} closed the connection")

    async def _keep_time(self, link: _Link) -> None:
        while True:
            due = link.armed_for = link.session.next_deadline()
            link.rearm.clear()
            # A millisecond at least: the loop's timer may fire a little before our clock's tick.
            delay = None if due is None else max(due - self._clock(), 1) / 1_000
            with suppress(TimeoutError):
                async with asyncio.timeout(delay):
                    await link.rearm.wait()
            for fact in link.session.advance(self._clock()):
                self._act_on(link, fact)
            _flush(link)

    async def _announce(self, up: AmiUp) -> None:
        try:
            await self._on_up(up)
        except (AmiActionFailed, AmiUnknownOutcome) as error:
            raise AmiLinkLost(f"could not take stock of the PBX: {error}") from error

    def _act_on(self, link: _Link, fact: Fact) -> None:
        match fact:
            case AmiMessage():
                self._on_event(fact)
            case ActionEnded():
                self._tell_caller(fact)
            case LinkUp(up):
                link.was_up = True
                assert link.tasks is not None, "set before the reader starts"
                link.tasks.create_task(self._announce(up))
            case LinkBroken(text, refused):
                where = f"{self._settings.username}@{self._where}: {text}"
                raise AmiLoginRefused(where) if refused else AmiLinkLost(where)
            case other:
                assert_never(other)

    def _tell_caller(self, ended: ActionEnded) -> None:
        posted = ended.purpose is Purpose.POSTED
        future = self._waiting.get(ended.action_id)
        match ended.outcome:
            case Answered(response) | Failed(_, response) if posted:
                self._on_event(response)
            case Unknown() if posted:
                if self._on_unknown is not None:
                    self._on_unknown(ended.action_id)
            case _ if future is None or future.done():
                pass  # the caller was cancelled in the meantime
            case Answered() as answered:
                future.set_result(answered)
            case Failed(text, response):
                future.set_exception(AmiActionFailed(text, response))
            case Unknown(text):
                future.set_exception(AmiUnknownOutcome(text))

    def _drop(self, link: _Link, text: str) -> None:
        self._link = None
        self._late += link.session.late_responses
        self._unknown += link.session.unknown_responses
        for fact in link.session.lose(text):
            self._act_on(link, fact)

    @property
    def _where(self) -> str:
        return f"AMI {self._settings.host}:{self._settings.port}"

    def _pause_ms(self, attempt: int, failure: AmiLinkLost) -> float:
        settings = self._settings
        if isinstance(failure, AmiLoginRefused):
            return settings.refused_pause_ms
        longest = min(settings.backoff_max_ms, settings.backoff_min_ms << min(attempt, 30))
        # Half fixed, half drawn: several clients of one PBX must not come back in step.
        return longest / 2 + self._rng.random() * longest / 2


def _flush(link: _Link) -> None:
    output = link.session.take_output()
    if output:
        link.writer.write(output)
    due = link.session.next_deadline()
    if due is not None and (link.armed_for is None or due < link.armed_for):
        link.rearm.set()


def _check_login(settings: AmiSettings) -> None:
    secret = [("Secret", settings.secret)] if settings.plain_login else []
    filters = [("Filter", text) for text in settings.filters]
    who = [("Username", settings.username), ("Events", settings.events)]
    try:
        encode_action("Login", [*who, *secret, *filters])
    except LocalProtocolError as error:
        raise ConfigError((f"ami: the login cannot be sent: {error}",)) from error


def _tls_context(settings: AmiSettings) -> ssl.SSLContext | None:
    if not settings.tls:
        return None
    try:
        return ssl.create_default_context(cafile=settings.tls_ca)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(
            (f"ami.tls_ca: cannot use {settings.tls_ca!r} ({error}); name a readable PEM file",)
        ) from error


def _say(error: BaseException) -> str:
    return str(error) or type(error).__name__
