"""The one WebSocket: frames to the page, the agent's wishes back as events."""

from __future__ import annotations

import asyncio

import msgspec
import structlog
from aiohttp import WSMsgType, web

from ctid.core.instants import SECOND, Instant
from ctid.ports import Engine
from ctid.web import frames
from ctid.web.answers import Problem
from ctid.web.fanout import FanOut
from ctid.web.gate import SignedRoute
from ctid.web.hearing import Hearing
from ctid.web.pages import TOO_MUCH, Page
from ctid.web.sessions import Signed
from ctid.web.settings import WebSettings

_log = structlog.get_logger("ctid.web")

MESSAGE = 4096
"""The largest message from a page, in bytes."""
PAGES_PER_SESSION = 12
"""Open pages of one browser."""
RATE = 20
"""Messages a second that a page may send, over time."""
BURST = 100
"""Messages that it may send at once."""


class Allowance:
    """A token bucket: `BURST` messages at once, `RATE` a second over time."""

    def __init__(self, now: Instant) -> None:
        self._left = float(BURST)
        self._at = now

    def take(self, now: Instant) -> bool:
        """Whether one more message is allowed at `now`."""
        self._left = min(BURST, self._left + (now - self._at) * RATE / SECOND)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


class Stream:
    """Answers /api/stream."""

    def __init__(
        self, settings: WebSettings, engine: Engine, fanout: FanOut, hearing: Hearing
    ) -> None:
        self._settings, self._engine, self._fanout = settings, engine, fanout
        self._hearing = hearing

    def route(self) -> SignedRoute:
        """The stream's route."""
        return SignedRoute("GET", "/api/stream", "stream.open", self.answer)

    async def answer(self, request: web.Request, who: Signed) -> web.StreamResponse:
        """Hold one page's connection until either side ends it."""
        if len(self._fanout.pages.of_session(who.token_hash)) >= PAGES_PER_SESSION:
            raise Problem(429, "too_many_pages", "Too many pages are open; close some.")
        socket = web.WebSocketResponse(
            heartbeat=self._settings.heartbeat_ms / SECOND,
            max_msg_size=MESSAGE,
            compress=False,  # CPU for 200 pages, and compressed secrets leak their length
        )
        if not socket.can_prepare(request).ok:
            raise Problem(426, "websocket_only", "This address speaks WebSocket only.")
        await socket.prepare(request)
        page = Page(socket, request, who)
        async with asyncio.TaskGroup() as group:
            writing = group.create_task(page.write())
            self._fanout.join(page)
            try:
                await self._read(socket, page)
            finally:
                self._fanout.leave(page)
                writing.cancel()
        return socket

    async def _read(self, socket: web.WebSocketResponse, page: Page) -> None:
        allowance = Allowance(self._engine.now())
        async for message in socket:
            if page.closing:
                continue
            if not allowance.take(self._engine.now()):
                _log.warning("web.page_floods", login=page.session.login)
                page.close(TOO_MUCH, "too many messages")
                continue
            if message.type is not WSMsgType.TEXT:
                self._refuse(page, "bad_message", "Send text frames with JSON.")
                continue
            try:
                said = frames.decode(message.data)
            except msgspec.DecodeError as error:
                self._refuse(page, "bad_message", str(error))
                continue
            self._hear(page, said)

    def _hear(self, page: Page, said: frames.FromPage) -> None:
        if (why := self._hearing.hear(page.session, said)) is not None:
            self._refuse(page, *why)
        elif isinstance(said, frames.Ping):
            page.send(frames.encode(frames.Pong(self._engine.now())))

    def _refuse(self, page: Page, code: str, text: str) -> None:
        page.send(frames.encode(frames.ErrorFrame(code, text)))
